package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"campanario/sandbox"
)

// Security is how the server offers TLS.
type Security string

// The kinds of security. With StartTLS and Implicit the certificate is made at Start, signed by itself, for
// 127.0.0.1, ::1 and localhost; Server.Certificate gives it.
const (
	Plain    Security = ""
	StartTLS Security = "starttls"
	Implicit Security = "implicit"
)

// Options say what kind of server it is. The zero value listens on a free port of 127.0.0.1, keeps no message, asks
// for no password and offers no TLS.
type Options struct {
	Addr string       // where to listen; only loopback is accepted. Empty is 127.0.0.1:0
	Log  *sandbox.Log // where what it sees is written; may be nil

	// Keep is how many of the last messages Messages can show. 0 discards every body unread but for its Message-ID,
	// for benchmarks.
	Keep int

	Mix  []Share // what ordinary addresses do; DefaultMix when empty
	Seed uint64  // which ordinary address does what

	Latency time.Duration // before every reply to RCPT and to a whole message
	Slow    time.Duration // further delay of the slow… mailboxes; 0 is two seconds

	MaxConnections  int   // further ones are refused with 421; 0 is no bound
	MaxMessageBytes int64 // announced as SIZE; 0 is 10 MiB

	Username, Password string // when Username is set, MAIL needs AUTH (PLAIN, LOGIN or CRAM-MD5)
	Security           Security
}

// Server is the sandbox's mail server. It is safe for concurrent use.
type Server struct {
	opt     Options
	chooser chooser
	box     *box
	taken   atomic.Int64

	mu       sync.Mutex
	running  bool
	listener *listener
	smtp     *smtp.Server
	served   chan struct{}   // closed when the accept loop has ended
	release  func() bool     // takes Stop off the context of Start
	endless  context.Context // for waiting, without end
	stopping chan struct{}   // closed at Stop: delays end
	cert     []byte          // PEM

	greyMu sync.Mutex
	grey   map[string]bool // greylisted recipients seen once
}

// New prepares a server that does not listen yet.
func New(o Options) *Server {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Slow == 0 {
		o.Slow = 2 * time.Second
	}
	if o.MaxMessageBytes == 0 {
		o.MaxMessageBytes = 10 << 20
	}
	return &Server{
		opt: o, chooser: newChooser(o.Seed, o.Mix), box: newBox(o.Keep), grey: map[string]bool{},
	}
}

// Start listens and serves until Stop, or until ctx ends. Starting a running server does nothing.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running {
		return nil
	}
	if err := onlyLoopback(s.opt.Addr); err != nil {
		return err
	}
	var lc net.ListenConfig
	raw, err := lc.Listen(ctx, "tcp", s.opt.Addr)
	if err != nil {
		return fmt.Errorf("listen for the sandbox's mail: %w", err)
	}
	s.endless = context.WithoutCancel(ctx)
	s.stopping, s.served = make(chan struct{}), make(chan struct{})
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.session))
	s.smtp.Domain = "sandbox.invalid"
	s.smtp.MaxMessageBytes = s.opt.MaxMessageBytes
	s.smtp.AllowInsecureAuth = true // it is loopback, and the tests need both
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ErrorLog = log.New(io.Discard, "", 0)
	s.listener = newListener(raw, s.opt.MaxConnections)
	var l net.Listener = s.listener
	if s.opt.Security != Plain {
		cert, pem, err := selfSigned(time.Now())
		if err != nil {
			_ = raw.Close()
			return fmt.Errorf("make the sandbox's certificate: %w", err)
		}
		s.cert = pem
		conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		if s.opt.Security == StartTLS {
			s.smtp.TLSConfig = conf
		} else {
			l = tls.NewListener(s.listener, conf)
		}
	}
	srv, served := s.smtp, s.served
	go func() {
		defer close(served)
		_ = srv.Serve(l) // it ends with the listener
	}()
	s.running = true
	s.release = context.AfterFunc(ctx, s.Stop)
	return nil
}

// Stop closes the listener and every connection and waits until nothing of the server runs. Stopping a stopped server
// does nothing.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return
	}
	s.running = false
	s.release()
	close(s.stopping)
	_ = s.listener.Close()
	<-s.served
	s.listener.closeAll()
	// Every connection is closed, so this waits only for their goroutines.
	_ = s.smtp.Shutdown(s.endless)
}

// Addr is where the server listens, as host:port; empty before the first Start. It stays known after Stop.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Certificate is the certificate of a running server with TLS, in PEM, for a client that is to trust it.
func (s *Server) Certificate() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]byte(nil), s.cert...)
}

// Taken is how many messages were read to their final dot and not refused.
func (s *Server) Taken() int { return int(s.taken.Load()) }

// Connections is how many connections are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	if l == nil {
		return 0
	}
	return l.open()
}

// Messages gives the kept messages that match, the newest first.
func (s *Server) Messages(f Filter) []Message { return s.box.find(f) }

func onlyLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("address of the sandbox's mail server: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("the sandbox's mail server listens on loopback only, not on " + host)
	}
	return nil
}
