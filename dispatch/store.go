package dispatch

import (
	"context"
	"encoding/json"
	"time"

	"campanario/agent"
	"campanario/audience/registry"
	"campanario/campaign"
	"campanario/channel"
	"campanario/rules"
)

// Store is what the engine needs kept. It is safe for concurrent use, every change is one transaction, and a change that
// returned without an error is durable.
type Store interface {
	// Pulse grows whenever something changed that the engine acts on.
	Pulse(ctx context.Context) (int64, error)
	// Jobs gives the campaigns of a line that are active or scheduled.
	Jobs(ctx context.Context, line string) ([]Job, error)
	// Job gives one campaign whatever its state, for attempts that are still open in it.
	Job(ctx context.Context, campaign string) (Job, error)

	// Claim takes recipients whose turn has come and lets decide say what becomes of each. The flights among them are
	// durable, and nobody else can claim their recipients.
	Claim(ctx context.Context, c Claim, decide func([]Candidate) []Verdict) (Claimed, error)
	// Advance records how far open attempts have come. Flights that are gone are passed over.
	Advance(ctx context.Context, moves []Advance) error
	// Settle closes attempts. Of those whose flight is gone (taken from a node that seemed dead) only the record of the
	// attempt is mended; they are returned.
	Settle(ctx context.Context, closings []Closing) (late []Closing, err error)
	// Orphans gives open attempts on the line of nodes that are dead by the database's clock, to a node that has itself been
	// alive for a while.
	Orphans(ctx context.Context, line string, node int64, limit int) ([]Orphan, error)
	// Own gives, of the tokens, those whose attempts are in the database after all: for claims on the line whose commit was
	// not answered. It waits for commits that are still going on.
	Own(ctx context.Context, line string, tokens []int64) ([]Flight, error)
	// Air tells what else loads a line.
	Air(ctx context.Context, line string, node int64, now time.Time) (Air, error)

	// Begin makes a scheduled campaign active, unless its state has changed.
	Begin(ctx context.Context, campaign string, now time.Time) error
	// Finish ends a pass in which nobody waits and no attempt is open: with a next lap it waits for it, else the campaign
	// is completed. false when somebody is left after all.
	Finish(ctx context.Context, campaign string, nextLap time.Time, now time.Time) (bool, error)
	// OpenLap gives their turns again to some more of those whom again picks, but for those who came from the contact base
	// and do not fit any more; done when all have been asked. A lap that nobody takes part in completes the campaign, unless
	// it draws from the contact base.
	OpenLap(ctx context.Context, campaign string, lap campaign.LapState, again Again, now time.Time) (done bool, err error)
	// Refill has the contact base asked again whom a campaign is for, before the given pass is opened, unless it was.
	Refill(ctx context.Context, campaign string, pass int) error
	// PauseFor pauses an active campaign for a reason of the engine's.
	PauseFor(ctx context.Context, campaign string, reason campaign.PauseReason, params map[string]string, now time.Time) error
	// SetWaiting keeps what an active campaign waits for, for whoever asks; nil for nothing.
	SetWaiting(ctx context.Context, campaign string, w *campaign.Waiting) error
	// SetStanding keeps how a line stands with its network, for whoever asks, as long as the hold is good; nil for what is not
	// known.
	SetStanding(ctx context.Context, h Hold, st *channel.Standing) error
	// Stops gives who was suppressed after a number that it gave before (0 for all that is remembered: some minutes), and
	// the number to ask with the next time. Pulse grows with each.
	Stops(ctx context.Context, after int64) ([]Stop, int64, error)
	// OnStop has f called whenever somebody was suppressed through this Store, until remove is. What f returns waits until
	// orders to them that were just leaving have left.
	OnStop(f func([]Stop) func(context.Context)) (remove func())
	// Learn notes at contacts what up to limit ended attempts of each campaign tell of them; true when there are more. Of
	// several nodes one does it.
	Learn(ctx context.Context, node int64, now time.Time, limit int) (more bool, err error)
	// Purge removes some rows of deleted campaigns; false when there are none left.
	Purge(ctx context.Context, limit int) (bool, error)
}

// Hold proves that a node may start attempts on a line: the database knows the line as leased to the node under the
// term, and the lease has not expired by the database's clock.
type Hold struct {
	Line string
	Node int64
	Term int64
}

// Job is a campaign with what the engine needs to run it.
type Job struct {
	Campaign  *campaign.Campaign
	Agent     *agent.Agent // who speaks; nil for messages
	Line      channel.Line
	Begins    time.Time // for a scheduled one
	NextLap   time.Time // when the next pass begins, while it waits for one; zero otherwise
	Opening   bool      // a lap is being opened
	Rules     rules.Law // what the workspace is bound by
	Total     int64     // recipients
	FirstDone int64     // how many of them have had their first turn
	Edition   int64     // how often the definition was changed after the draft
}

// Again says whether a settled recipient takes part in the new pass, and with what standing.
type Again func(s campaign.Standing, tags []string, addresses int) (campaign.Standing, bool)

