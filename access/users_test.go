package access_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/internal/seal"
	"campanario/store"

	"github.com/pquerna/otp/totp"
)

// house is a world with people in it: the first workspace has its key, and Ana is its owner.
type house struct {
	*world
	users *access.Users
	links access.OwnerLinks
	key   access.Principal // the first key
	ana   access.Principal
	token string // of Ana's session
}

const (
	goodPassword  = "girafa-roxa-dança-77"
	otherPassword = "Tucano & feijão 3x ao dia"
)

var home = access.Visitor{From: "192.0.2.7", Browser: "Firefox"}

func eachHouse(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, s *store.Store) { f(t, newHouse(t, s)) })
}

func newHouse(t *testing.T, s *store.Store) *house {
	t.Helper()
	sealer, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{world: &world{t: t, ctx: t.Context(), store: s, now: noon}}
	clock := func() time.Time { return h.now }
	h.Service = access.NewService(access.Options{Store: s, Now: clock})
	h.users, err = access.NewUsers(access.UsersOptions{Store: s, Secrets: sealer, Now: clock, HashMemory: 64})
	h.must(err)
	h.links, err = access.NewOwnerLinks(sealer)
	h.must(err)
	h.key, _ = h.first()
	h.token, h.ana, err = h.users.Join(h.ctx, h.links.Token(h.now, true),
		access.Joining{Email: "Ana@Example.com", Name: "Ana", Password: goodPassword}, home, access.Principal{})
	h.must(err)
	return h
}

// invite has Ana invite somebody, who comes in.
func (h *house) invite(email string, r access.Role) access.Principal {
	h.t.Helper()
	_, token, err := h.users.Invite(h.ctx, h.ana, email, r)
	h.must(err)
	_, p, err := h.users.Join(h.ctx, token, access.Joining{Name: "Alguém", Password: otherPassword}, home, access.Principal{})
	h.must(err)
	return p
}

func (h *house) reset(token, password string) error {
	_, err := h.users.Reset(h.ctx, token, password)
	return err
}

func (h *house) signIn(email, password, code string) (string, access.Principal, error) {
	return h.users.SignIn(h.ctx, access.Credentials{Email: email, Password: password, Code: code}, home)
}

func TestFirstOwner(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		if h.ana.Workspace != h.key.Workspace || h.ana.Role != access.Owner || !h.ana.Scopes.Allow(access.Own) || h.ana.Require(access.Personal) != nil {
			t.Errorf("%+v", h.ana)
		}
		// A link of the first start is over with the first owner; one for the locked-out works once, and replaces everything.
		_, err := h.users.Purpose(h.ctx, h.links.Token(h.now, true))
		h.refused(err, "link_invalid")
		_, _, err = h.users.Join(h.ctx, h.links.Token(h.now, true), access.Joining{Email: "eva@example.com", Name: "Eva", Password: goodPassword}, home, access.Principal{})
		h.refused(err, "link_invalid")
		rescue := h.links.Token(h.now, false)
		p, err := h.users.Purpose(h.ctx, rescue)
		h.must(err)
		if p.Kind != access.ForOwner || p.Workspace != "Campanário" {
			t.Errorf("%+v", p)
		}
		again := access.Joining{Email: "ana@example.com", Password: otherPassword}
		_, _, err = h.users.Join(h.ctx, rescue, again, home, access.Principal{})
		h.must(err)
		_, _, err = h.users.Join(h.ctx, rescue, again, home, access.Principal{})
		h.refused(err, "link_invalid")
		_, err = h.users.Resume(h.ctx, h.token, "")
		h.refused(err, "session_invalid")
		_, _, err = h.signIn("ana@example.com", goodPassword, "")
		h.refused(err, "sign_in_invalid")
		late := h.links.Token(h.now, false)
		h.now = h.now.Add(access.OwnerLasts)
		_, err = h.users.Purpose(h.ctx, late)
		h.refused(err, "link_invalid")
	})
}

