package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"campanario/internal/fault"
)

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

// duplicates shows contacts that share something, or those that do with one.
func (a *app) duplicates(noun, one string) *cobra.Command {
	return a.verb(noun, verb{use: "duplicates [CONTACT]", flags: []flag{number("limit", defaultLimit), yes("all"), text("by")}, run: func(ctx context.Context, k *call) error {
		if len(k.args) > 0 {
			path, err := k.path(one + "/duplicates")
			if err != nil {
				return err
			}
			return k.follow(ctx, path, url.Values{}, listing{whole: true, columns: []column{
				{name: "id", path: "contact.id"},
				{name: "external_id", path: "contact.external_id", cut: true},
				{name: "name", path: "contact.name", cut: true},
				{name: "by", path: "shares"},
			}})
		}
		q := url.Values{}
		if by := k.text("by"); by != "" {
			q.Set("by", by)
		}
		return k.follow(ctx, "/contacts/duplicates", q, listing{columns: []column{
			{name: "by", path: "by"},
			{name: "value", path: "value", cut: true},
			{name: "count", path: "count", right: true},
			{name: "first", path: "contacts.0.id"},
			{name: "second", path: "contacts.1.id"},
		}})
	}})
}

// merge makes one contact of several.
func (a *app) merge(noun, one string) *cobra.Command {
	return a.verb(noun, verb{use: "merge CONTACT OTHER…", flags: []flag{yes("yes"), yes("preview")}, run: func(ctx context.Context, k *call) error {
		path, err := k.path(one + "/merge")
		if err != nil {
			return err
		}
		if k.flag("preview") {
			raw, err := k.request(ctx, ask{method: http.MethodPost, path: path + "/preview"}, map[string]any{"others": k.args[1:]})
			if err != nil {
				return err
			}
			return k.answer(raw, detail)
		}
		if err := k.confirm(ctx, k.words.Say("confirm.contact.merge", "who", k.args[0], "others", strings.Join(k.args[1:], ", "))); err != nil {
			return err
		}
		raw, err := k.request(ctx, ask{method: http.MethodPost, path: path}, map[string]any{"others": k.args[1:]})
		if err != nil {
			return err
		}
		return k.answer(raw, detail)
	}})
}

// export saves everything that is kept of a contact.
func (a *app) export(noun, one string) *cobra.Command {
	return a.verb(noun, verb{use: "export CONTACT", flags: []flag{short("output", "o")}, run: func(ctx context.Context, k *call) error {
		path, err := k.path(one + "/export")
		if err != nil {
			return err
		}
		if k.text("output") == "" { // an archive is nothing to look at
			return fault.New(fault.Invalid, "required", nil).At("--output")
		}
		return k.download(ctx, ask{method: http.MethodGet, path: path, accept: "application/zip"})
	}})
}

func (a *app) retention() *cobra.Command {
	const noun, all = "retention", "/retention"
	return a.noun(noun,
		a.do(noun, doing{use: "show", method: http.MethodGet, path: all}),
		a.do(noun, doing{use: "set", method: http.MethodPut, path: all, file: true, revised: true}),
		a.do(noun, doing{use: "preview", method: http.MethodPost, path: all + "/preview", file: true}),
	)
}
