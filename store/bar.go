package store

import (
	"context"
	"database/sql"
	"slices"

	"campanario/audience"
	"campanario/audience/registry"
	"campanario/channel"
	"campanario/dispatch"
)

// bar looks for addresses that must not be contacted.
func (k *claim) bar(ctx context.Context, candidates []dispatch.Candidate) error {
	var all []channel.Address
	for i := range candidates {
		all = append(all, candidates[i].Addresses...)
	}
	if len(all) == 0 {
		return nil
	}
	suppressed, err := k.suppressed(ctx, all)
	if err != nil {
		return err
	}
	listed, err := k.listed(ctx, all)
	if err != nil || len(suppressed) == 0 && listed == nil && !slices.Contains(all, "") {
		return err
	}
	at := 0
	for i := range candidates {
		for j, a := range candidates[i].Addresses {
			rule, barred := suppressed[barredAs(a)]
			if a == "" { // erased, or too old to be kept
				rule, barred = dispatch.Rule{Rule: string(audience.ErasedPerson)}, true
			}
			if !barred && listed != nil {
				rule, barred = listed(at)
			}
			if at++; !barred {
				continue
			}
			candidates[i].Barred |= 1 << j
			if j == 0 {
				candidates[i].Rule = rule
			}
		}
	}
	return nil
}

// suppressed finds addresses that were suppressed one by one, with the oldest reason of each, and those of people who were erased. Whether
// there are any of these is told by a row of its own, with no address.
func (k *claim) suppressed(ctx context.Context, all []channel.Address) (map[string]dispatch.Rule, error) {
	texts := make([]string, len(all))
	for i, a := range all {
		texts[i] = barredAs(a)
	}
	out := map[string]dispatch.Rule{}
	among, arg := k.t.d.anyOf("address", 3, texts)
	err := scan(ctx, k.t, func(rows *sql.Rows) error {
		var a, reason, source string
		var since int64
		if err := rows.Scan(&a, &reason, &source, &since); err != nil {
			return err
		}
		if _, there := out[a]; there {
			return nil
		}
		rule := dispatch.Rule{Rule: reason}
		if r := audience.SuppressReason(reason); r == audience.BlockList || r == audience.DoNotCall {
			rule.List = source
		}
		out[a] = rule
		return nil
	}, `SELECT address, reason, source, created_at FROM suppression WHERE workspace_id = $1 AND channel IN ('', $2) AND `+among+`
		AND (expires_at IS NULL OR expires_at > $4)
		UNION ALL SELECT '', 'erased', '', 0 WHERE EXISTS (SELECT 1 FROM erased WHERE workspace_id = $1)
		ORDER BY created_at, reason`, k.Workspace, string(k.Kind), arg, ms(k.Now))
	if _, any := out[""]; err != nil || !any {
		return out, err
	}
	delete(out, "")
	erased, err := recognised(ctx, k.t, k.t.d, k.t.veil, k.Workspace, all)
	for a := range erased {
		out[a] = dispatch.Rule{Rule: string(audience.ErasedPerson)}
	}
	return out, err
}

// listed finds addresses that are on a list; nil when there are no lists. Which versions count is read here, in the
// claim's transaction, so a version holds from the instant in which it was published; the look-ups are in files of this
// node.
func (k *claim) listed(ctx context.Context, all []channel.Address) (func(at int) (dispatch.Rule, bool), error) {
	registries, err := registriesOf(ctx, k.t, k.Workspace)
	if err != nil {
		return nil, err
	}
	var lists []registry.Version
	var rules []dispatch.Rule
	for _, r := range registries {
		if r.Covers(k.Kind, k.Now) {
			lists = append(lists, r.File())
			rules = append(rules, dispatch.Rule{Rule: string(r.Kind), List: r.Name})
		}
	}
	if len(lists) == 0 {
		return nil, nil
	}
	if k.Screen == nil {
		return nil, registry.ErrAway
	}
	found, err := k.Screen(lists, all)
	if err != nil {
		return nil, err
	}
	return func(at int) (dispatch.Rule, bool) {
		if l := found[at]; l >= 0 {
			return rules[l], true
		}
		return dispatch.Rule{}, false
	}, nil
}