func TestOwnerLinksAreOursAndWhole(t *testing.T) {
	h := newHouse(t, dbtest.Open(t, "sqlite", store.Options{}))
	other, err := seal.New(seal.NewKey())
	h.must(err)
	strange, err := access.NewOwnerLinks(other)
	h.must(err)
	good := h.links.Token(h.now, false)
	for name, bad := range map[string]string{
		"nothing": "", "another key's": strange.Token(h.now, false), "cut": good[:len(good)-1], "longer": good + "A",
		"no prefix": strings.TrimPrefix(good, "cmo_"), "a sign changed": good[:10] + string(good[10]^1) + good[11:],
	} {
		if _, err := h.users.Purpose(h.ctx, bad); !fault.Is(err, "link_invalid") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignIn(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		token, p, err := h.signIn(" ANA@example.com ", goodPassword, "")
		h.must(err)
		again, err := h.users.Resume(h.ctx, token, "")
		h.must(err)
		if p.User != h.ana.User || again.Session != p.Session || p.Session == h.ana.Session {
			t.Errorf("%+v, %+v", p, again)
		}
		if m, err := h.users.Member(h.ctx, p.Workspace, p.User); err != nil || !m.SeenAt.Equal(h.now) {
			t.Errorf("seen %v, %v", m.SeenAt, err)
		}
		for _, bad := range []access.Credentials{
			{Email: "ana@example.com", Password: goodPassword + " "},
			{Email: "nobody@example.com", Password: goodPassword},
			{Email: "", Password: ""},
			{Email: "ana", Password: goodPassword},
			{Email: "ana@example.com"},
		} {
			_, _, err := h.users.SignIn(h.ctx, bad, access.Visitor{From: "198.51.100." + bad.Email[:min(1, len(bad.Email))]})
			h.refused(err, "sign_in_invalid")
		}
		for _, bad := range []string{"", "cms_", token + "0", strings.Replace(token, "cms_", "cmp_", 1), strings.Repeat("x", 5000)} {
			_, err := h.users.Resume(h.ctx, bad, "")
			h.refused(err, "session_invalid")
		}
		h.must(h.users.EndSession(h.ctx, p.User, p.Session))
		_, err = h.users.Resume(h.ctx, token, "")
		h.refused(err, "session_invalid")
		h.refused(h.users.EndSession(h.ctx, p.User, p.Session), "session_not_found")
	})
}

func TestSessionsEnd(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.now = noon.Add(access.SessionIdle - time.Second)
		_, err := h.users.Resume(h.ctx, h.token, "") // used: the time begins anew
		h.must(err)
		h.now = h.now.Add(access.SessionIdle - time.Second)
		_, err = h.users.Resume(h.ctx, h.token, "")
		h.must(err)
		h.now = h.now.Add(access.SessionIdle)
		_, err = h.users.Resume(h.ctx, h.token, "")
		h.refused(err, "session_invalid")

		h.now = noon
		token, _, err := h.signIn("ana@example.com", goodPassword, "")
		h.must(err)
		for h.now = noon; h.now.Before(noon.Add(access.SessionLast)); h.now = h.now.Add(6 * time.Hour) {
			_, err := h.users.Resume(h.ctx, token, "")
			h.must(err)
		}
		_, err = h.users.Resume(h.ctx, token, "")
		h.refused(err, "session_invalid")
		if list, err := h.users.Sessions(h.ctx, h.ana.User); err != nil || len(list) != 0 {
			t.Errorf("%d sessions are listed, %v", len(list), err)
		}
	})
}

// TestThrottle holds that who guesses has to wait, whether there is such a user or not, and that nobody else does.
func TestThrottle(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for _, email := range []string{"ana@example.com", "nobody@example.com"} {
			for i := range 5 {
				_, _, err := h.signIn(email, "wrong password", "")
				if !fault.Is(err, "sign_in_invalid") {
					t.Fatalf("%s, try %d: %v", email, i, err)
				}
			}
			_, _, err := h.signIn(email, goodPassword, "")
			if !fault.Is(err, "sign_in_throttled") || fault.All(err)[0].Params["seconds"] != 900 {
				t.Errorf("%s: %v", email, err)
			}
		}
		elsewhere := access.Visitor{From: "203.0.113.9"}
		if _, _, err := h.users.SignIn(h.ctx, access.Credentials{Email: "ana@example.com", Password: goodPassword}, elsewhere); err != nil {
			t.Errorf("from elsewhere: %v", err)
		}
		h.now = h.now.Add(15 * time.Minute)
		if _, _, err := h.signIn("ana@example.com", goodPassword, ""); err != nil {
			t.Errorf("later: %v", err)
		}
		for range 8 { // who knows it may sign in as often as they like
			if _, _, err := h.signIn("ana@example.com", goodPassword, ""); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestGuessesAtOnce has many guesses come together: no more of them are looked at than one after the other.
func TestGuessesAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		const guesses = 20
		looked := make(chan bool, guesses)
		for range guesses {
			go func() {
				_, _, err := h.signIn("ana@example.com", "wrong password", "")
				looked <- fault.Is(err, "sign_in_invalid")
			}()
		}
		n := 0
		for range guesses {
			if <-looked {
				n++
			}
		}
		if n != 5 {
			t.Errorf("%d guesses were looked at", n)
		}
	})
}

