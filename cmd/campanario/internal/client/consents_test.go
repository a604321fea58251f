package client_test

import "testing"

func TestConsentsAndRules(t *testing.T) {
	d := open(t)
	d.steps([]step{
		{args: "contact|create|--json|--set|name=Ana|--set|phone=\"11 98765-4321\"", keep: "ana"},
		{args: "consent give ⟨ana⟩ --channel voice --basis contract --origin call --at 2026-11-20T10:00:00Z --json", keep: "entry"},
		{args: "consent list ⟨ana⟩", out: "WHEN  GIVEN  CHANNEL  LINE  ADDRESS  LEGAL BASIS  SOURCE\n2026-11-20 10:00  yes  ⟨channel.voice⟩  contract  call\n"},
		{args: "consent withdraw ⟨ana⟩ --yes --json", keep: "entry"},
		{args: "consent list ⟨ana⟩ --json", out: "{⟨*⟩\"given\":false⟨*⟩}\n{⟨*⟩\"given\":true⟨*⟩}\n"},
		{args: "consent give ⟨ana⟩ --address bia@example.com", err: refused("address_of_another"), code: 1},
		{args: "consent link ⟨ana⟩ --channel voice", out: "https://example.com/c/⟨*⟩\n"},
		{args: "rules|set|--json|--set|limits=[{\"most\": 2, \"days\": 1}]|--set|packs=[{\"pack\": \"CO\"}]", out: "{\"limits\":[{\"most\":2,\"days\":1}],\"packs\":[{\"pack\":\"CO\"}],\"closed\":{\"holidays\":[],\"dates\":[]},\"revision\":1}\n"},
		{args: "rules set --set limits=2", err: "campanario: ⟨*⟩\n", code: 1},
		{args: "rules show --json", out: "{\"limits\":[{\"most\":2,\"days\":1}],\"packs\":[{\"pack\":\"CO\"}],\"closed\":{\"holidays\":[],\"dates\":[]},\"revision\":1}\n"},
		{args: "rules packs", out: `NAME  TITLE  VERSION  DATE
BR  Brazil, federal  1  2026-11-21
BR-RJ  Brazil, state of Rio de Janeiro  1  2026-11-21
BR-SP  Brazil, state of São Paulo  1  2026-11-21
CL  Chile  1  2026-11-21
CO  Colombia  1  2026-11-21
MX  Mexico  1  2026-11-21
US  United States, federal  1  2026-11-21
`},
	})
}
