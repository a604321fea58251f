package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
	"golang.org/x/sync/errgroup"
)

// gomail is the bare loop that the engine is measured against: one go-mail client for each connection, messages made
// and sent one after the other, nothing recorded.
func gomail(opts ...mail.Option) func(context.Context, task) error {
	return func(ctx context.Context, t task) error {
		host, port, err := split(t.addr)
		if err != nil {
			return err
		}
		return each(ctx, t, func(ctx context.Context, next func() (int, bool)) error {
			opts := append([]mail.Option{mail.WithPort(port), mail.WithTLSPolicy(mail.NoTLS), mail.WithHELO("[127.0.0.1]")}, opts...)
			c, err := mail.NewClient(host, opts...)
			if err != nil {
				return err
			}
			if err := c.DialWithContext(ctx); err != nil {
				return err
			}
			for n, more := next(); more; n, more = next() {
				m, err := built(makeLetter(n))
				if err != nil {
					return err
				}
				if err := c.Send(m); err != nil {
					return err
				}
			}
			return c.Close()
		})
	}
}

func lean() []mail.Option { return []mail.Option{mail.WithoutNoop(), mail.WithoutRset()} }

// built is a letter as go-mail makes messages, with the fields that the engine's have.
func built(l letter) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.FromFormat(fromName, from); err != nil {
		return nil, err
	}
	if err := m.To(l.to); err != nil {
		return nil, err
	}
	m.Subject(l.subject)
	m.SetMessageIDWithValue(l.thread + "@example.com")
	m.SetDate()
	m.SetGenHeader(mail.HeaderListUnsubscribe, "<"+l.unsubscribe+">")
	m.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	m.SetBodyString(mail.TypeTextPlain, l.text)
	m.AddAlternativeString(mail.TypeTextHTML, l.html)
	return m, nil
}

// floor sends one ready-made message over and over: what connections and server alone take.
func floor(ctx context.Context, t task) error {
	host, _, err := split(t.addr)
	if err != nil {
		return err
	}
	var b strings.Builder
	m, err := built(makeLetter(0))
	if err != nil {
		return err
	}
	if _, err := m.WriteTo(&b); err != nil {
		return err
	}
	message := []byte(b.String())
	return each(ctx, t, func(ctx context.Context, next func() (int, bool)) error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", t.addr)
		if err != nil {
			return err
		}
		c, err := smtp.NewClient(conn, host)
		if err != nil {
			return err
		}
		for n, more := next(); more; n, more = next() {
			if err := transact(c, fmt.Sprintf("<ok.maria%d@example.net>", n), message); err != nil {
				return err
			}
		}
		return c.Quit()
	})
}

func transact(c *smtp.Client, to string, message []byte) error {
	if err := c.Mail("<" + from + ">"); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(message); err != nil {
		return err
	}
	return w.Close()
}

// each runs f once for every connection; next deals out the messages among them.
func each(ctx context.Context, t task, f func(context.Context, func() (int, bool)) error) error {
	var dealt atomic.Int64
	next := func() (int, bool) {
		n := int(dealt.Add(1))
		return n, n <= t.messages && ctx.Err() == nil
	}
	g, ctx := errgroup.WithContext(ctx)
	for range t.connections {
		g.Go(func() error { return f(ctx, next) })
	}
	return g.Wait()
}

func split(addr string) (host string, port int, err error) {
	host, p, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(p)
	return host, port, err
}