func TestPasswords(t *testing.T) {
	h := newHouse(t, dbtest.Open(t, "sqlite", store.Options{}))
	for password, code := range map[string]string{
		"":                                 "password_short",
		"abc123":                           "password_short",
		"aaaaaaaaaaaa":                     "password_common",
		"1234567890":                       "password_common",
		"abcdefghijkl":                     "password_common",
		"qwertyuiop12":                     "password_common",
		"Senha12345!":                      "password_common",
		"P@ssw0rd2024":                     "password_common",
		"Contraseña2025":                   "password_common",
		"Campanario2026":                   "password_common",
		"Beatriz1990":                      "password_common", // her name
		"bia.souza@acme":                   "password_common", // her address
		strings.Repeat("x", 9):             "password_short",
		strings.Repeat("girafa roxa ", 20): "too_long",
		"girafa\xffroxa-dança":             "text_invalid",
		"correct horse battery":            "",
		"pão de queijo às 7h":              "",
		"k3!vQz81pLw":                      "",
		goodPassword:                       "",
		otherPassword:                      "",
	} {
		_, token, err := h.users.Invite(h.ctx, h.ana, "bia.souza@acme.example", access.Viewer)
		h.must(err)
		_, p, err := h.users.Join(h.ctx, token, access.Joining{Name: "Beatriz Souza", Password: password}, home, access.Principal{})
		switch {
		case code == "" && err != nil:
			t.Errorf("%q is refused: %v", password, err)
		case code != "" && (!fault.Is(err, code) || fault.All(err)[0].Field != "password"):
			t.Errorf("%q: %v, want %s", password, err, code)
		case err == nil:
			h.must(h.users.Remove(h.ctx, p.Workspace, p.User))
		}
	}
}

func TestInvitations(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		first, old, err := h.users.Invite(h.ctx, h.ana, "bia@example.com", access.Operator)
		h.must(err)
		_, token, err := h.users.Invite(h.ctx, h.ana, "Bia@Example.com", access.Manager)
		h.must(err)
		_, err = h.users.Purpose(h.ctx, old) // the later one counts
		h.refused(err, "link_invalid")
		h.refused(h.users.RemoveInvitation(h.ctx, h.key.Workspace, first.ID), "invitation_not_found")
		p, err := h.users.Purpose(h.ctx, token)
		h.must(err)
		if p != (access.Purpose{Kind: access.ForInvitation, Workspace: "Campanário", Role: access.Manager, Email: "bia@example.com"}) {
			t.Errorf("%+v", p)
		}
		_, bia, err := h.users.Join(h.ctx, token, access.Joining{Name: "Bia", Password: otherPassword, Email: "eva@example.com"}, home, access.Principal{})
		h.must(err)
		if bia.Role != access.Manager || bia.Scopes.Allow(access.Own) {
			t.Errorf("%+v", bia)
		}
		_, _, err = h.users.Join(h.ctx, token, access.Joining{Name: "Bia", Password: otherPassword}, home, access.Principal{})
		h.refused(err, "link_invalid")
		_, _, err = h.users.Invite(h.ctx, h.ana, "bia@example.com", access.Viewer)
		h.refused(err, "member_already")
		_, _, err = h.users.Invite(h.ctx, h.ana, "bia", "king")
		if len(fault.All(err)) != 2 {
			t.Errorf("%v", err)
		}

		// Who is known proves it; who has signed in already need not.
		other, _, err := h.CreateWorkspace(h.ctx, "Outro")
		h.must(err)
		boss := access.Principal{Workspace: other.ID, Key: "k", Scopes: access.Scopes{access.Own}}
		_, token, err = h.users.Invite(h.ctx, boss, "bia@example.com", access.Viewer)
		h.must(err)
		_, _, err = h.users.Join(h.ctx, token, access.Joining{Name: "Eva", Password: goodPassword}, home, access.Principal{})
		h.refused(err, "sign_in_invalid")
		_, _, err = h.users.Join(h.ctx, token, access.Joining{}, home, h.ana)
		h.refused(err, "sign_in_invalid")
		session, p2, err := h.users.Join(h.ctx, token, access.Joining{}, home, bia)
		h.must(err)
		if p2.Workspace != other.ID || p2.Role != access.Viewer {
			t.Errorf("%+v", p2)
		}
		// Each workspace is a world: what she is there does not count here.
		there, err := h.users.Resume(h.ctx, session, h.key.Workspace)
		h.must(err)
		if there.Role != access.Manager || there.Workspace != h.key.Workspace {
			t.Errorf("%+v", there)
		}
		moved, err := h.users.Switch(h.ctx, p2, h.key.Workspace)
		h.must(err)
		back, err := h.users.Resume(h.ctx, session, "")
		h.must(err)
		if back.Workspace != h.key.Workspace || moved.Workspace != back.Workspace || moved.Role != access.Manager {
			t.Errorf("%+v, %+v", moved, back)
		}
		_, err = h.users.Switch(h.ctx, h.ana, other.ID)
		h.refused(err, "workspace_not_yours")
		_, err = h.users.Resume(h.ctx, h.token, other.ID)
		h.refused(err, "workspace_not_yours")

		_, late, err := h.users.Invite(h.ctx, h.ana, "caio@example.com", access.Viewer)
		h.must(err)
		h.now = h.now.Add(access.InvitationLasts)
		_, err = h.users.Purpose(h.ctx, late)
		h.refused(err, "link_invalid")
	})
}

