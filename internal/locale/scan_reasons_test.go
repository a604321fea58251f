package locale_test

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	wire  = regexp.MustCompile(`^(sip|smtp)_[a-z0-9_]+$`)
	snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// reasonable reports whether outcomes and standings are made in a package.
func reasonable(p *pkg) bool {
	top, _, _ := strings.Cut(p.dir, "/")
	return slices.Contains([]string{"voice", "email", "sms", "whatsapp", "dispatch", "campaign", "store", "channel"}, top)
}

// phrases reports whether Reason is what SIP calls so in a package: the phrase of an answer, or a header.
func phrases(p *pkg) bool { return strings.HasPrefix(p.dir, "voice/dialog") }

// reasonsAt lists the expressions in a node that become the reason of an outcome or of a standing: fields called Reason
// or reason, and what is handed on to them.
func (s *source) reasonsAt(n ast.Node) []ast.Expr {
	var out []ast.Expr
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(id.Name, "reason") {
			out = append(out, n.Value)
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			sel, field := left.(*ast.SelectorExpr)
			id, local := left.(*ast.Ident)
			if (field && sel.Sel.Name == "Reason" || local && id.Name == "reason") && len(n.Lhs) == len(n.Rhs) {
				out = append(out, n.Rhs[i])
			}
		}
	case *ast.CallExpr:
		_, name := called(n)
		if i, ok := s.handing[makerKey(name, len(n.Args))]; ok {
			out = append(out, n.Args[i])
		}
	}
	return out
}

// findHanding looks once through all functions for those that hand a parameter on as a reason.
func (s *source) findHanding() bool {
	found := false
	for _, p := range s.sorted() {
		if !reasonable(p) || phrases(p) {
			continue
		}
		for _, f := range p.funcs {
			if _, known := s.handing[f.key()]; known || f.variadic {
				continue
			}
			ast.Inspect(f.body, func(n ast.Node) bool {
				for _, e := range s.reasonsAt(n) {
					if id, ok := e.(*ast.Ident); ok && slices.Contains(f.params, id.Name) {
						s.handing[f.key()] = slices.Index(f.params, id.Name)
						found = true
					}
				}
				return true
			})
		}
	}
	return found
}

// findReasons finds the reasons that stand beside outcomes: besides what becomes one, sip_… and smtp_… wherever they are
// written in voice and email, and constants named Reason….
func (s *source) findReasons(p *pkg) {
	if !reasonable(p) {
		return
	}
	add := func(n ast.Node, text string) {
		if snake.MatchString(text) && s.reason[text] == "" {
			s.reason[text] = s.place(n)
		}
	}
	codes := map[ast.Expr]bool{} // of faults
	p.inspect(func(n ast.Node) {
		for _, one := range p.madeBy(n) {
			codes[one.code] = true
		}
	})
	p.inspect(func(n ast.Node) {
		for _, e := range s.reasonsAt(n) {
			if phrases(p) {
				break
			}
			texts, ok := s.reasonsOf(p, e)
			if !ok {
				s.fail("%s: cannot follow this reason: write it where it is made", s.place(n))
			}
			for _, text := range texts {
				add(n, text)
			}
		}
		switch n := n.(type) {
		case *ast.BasicLit:
			text, ok := literal(n)
			if ok && (strings.HasPrefix(p.dir, "voice") || strings.HasPrefix(p.dir, "email")) && wire.MatchString(text) && !codes[n] {
				add(n, text)
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if strings.HasPrefix(strings.ToLower(name.Name), "reason") && i < len(n.Values) && p.typed[name.Name] == "" {
					if text, ok := literal(n.Values[i]); ok {
						add(n, text)
					}
				}
			}
		}
	})
}

// reasonsOf gives the texts of a reason. None, but true, stands for one that is handed on, or is no reason of an outcome.
func (s *source) reasonsOf(p *pkg, e ast.Expr) ([]string, bool) {
	if text, ok := literal(e); ok {
		return []string{text}, true
	}
	switch e := e.(type) {
	case *ast.Ident:
		if p.typed[e.Name] != "" { // of a campaign's pause
			return nil, true
		}
		if text, ok := p.text[e.Name]; ok {
			return []string{text}, true
		}
		for _, f := range p.around(e) {
			if slices.Contains(f.params, e.Name) || len(assignedTexts(f.body, e.Name)) > 0 {
				return nil, true // its callers, or its assignments, are looked at by themselves
			}
		}
		return nil, e.Name == "reason" // of several results
	case *ast.SelectorExpr:
		if of, ok := e.X.(*ast.Ident); ok {
			for dir, other := range s.pkgs {
				if text, known := other.text[e.Sel.Name]; known && path.Base(dir) == of.Name {
					if other.typed[e.Sel.Name] != "" {
						return nil, true
					}
					return []string{text}, true
				}
			}
		}
		inner, _ := e.X.(*ast.SelectorExpr) // r.reason.String
		return nil, strings.EqualFold(e.Sel.Name, "reason") || inner != nil && strings.EqualFold(inner.Sel.Name, "reason")
	case *ast.CallExpr:
		switch _, name := called(e); {
		case name == "CodeOf": // a fault, told as a reason
			return nil, true
		case name == "string" && len(e.Args) == 1:
			return s.converted(p, e.Args[0])
		}
	}
	return nil, false
}

// converted gives the text of a constant of an enumeration that is made a plain string.
func (s *source) converted(p *pkg, e ast.Expr) ([]string, bool) {
	switch e := e.(type) {
	case *ast.Ident:
		text, ok := p.text[e.Name]
		return []string{text}, ok
	case *ast.SelectorExpr:
		of, ok := e.X.(*ast.Ident)
		for dir, other := range s.pkgs {
			if text, known := other.text[e.Sel.Name]; ok && known && path.Base(dir) == of.Name {
				return []string{text}, true
			}
		}
	}
	return nil, false
}
