package schedule

import "time"

// PresetName names a ready-made schedule.
type PresetName string

// The presets.
const (
	SalesFollowUp       PresetName = "sales_follow_up"
	Collection          PresetName = "collection"
	SatisfactionSurvey  PresetName = "satisfaction_survey"
	AppointmentReminder PresetName = "appointment_reminder"
)

// Preset is a schedule that has proved itself for a purpose: how often to try, how far apart, and when.
type Preset struct {
	Name        PresetName
	MaxAttempts int
	Interval    time.Duration // between attempts; zero where there is only one
	Window      Window
}

// Presets lists the ready-made schedules, open Monday to Friday and closed on the holidays of the calendars given
// (those of the country that is called).
func Presets(holidays ...Calendar) []Preset {
	out := []Preset{
		{Name: SalesFollowUp, MaxAttempts: 3, Interval: 30 * time.Minute, Window: weekdays(9, 18)},
		{Name: Collection, MaxAttempts: 2, Interval: 60 * time.Minute, Window: weekdays(9, 17)},
		{Name: SatisfactionSurvey, MaxAttempts: 2, Interval: 120 * time.Minute, Window: weekdays(10, 16)},
		{Name: AppointmentReminder, MaxAttempts: 1, Window: weekdays(8, 19)},
	}
	for i := range out {
		out[i].Window.Holidays = append([]Calendar(nil), holidays...)
	}
	return out
}

// PresetFor is the preset of the name; false when there is none.
func PresetFor(name PresetName, holidays ...Calendar) (Preset, bool) {
	for _, p := range Presets(holidays...) {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

func weekdays(from, to Minute) Window {
	var w Window
	for d := time.Monday; d <= time.Friday; d++ {
		w.Days[d] = []Interval{{from * 60, to * 60}}
	}
	return w
}
