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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The scanner reads our own source and finds every code that a person can come to see: the codes of faults, the reasons
// of outcomes, and the values of enumerations. It reads syntax only. A fault's code is what stands in the second place
// of fault.New; where a function or a closure hands one of its own parameters on to that place, whatever its callers
// write there is a code, and so on. A code that cannot be followed so is reported, and nothing passes unseen.

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
	t      *testing.T
	fset   *token.FileSet
	pkgs   map[string]*pkg // by folder
	codes  map[string][]use
	reason map[string]string // where it was found first
}

// pkg is one package: its files without tests.
type pkg struct {
	dir   string
	files []*ast.File
	text  map[string]string // string constants by name
	makes map[string]maker  // functions that hand a parameter on, by name and number of parameters
}

// maker is a function that makes a code of one of its parameters.
type maker struct {
	arg            int
	prefix, suffix string
	params         int // which parameter holds the values; -1 for none
	given          []string
}

func scan(t *testing.T) *source {
	t.Helper()
	s := &source{t: t, fset: token.NewFileSet(), pkgs: map[string]*pkg{}, codes: map[string][]use{}, reason: map[string]string{}}
	err := filepath.WalkDir(module, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != module && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(s.fset, file, nil, 0)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(module, filepath.Dir(file))
		if err != nil {
			return err
		}
		p := s.pkgs[dir]
		if p == nil {
			p = &pkg{dir: filepath.ToSlash(dir), text: map[string]string{}, makes: map[string]maker{}}
			s.pkgs[dir] = p
		}
		p.files = append(p.files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.pkgs {
		p.constants()
	}
	for _, p := range s.sorted() {
		for more := true; more; {
			more = p.findMakers()
		}
	}
	for _, p := range s.sorted() {
		s.findCodes(p)
		s.findReasons(p)
	}
	return s
}

func (s *source) sorted() []*pkg {
	var out []*pkg
	for _, dir := range slices.Sorted(maps.Keys(s.pkgs)) {
		if dir != "internal/fault" {
			out = append(out, s.pkgs[dir])
		}
	}
	return out
}

func (p *pkg) constants() {
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if i < len(spec.Values) {
					if text, ok := literal(spec.Values[i]); ok {
						p.text[name.Name] = text
					}
				}
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
	name   string
	params []string
	body   *ast.BlockStmt
}

func parameters(t *ast.FuncType) []string {
	var out []string
	for _, field := range t.Params.List {
		for _, name := range field.Names {
			out = append(out, name.Name)
		}
		if len(field.Names) == 0 {
			out = append(out, "")
		}
	}
	return out
}

// functions lists all that have a name a call can use.
func (p *pkg) functions() []function {
	var out []function
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body != nil {
					out = append(out, function{n.Name.Name, parameters(n.Type), n.Body})
				}
			case *ast.AssignStmt:
				for i, right := range n.Rhs {
					if lit, ok := right.(*ast.FuncLit); ok && i < len(n.Lhs) {
						if name, ok := n.Lhs[i].(*ast.Ident); ok {
							out = append(out, function{name.Name, parameters(lit.Type), lit.Body})
						}
					}
				}
			}
			return true
		})
	}
	return out
}

func makerKey(name string, args int) string { return fmt.Sprintf("%s/%d", name, args) }

// findMakers looks once through all functions and reports whether it found another maker.
func (p *pkg) findMakers() bool {
	found := false
	for _, f := range p.functions() {
		key := makerKey(f.name, len(f.params))
		if _, known := p.makes[key]; known {
			continue
		}
		ast.Inspect(f.body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			m, ok := p.makerOf(call)
			if !ok {
				return true
			}
			prefix, name, suffix := pieces(call.Args[m.arg])
			at := slices.Index(f.params, name)
			if name == "" || at < 0 {
				return true
			}
			made := maker{arg: at, prefix: m.prefix + prefix, suffix: suffix + m.suffix, params: -1, given: slices.Clone(m.given)}
			if m.params >= 0 && m.params < len(call.Args) {
				if id, ok := call.Args[m.params].(*ast.Ident); ok {
					made.params = slices.Index(f.params, id.Name)
				} else if given, ok := keysOf(call.Args[m.params]); ok {
					made.given = append(made.given, given...)
				}
			}
			made.given = append(made.given, addedTo(f.body)...)
			p.makes[key] = made
			found = true
			return false
		})
	}
	return found
}

