package intake

import (
	"strings"

	"campanario/audience"
	"campanario/internal/fault"
)

// Every attribute that contacts have, and every value of what they are sorted by, takes a place in the index of the whole
// workspace. A file that brings a new one with each row has the wrong column for it, or was made to fill the index.
const (
	mostNames  = 500    // of attributes
	mostValues = 50_000 // of tags, portfolios, segments, cities, states and locations, each
)

// variety is what the rows of a file have brought so far.
type variety struct {
	names  map[string]struct{}
	values map[Field]map[string]struct{}
}

func newVariety() *variety {
	return &variety{names: map[string]struct{}{}, values: map[Field]map[string]struct{}{}}
}

// take notes what a contact brings, and gives the field or the attribute of which the file has too many with it.
func (v *variety) take(c *audience.Contact) (Field, string, *fault.Error) {
	for name := range c.Attributes {
		if _, there := v.names[name]; there {
			continue
		}
		if len(v.names) == mostNames {
			return FieldVariable, name, invalid("attributes_too_many", fault.Params{"max": mostNames})
		}
		v.names[strings.Clone(name)] = struct{}{}
	}
	for _, one := range [...]struct {
		field Field
		value string
	}{{FieldCity, c.City}, {FieldState, c.State}, {FieldLocation, c.Location}} {
		if bad := v.value(one.field, one.value); bad != nil {
			return one.field, "", bad
		}
	}
	for _, list := range [...]struct {
		field  Field
		values []string
	}{{FieldTags, c.Tags}, {FieldPortfolios, c.Portfolios}, {FieldSegments, c.Segments}} {
		for _, value := range list.values {
			if bad := v.value(list.field, value); bad != nil {
				return list.field, "", bad
			}
		}
	}
	return "", "", nil
}

func (v *variety) value(f Field, value string) *fault.Error {
	if value == "" {
		return nil
	}
	known := v.values[f]
	if _, there := known[value]; there {
		return nil
	}
	if known == nil {
		known = map[string]struct{}{}
		v.values[f] = known
	}
	if len(known) == mostValues {
		return invalid("values_too_many", fault.Params{"max": mostValues, "field": string(f)})
	}
	known[strings.Clone(value)] = struct{}{}
	return nil
}

// bounded refuses a contact that brings more than a file may.
func (r *ContactReader) bounded(p *Person) *Refusal {
	f, name, bad := r.variety.take(&p.Contact)
	if bad == nil {
		return nil
	}
	column := clip(name)
	for _, w := range r.parse.wants {
		if w.field == f && (f != FieldVariable || w.key == name) {
			column = w.name
			break
		}
	}
	return &Refusal{Line: p.Line, Column: column, Error: bad, Cells: p.cells.list()}
}
