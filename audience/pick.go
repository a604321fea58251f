package audience

import (
	"context"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/internal/fault"
)

// Index answers what a filter asks. All of its answers are numbers of contacts of the workspace, in bitmaps that the
// caller may change.
type Index interface {
	// Having gives those with any of the values of a field; all values are of the index.
	Having(ctx context.Context, workspace string, f Field, values []string) (*roaring.Bitmap, error)
	// Between gives those with a value of a field from one to another, both included; an empty bound is none.
	Between(ctx context.Context, workspace string, f Field, from, to string) (*roaring.Bitmap, error)
	// Indexed reports whether the short values of an attribute are in the index.
	Indexed(ctx context.Context, workspace, attribute string) (bool, error)
	// Reading gives those of some contacts with any of the values of an attribute (nil: with any at all), by
	// reading them.
	Reading(ctx context.Context, workspace, attribute string, values []string, among *roaring.Bitmap) (*roaring.Bitmap, error)
	List(ctx context.Context, workspace, id string) (List, error)
	// Results gives those who stand in a campaign with any of the statuses (nil: in whatever way).
	Results(ctx context.Context, workspace, campaign string, statuses []string) (*roaring.Bitmap, error)
}

// Pick gives the numbers of the contacts that a filter fits. Days are those of the zone; now is what the last days end
// at. The filter is valid.
func Pick(ctx context.Context, ix Index, workspace string, f *Filter, now time.Time, zone *time.Location) (*roaring.Bitmap, error) {
	p := &picking{ix: ix, workspace: workspace, now: now.In(zone)}
	everybody, err := ix.Having(ctx, workspace, FieldAll, []string{""})
	if err != nil {
		return nil, err
	}
	return p.pick(ctx, f, everybody)
}

type picking struct {
	ix        Index
	workspace string
	now       time.Time
	inside    []string // the lists whose filters are being evaluated
}

// pick gives those who fit, among some. What it gives may be changed.
func (p *picking) pick(ctx context.Context, f *Filter, among *roaring.Bitmap) (*roaring.Bitmap, error) {
	out, err := p.node(ctx, f, among)
	if err == nil {
		out.And(among)
	}
	return out, err
}

func (p *picking) node(ctx context.Context, f *Filter, among *roaring.Bitmap) (*roaring.Bitmap, error) {
	switch {
	case f.All != nil:
		for _, part := range cheapFirst(f.All) {
			var err error
			if among, err = p.pick(ctx, &part, among); err != nil || among.IsEmpty() {
				return among, err
			}
		}
		return among.Clone(), nil
	case f.Any != nil:
		out := roaring.New()
		for i := range f.Any {
			part, err := p.pick(ctx, &f.Any[i], among)
			if err != nil {
				return nil, err
			}
			out.Or(part)
		}
		return out, nil
	case f.Not != nil:
		part, err := p.pick(ctx, f.Not, among)
		if err != nil {
			return nil, err
		}
		return roaring.AndNot(among, part), nil
	case f.Field == "":
		return among.Clone(), nil
	default:
		return p.condition(ctx, f, among)
	}
}

// cheapFirst orders the parts of a group so that those which may have to read contacts come last and read fewer.
func cheapFirst(list []Filter) []Filter {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Filter) int { return a.cost() - b.cost() })
	return list
}

func (f *Filter) cost() int {
	_, attribute := f.Field.Attribute()
	switch {
	case f.Not != nil:
		return f.Not.cost() + 1
	case f.Field == "":
		return 4
	case attribute:
		return 6
	case f.Field == FieldCampaign:
		return 2
	default:
		return 0
	}
}

