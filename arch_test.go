package campanario_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rings orders our packages from the domain outwards. A package may import its own ring only where `beside` says so,
// and inner rings always.
var rings = [][]string{
	{"channel", "schedule"},
	{"rules", "audience", "agent", "campaign", "access", "journal", "balance"},
	{"intake", "dispatch", "report", "cluster", "person"},
	{"voice", "whatsapp", "sms", "email", "sandbox", "store", "api", "console"},
}

// beside are the imports inside one ring that are meant, each with its reason.
var beside = map[string]string{
	"audience -> agent":    "what a contact is told by is named as variables are",
	"audience -> rules":    "whether a consent is enough depends on what is needed",
	"campaign -> audience": "a campaign says by a filter or a list whom it is for",
	"campaign -> agent":    "a campaign checks that its agent and its templates can be rendered",
	"campaign -> rules":    "a campaign says which consent and which limits bind it",
	"report -> intake":     "what makes a cell harmless is known in one place, by whom reads it back",
	"sandbox -> voice":     "the carrier speaks the same signalling and audio as the adapter it is the far end of",
}

func ring(pkg string) int {
	return slices.IndexFunc(rings, func(names []string) bool { return slices.Contains(names, pkg) })
}

// TestImportsPointInward holds the shape of the code: domain packages know no database, no network and no command.
func TestImportsPointInward(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from, ok := top(p.ImportPath)
		if !ok {
			continue
		}
		if ring(from) < 0 {
			t.Errorf("package %s stands in no ring: put it in one, with its reason", from)
			continue
		}
		for _, imp := range p.Imports {
			to, ours := top(imp)
			if strings.HasPrefix(imp, "campanario/cmd") {
				t.Errorf("%s imports a command, %s", p.ImportPath, imp)
			}
			if !ours || to == from {
				continue
			}
			if ring(to) > ring(from) || ring(to) == ring(from) && beside[from+" -> "+to] == "" {
				t.Errorf("%s imports %s: imports point inward (ring %d to %d)", p.ImportPath, imp, ring(from), ring(to))
			}
		}
	}
}

// top is the domain package an import path belongs to; false for what is not ours, for internal/, bench/ and cmd/.
func top(path string) (string, bool) {
	rest, ours := strings.CutPrefix(path, "campanario/")
	if !ours {
		return "", false
	}
	name, _, _ := strings.Cut(rest, "/")
	return name, name != "internal" && name != "cmd" && name != "bench"
}