// addedTo lists the names that a function itself puts among a fault's values: p["line"] = …
func addedTo(body ast.Node) []string {
	var out []string
	ast.Inspect(body, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for _, left := range assign.Lhs {
			if index, ok := left.(*ast.IndexExpr); ok {
				if text, ok := literal(index.Index); ok {
					out = append(out, text)
				}
			}
		}
		return true
	})
	return out
}

// pieces takes apart "prefix" + name + "suffix".
func pieces(e ast.Expr) (prefix, name, suffix string) {
	switch e := e.(type) {
	case *ast.Ident:
		return "", e.Name, ""
	case *ast.BinaryExpr:
		if text, ok := literal(e.Y); ok && e.Op == token.ADD {
			p, n, s := pieces(e.X)
			return p, n, s + text
		}
		if text, ok := literal(e.X); ok && e.Op == token.ADD {
			p, n, s := pieces(e.Y)
			return text + p, n, s
		}
	}
	return "", "", ""
}

// makerOf says which argument of a call is a code.
func (p *pkg) makerOf(call *ast.CallExpr) (maker, bool) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok && x.Name == "fault" {
			return maker{arg: 1, params: 2}, f.Sel.Name == "New" && len(call.Args) == 3
		}
		name = f.Sel.Name
	}
	m, ok := p.makes[makerKey(name, len(call.Args))]
	return m, ok && m.arg < len(call.Args)
}

// keysOf gives the names in a fault.Params literal, or in nil.
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

// findCodes follows every call that makes a code.
func (s *source) findCodes(p *pkg) {
	for _, f := range p.files {
		for _, d := range f.Decls {
			s.codesIn(p, d)
		}
	}
}

func (s *source) codesIn(p *pkg, decl ast.Decl) {
	handedOn := map[ast.Expr]bool{} // parameters of makers: their callers decide
	for _, f := range p.functions() {
		if m, ok := p.makes[makerKey(f.name, len(f.params))]; ok && decl.Pos() <= f.body.Pos() && f.body.End() <= decl.End() {
			ast.Inspect(f.body, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if inner, ok := p.makerOf(call); ok {
						if _, name, _ := pieces(call.Args[inner.arg]); name == f.params[m.arg] {
							handedOn[call.Args[inner.arg]] = true
						}
					}
				}
				return true
			})
		}
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		m, ok := p.makerOf(call)
		if !ok || handedOn[call.Args[m.arg]] {
			return true
		}
		u := use{at: s.place(call), params: m.given, known: true}
		if m.params >= 0 && m.params < len(call.Args) {
			given, ok := keysOf(call.Args[m.params])
			if !ok {
				given, ok = s.assigned(p, decl, call.Args[m.params])
			}
			u.params, u.known = append(slices.Clone(u.params), given...), ok
		}
		codes, ok := s.values(p, decl, call.Args[m.arg])
		if !ok {
			s.t.Errorf("%s: cannot follow the code of this fault: write it where it is made", u.at)
		}
		for _, code := range codes {
			s.codes[m.prefix+code+m.suffix] = append(s.codes[m.prefix+code+m.suffix], u)
		}
		return true
	})
}

// assigned gives the names in a fault.Params that a variable was given in the same declaration, when there is one.
func (s *source) assigned(_ *pkg, decl ast.Node, e ast.Expr) ([]string, bool) {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil, false
	}
	var out []string
	found := 0
	ast.Inspect(decl, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, left := range assign.Lhs {
			if name, ok := left.(*ast.Ident); ok && name.Name == id.Name && i < len(assign.Rhs) {
				if given, ok := keysOf(assign.Rhs[i]); ok {
					out, found = given, found+1
				} else {
					found += 2
				}
			}
		}
		return true
	})
	return out, found == 1
}