func TestTheLastOwnerStays(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		here := h.ana.Workspace
		_, err := h.users.SetRole(h.ctx, here, h.ana.User, access.Manager)
		h.refused(err, "owner_last")
		h.refused(h.users.Remove(h.ctx, here, h.ana.User), "owner_last")
		bia := h.invite("bia@example.com", access.Owner)
		// Both at once: one of them stays.
		ends := make(chan error, 2)
		for _, user := range []string{h.ana.User, bia.User} {
			go func() { ends <- h.users.Remove(h.ctx, here, user) }()
		}
		refused := 0
		for range 2 {
			if err := <-ends; fault.Is(err, "owner_last") {
				refused++
			} else {
				h.must(err)
			}
		}
		members, err := h.users.Members(h.ctx, here)
		h.must(err)
		if refused != 1 || len(members) != 1 || members[0].Role != access.Owner {
			t.Errorf("%d refused, %+v", refused, members)
		}
		// With an owner, the last key may go.
		h.must(h.RevokeKey(h.ctx, here, h.key.Key))
	})
}

func TestWhoIsRemovedIsOut(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.invite("bia@example.com", access.Operator)
		token, bia, err := h.signIn("bia@example.com", otherPassword, "")
		h.must(err)
		member, err := h.users.SetRole(h.ctx, bia.Workspace, bia.User, access.Viewer)
		h.must(err)
		p, err := h.users.Resume(h.ctx, token, "")
		h.must(err)
		if member.Role != access.Viewer || p.Scopes.Allow(access.Operate) {
			t.Errorf("%+v, %+v", member, p) // at once, for sessions that are open too
		}
		h.refused(h.users.Remove(h.ctx, "another", bia.User), "user_not_found")
		h.must(h.users.Remove(h.ctx, bia.Workspace, bia.User))
		_, err = h.users.Resume(h.ctx, token, "")
		h.refused(err, "session_invalid")
		_, _, err = h.signIn("bia@example.com", otherPassword, "")
		h.refused(err, "sign_in_invalid")
		h.invite("bia@example.com", access.Viewer) // she may come again, as somebody new
	})
}

