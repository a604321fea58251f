package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"

	"campanario/audience"
)

// sharingRead is about how many contacts one page of groups reads.
const sharingRead = 200

// Groups gives groups of contacts that share a value. The values are gone through in the order of an index, a window of it in a
// request.
func (s *Store) Groups(ctx context.Context, workspace string, by audience.MergeKey, after string, limit int) ([]audience.Group, string, error) {
	found, next, err := s.sharedValues(ctx, workspace, by, after, limit)
	if err != nil {
		return nil, "", s.readError(err)
	}
	read := 0
	for i, v := range found {
		if read += min(v.n, audience.MostGrouped); i > 0 && read > sharingRead {
			found, next = found[:i], found[i-1].text
			break
		}
	}
	several, err := s.groups(ctx, workspace, by, found)
	if err != nil {
		return nil, "", s.readError(err)
	}
	var out []audience.Group
	for _, v := range found {
		g, there := several[v.text]
		if !there {
			if g, err = s.group(ctx, workspace, by, v); err != nil {
				return nil, "", s.readError(err)
			}
		}
		if len(g.Contacts) > 1 {
			g.Count = max(g.Count, len(g.Contacts))
			out = append(out, g)
		}
	}
	return out, next, nil
}

// groups reads at once those who share values that few have, by their value.
func (s *Store) groups(ctx context.Context, workspace string, by audience.MergeKey, found []value) (map[string]audience.Group, error) {
	out := map[string]audience.Group{}
	var documents []string
	var marks []int64
	for _, v := range found {
		if v.n < 2 || v.n > audience.MostGrouped {
			continue
		}
		out[v.text] = audience.Group{By: by, Value: v.text, Count: v.n}
		if by == audience.ByDocument {
			documents = append(documents, v.text)
			continue
		}
		mark, err := strconv.ParseInt(v.text, 10, 64)
		if err != nil {
			return nil, err
		}
		marks = append(marks, mark)
	}
	if len(out) == 0 {
		return out, nil
	}
	among, arg := s.d.anyOf("c.document", 2, documents)
	if by != audience.ByDocument {
		among, arg = s.d.anyOf("mark", 2, marks)
		among = `c.no IN (SELECT contact_no FROM reach WHERE ` + among + `)`
	}
	list, err := contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND `+among+` ORDER BY c.no`, workspace, arg)
	shared := having(workspace, by, list)
	for text, g := range out {
		g.Value, g.Contacts = most(shared[text])
		g.Count = len(g.Contacts)
		out[text] = g
	}
	return out, err
}

// having gives contacts by what they are found by, and by what that is: two addresses may have one mark.
func having(workspace string, by audience.MergeKey, list []audience.Contact) map[string]map[string][]audience.Contact {
	out := map[string]map[string][]audience.Contact{}
	note := func(text, shown string, c audience.Contact) {
		if out[text] == nil {
			out[text] = map[string][]audience.Contact{}
		}
		if l := out[text][shown]; len(l) == 0 || l[len(l)-1].No != c.No {
			out[text][shown] = append(l, c)
		}
	}
	kind := audience.ByPhone
	if by == audience.ByAnyEmail {
		kind = audience.ByEmail
	}
	for _, c := range list {
		if by == audience.ByDocument {
			note(c.Document, c.Document, c)
			continue
		}
		for _, r := range c.Reaches {
			if r.Kind == kind {
				note(strconv.FormatInt(markOf(workspace, r.Address), 10), strings.ToLower(string(r.Address)), c)
			}
		}
	}
	return out
}

// most gives what most of them have, and who.
func most(of map[string][]audience.Contact) (value string, list []audience.Contact) {
	for _, v := range slices.Sorted(maps.Keys(of)) {
		if len(of[v]) > len(list) {
			value, list = v, of[v]
		}
	}
	return value, list
}

// value is one that several rows have.
type value struct {
	text string
	n    int
}

// sharedValues goes through a window of values. next is where the next one begins; empty at the end.
func (s *Store) sharedValues(ctx context.Context, workspace string, by audience.MergeKey, after string, limit int) (found []value, next string, err error) {
	inner, args := `SELECT document AS v FROM contact WHERE workspace_id = $1 AND document > $2 ORDER BY document LIMIT $3`, []any{workspace, after, s.window}
	if by != audience.ByDocument {
		first := int64(-1 << 63)
		if after != "" {
			if first, err = strconv.ParseInt(after, 10, 64); err != nil {
				return nil, "", err
			}
		}
		inner, args = `SELECT mark AS v FROM reach WHERE mark > $1 ORDER BY mark LIMIT $2`, []any{first, s.window}
	}
	var rows int
	var last sql.NullString
	if err := s.reads.QueryRowContext(ctx, `SELECT COUNT(*), CAST(MAX(v) AS TEXT) FROM (`+inner+`) AS x`, args...).Scan(&rows, &last); err != nil {
		return nil, "", err
	}
	args = append(args, limit+1)
	err = scan(ctx, s.reads, func(r *sql.Rows) error {
		var v value
		err := r.Scan(&v.text, &v.n)
		found = append(found, v)
		return err
	}, `SELECT CAST(x.v AS TEXT) AS shown, COUNT(*) FROM (`+inner+`) AS x GROUP BY x.v HAVING COUNT(*) > 1 ORDER BY x.v LIMIT $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, "", err
	}
	if rows == s.window {
		next = last.String
		if n := len(found); n == 0 || found[n-1].text != next { // the window may have cut its group in two
			found = append(found, value{next, 1})
		}
	}
	if len(found) > limit {
		found = found[:limit]
		next = found[limit-1].text
	}
	return found, next, nil
}

// group gives those who have a value, if they are the workspace's.
func (s *Store) group(ctx context.Context, workspace string, by audience.MergeKey, v value) (audience.Group, error) {
	g := audience.Group{By: by, Value: v.text, Count: v.n}
	var err error
	if by == audience.ByDocument {
		g.Contacts, err = contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND c.document = $2 ORDER BY c.no LIMIT $3`, workspace, v.text, audience.MostGrouped)
		return g, err
	}
	mark, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil {
		return g, err
	}
	list, err := contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND c.no IN (SELECT contact_no FROM reach WHERE mark = $2)
		ORDER BY c.no LIMIT $3`, workspace, mark, audience.MostGrouped)
	g.Value, g.Contacts = most(having(workspace, by, list)[v.text])
	g.Count -= len(list) - len(g.Contacts)
	return g, err
}
