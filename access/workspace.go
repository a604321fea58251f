package access

import (
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"campanario/internal/fault"
)

// Workspace is a customer's own realm: nothing in it is seen from another one.
type Workspace struct {
	ID        string
	Name      string
	Settings  Settings
	CreatedAt time.Time
}

// Settings are what a workspace has decided once for all. What is empty has its default.
type Settings struct {
	Country  string `json:"country,omitempty"`  // ISO 3166-1: where phone numbers without a country code belong; BR
	Zone     string `json:"zone,omitempty"`     // IANA: the clock of what names no other; America/Sao_Paulo
	Language string `json:"language,omitempty"` // BCP 47: of contacts who name no other; pt-BR
	// SecondFactor is that whoever signs in by password needs a second factor.
	SecondFactor bool   `json:"second_factor,omitempty"`
	MailLine     string `json:"mail_line,omitempty"` // the line that invitations and links for new passwords are sent by; empty sends none
}

// Defaults fills what is empty.
func (s Settings) Defaults() Settings {
	if s.Country == "" {
		s.Country = "BR"
	}
	if s.Zone == "" {
		s.Zone = "America/Sao_Paulo"
	}
	if s.Language == "" {
		s.Language = "pt-BR"
	}
	return s
}

const maxName = 200

// Validate gives everything that is wrong with a workspace.
func (w Workspace) Validate() fault.List {
	bad := checkName(w.Name)
	if region, err := language.ParseRegion(w.Settings.Country); w.Settings.Country != "" && (err != nil || !region.IsCountry() || region.String() != w.Settings.Country) {
		bad = append(bad, fault.New(fault.Invalid, "country_unknown", fault.Params{"value": clip(w.Settings.Country), "example": "BR"}).At("country"))
	}
	if _, err := time.LoadLocation(w.Settings.Zone); err != nil || w.Settings.Zone == "Local" {
		bad = append(bad, fault.New(fault.Invalid, "zone_unknown", fault.Params{"value": clip(w.Settings.Zone)}).At("zone"))
	}
	if _, err := language.Parse(w.Settings.Language); w.Settings.Language != "" && err != nil {
		bad = append(bad, fault.New(fault.Invalid, "language_invalid", fault.Params{"value": clip(w.Settings.Language)}).At("language"))
	}
	return bad
}

func checkName(name string) fault.List {
	switch {
	case strings.TrimSpace(name) == "":
		return fault.List{fault.New(fault.Invalid, "required", nil).At("name")}
	case utf8.RuneCountInString(name) > maxName:
		return fault.List{fault.New(fault.Invalid, "too_long", fault.Params{"max": maxName}).At("name")}
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return fault.List{fault.New(fault.Invalid, "text_invalid", nil).At("name")}
	default:
		return nil
	}
}