func (p *picking) condition(ctx context.Context, f *Filter, among *roaring.Bitmap) (*roaring.Bitmap, error) {
	switch f.Field {
	case FieldCreated, FieldImported, FieldContacted, FieldHeard:
		if f.Set != nil {
			return set(f, among, func() (*roaring.Bitmap, error) { return p.ix.Between(ctx, p.workspace, f.Field, "", "") })
		}
		from, to := p.period(f)
		return p.ix.Between(ctx, p.workspace, f.Field, from, to)
	case FieldCampaign:
		out, err := p.ix.Results(ctx, p.workspace, f.Campaign, f.Status)
		return out, named(err, "campaign_not_found", f.Campaign)
	case FieldAudience:
		if f.Set == nil {
			return p.lists(ctx, f.Is, among)
		}
	case FieldConsent:
		return p.consented(ctx, f)
	default: // fields whose values are all in the index, and attributes
	}
	name, attribute := f.Field.Attribute()
	indexed := true
	if attribute {
		var err error
		if indexed, err = p.ix.Indexed(ctx, p.workspace, name); err != nil {
			return nil, err
		}
	}
	long := slices.ContainsFunc(f.Is, func(s string) bool { return len(s) > MaxIndexed })
	reads := attribute && (!indexed || long || f.Set != nil)
	if f.Set != nil {
		return set(f, among, func() (*roaring.Bitmap, error) {
			if reads {
				return p.ix.Reading(ctx, p.workspace, name, nil, among)
			}
			return p.ix.Between(ctx, p.workspace, f.Field, "", "")
		})
	}
	if reads {
		return p.ix.Reading(ctx, p.workspace, name, f.Is, among)
	}
	return p.ix.Having(ctx, p.workspace, f.Field, f.Is)
}

// consented gives those who agreed to a channel: by any line, or by the one that is named.
func (p *picking) consented(ctx context.Context, f *Filter) (*roaring.Bitmap, error) {
	having := func(line string) (*roaring.Bitmap, error) {
		return p.ix.Having(ctx, p.workspace, FieldConsent, []string{ConsentValue(f.Channel, line)})
	}
	if f.Line == "" {
		return having("")
	}
	out, err := having(everyLine)
	if err != nil {
		return nil, err
	}
	not, err := having(withdrawnFrom + f.Line)
	if err != nil {
		return nil, err
	}
	named, err := having(f.Line)
	if err != nil {
		return nil, err
	}
	out.AndNot(not)
	out.Or(named)
	return out, nil
}

// set gives those who have a value, or those who have none.
func set(f *Filter, among *roaring.Bitmap, having func() (*roaring.Bitmap, error)) (*roaring.Bitmap, error) {
	have, err := having()
	if err != nil || *f.Set {
		return have, err
	}
	return roaring.AndNot(among, have), nil
}

// lists gives those on any of some lists: on a static one as it was filled, on others as their filters say now.
func (p *picking) lists(ctx context.Context, ids []string, among *roaring.Bitmap) (*roaring.Bitmap, error) {
	out := roaring.New()
	for _, id := range ids {
		l, err := p.ix.List(ctx, p.workspace, id)
		if err != nil {
			return nil, named(err, "audience_not_found", id)
		}
		var part *roaring.Bitmap
		switch {
		case l.Static:
			part, err = p.ix.Having(ctx, p.workspace, FieldAudience, []string{id})
		case slices.Contains(p.inside, id):
			err = fault.New(fault.Conflict, "audience_circle", fault.Params{"name": l.Name})
		default:
			p.inside = append(p.inside, id)
			part, err = p.pick(ctx, &l.Filter, among)
			p.inside = p.inside[:len(p.inside)-1]
		}
		if err != nil {
			return nil, err
		}
		out.Or(part)
	}
	return out, nil
}

// named makes a mistake of the filter of something that it names and that is not there.
func named(err error, code, id string) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.Invalid, code, fault.Params{"id": id}).At("filter")
	}
	return err
}

// period gives the first and the last hour, as they stand in terms.
func (p *picking) period(f *Filter) (from, to string) {
	midnight := func(day string, plus int) time.Time {
		t, err := time.ParseInLocation(time.DateOnly, day, p.now.Location())
		if err != nil { // it was validated
			return time.Time{}
		}
		return t.AddDate(0, 0, plus)
	}
	if f.WithinDays > 0 {
		return hour(midnight(p.now.AddDate(0, 0, 1-f.WithinDays).Format(time.DateOnly), 0)), ""
	}
	if f.From != "" {
		from = hour(midnight(f.From, 0))
	}
	if f.To != "" {
		to = hour(midnight(f.To, 1).Add(-time.Minute))
	}
	return from, to
}
