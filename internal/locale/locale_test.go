package locale_test

import (
	"slices"
	"strings"
	"testing"

	"campanario/internal/fault"
	"campanario/internal/locale"
)

func TestMatch(t *testing.T) {
	for accept, want := range map[string]locale.Language{
		"":                                    locale.Portuguese, // nobody asked: the first
		"pt-BR":                               locale.Portuguese,
		"pt":                                  locale.Portuguese,
		"pt-PT":                               locale.Portuguese,
		"PT-br":                               locale.Portuguese,
		"es":                                  locale.Spanish,
		"es-MX":                               locale.Spanish,
		"es-419, es;q=0.9, en;q=0.5":          locale.Spanish,
		"es-CO,es;q=0.9,pt-BR;q=0.8,en;q=0.7": locale.Spanish,
		"en":                                  locale.English,
		"en-GB,en-US;q=0.9,en;q=0.8":          locale.English,
		"en;q=0.1, es;q=0.9, pt-BR;q=0.5":     locale.Spanish, // the order does not count
		"pt;q=0, en":                          locale.English, // 0 is: not that
		"fr, de;q=0.9, es;q=0.1":              locale.Spanish, // the first that there is
		"zh-Hant-TW, en;q=0.5":                locale.English,
		"gl":                                  locale.Spanish, // who reads Galician reads Spanish rather than Portuguese (CLDR)
		"fr":                                  locale.Portuguese,
		"ja, zh;q=0.8":                        locale.Portuguese,
		"*":                                   locale.Portuguese,
		"*;q=0.5, en;q=0.1":                   locale.English,
		";;;":                                 locale.Portuguese,
		"en;q=x":                              locale.Portuguese, // not a header
		"<script>":                            locale.Portuguese,
		"\x00\xff":                            locale.Portuguese,
		"en," + strings.Repeat("a-", 2000):    locale.Portuguese, // longer than any browser's
	} {
		if got := locale.Match(accept); got != want {
			t.Errorf("Match(%.40q) = %s, want %s", accept, got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"", "pt-BR,pt;q=0.9", "es-419;q=0.5,*;q=0.1", "en-US-u-rg-brzzzz", "i-klingon", "x-;q=1e9", "a-a-a-a-a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if got := locale.Match(accept); !slices.Contains(locale.Languages(), got) {
			t.Errorf("Match(%q) = %q, which is no language of ours", accept, got)
		}
	})
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		about  string
		l      locale.Language
		key    string
		values map[string]any
		want   string
	}{
		{"a word", locale.Portuguese, "state.paused", nil, "Pausada"},
		{"a word", locale.Spanish, "state.draft", nil, "Borrador"},
		{
			"values that are enumerations, and lists of them", locale.Portuguese, "fault.action_not_allowed",
			map[string]any{"action": "delete", "state": "active", "allowed_in": []string{"draft", "completed"}},
			"Não dá para excluir enquanto a campanha está em “Ativa”. Só em: Rascunho, Concluída.",
		},
		{
			"a part without its value", locale.English, "fault.action_not_allowed",
			map[string]any{"action": "archive", "state": "draft", "allowed_in": []string{}},
			"The action “archive” is not possible while the campaign is “Draft”.",
		},
		{
			"the singular", locale.English, "fault.agent_in_use",
			map[string]any{"campaigns": 1, "lines": 2},
			"The agent is used by 1 campaign and 2 lines. Give them another agent before you delete this one.",
		},
		{
			"none, of which Portuguese has the singular", locale.Portuguese, "fault.agent_in_use",
			map[string]any{"campaigns": int64(0), "lines": int64(1500)},
			"O agente está em uso por 0 campanha e 1.500 linhas. Troque-o nelas antes de excluir.",
		},
		{
			"a moment, on its own clock", locale.Spanish, "waiting.outside_window",
			map[string]any{"cause": "holiday", "holiday": "Navidad", "until": "2026-12-26T09:00:00-03:00"},
			"Nadie es contactado ahora: feriado (Navidad). Recomienza el 26/12/2026 a las 09:00 (UTC-03:00).",
		},
		{"no values at all", locale.Portuguese, "waiting.outside_window", nil, "Ninguém é contatado agora."},
		{
			"a sentence inside a sentence", locale.Portuguese, "waiting.line_resting",
			map[string]any{"outcome": "congested", "reason": "sip_congestion", "provider_code": "", "until": ""},
			"A linha recusou demais e descansa. Último resultado: Congestionamento. A operadora está congestionada ou no limite de " +
				"chamadas. Reduza o ritmo da linha, ou peça mais canais.",
		},
		{"a value that should be there", locale.English, "fault.agent_not_found", nil, "There is no agent …. Choose one from the list of agents."},
		{"a reason that is a fault", locale.English, "reason.media_stopped", nil, "The server is stopping and opens no more audio."},
		{"a fault that is a reason", locale.Portuguese, "fault.smtp_mailbox_full", nil, "A caixa de e-mail da pessoa está cheia."},
		{"a code without a text", locale.Portuguese, "outcome.unheard_of", nil, "unheard_of"},
		{"a kind without texts", locale.Spanish, "nothing.at_all", nil, "at_all"},
		{"no kind", locale.Spanish, "lonely", nil, "lonely"},
		{"a language without texts", "fr", "state.paused", nil, "Paused"},
		{"no code", locale.Portuguese, "status.", nil, locale.Missing},
		{"nothing", locale.Portuguese, "", nil, locale.Missing},
	} {
		if got := locale.Text(c.l, c.key, c.values); got != c.want {
			t.Errorf("%s: Text(%s, %q)\n got %q\nwant %q", c.about, c.l, c.key, got, c.want)
		}
	}
}

func TestFault(t *testing.T) {
	for _, c := range []struct {
		l    locale.Language
		e    *fault.Error
		want string
	}{
		{locale.Portuguese, fault.New(fault.Invalid, "required", nil).At("name"), "Preencha este campo."},
		{
			locale.Portuguese, fault.New(fault.Invalid, "out_of_range", fault.Params{"value": "500ms", "min": "1s", "max": "2h0m0s"}),
			"O valor deve ficar entre 1 s e 2 h; aqui está 500 ms.",
		},
		{
			locale.Spanish, fault.New(fault.Unavailable, "smtp_auth_refused", fault.Params{"host": "mx.example:587", "text": "Bad credentials", "reply": "535 5.7.8"}),
			"El servidor de correo mx.example:587 no aceptó el usuario o la contraseña de la línea. Corríjalos y pruebe la línea. " +
				"El servidor dijo: “Bad credentials” (535 5.7.8).",
		},
		{locale.English, fault.New(fault.Invalid, "never_heard_of", nil), "never_heard_of"},
		{locale.English, fault.New(fault.Invalid, "", nil), locale.Missing},
	} {
		if got := locale.Fault(c.l, c.e); got != c.want {
			t.Errorf("%s %s\n got %q\nwant %q", c.l, c.e.Code, got, c.want)
		}
	}
}
