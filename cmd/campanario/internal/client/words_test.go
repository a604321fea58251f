package client

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"campanario/campaign"
	"campanario/internal/locale"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// TestWords: what is said in one language is said in all, with the same values; what is asked for is there; and what is
// there is asked for.
func TestWords(t *testing.T) {
	var all map[locale.Language]map[string]string
	if err := json.Unmarshal(wordsFile, &all); err != nil {
		t.Fatal(err)
	}
	used := usedWords(t)
	english := all[locale.English]
	for _, l := range locale.Languages() {
		if missing := difference(used, all[l]); len(missing) > 0 {
			t.Errorf("%s lacks %q", l, missing)
		}
		for key, text := range all[l] {
			if !used[key] {
				t.Errorf("%s: %s is never said", l, key)
			}
			a, b := placeholder.FindAllString(text, -1), placeholder.FindAllString(english[key], -1)
			slices.Sort(a)
			slices.Sort(b)
			if text == "" || !slices.Equal(a, b) {
				t.Errorf("%s: %s: %q beside %q", l, key, text, english[key])
			}
		}
	}
}

func difference(used map[string]bool, have map[string]string) []string {
	var out []string
	for key := range used {
		if _, ok := have[key]; !ok {
			out = append(out, key)
		}
	}
	return out
}

// usedWords are the keys that our commands and our source ask for.
func usedWords(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{"yes": true, "no": true}
	for _, verdict := range []string{"preflight", "check"} {
		used[verdict+".yes"], used[verdict+".no"] = true, true
	}
	for _, who := range []string{"agent", "person", "system"} {
		used["who."+who] = true
	}
	for _, how := range []string{"goal", "opted_out", "ended"} {
		used["rehearsal."+how] = true
	}
	for _, a := range campaign.RecipientActions() {
		used["confirm.filter."+string(a)] = true
	}
	used["confirm.recipients.remove"], used["confirm.recipients.set_completed"] = true, true
	var walk func(noun string, c *cobra.Command)
	walk = func(noun string, c *cobra.Command) {
		name := strings.TrimPrefix(noun+"."+c.Name(), ".")
		used["does."+name] = true
		for _, f := range []*pflag.FlagSet{c.LocalFlags(), c.PersistentFlags()} {
			f.VisitAll(func(f *pflag.Flag) {
				if f.Name != "help" {
					used["flag."+f.Name] = true
				}
			})
		}
		if f := c.Flags().Lookup("yes"); f != nil && noun != "recipient" {
			used["confirm."+name] = true
		}
		for _, verb := range c.Commands() {
			walk(c.Name(), verb)
		}
	}
	for _, c := range Commands(Options{Getenv: func(string) string { return "" }}) {
		walk("", c)
	}
	for key := range literals(t) {
		used[key] = true
	}
	return used
}

var (
	asked   = regexp.MustCompile(`Say\("([a-z_.]+)"[,)]`)
	columns = regexp.MustCompile(`\{name: "([a-z_]+)"`)
)

// literals are the keys that stand in our source.
func literals(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(source), -1) {
			out[m[1]] = true
		}
		for _, m := range columns.FindAllStringSubmatch(string(source), -1) {
			out["column."+m[1]] = true
		}
	}
	maps.DeleteFunc(out, func(key string, _ bool) bool { return strings.HasSuffix(key, ".") })
	return out
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		flag, lang string
		want       locale.Language
	}{
		{"", "pt_BR.UTF-8", locale.Portuguese},
		{"es", "pt_BR.UTF-8", locale.Spanish},
		{"pt", "", locale.Portuguese},
		{"en-GB", "es_MX", locale.English},
		{"ja", "es_MX", locale.English},
		{"", "", locale.English},
	} {
		if got := languageOf(c.flag, func(name string) string { return map[string]string{"LANG": c.lang}[name] }); got != c.want {
			t.Errorf("--lang %q, LANG %q: %s, want %s", c.flag, c.lang, got, c.want)
		}
	}
}
