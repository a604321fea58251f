package agent

import (
	"maps"
	"net/mail"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// Message is one e-mail made ready for one person. It is the channel.Content of channel.Email, always as a pointer.
type Message struct {
	Subject  string
	Text     string // always there: mail without a plain part is taken for spam
	HTML     string // may be empty
	Language string // BCP 47; the Content-Language of the message
	FromName string // shown beside the line's address; empty means the line's own name
	ReplyTo  string // an address; empty means replies go to the line

	// UnsubscribeURL is this recipient's own link for List-Unsubscribe (RFC 2369), and for one click by POST (RFC 8058)
	// when OneClick says so; UnsubscribeMailto is an address for the same. Either may be empty.
	UnsubscribeURL    string
	UnsubscribeMailto string

	Headers map[string]string // further header fields; none of those that the adapter writes itself
}

// Channel is channel.Email.
func (m *Message) Channel() channel.Kind { return channel.Email }

// Longest is how long the far end may still be taking the message after the node has died: the connection dies with
// the node, and a server gives up on a silent one long before it forgets a limit.
func (m *Message) Longest() time.Duration { return time.Minute }

// ours are the header fields that only the adapter may write.
var ours = []string{
	"Bcc", "Cc", "Content-Language", "Content-Transfer-Encoding", "Content-Type", "Date", "Dkim-Signature", "Feedback-Id",
	"From", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-Id", "Mime-Version", "Received", "Reply-To",
	"Return-Path", "Sender", "Subject", "To",
}

// checkHeaders refuses header fields that would break the message or belong to the adapter.
func checkHeaders(h map[string]string) fault.List {
	var l fault.List
	for _, name := range slices.Sorted(maps.Keys(h)) {
		field := "headers." + name
		switch {
		case name == "" || strings.Trim(name, headerName) != "":
			l = append(l, fault.New(fault.Invalid, "header_name_invalid", fault.Params{"name": clip(name)}).At(field))
		case slices.Contains(ours, textproto.CanonicalMIMEHeaderKey(name)):
			l = append(l, fault.New(fault.Invalid, "header_reserved", fault.Params{"name": name}).At(field))
		case strings.IndexFunc(h[name], breaks) >= 0:
			l = append(l, fault.New(fault.Invalid, "header_value_invalid", fault.Params{"name": name}).At(field))
		}
	}
	return l
}

const headerName = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

// checkMailbox refuses what is not one bare address; empty is fine.
func checkMailbox(field, address string) fault.List {
	if address == "" {
		return nil
	}
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address || strings.IndexFunc(address, breaks) >= 0 {
		return fault.List{fault.New(fault.Invalid, "email_invalid", nil).At(field)}
	}
	return nil
}

// OneClick reports whether the link out serves RFC 8058, which wants https. http will do on the loopback host only,
// where the sandbox lives.
func (m *Message) OneClick() bool {
	u, err := url.Parse(m.UnsubscribeURL)
	if err != nil || u.Host == "" {
		return false
	}
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "127.0.0.1" || host == "::1" || host == "localhost")
}

// webLink reports whether a link can stand in a header.
func webLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && !strings.ContainsAny(link, "<> ,")
}
