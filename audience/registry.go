package audience

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"campanario/audience/registry"
	"campanario/channel"
	"campanario/internal/fault"
)

// Registry is a list of addresses that must not be contacted which is replaced as a whole: one of the customer's own, or a
// public register. Its entries are a file (package registry) that every node looks people up in.
type Registry struct {
	ID        string // UUIDv7
	Workspace string
	Name      string         // unique in the workspace, without regard to capitals and accents
	Kind      SuppressReason // BlockList or DoNotCall
	Holds     Holding
	Channels  []channel.Kind // on which it holds; empty for all that such addresses are for
	Expires   time.Time      // it bars nobody from then on; zero for never

	Version    int64 // of the entries, 0 while there are none
	Entries    int64
	Rejected   int64 // rows of the upload that were no addresses
	Size       int64 // bytes of the file
	Parts      int64 // in which it is kept
	Sum        string
	Origin     RegistryOrigin
	ReplacedAt time.Time // when the entries came; zero while there are none
	CreatedAt  time.Time
}

// Holding is what sort of addresses a registry is of.
type Holding string

// What registries hold.
const (
	Phones    Holding = "phones"
	Mailboxes Holding = "mailboxes"
)

// Kinds are the channels that such addresses are for.
func (h Holding) Kinds() []channel.Kind {
	if h == Mailboxes {
		return []channel.Kind{channel.Email}
	}
	return []channel.Kind{channel.Voice, channel.WhatsApp, channel.SMS}
}

// Covers reports whether the registry holds on a channel at an instant.
func (r *Registry) Covers(k channel.Kind, now time.Time) bool {
	switch {
	case r.Version == 0, !r.Expires.IsZero() && !now.Before(r.Expires):
		return false
	case len(r.Channels) == 0:
		return slices.Contains(r.Holds.Kinds(), k)
	default:
		return slices.Contains(r.Channels, k)
	}
}

// File names the file with the entries.
func (r *Registry) File() registry.Version {
	return registry.Version{List: r.ID, Number: r.Version, Size: r.Size, Parts: r.Parts, Sum: r.Sum}
}

// RegistryOrigin is where entries were fetched, and what tells the next time whether they have changed (RFC 9110 section 8.8).
type RegistryOrigin struct {
	URL      string `json:"url,omitempty"`
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"` // Last-Modified, as it came
}

// RegistryStore is what Registries needs kept. A registry of another workspace is not found.
type RegistryStore interface {
	// ErasedAt is when the owner of an address was erased; zero when nobody was.
	ErasedAt(ctx context.Context, workspace string, a channel.Address) (time.Time, error)
	// AddRegistry makes one without entries; a name that another one has is the conflict registry_name_taken.
	AddRegistry(ctx context.Context, r Registry) error
	Registry(ctx context.Context, workspace, id string) (Registry, error)
	// Registries gives all of a workspace, by name.
	Registries(ctx context.Context, workspace string) ([]Registry, error)
	// DeleteRegistry removes one with its entries.
	DeleteRegistry(ctx context.Context, workspace, id string) error

	// AllotRegistryVersion gives the number for a new version, higher than all before it.
	AllotRegistryVersion(ctx context.Context, workspace, id string) (int64, error)
	AddRegistryPart(ctx context.Context, id string, version, part int64, data []byte, now time.Time) error
	// PublishRegistry makes r.Version the one that counts, with everything that is known of its entries; every claim that
	// begins after it returned goes by it. A version that is not newer is the conflict registry_overtaken.
	PublishRegistry(ctx context.Context, r Registry) error

	ListSuppressions(ctx context.Context, workspace string, q SuppressionQuery) ([]Suppression, error)
}

// Shelf looks addresses up in the files of registries. *registry.Shelf is one.
type Shelf interface {
	Look(lists []registry.Version, keys []uint64) ([]int, error)
	// Refresh brings the shelf to the versions that count.
	Refresh(ctx context.Context) error
}

// RegistriesOptions are what NewRegistries needs. Store, Shelf and Folder are required.
type RegistriesOptions struct {
	Store   RegistryStore
	Shelf   Shelf
	Folder  string // where files are made
	Country func(ctx context.Context, workspace string) (string, error)
	Now     func() time.Time // time.Now when nil
	Max     int64            // entries of a registry; 0 is registry.MaxKeys
	Part    int              // bytes of a part of a file; 0 is 1 MiB
}

// Registries guards the registries of workspaces. It is safe for concurrent use.
type Registries struct{ o RegistriesOptions }

