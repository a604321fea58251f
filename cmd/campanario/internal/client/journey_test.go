package client_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refused is what is said about one fault.
func refused(code string) string { return "campanario: ⟨*⟩[" + code + "]\n" }

// TestJourney is a campaign from nothing to its report, by commands.
func TestJourney(t *testing.T) {
	d := open(t)
	d.steps([]step{
		{args: "campaign list", err: "Nothing to show.\n"},
		{args: "line create --json --set kind=email --set name=Caixa --set from=oi@example.com", keep: "line"},
		{
			args: "campaign create --json -f - --set line=⟨line⟩ --set zone=America/Sao_Paulo", keep: "campaign",
			in: "name: Cobrança\nchannel: email\nmessage: {subject: Oi, text: Oi}\n",
		},
		{args: "campaign list", out: `ID  NAME  CHANNEL  STATE  SETTLED  TOTAL  SUCCESS  CREATED
⟨campaign⟩  Cobrança  ⟨channel.email⟩  ⟨state.draft⟩  0  0  0.0%  2026-11-23 12:00
`},
		{args: "campaign preflight ⟨campaign⟩", out: "It cannot start.\n  ✗ recipients: ⟨*⟩ [no_recipients]\n", code: 1},
		{args: "campaign diagnose ⟨campaign⟩", out: "⟨state.draft⟩: ⟨*⟩ [not_started]\n  ✗ recipients: ⟨*⟩ [no_recipients]\n"},
		{args: "campaign start ⟨campaign⟩", err: refused("no_recipients"), code: 1},
		{
			args: "recipient add ⟨campaign⟩ -f - --preview --columns [{\"column\":\"quem\",\"field\":\"name\"}]", in: "contact;quem\nana@example.com;Ana\nnobody;Bia\n",
			out: "  contact: contact\n  quem: name\n  ✗ line 3, contact: ⟨*⟩ [mailbox_no_at]\nRows looked at: 2. Would be refused: 1.\n",
		},
		{
			args: "recipient add ⟨campaign⟩ -f - --format csv --source first",
			in:   "contact,name\nana@example.com,Ana\nnobody,Bia\ncaio@example.com,Caio\nana@example.com,Ana\n",
			out:  "  ✗ line 3, contact: ⟨*⟩ [mailbox_no_at]\nRows read: 4. Added: 2. Duplicates: 1. Refused: 1.\n",
		},
		{
			args: "recipient add ⟨campaign⟩ -f - --format csv --source first",
			in:   "contact,name\nana@example.com,Ana\nnobody,Bia\ncaio@example.com,Caio\nana@example.com,Ana\n",
			out: "  ✗ line 3, contact: ⟨*⟩ [mailbox_no_at]\nRows read: 4. Added: 0. Duplicates: 0. Refused: 1.\n" +
				"Done by an earlier upload: 3.\n",
		},
		{args: "recipient list ⟨campaign⟩", out: `  NO.  ID  NAME  CONTACT  STATUS  OUTCOME  ATTEMPTS  NEXT  REASON
1000000001  Ana  ana@example.com  ⟨status.pending⟩  0
1000000002  Caio  caio@example.com  ⟨status.pending⟩  0
`},
		{args: "recipient list ⟨campaign⟩ --limit 1 --search caio", out: `  NO.  ID  NAME  CONTACT  STATUS  OUTCOME  ATTEMPTS  NEXT  REASON
1000000002  Caio  caio@example.com  ⟨status.pending⟩  0
`},
		{args: "recipient list ⟨campaign⟩ --status busy,failed", err: "Nothing to show.\n"},
		{args: "recipient attempts ⟨campaign⟩", err: "Nothing to show.\n"},
		{args: "recipient attempts ⟨campaign⟩ 1000000002", err: "Nothing to show.\n"},
		{args: "recipient attempts ⟨campaign⟩ 7", err: refused("recipient_not_found"), code: 1},
		{args: "campaign start ⟨campaign⟩", out: `Cobrança  ·  ⟨state.active⟩
  ⟨campaign⟩
  [..............................]  0 of 2 settled (0.0%)
  in flight 0  attempts 0  answered 0  success 0.0%

    ⟨status.pending⟩  2
`},
		{args: "campaign start ⟨campaign⟩", err: refused("action_not_allowed"), code: 1},
		{args: "recipient remove ⟨campaign⟩ 1000000001", err: refused("confirmation_missing"), code: 2},
		{args: "recipient remove ⟨campaign⟩ 1000000001 --yes", out: `  NO.  ID  NAME  CONTACT  STATUS  OUTCOME  ATTEMPTS  NEXT  REASON
1000000001  Ana  ana@example.com  ⟨status.cancelled⟩  0
`},
		{args: "recipient retry ⟨campaign⟩ 1000000002", err: refused("recipient_action_not_allowed"), code: 1},
		{args: "recipient set-completed ⟨campaign⟩ --status pending --yes", out: "Changed: 1. Skipped because of their status: 0.\n"},
		{args: "recipient set-pending ⟨campaign⟩ 1000000001 1000000002", out: "Changed: 2. Skipped because of their status: 0.\n"},
		{args: "recipient set-pending ⟨campaign⟩", err: refused("filter_missing"), code: 2},
		{args: "recipient retry ⟨campaign⟩ --everybody --status busy --yes", err: refused("filter_contradicts"), code: 1},
		{args: "campaign results ⟨campaign⟩", out: "  in flight 0  attempts 0  answered 0  success 0.0%\n\n    ⟨status.pending⟩  2\n"},
		{args: "campaign pause ⟨campaign⟩", out: `Cobrança  ·  ⟨state.paused⟩
  ⟨campaign⟩
  ⟨pause.operator⟩
  [..............................]  0 of 2 settled (0.0%)
  in flight 0  attempts 0  answered 0  success 0.0%

    ⟨status.pending⟩  2
`},
		{args: "campaign cancel ⟨campaign⟩", err: refused("confirmation_missing"), code: 2},
		{args: "campaign cancel ⟨campaign⟩ --yes --json", keep: "campaign"},
		{args: "campaign archive ⟨campaign⟩ --json", keep: "campaign"},
		{args: "campaign list", err: "Nothing to show.\n"},
		{args: "campaign duplicate ⟨campaign⟩ --name Outra --everybody --json", keep: "copy"},
		{args: "campaign patch ⟨copy⟩ --set description=Segunda --revision 7", err: refused("revision_stale"), code: 1},
		{args: "campaign patch ⟨copy⟩ --set retry.max_attempts=9 --set share=700", err: "campanario: ⟨*⟩ [out_of_range]\n" +
			"  - share: ⟨*⟩ [out_of_range]\n  - retry.max_attempts: ⟨*⟩ [out_of_range]\n", code: 1},
		{args: "campaign patch ⟨copy⟩ --set description=Segunda --json", keep: "copy"},
		{args: "campaign delete ⟨copy⟩ --yes", out: "Done.\n"},
		{args: "campaign get ⟨copy⟩", err: refused("campaign_not_found"), code: 1},
		{args: "campaign get ⟨copy⟩ --json", err: `{"title":⟨*⟩,"code":"campaign_not_found",⟨*⟩` + "\n", code: 1},
		{args: "campaign summary --json", out: `{"total":0,"active":0,"completed":0,"average_success_rate":0}` + "\n"},
		{args: "key whoami", out: "workspace:\n  id: ⟨*⟩\n  name: Um\n  country: BR\n⟨*⟩\n⟨*⟩\n⟨*⟩\nkey: ⟨*⟩\nname: ⟨*⟩\nscopes:\n- own\n⟨*⟩\n⟨*⟩\n⟨*⟩\n⟨*⟩\n⟨*⟩\n"},
	})
}