// values gives the texts that an expression may have: a literal, a constant, or what a variable is given in the same
// declaration.
func (s *source) values(p *pkg, decl ast.Node, e ast.Expr) ([]string, bool) {
	if text, ok := literal(e); ok {
		return []string{text}, true
	}
	switch e := e.(type) {
	case *ast.Ident:
		if e.Name == "reason" { // the reason of an outcome, told as a fault: its text is the reason's
			return nil, true
		}
		if out := assignedTexts(decl, e.Name); len(out) > 0 {
			return out, true
		}
		if text, ok := p.text[e.Name]; ok {
			if strings.HasPrefix(strings.ToLower(e.Name), "reason") {
				return nil, true
			}
			return []string{text}, true
		}
	case *ast.SelectorExpr:
		return nil, e.Sel.Name == "Code" // a fault told on
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok {
			return nil, f.Sel.Name == "CodeOf" // a fault told on
		}
	}
	return nil, false
}

func assignedTexts(decl ast.Node, name string) []string {
	var out []string
	ast.Inspect(decl, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != len(assign.Rhs) {
			return true
		}
		for i, left := range assign.Lhs {
			if id, ok := left.(*ast.Ident); ok && id.Name == name {
				if text, ok := literal(assign.Rhs[i]); ok {
					out = append(out, text)
				}
			}
		}
		return true
	})
	return out
}

func (s *source) place(n ast.Node) string {
	at := s.fset.Position(n.Pos())
	return path.Clean(strings.TrimPrefix(filepath.ToSlash(at.Filename), module+"/")) + ":" + strconv.Itoa(at.Line)
}

var (
	wire  = regexp.MustCompile(`^(sip|smtp)_[a-z0-9_]+$`)
	snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// reasonAt are parameters that are reasons of outcomes or of standings, by function.
var reasonAt = map[string]int{"Exclude": 2, "notPlaced": 1}

// findReasons finds the reasons that stand beside outcomes: sip_… and smtp_… wherever they are written in voice and email,
// constants named Reason…, and what is put into a field or variable called reason.
func (s *source) findReasons(p *pkg) {
	top, _, _ := strings.Cut(p.dir, "/")
	if !slices.Contains([]string{"voice", "email", "dispatch", "campaign", "store"}, top) {
		return
	}
	add := func(n ast.Node, e ast.Expr) {
		text, ok := literal(e)
		if ok && snake.MatchString(text) && s.reason[text] == "" {
			s.reason[text] = s.place(n)
		}
	}
	named := func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.Ident:
			return strings.EqualFold(e.Name, "reason")
		case *ast.SelectorExpr:
			return e.Sel.Name == "Reason"
		}
		return false
	}
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if text, ok := literal(n); ok && (top == "voice" || top == "email") && wire.MatchString(text) {
					add(n, n)
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if strings.HasPrefix(strings.ToLower(name.Name), "reason") && i < len(n.Values) {
						add(n, n.Values[i])
					}
				}
			case *ast.KeyValueExpr:
				if named(n.Key) {
					add(n, n.Value)
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if named(left) && len(n.Lhs) == len(n.Rhs) {
						add(n, n.Rhs[i])
					}
				}
			case *ast.CallExpr:
				name := ""
				switch f := n.Fun.(type) {
				case *ast.Ident:
					name = f.Name
				case *ast.SelectorExpr:
					name = f.Sel.Name
				}
				if i, ok := reasonAt[name]; ok && i < len(n.Args) {
					add(n, n.Args[i])
				}
			}
			return true
		})
	}
}

// enumeration gives the values of a typed string's constants.
func (s *source) enumeration(dir, name string) []string {
	var out []string
	for _, f := range s.pkgs[dir].files {
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.CONST {
				continue
			}
			for _, spec := range decl.Specs {
				v := spec.(*ast.ValueSpec)
				id, ok := v.Type.(*ast.Ident)
				if !ok || id.Name != name {
					continue
				}
				for _, value := range v.Values {
					if text, ok := literal(value); ok {
						out = append(out, text)
					}
				}
			}
		}
	}
	if len(out) == 0 {
		s.t.Errorf("%s has no constants of type %s", dir, name)
	}
	return out
}
