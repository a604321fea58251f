package campaign

// Deed is something that the engine did to a campaign by itself, as the audit calls it.
type Deed string

// The deeds of the engine. Where a person can do the same, it is called as the operation that they do it by.
const (
	Began    Deed = "begin-campaign" // the time came for which it was started
	Halted   Deed = "pause-campaign" // with reason and params, as in Campaign.Paused and Campaign.PauseParams
	Finished Deed = "complete-campaign"
	LapEnded Deed = "end-lap"         // with lap, and next: when the next one begins
	LapBegan Deed = "open-lap"        // with lap
	Filled   Deed = "supply-campaign" // with lap, and with FillCounts as counts
	Carried  Deed = "end-errand"      // with action, changed and skipped: all that an Errand did
)

// Deeds lists them.
func Deeds() []Deed { return []Deed{Began, Halted, Finished, LapEnded, LapBegan, Filled, Carried} }

// DeedOf is how the engine brings a campaign into a state.
func DeedOf(to State) Deed {
	switch to {
	case Active:
		return Began
	case Paused:
		return Halted
	default:
		return Finished
	}
}
