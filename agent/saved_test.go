package agent_test

import (
	"slices"
	"strings"
	"testing"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
)

func TestAgentVersionsAreKept(t *testing.T) {
	eachStore(t, func(t *testing.T, s *studio) {
		a, err := s.Create(s.ctx, "ws", greeter("Bia 1"))
		s.must(err)
		for _, name := range []string{"Bia 2", "Bia 3"} {
			_, err = s.Replace(s.ctx, "ws", a.ID, 0, greeter(name))
			s.must(err)
		}
		names := func(q agent.VersionQuery) string {
			t.Helper()
			all, err := s.Versions(s.ctx, "ws", a.ID, q)
			s.must(err)
			var out []string
			for _, v := range all {
				if !v.SavedAt.Equal(noon) {
					t.Errorf("saved at %s", v.SavedAt)
				}
				out = append(out, v.Name)
			}
			return strings.Join(out, ", ")
		}
		if got := names(agent.VersionQuery{Limit: 9}); got != "Bia 3, Bia 2, Bia 1" {
			t.Error(got)
		}
		if got := names(agent.VersionQuery{Limit: 1, Before: 3}); got != "Bia 2" {
			t.Error(got)
		}
		old, err := s.Version(s.ctx, "ws", a.ID, 1)
		s.must(err)
		if old.Name != "Bia 1" || old.Version != 1 || old.Script == nil || old.ID != a.ID {
			t.Errorf("%+v", old)
		}
		back, err := s.Restore(s.ctx, "ws", a.ID, 1)
		s.must(err)
		if back.Name != "Bia 1" || back.Version != 4 {
			t.Errorf("%+v", back)
		}
		if got := names(agent.VersionQuery{Limit: 9}); got != "Bia 1, Bia 3, Bia 2, Bia 1" {
			t.Error(got)
		}
		for _, err := range []error{
			second(s.Version(s.ctx, "ws", a.ID, 5)), second(s.Restore(s.ctx, "ws", a.ID, 0)), second(s.Version(s.ctx, "other", a.ID, 1)), second(s.Restore(s.ctx, "other", a.ID, 1)),
		} {
			if !fault.Is(err, "agent_version_not_found") {
				t.Error(err)
			}
		}
		if _, err := s.Versions(s.ctx, "other", a.ID, agent.VersionQuery{Limit: 9}); !fault.Is(err, "agent_not_found") {
			t.Error(err)
		}
		for range agent.KeptVersions {
			_, err = s.Replace(s.ctx, "ws", a.ID, 0, greeter("Bia"))
			s.must(err)
		}
		all, err := s.Versions(s.ctx, "ws", a.ID, agent.VersionQuery{Limit: 1000})
		s.must(err)
		if len(all) != agent.KeptVersions || all[0].Number != agent.KeptVersions+4 {
			t.Errorf("%d versions up to %d", len(all), all[0].Number)
		}
	})
}

func second(_ agent.Record, err error) error { return err }

func mail(name, subject string) agent.SavedTemplate {
	return agent.SavedTemplate{Channel: channel.Email, Name: name, Message: &agent.MessageTemplate{Subject: subject, Text: "Olá {{first_name}}"}}
}

