package agent

// A script is a dialogue written down beforehand: named steps, each of one kind, and where to go from each. It is
// written in YAML or JSON:
//
//	start: greeting
//	steps:
//	  greeting:
//	    say: "Olá, {{first_name}}. Aqui é da Clínica Sol."
//	    next: question
//	  question:
//	    ask:
//	      say: "Para confirmar sua consulta, tecle 1. Para remarcar, tecle 2."
//	      keys: {"1": confirmed, "2": other, "9": stop}
//	      no_input: goodbye
//	  confirmed: {set: {confirmed: "true"}, next: won}
//	  won:       {goal: true, next: thanks}
//	  …
//
// A step is exactly one of say, play, ask, branch, set, goal, opt_out, pause, goto and hang_up. "end" is a step that
// every script has: it hangs up.

// EndStep is the step that every script has without writing it: the agent hangs up.
const EndStep = "end"

// Script is the dialogue of an agent of KindScript.
type Script struct {
	Start string          `json:"start" yaml:"start" doc:"Name of the first step"`
	Steps map[string]Step `json:"steps" yaml:"steps" doc:"The steps by name"`
}

// Step is one step: exactly one of its kinds is set.
type Step struct {
	Say    string            `json:"say,omitempty" yaml:"say,omitempty" doc:"Says this; may hold variables"`
	Play   string            `json:"play,omitempty" yaml:"play,omitempty" doc:"Plays this WAV file"`
	Ask    *Ask              `json:"ask,omitempty" yaml:"ask,omitempty" doc:"Asks, and goes on by what is answered"`
	Branch []Case            `json:"branch,omitempty" yaml:"branch,omitempty" doc:"Goes on by the first case that holds"`
	Set    map[string]string `json:"set,omitempty" yaml:"set,omitempty" doc:"Sets post-call variables; values may hold variables"`
	Goal   bool              `json:"goal,omitempty" yaml:"goal,omitempty" doc:"The goal of the campaign is reached"`
	OptOut bool              `json:"opt_out,omitempty" yaml:"opt_out,omitempty" doc:"The person wants no more contacts"`
	Pause  Duration          `json:"pause,omitempty" yaml:"pause,omitempty" doc:"Says nothing for so long; up to 30s"`
	Goto   string            `json:"goto,omitempty" yaml:"goto,omitempty" doc:"Goes on there"`
	HangUp bool              `json:"hang_up,omitempty" yaml:"hang_up,omitempty" doc:"Ends the call"`

	// Interrupt is who may cut a say or play step short.
	Interrupt Interrupt `json:"interrupt,omitempty" yaml:"interrupt,omitempty" enum:"keys,speech,never" doc:"What cuts it short: keys (default), speech (and keys) or never"`
	// Next is the step that follows; for an ask that collects, the one that follows a good entry.
	Next string `json:"next,omitempty" yaml:"next,omitempty" doc:"Name of the step that follows"`
}

// Interrupt is what cuts the agent short. A key pressed meanwhile is never lost: it answers the next question.
type Interrupt string

// The ways to be cut short. The zero value means InterruptKeys.
const (
	InterruptKeys   Interrupt = "keys"
	InterruptSpeech Interrupt = "speech" // speech and keys
	InterruptNever  Interrupt = "never"  // for what the law wants heard to the end
)

