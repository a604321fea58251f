package client

import "github.com/spf13/cobra"

func (a *app) audit() *cobra.Command {
	const noun = "audit"
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/audit", filters: []string{"subject-kind", "subject", "actor", "operation", "from", "to"},
			columns: []column{
				{name: "at", path: "at", show: instant},
				{name: "actor", path: "actor_name", cut: true},
				{name: "operation", path: "operation"},
				{name: "kind", path: "subject_kind"},
				{name: "subject", path: "subject"},
			},
		}),
	)
}

// timeline shows everything that happened with a contact.
func (a *app) timeline(noun, one string) *cobra.Command {
	return a.list(noun, listing{
		use: "timeline CONTACT", path: one + "/timeline",
		columns: []column{
			{name: "at", path: "at", show: instant},
			{name: "kind", path: "kind"},
			{name: "operation", path: "change.operation"},
			{name: "campaign", path: "campaign.name", cut: true},
			{name: "status", path: "enrolment.status", show: enum("status")},
			{name: "outcome", path: "attempt.outcome", show: enum("outcome")},
			{name: "given", path: "consent.given", show: check},
			{name: "reason", path: "suppression.text", cut: true},
		},
	})
}
