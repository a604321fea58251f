package email

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// Dialer opens a TCP connection.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// connection is one signed-in SMTP connection. One worker owns it.
type connection struct {
	c      *config
	wire   *wire
	client *smtp.Client
	free   func() bool // takes the connection off its context

	pipelining, utf8 bool
	size             int // the largest message the server takes; 0 when it does not say

	sent  int  // transactions begun
	dirty bool // a refused transaction is open: RSET goes first
}

// broken is why a connection could not be made: the stage and what the server said.
type broken struct {
	at    Stage
	reply Reply
}

func (b *broken) Error() string {
	return "email: " + string(b.at) + ": " + b.reply.provider() + " " + b.reply.Text
}

// connect opens a connection and signs in, unless opening ends first. When life ends the connection is closed, at
// whatever it is doing.
func connect(opening, life context.Context, c *config, dial Dialer) (*connection, *broken) {
	tctx, cancel := context.WithTimeout(opening, c.timeouts.connect)
	raw, err := dial(tctx, "tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)))
	cancel()
	if err != nil {
		return nil, &broken{StageConnect, replyFrom(err)}
	}
	k := &connection{c: c, wire: &wire{Conn: raw}}
	k.free = context.AfterFunc(life, func() { _ = raw.Close() })
	opened := context.AfterFunc(opening, func() { _ = raw.Close() })
	defer opened()
	if b := k.open(opening); b != nil {
		k.close()
		return nil, b
	}
	return k, nil
}

// open goes from the greeting to the sign-in.
func (k *connection) open(ctx context.Context) *broken {
	conn := net.Conn(k.wire)
	if k.c.TLS == Implicit {
		k.wire.stage(k.c.timeouts.connect)
		secured := tls.Client(conn, k.c.tls)
		if err := secured.HandshakeContext(ctx); err != nil {
			return &broken{StageTLS, tlsReply(err)}
		}
		conn = secured
	}
	k.wire.stage(k.c.timeouts.command)
	client, err := smtp.NewClient(conn, k.c.Host)
	if err != nil {
		return &broken{StageGreeting, replyFrom(err)}
	}
	k.client = client
	k.wire.stage(k.c.timeouts.command)
	if err := client.Hello(k.hello()); err != nil {
		return &broken{StageHello, replyFrom(err)}
	}
	if b := k.secure(); b != nil {
		return b
	}
	if b := k.signIn(); b != nil {
		return b
	}
	k.pipelining, _ = client.Extension("PIPELINING")
	k.utf8, _ = client.Extension("SMTPUTF8")
	if ok, size := client.Extension("SIZE"); ok {
		k.size, _ = strconv.Atoi(size)
	}
	return nil
}

// hello is this machine's name: what the line says, else the host's full name, else the connection's own address
// (RFC 5321 4.1.3).
func (k *connection) hello() string {
	if k.c.HELO != "" {
		return k.c.HELO
	}
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") && hostName(name) {
		return name
	}
	if a, ok := k.wire.LocalAddr().(*net.TCPAddr); ok {
		if a.IP.To4() == nil {
			return "[IPv6:" + a.IP.String() + "]"
		}
		return "[" + a.IP.String() + "]"
	}
	return "[127.0.0.1]"
}

// secure makes the connection safe as far as the line asks.
func (k *connection) secure() *broken {
	if k.c.TLS != StartTLS && k.c.TLS != Opportunistic {
		return nil
	}
	if ok, _ := k.client.Extension("STARTTLS"); !ok {
		if k.c.TLS == Opportunistic {
			return nil
		}
		return &broken{StageTLS, Reply{Failure: FailureTLS, Text: "the server does not offer STARTTLS"}}
	}
	k.wire.stage(k.c.timeouts.connect)
	if err := k.client.StartTLS(k.c.tls); err != nil {
		return &broken{StageTLS, tlsReply(err)}
	}
	return nil
}

// tlsReply tells a certificate or a protocol that will not do from a connection that is gone.
func tlsReply(err error) Reply {
	r := replyFrom(err)
	// crypto/tls has no type for all of its errors, and the peer's alerts come inside a net.OpError.
	if r.Failure == FailureLost && strings.Contains(err.Error(), "tls: ") {
		r.Failure = FailureTLS
	}
	return r
}

// signIn authenticates when the line has a user.
func (k *connection) signIn() *broken {
	if k.c.Username == "" {
		return nil
	}
	auth := k.mechanism()
	if auth == nil {
		_, offered := k.client.Extension("AUTH")
		return &broken{StageAuth, Reply{Failure: FailureAuth, Text: tidy("the server offers: " + offered)}}
	}
	k.wire.stage(k.c.timeouts.command)
	if err := k.client.Auth(auth); err != nil {
		r := replyFrom(err)
		if r.Failure == FailureLost && !lost(err) {
			r.Failure = FailureAuth // the server's half of the exchange did not convince
		}
		return &broken{StageAuth, r}
	}
	return nil
}

// mechanism is the line's own, or the best of those offered; nil when there is none that may be used here. Names and
// passwords go in clear only to this machine.
func (k *connection) mechanism() smtp.Auth {
	_, list := k.client.Extension("AUTH")
	_, secured := k.client.TLSConnectionState()
	user, password, host := k.c.Username, k.c.Password, k.c.Host
	offered := map[string]bool{}
	for name := range strings.FieldsSeq(strings.ToUpper(list)) {
		offered[name] = true
	}
	for _, m := range []struct {
		name  Mechanism
		clear bool
		make  func() smtp.Auth
	}{
		{AuthSCRAMSHA256, false, func() smtp.Auth { return smtp.ScramSHA256Auth(user, password) }},
		{AuthSCRAMSHA1, false, func() smtp.Auth { return smtp.ScramSHA1Auth(user, password) }},
		{AuthCRAMMD5, false, func() smtp.Auth { return smtp.CRAMMD5Auth(user, password) }},
		{AuthPlain, true, func() smtp.Auth { return smtp.PlainAuth("", user, password, host, false) }},
		{AuthLogin, true, func() smtp.Auth { return smtp.LoginAuth(user, password, host, false) }},
	} {
		switch {
		case !offered[strings.ToUpper(string(m.name))]:
		case k.c.Auth != AuthAuto && k.c.Auth != m.name:
		case m.clear && !secured && !thisMachine(host):
		default:
			return m.make()
		}
	}
	return nil
}

// quit takes leave, if the server listens, and closes.
func (k *connection) quit() {
	k.wire.stage(min(k.c.timeouts.command, quitTimeout))
	_ = k.client.Quit()
	k.close()
}

// close closes at once.
func (k *connection) close() {
	k.free()
	_ = k.wire.Close()
}