// Ask is a question: words or a recording, and what may be answered to it.
//
// Whoever answers nothing in time, or something that is not among the answers, is asked again up to Retries times
// (by way of the steps Silence and Invalid, when they are set) and then goes on at NoInput.
type Ask struct {
	Say       string    `json:"say,omitempty" yaml:"say,omitempty" doc:"Asks this; may hold variables"`
	Play      string    `json:"play,omitempty" yaml:"play,omitempty" doc:"Asks with this WAV file"`
	Interrupt Interrupt `json:"interrupt,omitempty" yaml:"interrupt,omitempty" enum:"keys,speech,never" doc:"What cuts the question short: keys (default), speech (and keys) or never"`

	Keys      map[string]string `json:"keys,omitempty" yaml:"keys,omitempty" doc:"Where each telephone key leads: 0 to 9, * and #"`
	Collect   *Collect          `json:"collect,omitempty" yaml:"collect,omitempty" doc:"Takes several digits into a variable"`
	AnySpeech string            `json:"any_speech,omitempty" yaml:"any_speech,omitempty" doc:"Where anything spoken leads, once it is over"`

	Timeout   Duration `json:"timeout,omitempty" yaml:"timeout,omitempty" doc:"How long to wait for an answer; 1s to 1m, default 6s"`
	MaxSpeech Duration `json:"max_speech,omitempty" yaml:"max_speech,omitempty" doc:"How long to listen to speech; 1s to 2m, default 20s"`
	Retries   *int     `json:"retries,omitempty" yaml:"retries,omitempty" doc:"How often to ask again; 0 to 5, default 2"`

	Silence string `json:"silence,omitempty" yaml:"silence,omitempty" doc:"Step after no answer; empty asks again"`
	Invalid string `json:"invalid,omitempty" yaml:"invalid,omitempty" doc:"Step after a wrong answer; empty asks again"`
	NoInput string `json:"no_input,omitempty" yaml:"no_input,omitempty" doc:"Step after the last retry; default end"`
}

// Collect takes several digits into a post-call variable. It ends at Max digits, at the terminator, or when nothing more
// comes for a while.
type Collect struct {
	Variable   string   `json:"variable" yaml:"variable" doc:"The post-call variable that takes the entry"`
	Format     Entry    `json:"format,omitempty" yaml:"format,omitempty" enum:"digits,number,cpf,cnpj,date" doc:"What is a good entry; default digits"`
	Min        int      `json:"min,omitempty" yaml:"min,omitempty" doc:"Least digits; default 1, or what the format wants"`
	Max        int      `json:"max,omitempty" yaml:"max,omitempty" doc:"Most digits, up to 32; default 32, or what the format wants"`
	Least      *float64 `json:"least,omitempty" yaml:"least,omitempty" doc:"Smallest number"`
	Most       *float64 `json:"most,omitempty" yaml:"most,omitempty" doc:"Largest number"`
	Terminator string   `json:"terminator,omitempty" yaml:"terminator,omitempty" enum:"#,*,none" doc:"Key that ends the entry; default #"`
	Pause      Duration `json:"pause,omitempty" yaml:"pause,omitempty" doc:"How long to wait for another digit; 1s to 20s, default 4s"`
}

// Entry is what makes a collected entry a good one, and how it is written down.
type Entry string

// The entries. The zero value means EntryDigits.
const (
	EntryDigits Entry = "digits" // as pressed
	EntryNumber Entry = "number" // without leading zeros, within Least and Most
	EntryCPF    Entry = "cpf"    // 11 digits with right check digits
	EntryCNPJ   Entry = "cnpj"   // 14 digits with right check digits
	EntryDate   Entry = "date"   // DDMMYYYY, written down as YYYY-MM-DD
)

// Case is one way out of a branch. It holds when all it says of the variable is true; Else holds always and must come
// last. Values are compared without regard to case and blanks at the ends.
type Case struct {
	Variable string   `json:"variable,omitempty" yaml:"variable,omitempty" doc:"Variable to look at: the recipient's or a post-call one"`
	Equals   *string  `json:"equals,omitempty" yaml:"equals,omitempty" doc:"Holds when the variable is this"`
	OneOf    []string `json:"one_of,omitempty" yaml:"one_of,omitempty" doc:"Holds when the variable is one of these"`
	Exists   *bool    `json:"exists,omitempty" yaml:"exists,omitempty" doc:"Holds when the variable has a value, or with false when it has none"`
	Else     bool     `json:"else,omitempty" yaml:"else,omitempty" doc:"Holds always"`
	Next     string   `json:"next" yaml:"next" doc:"Name of the step that follows"`
}