// TestReport is saved whole, for its owner alone, or not at all.
func TestReport(t *testing.T) {
	d := open(t)
	d.known["campaign"] = d.campaign()
	file := filepath.Join(t.TempDir(), "out.csv")
	got := d.run("campaign", "report", "⟨campaign⟩", "-o", file, "--words", "en", "--rows", "recipients")
	saved, err := os.ReadFile(file)
	if err != nil || got.code != 0 || !strings.HasPrefix(got.err, "Saved as "+file) {
		t.Fatalf("%+v %v", got, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: others can read it", info.Mode(), err)
	}
	if straight := d.run("campaign", "report", "⟨campaign⟩", "--words", "en"); straight.out != string(saved) || straight.out == "" {
		t.Errorf("standard output differs from the file:\n%s\n%s", straight.out, saved)
	}
	d.steps([]step{
		{args: "campaign report ⟨campaign⟩ --words nope -o " + file, err: refused("not_one_of"), code: 1},
		{args: "campaign report ⟨campaign⟩ -o /nowhere/at/all.csv", err: refused("file_unwritable"), code: 2},
	})
	if again, err := os.ReadFile(file); err != nil || string(again) != string(saved) {
		t.Errorf("a refused download has touched the file: %v", err)
	}
}

// campaign makes a draft with three people, and gives its id.
func (d *desk) campaign() string {
	d.t.Helper()
	line := d.member(d.must("line", "create", "--json", "--set", "kind=email", "--set", "name=Caixa", "--set", "from=oi@example.com"), "id")
	d.stdin = `{"name": "Pesquisa", "channel": "email", "zone": "America/Sao_Paulo", "message": {"subject": "Oi", "text": "Oi"}}`
	id := d.member(d.must("campaign", "create", "--json", "-f", "-", "--set", "line="+line), "id")
	d.stdin = "a@example.com\nb@example.com\nc@example.com\n"
	d.must("recipient", "add", id, "-f", "-")
	return id
}

func TestLinesAndAgents(t *testing.T) {
	d := open(t)
	script := filepath.Join(t.TempDir(), "lembrete.yaml")
	if err := os.WriteFile(script, []byte(`start: hello
steps:
  hello:
    ask:
      say: "Olá {{name}}. Tecle 1."
      keys: {"1": won}
      retries: 0
      no_input: end
  won: {goal: true, next: end}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("start: hello\nsteps:\n  hello:\n    say: Oi\n    next: nowhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.steps([]step{
		{args: "agent create -f " + script + " --json", keep: "agent"},
		{args: "agent list", out: "ID  NAME  KIND  LANGUAGE  VERSION  UPDATED\n⟨agent⟩  lembrete  script  pt-BR  1  2026-11-23 12:00\n"},
		{args: "agent rehearse ⟨agent⟩ --answer 1 --var name=Ana", out: "00:00  ·  step  hello\n00:00  agent  say  Olá Ana. Tecle 1.\n" +
			"⟨*⟩  person  key  1\n⟨*⟩  ·  step  won\nThe goal was reached.\nThe agent hung up.\n"},
		{args: "agent rehearse -f " + script + " --json", out: `{"dialogue":⟨*⟩,"collected":{},"goal":false,"opted_out":false,"ended":false,"step":"hello","needs":["name"],"optional":[]}` + "\n"},
		{args: "agent rehearse ⟨agent⟩ -f " + script, err: refused("arguments_wrong"), code: 2},
		{args: "agent rehearse", err: refused("arguments_wrong"), code: 2},
		// Where it is wrong is told by the file's own lines, though the script was put into an agent on the way.
		{args: "agent create -f " + broken, err: "campanario: script.steps.hello.next (5:5): ⟨*⟩ [step_unknown]\n", code: 1},
		{args: "agent rehearse -f " + broken, err: "campanario: agent.script.steps.hello.next (5:5): ⟨*⟩ [step_unknown]\n", code: 1},
		{args: "agent replace ⟨agent⟩ -f " + script + " --set name=Outro --revision 1 --json", keep: "agent"},
		{args: "agent replace ⟨agent⟩ -f " + script + " --revision 1", err: refused("revision_stale"), code: 1},
		{args: "agent versions ⟨agent⟩", out: "VERSION  NAME  UPDATED\n⟨*⟩2  Outro  2026-11-23 12:00\n⟨*⟩1  lembrete  2026-11-23 12:00\n"},
		{args: "agent version ⟨agent⟩ 1 --json", out: `{"id":"⟨agent⟩","name":"lembrete",⟨*⟩"version":1,⟨*⟩}` + "\n"},
		{args: "agent version ⟨agent⟩ 9", err: refused("agent_version_not_found"), code: 1},
		{args: "agent restore ⟨agent⟩ 1 --json", out: `{"id":"⟨agent⟩","name":"lembrete",⟨*⟩"version":3,⟨*⟩}` + "\n"},
		{args: "agent test-call ⟨agent⟩ +5511900001100", err: refused("sandbox_line_missing"), code: 1},
		{args: "agent test-call ⟨agent⟩ +5511900001100 --var nothing", err: refused("set_wrong"), code: 2},
		{args: "playground show --json", out: `{"running":false,⟨*⟩}` + "\n"},
		{args: "playground messages", err: "Nothing to show.\n"},
		{args: "playground message 1", err: refused("sandbox_message_not_found"), code: 1},
		{args: "template create -f - --json", in: "channel: email\nname: Fatura\nmessage: {subject: 'Oi {{name}}', text: Oi}\n", keep: "template"},
		{args: "template list", out: "ID  NAME  CHANNEL  ⟨*⟩  UPDATED\n⟨template⟩  Fatura  ⟨channel.email⟩  Oi {{name}}  2026-11-23 12:00\n"},
		{args: "template replace ⟨template⟩ -f - --revision 1 --json", in: "channel: email\nname: Outra\nmessage: {subject: Oi, text: Oi}\n", keep: "template"},
		{args: "template preview -f - --json", in: "name: Fatura\nmessage: {subject: 'Oi {{name}}', text: Oi}\nvariables: {name: Ana}\n", out: `{"subject":"Oi Ana",⟨*⟩}` + "\n"},
		{args: "template delete ⟨template⟩ --yes", out: "Done.\n"},
		{args: "line create -f - --json", in: "kind: voice\nname: Boa\nfrom: '+55 11 3000-1000'\nsettings: {host: sip.example, password: s3cret}\n", keep: "good"},
		{args: "line create --json --set kind=email --set name=Ruim --set from=oi@example.com", keep: "bad"},
		{args: "line list --kind voice", out: `ID  NAME  CHANNEL  FROM  CONCURRENT  PER SECOND  PER DAY  ENABLED  RUNNING  WORKS  TESTED
⟨good⟩  Boa  ⟨channel.voice⟩  +551130001000  10  1  0  yes  no
`},
		{args: "line patch ⟨good⟩ --set limits.per_second=2.5 --set enabled=false --set agent=⟨agent⟩ --json", keep: "good"},
		{args: "line list --search boa --json", out: `{"id":"⟨good⟩",⟨*⟩"per_second":2.5,⟨*⟩"password":{"set":true}⟨*⟩"enabled":false,⟨*⟩}` + "\n"},
		{args: "line check ⟨good⟩", out: "The line works.\n"},
		{args: "line list --kind voice", out: "ID  NAME  CHANNEL  FROM  CONCURRENT  PER SECOND  PER DAY  ENABLED  RUNNING  WORKS  TESTED\n" +
			"⟨good⟩  Boa  ⟨channel.voice⟩  +551130001000  10  2.5  0  no  no  yes  2026-11-23 12:00\n"},
		{args: "line check ⟨bad⟩", out: "The line does not work.\n  ✗ ⟨*⟩[line_unreachable]\n", code: 1},
		{args: "agent delete ⟨agent⟩ --yes", err: refused("agent_in_use"), code: 1},
		{args: "line delete ⟨good⟩ --yes", out: "Done.\n"},
		{args: "agent delete ⟨agent⟩ --yes", out: "Done.\n"},
		{args: "line get ⟨good⟩", err: refused("line_not_found"), code: 1},
	})
}

func TestContactsSuppressionsAndKeys(t *testing.T) {
	d := open(t)
	d.steps([]step{
		{args: "contact|create|--json|--set|name=Ana Souza|--set|phone=\"11 98765-4321\"|--set|tags=[\"vip\",\"sul\"]", keep: "ana"},
		{args: "contact create --set name=Ninguém", err: refused("contact_unreachable"), code: 1},
		{args: "contact list --search souza", out: "ID  EXTERNAL ID  NAME  PHONE  E-MAIL  TAGS\n⟨ana⟩  Ana Souza  +5511987654321  vip, sul\n"},
		{args: "contact patch ⟨ana⟩ --set email=ana@example.com --set attributes.cidade=Recife --json", keep: "ana"},
		{args: "contact opt-out ⟨ana⟩ --yes", out: "Suppressed: 2. Already there: 0.\n"},
		{args: "suppression add bia@example.com nobody --reason do_not_call --origin list", out: "Suppressed: 1. Already there: 0.\n  ✗ ⟨*⟩\n"},
		{args: "suppression list", out: `CONTACT  CHANNEL  REASON  SOURCE  CREATED  EXPIRES
+5511987654321  opted_out  2026-11-23 12:00
ana@example.com  opted_out  2026-11-23 12:00
bia@example.com  do_not_call  list  2026-11-23 12:00
`},
		{args: "suppression remove bia@example.com --yes", out: "Done.\n"},
		{args: "suppression remove bia@example.com --yes", err: refused("suppression_not_found"), code: 1},
		{args: "suppression add caio@example.com --expires 2027-01-31T00:00:00Z", out: "Suppressed: 1. Already there: 0.\n"},
		{args: "suppression check caio@example.com", out: "REASON  NAME  CHANNEL  SOURCE  CREATED  EXPIRES\n⟨*⟩2027-01-31 00:00\n", code: 1},
		{args: "suppression check davi@example.com", out: "Nothing is against contacting this address.\n"},
		{args: "contact delete ⟨ana⟩ --yes", out: "Done.\n"},
		{args: "key create painel --scope read,operate --expires 2027-01-31T00:00:00Z --json", keep: "panel"},
		{args: "key create outra", err: refused("required"), code: 2},
		{args: "key revoke ⟨panel⟩ --yes", out: "Done.\n"},
		{args: "key list --limit 1", out: "ID  NAME  SCOPES  CREATED  LAST USED  EXPIRES  REVOKED  IN USE\n" +
			"⟨*⟩2026-11-23 12:00⟨*⟩\n", err: "1 shown; there are more: use --limit or --all.\n"},
	})
	if listed := d.run("key", "list"); !strings.Contains(listed.out, "2027-01-31 00:00") {
		t.Errorf("a key's end is not listed: %+v", listed)
	}
	made := d.run("key", "create", "nova", "--scope", "read")
	if made.code != 0 || !strings.HasPrefix(made.out, "cmp_") || strings.Count(made.out, "\n") != 1 || !strings.Contains(made.err, "nova") {
		t.Errorf("a new key stands alone on standard output: %+v", made)
	}
	d.env["CAMPANARIO_KEY"] = strings.TrimSpace(made.out)
	d.steps([]step{
		{args: "campaign list", err: "Nothing to show.\n"},
		{args: "key list", err: refused("scope_missing"), code: 1},
	})
}

// TestListsAreFollowed: pages are put together, as far as somebody wants.
func TestListsAreFollowed(t *testing.T) {
	d := open(t)
	d.known["campaign"] = d.campaign()
	var rows strings.Builder
	for i := range 447 {
		rows.WriteString("p" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + "@example.com\n")
	}
	d.stdin = rows.String()
	d.must("recipient", "add", "⟨campaign⟩", "-f", "-", "--format", "list")
	for _, c := range []struct {
		args  string
		lines int
		more  bool
	}{
		{"", 50, true},
		{"--limit 3", 3, true},
		{"--limit 201", 201, true},
		{"--limit 450", 450, false},
		{"--limit 1000", 450, false},
		{"--all", 450, false},
		{"--all --limit 3", 450, false},
	} {
		args := append([]string{"recipient", "list", "⟨campaign⟩"}, strings.Fields(c.args)...)
		people := d.run(args...)
		if n := strings.Count(people.out, "\n") - 1; n != c.lines || strings.Contains(people.err, "more") != c.more {
			t.Errorf("%s: %d rows, want %d: %s", c.args, n, c.lines, people.err)
		}
		programs := d.run(append(args, "--json")...)
		seen := map[string]bool{}
		for _, line := range strings.Split(strings.TrimSuffix(programs.out, "\n"), "\n") {
			seen[d.member(line, "contact")] = true
		}
		if len(seen) != c.lines || programs.err != "" {
			t.Errorf("%s --json: %d items, want %d: %s", c.args, len(seen), c.lines, programs.err)
		}
	}
	d.steps([]step{{args: "recipient list ⟨campaign⟩ --limit 0", err: "campanario: --limit: ⟨*⟩ [too_small]\n", code: 2}})
}
