package locale_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The scanner reads our own source and finds every code that a person can come to see: the codes of faults, the reasons
// of outcomes, the values of enumerations, and what is asked of this package by name. It reads syntax only. A fault's
// code is what stands in the second place of fault.New; where a function or a closure hands one of its own parameters on
// to that place, whatever its callers write there is a code, and so on. A code that cannot be followed so is reported,
// and nothing passes unseen.

// module is the source tree from here.
const module = "../.."

// use is one place that makes a code.
type use struct {
	at     string
	params []string // names of the values given with it
	known  bool     // whether params is all of them
}

// source is the parsed module.
type source struct {
	root    string
	wrong   []string // what cannot be followed
	fset    *token.FileSet
	pkgs    map[string]*pkg // by folder
	codes   map[string][]use
	reason  map[string]string // where it was found first
	told    []string          // names of the values that come with reasons when these are told as faults
	asked   map[string][]use  // keys that are asked of this package by name
	kinds   map[string]string // kinds that are asked of this package with any code, and where
	asking  map[string]int    // exported functions that hand a parameter on as a kind of texts
	handing map[string]int    // functions that hand a parameter on as a reason: which one
}

// pkg is one package: its files without tests.
type pkg struct {
	dir    string
	files  []*ast.File
	text   map[string]string   // string constants and variables by name
	typed  map[string]string   // types of constants that are no plain strings
	makes  map[string]maker    // functions that hand a parameter on, by name and number of parameters
	asking map[string]int      // functions that hand a parameter on as a kind of texts: which one
	fields map[string][]string // fields that hold codes, with the names of values that are added to what they become
	funcs  []function
}

// fail notes what cannot be followed.
func (s *source) fail(format string, values ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, values...))
}

// ours scans this module.
func ours(t *testing.T) *source {
	t.Helper()
	s := scan(t, module)
	for _, wrong := range s.wrong {
		t.Error(wrong)
	}
	s.wrong = nil
	return s
}

func scan(t *testing.T, root string) *source {
	t.Helper()
	s := &source{
		root: root, fset: token.NewFileSet(), pkgs: map[string]*pkg{}, codes: map[string][]use{}, reason: map[string]string{},
		asked: map[string][]use{}, kinds: map[string]string{}, asking: map[string]int{}, handing: map[string]int{},
	}
	if err := filepath.WalkDir(root, s.read); err != nil {
		t.Fatal(err)
	}
	for _, p := range s.pkgs {
		p.constants()
		p.functions()
	}
	for _, p := range s.sorted() {
		p.findFields()
		for more := true; more; {
			more = p.findMakers()
		}
		s.findCodes(p)
	}
	for more := true; more; {
		more = s.findAsking()
	}
	for more := true; more; {
		more = s.findHanding()
	}
	for _, p := range s.sorted() {
		s.findReasons(p)
		s.findAsked(p)
	}
	return s
}

// read parses one file of the module.
func (s *source) read(file string, d fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	if d.IsDir() && file != s.root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
		return filepath.SkipDir
	}
	if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
		return nil
	}
	f, err := parser.ParseFile(s.fset, file, nil, 0)
	if err != nil {
		return err
	}
	dir, err := filepath.Rel(s.root, filepath.Dir(file))
	if err != nil {
		return err
	}
	dir = filepath.ToSlash(dir)
	p := s.pkgs[dir]
	if p == nil {
		p = &pkg{
			dir: dir, text: map[string]string{}, typed: map[string]string{}, makes: map[string]maker{}, asking: map[string]int{},
			fields: map[string][]string{},
		}
		s.pkgs[dir] = p
	}
	p.files = append(p.files, f)
	return nil
}

// sorted lists the packages but those that make faults and say them.
func (s *source) sorted() []*pkg {
	var out []*pkg
	for _, dir := range slices.Sorted(maps.Keys(s.pkgs)) {
		if dir != "internal/fault" && dir != "internal/locale" {
			out = append(out, s.pkgs[dir])
		}
	}
	return out
}

func (s *source) place(n ast.Node) string {
	at := s.fset.Position(n.Pos())
	return path.Clean(strings.TrimPrefix(filepath.ToSlash(at.Filename), filepath.ToSlash(s.root)+"/")) + ":" + strconv.Itoa(at.Line)
}

// constants notes what names stand for strings.
func (p *pkg) constants() {
	p.inspect(func(n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return
		}
		for i, name := range spec.Names {
			if i >= len(spec.Values) {
				continue
			}
			if text, ok := literal(spec.Values[i]); ok {
				p.text[name.Name] = text
				if id, ok := spec.Type.(*ast.Ident); ok && id.Name != "string" {
					p.typed[name.Name] = id.Name
				}
			}
		}
	})
}

func (p *pkg) inspect(see func(ast.Node)) {
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if n != nil {
				see(n)
			}
			return true
		})
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// function is a named function, a method, or a closure with a name.
type function struct {
	name     string
	params   []string
	variadic bool
	body     *ast.BlockStmt
}

func functionOf(name string, t *ast.FuncType, body *ast.BlockStmt) function {
	f := function{name: name, body: body}
	for _, field := range t.Params.List {
		_, f.variadic = field.Type.(*ast.Ellipsis)
		for _, name := range field.Names {
			f.params = append(f.params, name.Name)
		}
		if len(field.Names) == 0 {
			f.params = append(f.params, "")
		}
	}
	return f
}

// functions lists all that have a name a call can use.
func (p *pkg) functions() {
	p.inspect(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				p.funcs = append(p.funcs, functionOf(n.Name.Name, n.Type, n.Body))
			}
		case *ast.AssignStmt:
			for i, right := range n.Rhs {
				if lit, ok := right.(*ast.FuncLit); ok && i < len(n.Lhs) {
					if name, ok := n.Lhs[i].(*ast.Ident); ok {
						p.funcs = append(p.funcs, functionOf(name.Name, lit.Type, lit.Body))
					}
				}
			}
		}
	})
}

// around lists the named functions that a node stands in, the innermost first.
func (p *pkg) around(n ast.Node) []function {
	var out []function
	for _, f := range p.funcs {
		if f.body.Pos() <= n.Pos() && n.End() <= f.body.End() {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b function) int { return int(b.body.Pos() - a.body.Pos()) })
	return out
}

// called is the name of what is called, and of what it belongs to.
func called(call *ast.CallExpr) (of, name string) {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return "", f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			of = x.Name
		}
		return of, f.Sel.Name
	}
	return "", ""
}

// keysOf gives the names in a literal of values, or in nil.
func keysOf(e ast.Expr) ([]string, bool) {
	if id, ok := e.(*ast.Ident); ok && id.Name == "nil" {
		return nil, true
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	var out []string
	for _, element := range lit.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return nil, false
		}
		key, ok := literal(pair.Key)
		if !ok {
			return nil, false
		}
		out = append(out, key)
	}
	return out, true
}

// enumeration gives the values of a typed string's constants.
func (s *source) enumeration(dir, name string) []string {
	p := s.pkgs[dir]
	if p == nil {
		s.fail("there is no package %s", dir)
		return nil
	}
	var out []string
	for constant, typ := range p.typed {
		if typ == name {
			out = append(out, p.text[constant])
		}
	}
	if len(out) == 0 {
		s.fail("%s has no constants of type %s", dir, name)
	}
	slices.Sort(out)
	return out
}
