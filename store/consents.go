package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/rules"
)

var _ audience.ConsentStore = (*Store)(nil)

var consentAdded = []string{
	"no", "workspace_id", "contact_no", "address", "channel", "line_id", "given", "basis", "source", "proof", "by_key", "at", "kept_at",
}

// AddConsent adds to the history of a contact.
func (s *Store) AddConsent(ctx context.Context, workspace, contact string, c audience.Consent) (int64, error) {
	err := s.write(ctx, func(t *tx) error {
		// The contact's row makes those take turns who change what the contact can be found by.
		no, made, _ := audience.ContactNo(contact)
		err := t.QueryRowContext(ctx, `UPDATE contact SET revision = revision WHERE no = $1 AND created_at = $2 AND workspace_id = $3 RETURNING no`,
			no, ms(made), workspace).Scan(&c.Contact)
		if err == sql.ErrNoRows { //nolint:errorlint // Scan gives the very error
			return notFound("contact", contact)
		}
		if err != nil {
			return err
		}
		if c.No, err = t.serial(ctx, "consent"); err != nil {
			return err
		}
		return t.addConsents(ctx, workspace, []audience.Consent{c})
	})
	return c.No, err
}

// addConsents writes consents of contacts whose rows the caller holds, and what these can be found by.
func (t *tx) addConsents(ctx context.Context, workspace string, list []audience.Consent) error {
	numbers := make([]int64, 0, len(list))
	rows := make([][]any, len(list))
	for i := range list {
		c := &list[i]
		rows[i] = []any{
			c.No, workspace, c.Contact, null(string(c.Address)), null(string(c.Channel)), null(c.Line), c.Given, null(string(c.Basis)),
			string(c.Source), null(c.Proof), null(c.By), ms(c.At), ms(c.Kept),
		}
		numbers = append(numbers, c.Contact)
	}
	before, err := consentsOf(ctx, t, t.d, numbers)
	if err != nil {
		return err
	}
	if err := t.insert(ctx, "consent", consentAdded, rows, ""); err != nil {
		return err
	}
	after, err := consentsOf(ctx, t, t.d, numbers)
	if err != nil {
		return err
	}
	var changes []change
	slices.Sort(numbers)
	for _, no := range slices.Compact(numbers) {
		changes = append(changes, changed(no, audience.ConsentTerms(before[no]), audience.ConsentTerms(after[no])))
	}
	return t.index(ctx, workspace, changes)
}

const consentColumns = `no, contact_no, COALESCE(address, ''), COALESCE(channel, ''), COALESCE(line_id, ''), given, COALESCE(basis, ''), source,
	COALESCE(proof, ''), COALESCE(by_key, ''), at, kept_at, COALESCE(was_contact, ''),
	COALESCE(undoes, 0)`

func scanConsent(rows *sql.Rows) (audience.Consent, error) {
	var c audience.Consent
	var when, kept sql.NullInt64
	err := rows.Scan(&c.No, &c.Contact, &c.Address, &c.Channel, &c.Line, &c.Given, &c.Basis, &c.Source, &c.Proof, &c.By, &when, &kept, &c.Was, &c.Undoes)
	c.At, c.Kept = at(when), at(kept)
	return c, err
}

// consentsOf gives the histories of contacts, the latest first, as far as they are decided by.
func consentsOf(ctx context.Context, q querier, d dialect, numbers []int64) (map[int64][]audience.Consent, error) {
	out := map[int64][]audience.Consent{}
	if len(numbers) == 0 {
		return out, nil
	}
	among, args := anyAmong(d, "contact_no", 1, numbers)
	err := scan(ctx, q, func(rows *sql.Rows) error {
		var c audience.Consent
		var when sql.NullInt64
		err := rows.Scan(&c.No, &c.Contact, &c.Address, &c.Channel, &c.Line, &c.Given, &when, &c.Undoes)
		c.At = at(when)
		out[c.Contact] = append(out[c.Contact], c)
		return err
	}, `SELECT no, contact_no, COALESCE(address, ''), COALESCE(channel, ''), COALESCE(line_id, ''), given, at, COALESCE(undoes, 0) FROM consent WHERE `+among, args...)
	for no := range out {
		out[no] = audience.Decisive(out[no])
	}
	return out, err
}

// ConsentsOf gives the history of a contact, the latest first; also of one that was deleted, by the id that it had.
func (s *Store) ConsentsOf(ctx context.Context, workspace, contact string, limit int) ([]audience.Consent, error) {
	var out []audience.Consent
	no, made, _ := audience.ContactNo(contact)
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		c, err := scanConsent(rows)
		out = append(out, c)
		return err
	}, `SELECT `+consentColumns+` FROM consent WHERE workspace_id = $2 AND contact_no IN (SELECT no FROM contact WHERE no = $4 AND created_at = $5 AND workspace_id = $2
			UNION SELECT w.contact_no FROM consent w WHERE w.was_contact = $1 AND w.workspace_id = $2)
		ORDER BY at DESC, no DESC LIMIT $3`, contact, workspace, limit, no, ms(made))
	return out, s.readError(err)
}

// ConsentsAmong gives the histories of contacts of a workspace, the latest first, as far as they are decided by.
func (s *Store) ConsentsAmong(ctx context.Context, _ string, numbers []int64) (map[int64][]audience.Consent, error) {
	out, err := consentsOf(ctx, s.reads, s.d, numbers) // numbers are of one workspace each
	return out, s.readError(err)
}

