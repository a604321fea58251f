package access

import (
	"strings"
	"testing"
)

func FuzzParseKey(f *testing.F) {
	_, token, _ := newKey()
	for _, seed := range []string{"", "cmp_", "cmp__", token, token[:30], strings.ToUpper(token), token + "_x", "cmp_\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		id, secret, ok := parseKey(token)
		if ok && "cmp_"+id+"_"+secret != token {
			t.Errorf("%q became %q and %q", token, id, secret)
		}
		if ok && !plain(id+secret) {
			t.Errorf("%q is no id for a database", id)
		}
	})
}