// Claim is a request for recipients.
type Claim struct {
	Hold      Hold
	Workspace string
	Campaign  string
	Edition   int64 // of the definition that it goes by; another one is refused with NotActive
	Kind      channel.Kind
	Now       time.Time
	Leave     time.Time // the latest at which its starts leave, if nothing holds them up
	Max       int       // at most so many attempts
	Look      int       // at most so many people looked at for them; less than Max means Max
	First     int       // of these, at most so many that have not had their first turn
	Day       int64     // which day it is on the line's clock, in days since 1970
	PerDay    int       // how many the line may start on it; 0 for any number
	OwnPerDay int       // how many of them may be the campaign's; 0 for any number

	// Screen looks addresses up in the lists that count: for each address the place of the first list that has it, or -1. An
	// error that is registry.ErrAway refuses the claim with ListsAway, as does a nil Screen when there are lists.
	Screen func(lists []registry.Version, addresses []channel.Address) ([]int, error)

	Need      rules.Need    // the consent that people must have given
	Limits    []rules.Limit // how often one person may be contacted, whoever's the campaign
	OwnLimits []rules.Limit // and how often for this campaign
}

// Candidate is a recipient whose turn has come.
type Candidate struct {
	campaign.Recipient
	Standing campaign.Standing // why they wait is in it; without a status at their first turn
	// Barred are the addresses that must not be contacted, a bit each. Who is barred at their primary address is left
	// alone altogether.
	Barred uint32
	// Rule is why the primary address is barred, if it is.
	Rule Rule
	// Lacking are the addresses for which the consent is missing that the campaign needs, a bit each, and Withdrew those of
	// them for which it was taken back.
	Lacking, Withdrew uint32
	// Held is what keeps them from being contacted for a while, because they have been often enough; nil for nothing.
	Held *rules.Hold
}

// Rule says why an address must not be contacted, as the recipient's record shows it.
type Rule struct {
	Rule string `json:"rule"`           // an audience.SuppressReason
	List string `json:"list,omitempty"` // the name of the list they are on
}

// Params is the rule as the parameters of a reason.
func (r Rule) Params() string {
	if r.Rule == "" {
		return ""
	}
	b, err := json.Marshal(r)
	if err != nil { // two texts always marshal
		return ""
	}
	return string(b)
}

// Do is what becomes of a candidate.
type Do string

// The verdicts.
const (
	DoPlace  Do = "place"  // an attempt is opened
	DoDefer  Do = "defer"  // they wait until Next.Due, for Next.Why, and stand as Next says
	DoSettle Do = "settle" // they are settled as Next says, without an attempt
)

// Verdict is what becomes of a candidate.
type Verdict struct {
	Do    Do
	Token int64     // for DoPlace: the fencing token of the attempt, unique for ever
	Until time.Time // for DoPlace: how long the network may be busy with it if this node dies
	Next  campaign.Standing
}

// Claimed is what a claim brought.
type Claimed struct {
	Flights []Flight // in the order of contact
	Refused Refusal
	// First is how many first turns were taken, whatever became of them.
	First int
	// Filled tells that there may be more people who are due. Otherwise NextDue is when the next wait ends (zero if nobody
	// waits), and FirstEnd that everybody has had their first turn.
	Filled   bool
	NextDue  time.Time
	NextWhy  campaign.Why // what that one is for
	FirstEnd bool
}

// Refusal says why a claim could bring nothing.
type Refusal string

// The refusals. The zero value is none.
const (
	HoldLost  Refusal = "hold_lost"  // the line belongs to another node now
	NotActive Refusal = "not_active" // the campaign was paused, changed, cancelled, completed or deleted
	DayFull   Refusal = "day_full"   // the line's daily limit is used up
	OwnFull   Refusal = "own_full"   // the campaign's daily limit is used up
	ListsAway Refusal = "lists_away" // a list of people who must not be contacted is not on this node yet
)

// Flight is an open attempt.
type Flight struct {
	Token    int64
	Campaign string
	Line     string
	Number   campaign.Number
	Ordinal  int
	Lap      int
	Address  int               // which of the recipient's addresses
	Before   campaign.Standing // where the recipient stood before it; without a status at their first turn
	PlacedAt time.Time
	Until    time.Time
	Day      int64 // of the line's calendar it was counted on; 0 when not known here
	// Candidate is who is contacted; the zero Candidate in a flight that was read from the store.
	Candidate Candidate
}

// Advance is a stage that an open attempt has come to.
type Advance struct {
	Token    int64
	Campaign string
	Number   campaign.Number
	Stage    channel.Stage
	At       time.Time
}

// Closing is the end of an attempt.
type Closing struct {
	Flight
	Ref       string
	Outcome   channel.Outcome
	Next      campaign.Standing // what the recipient is after it
	Suppress  channel.Address   // never to be contacted again, on Kind and in Workspace; empty for none
	Kind      channel.Kind
	Workspace string
	// Undone closes an attempt that was never begun: nothing is recorded, and the recipient waits as before.
	Undone bool
	// Untouched tells that the network was never touched: the start does not count against the day.
	Untouched bool
	// Airborne keeps counting the attempt against its line until Flight.Until.
	Airborne bool
}

// Orphan is an attempt whose node is dead.
type Orphan struct {
	Flight
	Addresses []channel.Address
	Zones     []string
}

// Air is what loads a line besides this node's own attempts.
type Air struct {
	Others    int            // attempts open at other nodes, or perhaps still at the network after their node died
	Of        map[string]int // how many of them are of which campaign
	LastStart time.Time      // when the line was last started on, by any node; zero if never
}
