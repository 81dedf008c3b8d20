package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// profileFields are the columns of a profile as texts.
func profileFields(p model.Profile) ([]pair, error) {
	values, err := profileValues(p)
	if err != nil {
		return nil, err
	}
	out := []pair{{"connection", strings.ToLower(p.Connection)}}
	for i, name := range []string{"project", "issue_type", "labels", "summary", "description", "fields", "priorities", "dedupe", "on_seen_again", "on_gone", "transitions"} {
		out = append(out, pair{name, fmt.Sprint(values[i])})
	}
	return out, nil
}

// checkProfile tells what is wrong with a profile that no template check sees.
func checkProfile(p *model.Profile) error {
	p.Name = cut(model.Clean(p.Name), 200)
	switch {
	case p.Name == "" || p.Connection == "" || p.Project == "" || p.IssueType == "":
		return errors.New("it needs a name, a connection, a project and an issue type")
	case p.OnSeenAgain != "" && p.OnSeenAgain != model.SeenAgainComment && p.OnSeenAgain != model.SeenAgainReopen && p.OnSeenAgain != model.SeenAgainNew:
		return model.InField("on_seen_again", fmt.Errorf("on_seen_again is %q: use comment, reopen or new", p.OnSeenAgain))
	case p.OnGone != "" && p.OnGone != model.GoneNothing && p.OnGone != model.GoneComment && p.OnGone != model.GoneTransition:
		return model.InField("on_gone", fmt.Errorf("on_gone is %q: use nothing, comment or transition", p.OnGone))
	}
	return nil
}

func (a *setupper) profile(p model.Profile) error {
	if err := checkProfile(&p); err != nil {
		return err
	}
	after, err := profileFields(p)
	if err != nil {
		return err
	}
	var connection int64
	err = a.tx.QueryRowContext(a.ctx, `SELECT id FROM connections WHERE name = ?`, p.Connection).Scan(&connection)
	if errors.Is(err, sql.ErrNoRows) {
		return model.InField("connection", fmt.Errorf("connection %q: %w", p.Connection, ErrNotFound))
	}
	if err != nil {
		return err
	}
	found, err := profiles(a.ctx, a.tx, ` WHERE f.name = ?`, p.Name)
	if err != nil {
		return err
	}
	before := make([]pair, len(after))
	var stored int64
	if len(found) > 0 {
		stored = found[0].Revision
		if before, err = profileFields(found[0]); err != nil {
			return err
		}
	}
	differs := diff(before, after)
	if len(differs) > 0 {
		if err := a.seen(a.ctx, a.tx, "profile", p.Name, p.Revision, stored); err != nil {
			return err
		}
	}
	ok, err := a.changed("profile", p.Name, len(found) == 0, differs)
	if err != nil || !ok {
		return err
	}
	if len(found) == 0 {
		_, err := a.tx.ExecContext(a.ctx, `INSERT INTO profiles (name, connection_id, project, issue_type, created_at) VALUES (?, ?, ?, ?, ?)`, p.Name, connection, p.Project, p.IssueType, a.millis())
		if err != nil {
			return err
		}
	}
	values, err := profileValues(p)
	if err != nil {
		return err
	}
	_, err = a.tx.ExecContext(a.ctx, `UPDATE profiles SET connection_id = ?, project = ?, issue_type = ?, labels = ?, summary = ?, description = ?, fields = ?, priorities = ?,
		dedupe = ?, on_seen_again = ?, on_gone = ?, transitions = ? WHERE name = ?`, append(append([]any{connection}, values...), p.Name)...)
	return err
}

func productFields(p model.Product) []pair {
	return []pair{{"profile", strings.ToLower(p.Profile)}, {"project", p.Project}, {"issue_type", p.IssueType}, {"assignee", p.Assignee},
		{"reporter", p.Reporter}, {"epic", p.Epic}, {"sync", onOff(p.Sync)}, {"push_notes", onOff(p.PushNotes)}}
}

func (a *setupper) productSettings(p model.Product) error {
	if p.Name = cut(model.Clean(p.Name), 200); p.Name == "" {
		return errors.New("it has no name")
	}
	before, err := a.product(a.ctx, a.tx, `WHERE p.name = ?`, p.Name)
	added := errors.Is(err, sql.ErrNoRows)
	if err != nil && !added {
		return err
	}
	if added {
		before.Sync = true
	}
	ok, err := a.changed("product", p.Name, added, diff(productFields(before), productFields(p)))
	if err != nil || !ok {
		return err
	}
	if added {
		err := a.tx.QueryRowContext(a.ctx, `INSERT INTO products (name, resource, created_at) VALUES (?, ?, ?) RETURNING id`, p.Name, model.Clean(p.Resource), a.millis()).Scan(&before.ID)
		if err != nil {
			return err
		}
		before.Name = p.Name
	}
	if err := a.setProfile(a.ctx, a.tx, a.actor, before, &p.Profile); err != nil {
		return model.InField("profile", err)
	}
	_, err = a.tx.ExecContext(a.ctx, `UPDATE products SET project = ?, issue_type = ?, assignee = ?, reporter = ?, epic = ?, sync = ?, push_notes = ? WHERE id = ?`,
		cut(model.Clean(p.Project), 200), cut(model.Clean(p.IssueType), 200), cut(model.Clean(p.Assignee), 200), cut(model.Clean(p.Reporter), 200), cut(model.Clean(p.Epic), 200),
		p.Sync, p.PushNotes, before.ID)
	if err != nil || p.Sync == before.Sync && p.PushNotes == before.PushNotes {
		return err
	}
	return followSwitch(a.ctx, a.tx, before.ID, before.Sync && !p.Sync, a.millis())
}

func (a *setupper) view(v model.View) error {
	v.Name = cut(model.Clean(v.Name), 200)
	if v.Name == "" {
		return errors.New("it has no name")
	}
	if _, err := query.Parse(v.Query, a.now()); err != nil {
		return model.InField("query", err)
	}
	if _, err := query.ParseSort(v.Sort); err != nil {
		return model.InField("sort", err)
	}
	var before model.View
	err := a.tx.QueryRowContext(a.ctx, `SELECT name, query, sort FROM views WHERE name = ?`, v.Name).Scan(&before.Name, &before.Query, &before.Sort)
	added := errors.Is(err, sql.ErrNoRows)
	if err != nil && !added {
		return err
	}
	ok, err := a.changed("view", v.Name, added, diff([]pair{{"query", before.Query}, {"sort", before.Sort}}, []pair{{"query", v.Query}, {"sort", v.Sort}}))
	if err != nil || !ok {
		return err
	}
	_, err = a.tx.ExecContext(a.ctx, `INSERT INTO views (name, query, sort, position) VALUES (?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM views))
		ON CONFLICT (name) DO UPDATE SET query = excluded.query, sort = excluded.sort`, v.Name, v.Query, v.Sort)
	return err
}

// SetProfile replaces the profile of that name, its templates checked. Tickets
// that exist stay as they are. A *ChangedError means that the profile is not in
// p's revision any more.
func (s *Store) SetProfile(ctx context.Context, actor model.Actor, p model.Profile) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		found, err := profiles(ctx, tx, ` WHERE f.name = ?`, p.Name)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("profile %q: %w: 'vexdesk profile list' shows what there is", p.Name, ErrNotFound)
		}
		a := setupper{Store: s, ctx: ctx, tx: tx, actor: actor}
		return a.profile(p)
	})
}