func TestTemplates(t *testing.T) {
	eachStore(t, func(t *testing.T, s *studio) {
		templates := agent.NewTemplates(s.store, nil)
		a, err := templates.Create(s.ctx, "ws", mail("Cobrança", "Fatura"))
		s.must(err)
		_, err = templates.Create(s.ctx, "ws", mail("Boas-vindas", "Oi"))
		s.must(err)
		got, err := templates.Get(s.ctx, "ws", a.ID)
		s.must(err)
		if got.Name != "Cobrança" || got.Message.Subject != "Fatura" || got.Revision != 1 || got.Channel != channel.Email {
			t.Errorf("%+v", got)
		}
		for search, want := range map[string]int{"": 2, "cobranca": 1, "nada": 0} {
			found, err := templates.List(s.ctx, "ws", agent.TemplateQuery{Search: search, Channel: channel.Email, Limit: 10})
			s.must(err)
			if len(found) != want {
				t.Errorf("%q finds %d", search, len(found))
			}
		}
		if found, err := templates.List(s.ctx, "ws", agent.TemplateQuery{Channel: channel.SMS, Limit: 10}); err != nil || len(found) != 0 {
			t.Errorf("%v, %v", found, err)
		}
		changed, err := templates.Replace(s.ctx, "ws", a.ID, 1, mail("Cobrança 2", "Sua fatura"))
		s.must(err)
		if changed.Revision != 2 || changed.Message.Subject != "Sua fatura" {
			t.Errorf("%+v", changed)
		}
		if _, err := templates.Replace(s.ctx, "ws", a.ID, 1, mail("x", "y")); !fault.Is(err, "revision_stale") {
			t.Errorf("written over another's change: %v", err)
		}
		if changed, err = templates.Replace(s.ctx, "ws", a.ID, 0, mail("Cobrança 3", "z")); err != nil || changed.Revision != 3 {
			t.Errorf("%+v, %v", changed, err)
		}
		if _, err := templates.Get(s.ctx, "other", a.ID); !fault.Is(err, "template_not_found") {
			t.Error(err)
		}
		if err := templates.Delete(s.ctx, "other", a.ID); !fault.Is(err, "template_not_found") {
			t.Error(err)
		}
		s.must(templates.Delete(s.ctx, "ws", a.ID))
		if _, err := templates.Replace(s.ctx, "ws", a.ID, 0, mail("x", "y")); !fault.Is(err, "template_not_found") {
			t.Error(err)
		}
	})
}

func TestTemplatesAreChecked(t *testing.T) {
	for about, c := range map[string]struct {
		t    agent.SavedTemplate
		want []string // fields with codes
	}{
		"nothing":         {agent.SavedTemplate{}, []string{"name required", "channel channel_not_available"}},
		"no message":      {agent.SavedTemplate{Name: "a", Channel: channel.Email}, []string{"message required"}},
		"another channel": {agent.SavedTemplate{Name: "a", Channel: channel.SMS}, []string{"channel channel_not_available"}},
		"broken variable": {agent.SavedTemplate{Name: "a", Channel: channel.Email, Message: &agent.MessageTemplate{Subject: "{{", Text: "a"}}, []string{"message.subject template_unclosed"}},
		"long":            {agent.SavedTemplate{Name: strings.Repeat("é", 201), Channel: channel.Email, Message: &agent.MessageTemplate{Subject: "a", Text: "a"}}, []string{"name too_long"}},
		"zero byte":       {agent.SavedTemplate{Name: "a\x00", Channel: channel.Email, Message: &agent.MessageTemplate{Subject: "a", Text: "a"}}, []string{"name text_invalid"}},
		"good":            {mail("a", "b"), nil},
	} {
		var got []string
		for _, f := range c.t.Validate() {
			got = append(got, f.Field+" "+f.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", about, got, c.want)
		}
	}
}

func TestSpecimen(t *testing.T) {
	m := agent.MessageTemplate{Subject: "Oi {{first_name}}", HTML: `<p>{{valor}} {{cidade|default:"aqui"}} <a href="{{unsubscribe_url}}">sair</a></p>`}
	s, err := m.Specimen(map[string]string{"First Name": "Ana <b>"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Subject != "Oi Ana <b>" || !strings.Contains(s.HTML, "[valor]") || !strings.Contains(s.HTML, "https://example.com/") || !strings.Contains(s.Text, "[valor]") {
		t.Errorf("%+v", s)
	}
	if !slices.Contains(s.Names, "valor") || !slices.Contains(s.Optional, "cidade") || s.Values["valor"] != "[valor]" || s.Values["first_name"] != "Ana <b>" {
		t.Errorf("%v %v %v", s.Names, s.Optional, s.Values)
	}
	if _, err := (agent.MessageTemplate{Subject: "a"}).Specimen(nil); fault.CodeOf(err) != "required" {
		t.Errorf("%v", err)
	}
}
