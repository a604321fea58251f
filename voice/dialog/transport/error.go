package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"syscall"
)

// Kind says why a message could not be sent, in terms that decide what may be done next.
type Kind string

// The kinds.
const (
	Refused     Kind = "refused"     // nobody listens there
	Unreachable Kind = "unreachable" // no way leads there
	Timeout     Kind = "timeout"     // no connection came about in time
	Secure      Kind = "tls"         // the TLS handshake failed
	Name        Kind = "dns"         // the name has no address
	TooLarge    Kind = "too_large"   // the message does not fit the network
	Closed      Kind = "closed"      // the connection broke, or we are stopping
)

// Error is a failure to send.
type Error struct {
	Kind Kind
	err  error
}

// Error is the text for logs.
func (e *Error) Error() string {
	if e.err == nil {
		return "transport: " + string(e.Kind)
	}
	return "transport: " + string(e.Kind) + ": " + e.err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.err }

// KindOf is the kind of an error of this package; Closed for any other.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Closed
}

func fail(k Kind, err error) *Error { return &Error{Kind: k, err: err} }

// classify finds the kind of an error of the net package.
func classify(err error) *Error {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail(Refused, err)
	case errors.As(err, &dns):
		return fail(Name, err)
	case errors.As(err, &cert), errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &record),
		errors.As(err, &alert):
		return fail(Secure, err)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return fail(Timeout, err)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH),
		errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EHOSTDOWN), errors.Is(err, syscall.EACCES),
		errors.Is(err, syscall.EPERM):
		return fail(Unreachable, err)
	case errors.Is(err, syscall.EMSGSIZE):
		return fail(TooLarge, err)
	}
	return fail(Closed, err)
}

// ErrStopped is what senders get while everything stops.
var ErrStopped error = &Error{Kind: Closed}