func TestNewPasswords(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		second, p, err := h.signIn("ana@example.com", goodPassword, "")
		h.must(err)
		h.refused(h.users.SetPassword(h.ctx, p, home, "wrong", otherPassword), "password_wrong")
		h.refused(h.users.SetPassword(h.ctx, p, home, goodPassword, "short"), "password_short")
		h.must(h.users.SetPassword(h.ctx, p, home, goodPassword, otherPassword))
		_, err = h.users.Resume(h.ctx, second, "")
		h.must(err)
		_, err = h.users.Resume(h.ctx, h.token, "")
		h.refused(err, "session_invalid")

		if l, err := h.users.Forgotten(h.ctx, "ana@example.com"); err != nil || l.Token != "" {
			t.Errorf("without a line for mail: %+v, %v", l, err)
		}
		w, err := h.Workspace(h.ctx, p.Workspace)
		h.must(err)
		w.Settings.MailLine = "caixa"
		_, err = h.SetWorkspace(h.ctx, w)
		h.must(err)
		for _, nobody := range []string{"nobody@example.com", "", "ana", strings.Repeat("a", 9000)} {
			if l, err := h.users.Forgotten(h.ctx, nobody); err != nil || l.Token != "" {
				t.Errorf("%q: %v", nobody, err)
			}
		}
		l, err := h.users.Forgotten(h.ctx, "ANA@example.com")
		h.must(err)
		if l.To != "ana@example.com" || l.Workspace.Settings.MailLine != "caixa" || l.EndsAt.Sub(h.now) != access.ResetLasts {
			t.Errorf("%+v", l)
		}
		token := l.Token
		h.refused(h.reset(token, "short"), "password_short")
		h.must(h.reset(token, goodPassword))
		h.refused(h.reset(token, goodPassword), "link_invalid")
		_, err = h.users.Resume(h.ctx, second, "")
		h.refused(err, "session_invalid")
		_, _, err = h.signIn("ana@example.com", goodPassword, "")
		h.must(err)
		_, _, err = h.users.Join(h.ctx, token, access.Joining{Password: goodPassword}, home, access.Principal{})
		h.refused(err, "link_invalid")
		for range 2 {
			_, err = h.users.Forgotten(h.ctx, "ana@example.com")
			h.must(err)
		}
		_, err = h.users.Forgotten(h.ctx, "ana@example.com")
		h.refused(err, "sign_in_throttled") // nobody's mailbox is filled
	})
}

// TestNobodyReachesIntoOthers holds that an owner cannot come into another workspace by way of a member of both.
func TestNobodyReachesIntoOthers(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		bia := h.invite("bia@example.com", access.Viewer)
		_, token, err := h.users.ResetMember(h.ctx, h.ana, bia.User)
		h.must(err)
		h.must(h.reset(token, goodPassword))
		other, _, err := h.CreateWorkspace(h.ctx, "Outro")
		h.must(err)
		boss := access.Principal{Workspace: other.ID, Key: "k", Scopes: access.Scopes{access.Own}}
		_, token, err = h.users.Invite(h.ctx, boss, "bia@example.com", access.Owner)
		h.must(err)
		_, bia, err = h.users.Join(h.ctx, token, access.Joining{Password: goodPassword}, home, access.Principal{})
		h.must(err)
		_, _, err = h.users.ResetMember(h.ctx, h.ana, bia.User)
		h.refused(err, "member_elsewhere")
		h.refused(h.users.DropMemberFactor(h.ctx, h.ana, bia.User), "member_elsewhere")
		_, _, err = h.users.ResetMember(h.ctx, boss, h.ana.User)
		h.refused(err, "user_not_found")
		// Nor does the owner see or end what she does there.
		list, err := h.users.MemberSessions(h.ctx, h.ana.Workspace, bia.User)
		h.must(err)
		if slices.ContainsFunc(list, func(s access.Session) bool { return s.ID == bia.Session }) {
			t.Error("a session elsewhere is listed")
		}
		h.must(h.users.EndMemberSessions(h.ctx, h.ana.Workspace, bia.User))
		if list, err := h.users.Sessions(h.ctx, bia.User); err != nil || len(list) != 1 || list[0].ID != bia.Session {
			t.Errorf("%+v, %v", list, err)
		}
		// She owns both, so that she may help herself.
		_, err = h.users.SetRole(h.ctx, h.ana.Workspace, bia.User, access.Owner)
		h.must(err)
		_, _, err = h.users.ResetMember(h.ctx, access.Principal{Workspace: h.ana.Workspace, User: bia.User}, bia.User)
		h.must(err)
	})
}

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSecondFactor(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		other, _, err := h.signIn("ana@example.com", goodPassword, "")
		h.must(err)
		_, err = h.users.BeginFactor(h.ctx, h.ana, home, "wrong")
		h.refused(err, "password_wrong")
		_, err = h.users.ConfirmFactor(h.ctx, h.ana, home, "123456")
		h.refused(err, "second_factor_not_begun")
		setup, err := h.users.BeginFactor(h.ctx, h.ana, home, goodPassword)
		h.must(err)
		if !strings.HasPrefix(setup.URL, "otpauth://totp/Campan") || !strings.Contains(setup.URL, "secret="+setup.Secret) {
			t.Errorf("%s", setup.URL)
		}
		_, err = h.users.ConfirmFactor(h.ctx, h.ana, home, "000000")
		h.refused(err, "code_wrong")
		if _, _, err = h.signIn("ana@example.com", goodPassword, ""); err != nil {
			t.Errorf("a factor that was not confirmed counts: %v", err)
		}
		codes, err := h.users.ConfirmFactor(h.ctx, h.ana, home, code(t, setup.Secret, h.now))
		h.must(err)
		if len(codes) != 10 {
			t.Errorf("%d codes", len(codes))
		}
		_, err = h.users.Resume(h.ctx, other, "")
		h.refused(err, "session_invalid")
		_, err = h.users.BeginFactor(h.ctx, h.ana, home, goodPassword)
		h.refused(err, "second_factor_there")

		for range 7 { // asking is no try
			_, _, err = h.signIn("ana@example.com", goodPassword, "")
			h.refused(err, "second_factor_missing")
		}
		_, _, err = h.signIn("ana@example.com", "wrong", "")
		h.refused(err, "sign_in_invalid")
		_, _, err = h.signIn("ana@example.com", goodPassword, code(t, setup.Secret, h.now)) // used when it was confirmed
		h.refused(err, "second_factor_wrong")
		h.now = h.now.Add(time.Minute)
		next := code(t, setup.Secret, h.now.Add(-20*time.Second)) // a clock that is slow
		_, _, err = h.signIn("ana@example.com", goodPassword, next[:3]+" "+next[3:])
		h.must(err)
		_, _, err = h.signIn("ana@example.com", goodPassword, next)
		h.refused(err, "second_factor_wrong")
		_, _, err = h.signIn("ana@example.com", goodPassword, strings.ToUpper(codes[3]))
		h.must(err)
		_, _, err = h.signIn("ana@example.com", goodPassword, codes[3])
		h.refused(err, "second_factor_wrong")
		self, err := h.users.Self(h.ctx, h.ana)
		h.must(err)
		if !self.User.Factor || self.Codes != 9 {
			t.Errorf("%+v", self)
		}

		h.now = h.now.Add(15 * time.Minute)
		fresh, err := h.users.RenewCodes(h.ctx, h.ana, home, goodPassword, codes[0])
		h.must(err)
		h.refused(h.users.EndFactor(h.ctx, h.ana, home, goodPassword, codes[1]), "code_wrong")
		h.refused(h.users.EndFactor(h.ctx, h.ana, home, "wrong", fresh[0]), "password_wrong")
		h.must(h.users.EndFactor(h.ctx, h.ana, home, goodPassword, fresh[0]))
		h.refused(h.users.EndFactor(h.ctx, h.ana, home, goodPassword, fresh[1]), "second_factor_not_there")
		_, _, err = h.signIn("ana@example.com", goodPassword, "")
		h.must(err)
	})
}

