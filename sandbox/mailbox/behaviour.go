package mailbox

import (
	"hash/fnv"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"
)

// Behaviour is what the far end does with a message; its name is also the beginning of the local parts that choose it.
type Behaviour string

// The behaviours. What each does is its row in Behaviours.
const (
	OK                Behaviour = "ok"
	Slow              Behaviour = "slow"
	Greylist          Behaviour = "greylist"
	Bounce            Behaviour = "bounce"
	Full              Behaviour = "full"
	Quota             Behaviour = "quota"
	Blocked           Behaviour = "blocked"
	Spam              Behaviour = "spam"
	Defer             Behaviour = "defer"
	TempFail          Behaviour = "tempfail"
	DropBeforeData    Behaviour = "drop-before-data"
	DropMidData       Behaviour = "drop-mid-data"
	DropAfterData     Behaviour = "drop-after-data"
	Nonsense          Behaviour = "nonsense"
	NonsenseAfterData Behaviour = "nonsense-after-data"
	Never             Behaviour = "never"
	NeverAfterData    Behaviour = "never-after-data"
)

// Row documents one behaviour.
type Row struct {
	Name   Behaviour `json:"name"`   // the local part begins with it
	Answer string    `json:"answer"` // the reply that decides, or what happens instead of one
	Taken  bool      `json:"taken"`  // whether the far end has the message afterwards
	Does   string    `json:"does"`
}

// Behaviours is the table of all behaviours, for documentation and for the mailbox page.
func Behaviours() []Row {
	return []Row{
		{OK, "250 2.0.0", true, "takes the message"},
		{Slow, "250 2.0.0", true, "takes the message after a delay"},
		{Greylist, "451 4.7.1, then 250 2.0.0", true, "refuses the first attempt, takes the next"},
		{Bounce, "550 5.1.1", false, "has no such mailbox"},
		{Full, "452 4.2.2", false, "has a full mailbox and says to try later"},
		{Quota, "552 5.2.2", false, "has a full mailbox and says it for good"},
		{Blocked, "550 5.7.1", false, "refuses the recipient by policy"},
		{Spam, "554 5.7.1", false, "reads the message and refuses its content"},
		{Defer, "450 4.2.0", false, "always says to try later"},
		{TempFail, "421 4.3.2", false, "says that the service is closing and closes the connection"},
		{DropBeforeData, "closes", false, "closes the connection instead of answering RCPT"},
		{DropMidData, "closes", false, "closes the connection in the middle of the message"},
		{DropAfterData, "closes", true, "takes the message and closes the connection without an answer"},
		{Nonsense, "garbage", false, "answers RCPT with what is not SMTP"},
		{NonsenseAfterData, "garbage", true, "takes the message and answers what is not SMTP"},
		{Never, "silence", false, "never answers RCPT"},
		{NeverAfterData, "silence", true, "takes the message and never answers"},
	}
}

// Share is a part of the mix of ordinary addresses.
type Share struct {
	Behaviour Behaviour
	Percent   float64
}

// DefaultMix is what ordinary addresses do when Options.Mix is empty. What is left of 100 % is ok.
func DefaultMix() []Share { return []Share{{Bounce, 3}, {Greylist, 2}, {Full, 1}} }

// chooser finds the behaviour of an address. It is immutable.
type chooser struct {
	names []Behaviour // longest first
	mix   []Share
	seed  uint64
}

func newChooser(seed uint64, mix []Share) chooser {
	c := chooser{mix: mix, seed: seed}
	if len(mix) == 0 {
		c.mix = DefaultMix()
	}
	for _, r := range Behaviours() {
		c.names = append(c.names, r.Name)
	}
	slices.SortFunc(c.names, func(a, b Behaviour) int { return len(b) - len(a) })
	return c
}

// choose gives the behaviour of a mailbox, and whether its name asked for it.
func (c chooser) choose(address string) (Behaviour, bool) {
	address = strings.ToLower(address)
	local, _, _ := strings.Cut(address, "@")
	for _, n := range c.names {
		if strings.HasPrefix(local, string(n)) {
			return n, true
		}
	}
	at := c.place(address)
	for _, s := range c.mix {
		if at < s.Percent {
			return s.Behaviour, false
		}
		at -= s.Percent
	}
	return OK, false
}

// place spreads addresses evenly over [0, 100). FNV alone leaves its high bits nearly equal for addresses that differ
// in their last letters, hence the finishing multiplications (those of MurmurHash3).
func (c chooser) place(address string) float64 {
	h := fnv.New64a()
	for i := range 8 {
		_, _ = h.Write([]byte{byte(c.seed >> (8 * i))})
	}
	_, _ = h.Write([]byte(address))
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11) / (1 << 53) * 100
}

// refusal is the reply with which RCPT is refused; nil when the behaviour does not refuse there.
func refusal(b Behaviour) *smtp.SMTPError {
	switch b {
	case Bounce:
		return reply(550, 5, 1, 1, "No such mailbox here")
	case Full:
		return reply(452, 4, 2, 2, "Mailbox full, try later")
	case Quota:
		return reply(552, 5, 2, 2, "Mailbox full")
	case Blocked:
		return reply(550, 5, 7, 1, "Refused by the recipient's policy")
	case Defer:
		return reply(450, 4, 2, 0, "Mailbox busy, try later")
	case Greylist:
		return reply(451, 4, 7, 1, "Greylisted, try again later")
	default:
		return nil
	}
}

func reply(code, class, subject, detail int, text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: text}
}
