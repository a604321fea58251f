package client_test

import "testing"

// TestUsers invites somebody, and says what is wanted of those who sign in.
func TestUsers(t *testing.T) {
	d := open(t)
	d.steps([]step{
		{args: "user list", err: "Nothing to show.\n"},
		{args: "user invite ana@example.com", err: refused("required"), code: 2},
		{args: "user invite ana --role viewer", err: refused("email_invalid"), code: 1},
		{args: "user invite ana@example.com --role king", err: "campanario: ⟨*⟩\n", code: 1},
		{
			args: "user invite ana@example.com --role viewer", out: "http://console.example/access/cml_⟨*⟩\n",
			err: "Invitation for ana@example.com. The link is shown this once: hand it to the person.\n",
		},
		{args: "user invite bia@example.com --role owner --json", keep: "invitation"},
		{args: "user invitations", out: "ID  E-MAIL  ROLE  CREATED  EXPIRES\n⟨*⟩\n⟨*⟩\n"},
		{args: "user uninvite ⟨invitation⟩", out: "Done.\n"},
		{args: "user uninvite ⟨invitation⟩", err: refused("invitation_not_found"), code: 1},
		{args: "user role nobody viewer", err: refused("user_not_found"), code: 1},
		{args: "user remove nobody --yes", err: refused("user_not_found"), code: 1},
		{args: "user sessions nobody", err: refused("user_not_found"), code: 1},
		{args: "user sign-out nobody --yes", err: refused("user_not_found"), code: 1},
		{args: "user reset nobody", err: refused("user_not_found"), code: 1},
		{args: "user drop-second-factor nobody --yes", err: refused("user_not_found"), code: 1},
		{args: "user secure --second-factor yes", err: "campanario: ⟨*⟩\n", code: 2},
		{args: "user secure --mail-line nowhere", err: refused("line_not_found"), code: 1},
		{args: "user secure --second-factor true --mail-line none --json", out: `{"second_factor":true,"mail_line":null}` + "\n"},
		{args: "user security --json", out: `{"second_factor":true,"mail_line":null}` + "\n"},
	})
}
