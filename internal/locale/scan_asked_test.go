package locale_test

import (
	"go/ast"
	"slices"
	"strings"
)

// findAsked finds what is asked of this package: locale.Word(l, kind, code) and locale.Text(l, key, values), and
// functions that hand one of their parameters on as the kind; those with a capital do so for other packages too.
func (s *source) findAsked(p *pkg) {
	p.inspect(func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		of, name := called(call)
		switch {
		case of == "locale" && name == "Text" && len(call.Args) == 3:
			s.askedText(call)
		case of == "locale" && name == "Word" && len(call.Args) == 3:
			s.askedWord(p, call, 1)
		default:
			if at, ok := s.asks(p, makerKey(name, len(call.Args))); ok {
				s.askedWord(p, call, at)
			}
		}
	})
}

// askedText notes a key: a whole one with its values, or one that begins with its kind.
func (s *source) askedText(call *ast.CallExpr) {
	u := use{at: s.place(call)}
	key, whole := literal(call.Args[1])
	kind, rest, dotted := strings.Cut(prefixOf(call.Args[1]), ".")
	switch {
	case whole:
		u.params, u.known = keysOf(call.Args[2])
		s.asked[key] = append(s.asked[key], u)
	case dotted && rest == "":
		s.kinds[kind] = u.at
	default:
		s.fail("%s: cannot follow what is asked for: begin with the kind", u.at)
	}
}

// askedWord notes a kind, and its code if it is written there.
func (s *source) askedWord(p *pkg, call *ast.CallExpr, at int) {
	u := use{at: s.place(call), known: true}
	kind, ok := literal(call.Args[at])
	if !ok {
		id, _ := call.Args[at].(*ast.Ident)
		for _, f := range p.around(call) {
			if i, asks := s.asks(p, f.key()); asks && id != nil && f.params[i] == id.Name {
				return // its callers say
			}
		}
		s.fail("%s: cannot follow the kind that is asked for: write it where it is asked", u.at)
		return
	}
	if at+1 < len(call.Args) {
		if code, ok := literal(call.Args[at+1]); ok {
			s.asked[kind+"."+code] = append(s.asked[kind+"."+code], u)
			return
		}
	}
	s.kinds[kind] = u.at
}

// asks says which argument of a call is a kind of texts.
func (s *source) asks(p *pkg, key string) (int, bool) {
	at, ok := p.asking[key]
	if !ok && ast.IsExported(key) {
		at, ok = s.asking[key]
	}
	return at, ok
}

// findAsking looks once through all functions for those that hand a parameter on as a kind.
func (s *source) findAsking() bool {
	found := false
	for _, p := range s.sorted() {
		for _, f := range p.funcs {
			if _, known := p.asking[f.key()]; known {
				continue
			}
			ast.Inspect(f.body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				of, name := called(call)
				at, asks := s.asks(p, makerKey(name, len(call.Args)))
				if of == "locale" && name == "Word" && len(call.Args) == 3 {
					at, asks = 1, true
				}
				if !asks {
					return true
				}
				if id, ok := call.Args[at].(*ast.Ident); ok && slices.Contains(f.params, id.Name) {
					p.asking[f.key()] = slices.Index(f.params, id.Name)
					if ast.IsExported(f.name) {
						s.asking[f.key()] = p.asking[f.key()]
					}
					found = true
				}
				return true
			})
		}
	}
	return found
}

// prefixOf is the text that an expression begins with.
func prefixOf(e ast.Expr) string {
	if b, ok := e.(*ast.BinaryExpr); ok {
		return prefixOf(b.X)
	}
	text, _ := literal(e)
	return text
}

// valuesOf finds what is given under a name in literals of values: texts, or what callers and results hand on to there.
func (s *source) valuesOf(name string) []string {
	var out []string
	for _, p := range s.sorted() {
		p.inspect(func(n ast.Node) {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return
			}
			if key, is := literal(pair.Key); !is || key != name {
				return
			}
			out = append(out, p.mayBe(pair.Value)...)
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mayBe gives the texts that an expression may have: a literal, what callers give for a parameter, what a function of
// the package returns.
func (p *pkg) mayBe(e ast.Expr) []string {
	if text, ok := literal(e); ok {
		return []string{text}
	}
	var out []string
	switch e := e.(type) {
	case *ast.Ident:
		for _, f := range p.around(e) {
			at := slices.Index(f.params, e.Name)
			if at < 0 {
				continue
			}
			p.inspect(func(n ast.Node) {
				if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == len(f.params) {
					if _, name := called(call); name == f.name {
						out = append(out, p.mayBe(call.Args[at])...)
					}
				}
			})
			return out
		}
	case *ast.CallExpr:
		_, name := called(e)
		for _, f := range p.funcs {
			if f.name == name && len(f.params) == len(e.Args) {
				ast.Inspect(f.body, func(n ast.Node) bool {
					if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 1 {
						out = append(out, p.mayBe(r.Results[0])...)
					}
					return true
				})
			}
		}
	}
	return out
}

// textsIn gives the texts written in a function.
func (s *source) textsIn(dir, name string) []string {
	var out []string
	for _, f := range s.pkgs[dir].funcs {
		if f.name == name {
			ast.Inspect(f.body, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok {
					if text, ok := literal(lit); ok {
						out = append(out, text)
					}
				}
				return true
			})
		}
	}
	if len(out) == 0 {
		s.fail("%s has no function %s with texts in it", dir, name)
	}
	return out
}