// NewRegistries makes Registries.
func NewRegistries(o RegistriesOptions) *Registries {
	if o.Country == nil {
		o.Country = noCountry
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Part <= 0 {
		o.Part = 1 << 20
	}
	return &Registries{o: o}
}

// MaxRegistries is how many a workspace may have: every claim looks all of them through.
const MaxRegistries = 50

// RegistryEdit is what somebody writes about a new registry.
type RegistryEdit struct {
	Name     string
	Kind     SuppressReason
	Holds    Holding // Phones when empty
	Channels []channel.Kind
	Expires  time.Time
}

func (e *RegistryEdit) check(now time.Time) error {
	e.Name = strings.TrimSpace(e.Name)
	var bad fault.List
	if e.Name == "" {
		bad = append(bad, fault.New(fault.Invalid, "required", nil).At("name"))
	}
	bad = append(bad, checkText("name", e.Name, maxTag)...)
	if e.Kind != BlockList && e.Kind != DoNotCall {
		bad = append(bad, notOneOf(string(e.Kind), string(BlockList), string(DoNotCall)).At("kind"))
	}
	if e.Holds == "" {
		e.Holds = Phones
	}
	if e.Holds != Phones && e.Holds != Mailboxes {
		bad = append(bad, notOneOf(string(e.Holds), string(Phones), string(Mailboxes)).At("holds"))
		return bad.Err()
	}
	for _, k := range e.Channels {
		if kinds := e.Holds.Kinds(); !slices.Contains(kinds, k) {
			bad = append(bad, notOneOf(string(k), texts(kinds)...).At("channels"))
		}
	}
	if !e.Expires.IsZero() && !e.Expires.After(now) {
		bad = append(bad, pastTime(e.Expires, now))
	}
	return bad.Err()
}

func texts[S ~string](values []S) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

func notOneOf(value string, allowed ...string) *fault.Error {
	return fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(value), "allowed": strings.Join(allowed, ", ")})
}

// Create makes a registry without entries.
func (s *Registries) Create(ctx context.Context, workspace string, e RegistryEdit) (Registry, error) {
	now := s.o.Now().UTC()
	if err := e.check(now); err != nil {
		return Registry{}, err
	}
	others, err := s.o.Store.Registries(ctx, workspace)
	if err != nil {
		return Registry{}, err
	}
	if len(others) >= MaxRegistries {
		return Registry{}, fault.New(fault.Conflict, "too_many", fault.Params{"max": MaxRegistries})
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Registry{}, err
	}
	slices.Sort(e.Channels)
	r := Registry{
		ID: id.String(), Workspace: workspace, Name: e.Name, Kind: e.Kind, Holds: e.Holds, Channels: slices.Compact(e.Channels),
		Expires: e.Expires.UTC(), CreatedAt: now,
	}
	if e.Expires.IsZero() {
		r.Expires = time.Time{}
	}
	return r, s.o.Store.AddRegistry(ctx, r)
}

// Get gives a registry.
func (s *Registries) Get(ctx context.Context, workspace, id string) (Registry, error) {
	return s.o.Store.Registry(ctx, workspace, id)
}

// List gives all registries, by name.
func (s *Registries) List(ctx context.Context, workspace string) ([]Registry, error) {
	return s.o.Store.Registries(ctx, workspace)
}

// Delete removes a registry; who was on it may be contacted again.
func (s *Registries) Delete(ctx context.Context, workspace, id string) error {
	return s.o.Store.DeleteRegistry(ctx, workspace, id)
}

// Entries gives the addresses of an upload one after the other: an address, or a row that is none, or an error, which is
// io.EOF at the end.
type Entries interface {
	Next() (channel.Address, *RejectedEntry, error)
}

// RejectedEntry is a row that is no address.
type RejectedEntry struct {
	Line  int
	Error *fault.Error
}

// ReplaceReport says what became of an upload.
type ReplaceReport struct {
	Registry Registry
	Rows     int64           // addresses that were given, repeated ones included
	Problems []RejectedEntry // the first hundred
}

// maxReplaceProblems bounds ReplaceReport.Problems.
const maxReplaceProblems = 100

