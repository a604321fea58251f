package locale_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// maker is a function that makes a code of one of its parameters.
type maker struct {
	arg            int
	prefix, suffix string
	params         int // which parameter holds the values; -1 for none
	names          int // from which parameter on there are names of values; 0 for none
	given          []string
	field          bool // whether the code goes by way of a field
}

func makerKey(name string, args int) string { return fmt.Sprintf("%s/%d", name, args) }

// key names a function for those who call it.
func (f function) key() string {
	if f.variadic {
		return f.name + "/…"
	}
	return makerKey(f.name, len(f.params))
}

// made is one place where a code is made, or handed on to be made one.
type made struct {
	code, params ast.Expr
	names        []ast.Expr
	maker        maker
}

// madeBy says what a call, or a literal with a field for a code, makes.
func (p *pkg) madeBy(n ast.Node) []made {
	switch n := n.(type) {
	case *ast.CallExpr:
		m, ok := p.makerOf(n)
		if !ok {
			return nil
		}
		one := made{code: n.Args[m.arg], maker: m}
		if m.params >= 0 && m.params < len(n.Args) {
			one.params = n.Args[m.params]
		}
		if m.names > 0 && m.names < len(n.Args) {
			one.names = n.Args[m.names:]
		}
		return []made{one}
	case *ast.CompositeLit:
		var out []made
		for _, e := range n.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				if id, ok := pair.Key.(*ast.Ident); ok && p.fields[id.Name] != nil {
					out = append(out, made{code: pair.Value, maker: maker{params: -1, given: p.fields[id.Name], field: true}})
				}
			}
		}
		return out
	}
	return nil
}

// makerOf says which argument of a call is a code.
func (p *pkg) makerOf(call *ast.CallExpr) (maker, bool) {
	of, name := called(call)
	if of == "fault" {
		return maker{arg: 1, params: 2}, name == "New" && len(call.Args) == 3
	}
	m, ok := p.makes[makerKey(name, len(call.Args))]
	if !ok {
		m, ok = p.makes[name+"/…"]
	}
	return m, ok && m.arg < len(call.Args)
}

// findFields finds the fields whose values become codes: fault.New(kind, s.code, p).
func (p *pkg) findFields() {
	p.inspect(func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 3 {
			return
		}
		if of, name := called(call); of != "fault" || name != "New" {
			return
		}
		code, ok := call.Args[1].(*ast.SelectorExpr)
		if !ok || code.Sel.Name == "Code" {
			return
		}
		names := []string{"…"} // never nil
		for _, f := range p.around(call) {
			names = append(names, addedTo(f.body)...)
		}
		p.fields[code.Sel.Name] = names
	})
}

// findMakers looks once through all functions and reports whether it found another maker.
func (p *pkg) findMakers() bool {
	found := false
	for _, f := range p.funcs {
		if _, known := p.makes[f.key()]; known {
			continue
		}
		ast.Inspect(f.body, func(n ast.Node) bool {
			for _, one := range p.madeBy(n) {
				if m, ok := f.maker(one); ok {
					p.makes[f.key()] = m
					found = true
					return false
				}
			}
			return true
		})
	}
	return found
}

// maker says how a function hands one of its parameters on.
func (f function) maker(one made) (maker, bool) {
	m := one.maker
	prefix, name, suffix := pieces(one.code)
	at := slices.Index(f.params, name)
	if name == "" || at < 0 {
		return maker{}, false
	}
	out := maker{arg: at, prefix: m.prefix + prefix, suffix: suffix + m.suffix, params: -1, given: slices.Clone(m.given), field: m.field}
	if id, ok := one.params.(*ast.Ident); ok && id.Name != "nil" {
		out.params = slices.Index(f.params, id.Name)
	} else if given, ok := keysOf(one.params); ok {
		out.given = append(out.given, given...)
	}
	if f.variadic && m.field {
		out.names = len(f.params) - 1
	}
	out.given = append(out.given, addedTo(f.body)...)
	return out, true
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

// findCodes follows everything that makes a code.
func (s *source) findCodes(p *pkg) {
	for key := range p.makes {
		if ast.IsExported(key) {
			s.fail("%s.%s makes a fault of a code that other packages may give it: they cannot be followed", p.dir, key)
		}
	}
	for _, f := range p.files {
		for _, d := range f.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				for _, one := range p.madeBy(n) {
					if !p.handedOn(one) {
						s.note(p, d, one)
					}
				}
				return true
			})
		}
	}
}

// handedOn reports whether a code is a parameter of a function around it: the callers decide.
func (p *pkg) handedOn(one made) bool {
	_, name, _ := pieces(one.code)
	for _, f := range p.around(one.code) {
		if m, ok := p.makes[f.key()]; ok && m.arg < len(f.params) && f.params[m.arg] == name {
			return true
		}
	}
	return false
}

func (s *source) note(p *pkg, decl ast.Decl, one made) {
	u := use{at: s.place(one.code), params: slices.Clone(one.maker.given), known: true}
	if one.params != nil {
		given, ok := keysOf(one.params)
		if !ok {
			given, ok = assigned(decl, one.params)
		}
		u.params, u.known = append(u.params, given...), ok
	}
	for _, e := range one.names {
		if name, ok := literal(e); ok {
			u.params = append(u.params, name)
		}
	}
	if one.maker.field {
		u.params = append(u.params, mappedIn(p.around(one.code))...)
	}
	codes, ok := s.codesOf(p, decl, one.code)
	if !ok {
		s.fail("%s: cannot follow the code of this fault: write it where it is made", u.at)
	}
	if len(codes) == 0 { // another fault's, or the reason of an outcome
		s.told = append(s.told, u.params...)
	}
	for _, code := range codes {
		code = one.maker.prefix + code + one.maker.suffix
		s.codes[code] = append(s.codes[code], u)
	}
}

// assigned gives the names in a fault.Params that a variable was given in the same declaration, when there is one.
func assigned(decl ast.Node, e ast.Expr) ([]string, bool) {
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

// mappedIn gives the names in literals that are assigned to something in the innermost function.
func mappedIn(around []function) []string {
	var out []string
	if len(around) == 0 {
		return nil
	}
	ast.Inspect(around[0].body, func(n ast.Node) bool {
		if assign, ok := n.(*ast.AssignStmt); ok {
			for _, right := range assign.Rhs {
				if given, ok := keysOf(right); ok {
					out = append(out, given...)
				}
			}
		}
		return true
	})
	return out
}

// codesOf gives the texts that an expression may have: a literal, a constant, or what a variable is given in the same
// declaration. None, but true, stands for what is a code already.
func (s *source) codesOf(p *pkg, decl ast.Node, e ast.Expr) ([]string, bool) {
	if text, ok := literal(e); ok {
		return []string{text}, true
	}
	switch e := e.(type) {
	case *ast.Ident:
		if e.Name == "reason" {
			return nil, true
		}
		if out := assignedTexts(decl, e.Name); len(out) > 0 {
			return out, true
		}
		if text, ok := p.text[e.Name]; ok {
			return []string{text}, true
		}
	case *ast.SelectorExpr:
		return nil, e.Sel.Name == "Code" || p.fields[e.Sel.Name] != nil
	case *ast.CallExpr:
		_, name := called(e)
		return nil, name == "CodeOf"
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
