package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.com/vexdesk/model"
)

const profileColumns = `f.id, f.name, co.name, f.project, f.issue_type, f.labels, f.summary, f.description, f.fields, f.priorities, f.dedupe, f.on_seen_again, f.on_gone, f.transitions, f.revision`

const profileTables = ` FROM profiles f JOIN connections co ON co.id = f.connection_id`

func scanProfile(read func(...any) error) (p model.Profile, err error) {
	var labels, fields, priorities, transitions string
	err = read(&p.ID, &p.Name, &p.Connection, &p.Project, &p.IssueType, &labels, &p.Summary, &p.Description, &fields, &priorities, &p.Dedupe, &p.OnSeenAgain, &p.OnGone, &transitions, &p.Revision)
	if err != nil {
		return p, err
	}
	words := map[string]string{}
	err = errors.Join(json.Unmarshal([]byte(labels), &p.Labels), json.Unmarshal([]byte(fields), &p.Fields),
		json.Unmarshal([]byte(priorities), &words), json.Unmarshal([]byte(transitions), &p.Transitions))
	p.Priorities = map[model.Severity]string{}
	for word, name := range words {
		severity, perr := model.ParseSeverity(word)
		err = errors.Join(err, perr)
		p.Priorities[severity] = name
	}
	return p, err
}

// Profiles lists the profiles by name.
func (s *Store) Profiles(ctx context.Context) ([]model.Profile, error) {
	return profiles(ctx, s.read, ``)
}

func profiles(ctx context.Context, q queryer, condition string, args ...any) ([]model.Profile, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+profileColumns+profileTables+condition+` ORDER BY f.name`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.Profile
	for rows.Next() {
		p, err := scanProfile(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// Profile finds a profile by name.
func (s *Store) Profile(ctx context.Context, name string) (model.Profile, error) {
	all, err := profiles(ctx, s.read, ` WHERE f.name = ?`, name)
	if err != nil {
		return model.Profile{}, err
	}
	if len(all) == 0 {
		return model.Profile{}, fmt.Errorf("profile %q: %w: 'vexdesk profile list' shows what there is", name, ErrNotFound)
	}
	return all[0], nil
}

// AddProfile stores a new profile, its templates checked.
func (s *Store) AddProfile(ctx context.Context, actor model.Actor, p model.Profile) (model.Profile, error) {
	err := s.update(ctx, func(tx *sql.Tx) error {
		values, err := profileValues(p)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `INSERT INTO profiles (name, connection_id, project, issue_type, labels, summary, description, fields, priorities, dedupe, on_seen_again, on_gone, transitions, created_at)
			SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM connections WHERE name = ?`, append(append([]any{p.Name}, values...), s.millis(), p.Connection)...)
		if isUnique(err) {
			return fmt.Errorf("profile %q %w: choose another name", p.Name, ErrExists)
		}
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("connection %q: %w", p.Connection, ErrNotFound))
		}
		if p.ID, err = res.LastInsertId(); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "profile "+p.Name, "state", "", "added")
	})
	return p, err
}

// profileValues are the columns from project to transitions.
func profileValues(p model.Profile) ([]any, error) {
	templates := [][3]string{{"summary", "summary", p.Summary}, {"description", "description", p.Description}}
	for _, field := range slices.Sorted(maps.Keys(p.Fields)) {
		templates = append(templates, [3]string{"field " + field, "fields.'" + field + "'", p.Fields[field]})
	}
	for _, t := range templates {
		if _, err := model.ParseTemplate(t[0], t[2]); err != nil {
			return nil, model.InField(t[1], err)
		}
	}
	words := map[string]string{}
	for severity, name := range p.Priorities {
		words[severity.String()] = name
	}
	var texts [4]string
	for i, v := range []any{orEmpty(p.Labels), orEmptyMap(p.Fields), words, orEmptyMap(p.Transitions)} {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		texts[i] = string(text)
	}
	return []any{p.Project, p.IssueType, texts[0], p.Summary, p.Description, texts[1], texts[2], p.Dedupe,
		firstOf(p.OnSeenAgain, model.SeenAgainComment), firstOf(p.OnGone, model.GoneComment), texts[3]}, nil
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func orEmptyMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// RemoveProfile removes a profile; its tickets stay.
func (s *Store) RemoveProfile(ctx context.Context, actor model.Actor, name string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM profiles WHERE name = ?`, name)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("profile %q: %w", name, ErrNotFound))
		}
		return s.note(ctx, tx, actor, "profile "+name, "state", "added", "removed")
	})
}

// ProfileUse counts what uses a profile; none of it keeps the profile from being
// removed.
type ProfileUse struct{ Tickets, Products, Watches int }

// UseOfProfile counts what uses a profile, for the question before it is removed.
func (s *Store) UseOfProfile(ctx context.Context, id int64) (u ProfileUse, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM tickets WHERE profile_id = ?1), (SELECT count(*) FROM products WHERE profile_id = ?1),
		(SELECT count(*) FROM watches WHERE profile_id = ?1)`, id).Scan(&u.Tickets, &u.Products, &u.Watches)
	return u, err
}