// TestGuessingCodes holds that the six digits cannot be tried through.
func TestGuessingCodes(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		setup, err := h.users.BeginFactor(h.ctx, h.ana, home, goodPassword)
		h.must(err)
		_, err = h.users.ConfirmFactor(h.ctx, h.ana, home, code(t, setup.Secret, h.now))
		h.must(err)
		for range 5 {
			_, _, err = h.signIn("ana@example.com", goodPassword, "000000")
			h.refused(err, "second_factor_wrong")
			_, _, err = h.signIn("ana@example.com", goodPassword, "") // which takes only itself back
			if !fault.Is(err, "second_factor_missing") && !fault.Is(err, "sign_in_throttled") {
				t.Error(err)
			}
		}
		_, _, err = h.signIn("ana@example.com", goodPassword, "000000")
		h.refused(err, "sign_in_throttled")
	})
}

func TestAWorkspaceMayWantASecondFactor(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		w, err := h.Workspace(h.ctx, h.ana.Workspace)
		h.must(err)
		w.Settings.SecondFactor = true
		_, err = h.SetWorkspace(h.ctx, w)
		h.must(err)
		p, err := h.users.Resume(h.ctx, h.token, "")
		h.must(err)
		h.refused(p.Require(access.Read), "second_factor_needed")
		h.must(p.Require(access.Personal))
		setup, err := h.users.BeginFactor(h.ctx, p, home, goodPassword)
		h.must(err)
		_, err = h.users.ConfirmFactor(h.ctx, p, home, code(t, setup.Secret, h.now))
		h.must(err)
		p, err = h.users.Resume(h.ctx, h.token, "")
		h.must(err)
		h.must(p.Require(access.Own))
	})
}