// owners gives the contacts of a workspace that have addresses: the oldest where several have one.
func (t *tx) owners(ctx context.Context, workspace string, addresses []channel.Address) (map[channel.Address]int64, error) {
	out := map[channel.Address]int64{}
	var anybody int64
	err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM contact_epoch WHERE workspace_id = $1`, workspace).Scan(&anybody)
	if err != nil || anybody == 0 || len(addresses) == 0 {
		return out, err
	}
	marks := make([]int64, len(addresses))
	wanted := make(map[string][]channel.Address, len(addresses)) // as they are written here
	for i, a := range addresses {
		marks[i] = markOf(workspace, a)
		low := strings.ToLower(string(a))
		wanted[low] = append(wanted[low], a)
	}
	among, args := anyAmong(t.d, "mark", 1, marks)
	err = scan(ctx, t, func(rows *sql.Rows) error {
		var no int64
		var text []byte
		if err := rows.Scan(&no, &text); err != nil {
			return err
		}
		reaches, err := reachesOf(text, nil)
		for i := range reaches {
			for _, a := range wanted[strings.ToLower(string(reaches[i].Address))] {
				if first, there := out[a]; !there || no < first {
					out[a] = no
				}
			}
		}
		return err
	}, `SELECT no, reaches FROM contact WHERE workspace_id = $4 AND no IN (SELECT contact_no FROM reach WHERE `+among+`)`, append(args, workspace)...)
	return out, err
}

// tied gives newcomers with the contacts that have their primary addresses, where nobody said who they are.
func (t *tx) tied(ctx context.Context, workspace string, rows []campaign.Newcomer) ([]campaign.Newcomer, error) {
	var unknown []channel.Address
	for i := range rows {
		if rows[i].Contact == 0 {
			unknown = append(unknown, rows[i].Addresses[0])
		}
	}
	owners, err := t.owners(ctx, workspace, unknown)
	if err != nil || len(owners) == 0 {
		return rows, err
	}
	rows = slices.Clone(rows) // the caller's stay as they are
	for i := range rows {
		if rows[i].Contact == 0 {
			rows[i].Contact = owners[rows[i].Addresses[0]]
		}
	}
	return rows, nil
}

// tie finds out who candidates are whose address came into the base after they had been added to the campaign.
func (k *claim) tie(ctx context.Context, candidates []dispatch.Candidate) error {
	var unknown []channel.Address
	for i := range candidates {
		if c := &candidates[i]; c.Contact == 0 {
			unknown = append(unknown, c.Addresses[0])
		}
	}
	owners, err := k.t.owners(ctx, k.Workspace, unknown)
	for i := range candidates {
		if c := &candidates[i]; c.Contact == 0 {
			c.Contact = owners[c.Addresses[0]]
		}
	}
	return err
}

// consents looks for those who did not agree to what the campaign needs.
func (k *claim) consents(ctx context.Context, candidates []dispatch.Candidate) error {
	if !k.Need.Set() || len(candidates) == 0 {
		return nil
	}
	numbers := make([]int64, 0, len(candidates))
	for i := range candidates {
		if no := candidates[i].Contact; no != 0 {
			numbers = append(numbers, no)
		}
	}
	histories, err := consentsOf(ctx, k.t, k.t.d, numbers)
	if err != nil {
		return err
	}
	for i := range candidates {
		c := &candidates[i]
		for j, a := range c.Addresses {
			said := audience.AnswerOf(histories[c.Contact], a, k.Kind, k.Hold.Line, k.Need.On)
			if audience.Enough(k.Need, said) {
				continue
			}
			c.Lacking |= 1 << j
			if said == audience.Withdrew {
				c.Withdrew |= 1 << j
			}
		}
	}
	return nil
}

// bind looks for what else keeps candidates from being contacted: consent that is missing, and limits that are reached.
func (k *claim) bind(ctx context.Context, candidates []dispatch.Candidate) error {
	if !k.Need.Set() && !k.limited() {
		return nil
	}
	if err := k.tie(ctx, candidates); err != nil {
		return err
	}
	if err := k.consents(ctx, candidates); err != nil {
		return err
	}
	return k.limits(ctx, candidates)
}

// partConsents does to the histories of contacts that are removed what becomes of them, and says how many entries went.
func (t *tx) partConsents(ctx context.Context, workspace string, list []audience.Contact, said map[int64][]audience.Consent, how leaving) (int64, error) {
	if how != erased {
		if err := t.keepWithdrawals(ctx, workspace, list, said); err != nil {
			return 0, err
		}
	}
	if how != deleted {
		numbers := make([]int64, len(list))
		for i := range list {
			numbers[i] = list[i].No
		}
		among, arg := t.d.anyOf("contact_no", 1, numbers)
		return t.exec(ctx, `DELETE FROM consent WHERE `+among, arg)
	}
	for i := range list {
		c := &list[i]
		if len(said[c.No]) == 0 {
			continue
		}
		if _, err := t.exec(ctx, `UPDATE consent SET was_contact = COALESCE(was_contact, $1) WHERE contact_no = $2`, c.ID, c.No); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// keepWithdrawals suppresses addresses whose owners are being removed and had taken their consent back: who comes again with the next file
// has not given it anew.
func (t *tx) keepWithdrawals(ctx context.Context, workspace string, list []audience.Contact, said map[int64][]audience.Consent) error {
	var rows [][]any
	for i := range list {
		c := &list[i]
		history := said[c.No]
		if len(history) == 0 {
			continue
		}
		for _, r := range c.Reaches {
			for _, k := range channel.Kinds() {
				if (k == channel.Email) == (r.Kind == audience.ByEmail) && audience.AnswerOf(history, r.Address, k, "", rules.OnChannel) == audience.Withdrew {
					rows = append(rows, []any{workspace, barredAs(r.Address), string(k), string(audience.NoConsent), "consent:" + c.ID, ms(history[0].At), nil})
				}
			}
		}
	}
	return t.insert(ctx, "suppression", suppressionColumns, once(rows), prolong)
}
