package campanario_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What a reviewer would otherwise have to remember of every file.

// maxLines keeps a file to one idea.
const maxLines = 600

// notOurs are folders in which nothing is checked: what git ignores, and git.
var notOurs = []string{".git", "bin", "data", "tmp", "node_modules", "dist", "screenshots"}

// files calls f with every file of the tree, by its path from the root with slashes.
func files(t *testing.T, f func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && slices.Contains(notOurs, e.Name()):
			return filepath.SkipDir
		case !e.Type().IsRegular(), path == ".git": // a file in a working tree beside the first
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			f(filepath.ToSlash(path), text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sources calls f with every Go file, parsed.
func sources(t *testing.T, f func(path string, set *token.FileSet, file *ast.File)) {
	t.Helper()
	n := 0
	files(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, ".go") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		n++
		f(path, set, file)
	})
	if n < 100 {
		t.Fatalf("only %d Go files were found: the test looks in the wrong place", n)
	}
}

// forbidden are calls that have no place in this tree, each with what to do in their stead.
var forbidden = map[string]string{
	"time.Sleep": "wait on a signal, or on a timer together with the context",
	"t.Skip":     "a test that cannot run fails and says what is missing",
	"t.Skipf":    "a test that cannot run fails and says what is missing",
	"t.SkipNow":  "a test that cannot run fails and says what is missing",
	"b.Skip":     "a benchmark that cannot run fails and says what is missing",
	"os.Exit":    "return an error; only main ends the process",
}

// mayExit are the files that end their process: commands, and tests that are their own child.
var mayExit = regexp.MustCompile(`(^|/)main(_test)?\.go$`)

func TestForbiddenCalls(t *testing.T) {
	sources(t, func(path string, set *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			name, at := x.Name+"."+sel.Sel.Name, set.Position(call.Pos())
			switch why := forbidden[name]; {
			case why == "":
			case name == "os.Exit" && mayExit.MatchString(path):
			default:
				t.Errorf("%s: %s: %s", at, name, why)
			}
			return true
		})
	})
}

// TestNoInit: a package that is imported does nothing by itself.
func TestNoInit(t *testing.T) {
	sources(t, func(_ string, set *token.FileSet, file *ast.File) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init: let whoever needs it call it", set.Position(f.Pos()))
			}
		}
	})
}

// TestPackagesAreDocumented: a package opens with what it is for.
func TestPackagesAreDocumented(t *testing.T) {
	documented := map[string]bool{}
	sources(t, func(path string, _ *token.FileSet, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		dir := filepath.Dir(path)
		documented[dir] = documented[dir] || file.Doc != nil && len(file.Doc.Text()) > 40
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment that says what it is for", dir)
		}
	}
}

// long are files that may be longer than others: what is generated, and lists.
var long = regexp.MustCompile(`(^|/)(go\.sum|go\.mod|LICENSE|.*\.(json|csv|dat|want|pem|svg|txt|lock|gen\.ts))$`)

func TestFilesAreShort(t *testing.T) {
	files(t, func(path string, text []byte) {
		if n := bytes.Count(text, []byte("\n")); n > maxLines && utf8.Valid(text) && !long.MatchString(path) {
			t.Errorf("%s: %d lines, of %d at most", path, n, maxLines)
		}
	})
}

// elsewhere are words that belong to somebody's machine or to work that is not done. Their middles are left out here, so
// that this file does not hold them.
var elsewhere = []struct{ pattern, why string }{
	{`/ho` + `me/[a-z]`, "a path of somebody's machine"},
	{`/ro` + `ot/`, "a path of somebody's machine"},
	{`/Us` + `ers/[A-Za-z]`, "a path of somebody's machine"},
	{`/wo` + `rk/`, "a path of somebody's machine"},
	{`\b(GOPR` + `OXY|GOSUM` + `DB|GONO` + `SUMDB)\b`, "where packages come from is the machine's business"},
	{`\b(proxy\.gol` + `ang|sum\.gol` + `ang|registry\.npm` + `js|artif` + `actory)\b`, "where packages come from is the machine's business"},
	{`\b(TO` + `DO|FIX` + `ME|XX` + `X:)`, "do it, or write down as a limit what is not done"},
}

func TestNothingFromElsewhere(t *testing.T) {
	var all []*regexp.Regexp
	for _, e := range elsewhere {
		all = append(all, regexp.MustCompile(e.pattern))
	}
	files(t, func(path string, text []byte) {
		if !utf8.Valid(text) {
			return
		}
		for i, re := range all {
			for _, at := range re.FindAllIndex(text, 3) {
				line := 1 + bytes.Count(text[:at[0]], []byte("\n"))
				t.Errorf("%s:%d: %q: %s", path, line, text[at[0]:at[1]], elsewhere[i].why)
			}
		}
	})
}
