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
