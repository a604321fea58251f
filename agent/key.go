package agent

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The names of the variables that every recipient may have, whatever its file was like.
const (
	VarName      = "name"
	VarFirstName = "first_name"
	VarContact   = "contact"
	VarID        = "id"
	VarContext   = "context"
	// VarUnsubscribe is the recipient's own link out, which the engine adds to every message.
	VarUnsubscribe = "unsubscribe_url"
)

// aliases are the names by which people know the variables above. The left side is folded.
var aliases = map[string]string{
	"nome":           VarName,
	"nombre":         VarName,
	"nomecliente":    VarName,
	"nome_cliente":   VarName,
	"nombre_cliente": VarName,
	"firstname":      VarFirstName,
	"primeironome":   VarFirstName,
	"primeiro_nome":  VarFirstName,
	"primer_nombre":  VarFirstName,
	"codcliente":     VarID,
	"cod_cliente":    VarID,
	"contato":        VarContact,
	"contacto":       VarContact,
	"contexto":       VarContext,
	"coringa1":       "wildcard_1",
	"coringa2":       "wildcard_2",
	"coringa3":       "wildcard_3",
	"coringa4":       "wildcard_4",
	"coringa5":       "wildcard_5",
	"coringa_1":      "wildcard_1",
	"coringa_2":      "wildcard_2",
	"coringa_3":      "wildcard_3",
	"coringa_4":      "wildcard_4",
	"coringa_5":      "wildcard_5",
}

// Key folds the name of a variable: lower case, without accents, everything that is neither letter nor digit made one
// underscore, and none at the ends. Names that mean one of the variables every recipient has become its name: "Nome",
// "Nombre" and "NomeCliente" are name. A name without letters and digits folds to "". What goes beyond 100 bytes is cut off.
func Key(name string) string {
	k := name
	if !folded(name) {
		k = fold(name)
	}
	if len(k) > maxName {
		k = strings.TrimRight(strings.ToValidUTF8(k[:maxName], ""), "_")
	}
	if a, ok := aliases[k]; ok {
		return a
	}
	return k
}

// folded spares the common case: a name that has been through Key before.
func folded(s string) bool {
	under := true // an underscore may not come first
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			under = false
		case c == '_' && !under:
			under = true
		default:
			return false
		}
	}
	return !under
}

func fold(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(strings.ToValidUTF8(s, " "))) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
	}
	return b.String()
}
