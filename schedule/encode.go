package schedule

import (
	"bytes"
	"encoding/json"
	"slices"
)

// MarshalJSON writes the form that UnmarshalJSON reads, with days of equal hours drawn together and in the order of the
// week.
func (w Window) MarshalJSON() ([]byte, error) {
	var out struct {
		Days     *Week      `json:"days,omitempty"`
		Zone     Whose      `json:"zone,omitempty"`
		Holidays []Calendar `json:"holidays,omitempty"`
		Blackout []string   `json:"blackout,omitempty"`
	}
	if !w.Days.Empty() {
		out.Days = &w.Days
	}
	out.Zone, out.Holidays = w.Zone, w.Holidays
	for _, s := range w.Blackout {
		out.Blackout = append(out.Blackout, s.String())
	}
	return json.Marshal(out)
}

// MarshalYAML gives a YAML encoder the same form. The order of the days is the encoder's.
func (w Window) MarshalYAML() (any, error) {
	b, err := w.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var v map[string]any
	return v, json.Unmarshal(b, &v)
}

// MarshalJSON writes {"mon-fri": ["09:00-18:00"], "sat": ["09:00-13:00"]}.
func (w Week) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := 0; i < len(week); {
		day := w[week[i]]
		j := i + 1
		for j < len(week) && slices.Equal(w[week[j]], day) {
			j++
		}
		if len(day) > 0 {
			if b.Len() > 1 {
				b.WriteByte(',')
			}
			b.WriteByte('"')
			b.WriteString(dayNames[week[i]])
			if j > i+1 {
				b.WriteString("-" + dayNames[week[j-1]])
			}
			b.WriteString(`":[`)
			for k, iv := range day {
				if k > 0 {
					b.WriteByte(',')
				}
				b.WriteString(`"` + iv.String() + `"`)
			}
			b.WriteByte(']')
		}
		i = j
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