// Replace puts entries in the place of those that a registry had. Until it returns the old ones count, and not at all when
// it fails. Rows that are no addresses stop no other; a file without a single one is refused with registry_empty, because
// then nearly always the file is wrong.
func (s *Registries) Replace(ctx context.Context, workspace, id string, entries Entries, from RegistryOrigin) (ReplaceReport, error) {
	r, err := s.o.Store.Registry(ctx, workspace, id)
	if err != nil {
		return ReplaceReport{}, err
	}
	if err := checkOrigin(from).Err(); err != nil {
		return ReplaceReport{}, err
	}
	if r.Version, err = s.o.Store.AllotRegistryVersion(ctx, workspace, id); err != nil {
		return ReplaceReport{}, err
	}
	build, err := s.build(ctx, entries)
	if err != nil {
		return ReplaceReport{}, err
	}
	defer build.remove()
	out := ReplaceReport{Rows: build.rows, Problems: build.problems}
	if build.entries == 0 {
		return out, fault.New(fault.Invalid, "registry_empty", fault.Params{"rejected": build.rejected})
	}
	r.Entries, r.Rejected, r.Origin, r.ReplacedAt = build.entries, build.rejected, from, s.o.Now().UTC()
	if r.Size, r.Parts, r.Sum, err = s.keep(ctx, r, build.path); err != nil {
		return out, err
	}
	if err := s.o.Store.PublishRegistry(ctx, r); err != nil {
		return out, err
	}
	out.Registry = r
	// Other nodes hold campaigns back until they have it. This one's failing is told by its own log, again and again.
	_ = s.o.Shelf.Refresh(ctx)
	return out, nil
}

func checkOrigin(o RegistryOrigin) fault.List {
	const most = 2000
	bad := checkText("url", o.URL, most)
	bad = append(bad, checkText("etag", o.ETag, most)...)
	return append(bad, checkText("modified", o.Modified, most)...)
}

// Bar says why an address must not be contacted.
type Bar struct {
	Reason  SuppressReason
	Channel channel.Kind // empty for every channel
	Source  string
	List    *Registry // nil for a suppression of its own
	At      time.Time
	Expires time.Time
}

// maxBars bounds what is told of one address.
const maxBars = 100

// Check tells everything that bars an address, as people write it, on a channel ("" for any). A registry that this node
// does not have yet is registry_away.
func (s *Registries) Check(ctx context.Context, workspace string, k channel.Kind, raw string) (channel.Address, []Bar, error) {
	if err := checkChannel(k).Err(); err != nil {
		return "", nil, err
	}
	country, err := s.o.Country(ctx, workspace)
	if err != nil {
		return "", nil, err
	}
	a, err := guess(raw, country)
	if f, ok := asFault(err); ok {
		return "", nil, f.At("address")
	}
	now := s.o.Now()
	rows, err := s.o.Store.ListSuppressions(ctx, workspace, SuppressionQuery{Address: a, Limit: maxBars})
	if err != nil {
		return a, nil, err
	}
	var out []Bar
	for _, x := range rows {
		if (k == "" || x.Channel == "" || x.Channel == k) && (x.Expires.IsZero() || now.Before(x.Expires)) {
			out = append(out, Bar{Reason: SuppressReason(x.Reason), Channel: x.Channel, Source: x.Source, At: x.At, Expires: x.Expires})
		}
	}
	gone, err := s.o.Store.ErasedAt(ctx, workspace, a)
	if err != nil {
		return a, nil, err
	}
	if !gone.IsZero() {
		out = append(out, Bar{Reason: ErasedPerson, At: gone})
	}
	on, err := s.On(ctx, workspace, k, []channel.Address{a})
	if err != nil {
		return a, nil, err
	}
	for _, r := range on[0] {
		out = append(out, Bar{Reason: r.Kind, List: &r, At: r.ReplacedAt, Expires: r.Expires})
	}
	return a, out, nil
}

// On gives the registries that each of the addresses is on, of those that hold on a channel ("" for any).
func (s *Registries) On(ctx context.Context, workspace string, k channel.Kind, addresses []channel.Address) ([][]Registry, error) {
	all, err := s.o.Store.Registries(ctx, workspace)
	if err != nil {
		return nil, err
	}
	now := s.o.Now()
	out := make([][]Registry, len(addresses))
	for _, r := range all {
		if !slices.ContainsFunc(r.Holds.Kinds(), func(c channel.Kind) bool { return (k == "" || k == c) && r.Covers(c, now) }) {
			continue
		}
		keys := make([]uint64, len(addresses))
		for i, a := range addresses {
			keys[i], _ = registry.Key(a) // 0, which is nobody's, for what is no address
		}
		found, err := s.o.Shelf.Look([]registry.Version{r.File()}, keys)
		if err != nil {
			return nil, fault.New(fault.Unavailable, "registry_away", fault.Params{"name": r.Name}).Because(err)
		}
		for i, l := range found {
			if l == 0 {
				out[i] = append(out[i], r)
			}
		}
	}
	return out, nil
}
