package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// Watches lists the watches by name.
func (s *Store) Watches(ctx context.Context) ([]model.Watch, error) {
	return watches(ctx, s.read, "")
}

// Watch finds a watch by name.
func (s *Store) Watch(ctx context.Context, name string) (model.Watch, error) {
	return watchNamed(ctx, s.read, name)
}

func watchNamed(ctx context.Context, q queryer, name string) (model.Watch, error) {
	all, err := watches(ctx, q, " WHERE w.name = ?", name)
	if err != nil {
		return model.Watch{}, err
	}
	if len(all) == 0 {
		return model.Watch{}, fmt.Errorf("watch %q: %w: 'vexdesk watch list' shows what there is", name, ErrNotFound)
	}
	return all[0], nil
}

func watches(ctx context.Context, q queryer, condition string, args ...any) ([]model.Watch, error) {
	rows, err := q.QueryContext(ctx, `SELECT w.id, w.name, w.scope, coalesce((SELECT f.name FROM profiles f WHERE f.id = w.profile_id), ''), w.create_tickets, w.create_since, w.revision,
			(SELECT json_group_array(name) FROM (SELECT p.name FROM watch_policies wp JOIN policies p ON p.id = wp.policy_id WHERE wp.watch_id = w.id ORDER BY wp.position))
		FROM watches w`+condition+` ORDER BY w.name`, args...)
	if err != nil {
		return nil, fmt.Errorf("the watches cannot be read: %w", err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.Watch
	for rows.Next() {
		var w model.Watch
		var since sql.NullInt64
		var names string
		err := rows.Scan(&w.ID, &w.Name, &w.Scope, &w.Profile, &w.CreateTickets, &since, &w.Revision, &names)
		if err == nil {
			err = json.Unmarshal([]byte(names), &w.Policies)
		}
		if err != nil {
			return nil, err
		}
		w.CreateSince = fromMillis(since)
		out = append(out, w)
	}
	return out, rows.Err()
}

func checkWatch(w *model.Watch, now time.Time) error {
	w.Name, w.Scope = cut(model.Clean(w.Name), 200), strings.TrimSpace(w.Scope)
	if _, err := query.Parse(w.Scope, now); err != nil {
		return model.InField("scope", fmt.Errorf("the scope of watch %q: %w", w.Name, err))
	}
	return w.Check()
}

// AddWatch stores a new watch and evaluates its policies. Where it creates
// tickets, that concerns what is first seen from now on (ruling 13).
func (s *Store) AddWatch(ctx context.Context, actor model.Actor, w model.Watch) (model.Watch, error) {
	if err := checkWatch(&w, s.now()); err != nil {
		return w, err
	}
	err := s.edit(ctx, actor, func(e *evaluation) (bool, error) { return true, s.addWatch(e, actor, &w) })
	return w, err
}

func (s *Store) addWatch(e *evaluation, actor model.Actor, w *model.Watch) error {
	err := e.tx.QueryRowContext(e.ctx, `INSERT INTO watches (name, scope) VALUES (?, ?) RETURNING id`, w.Name, w.Scope).Scan(&w.ID)
	if isUnique(err) {
		return fmt.Errorf("watch %q %w: choose another name, or change it with 'vexdesk watch set'", w.Name, ErrExists)
	}
	if err != nil {
		return err
	}
	return s.writeWatch(e, actor, &model.Watch{}, w)
}

// SetWatch replaces the watch of that name and evaluates its policies. A
// *ChangedError means that the watch is not in w's revision any more.
func (s *Store) SetWatch(ctx context.Context, actor model.Actor, name string, w model.Watch) (model.Watch, error) {
	if err := checkWatch(&w, s.now()); err != nil {
		return w, err
	}
	err := s.edit(ctx, actor, func(e *evaluation) (bool, error) { return s.setWatch(e, actor, name, &w) })
	return w, err
}

func (s *Store) setWatch(e *evaluation, actor model.Actor, name string, w *model.Watch) (bool, error) {
	before, err := watchNamed(e.ctx, e.tx, name)
	if err != nil {
		return false, err
	}
	w.ID, w.CreateSince = before.ID, before.CreateSince
	if before.Name == w.Name && describeWatch(&before) == describeWatch(w) {
		return false, nil
	}
	if err := s.seen(e.ctx, e.tx, "watch", before.Name, w.Revision, before.Revision); err != nil {
		return false, err
	}
	_, err = e.tx.ExecContext(e.ctx, `UPDATE watches SET name = ?, scope = ? WHERE id = ?`, w.Name, w.Scope, w.ID)
	if isUnique(err) {
		return false, fmt.Errorf("watch %q %w: choose another name", w.Name, ErrExists)
	}
	if err != nil {
		return false, err
	}
	w.Revision = 0
	return true, s.writeWatch(e, actor, &before, w)
}

// writeWatch writes what refers to others, and when the creation of tickets
// was turned on.
func (s *Store) writeWatch(e *evaluation, actor model.Actor, before, w *model.Watch) error {
	var profile any
	if w.Profile != "" {
		found, err := profiles(e.ctx, e.tx, ` WHERE f.name = ?`, w.Profile)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return model.InField("profile", fmt.Errorf("profile %q: %w: 'vexdesk profile list' shows what there is", w.Profile, ErrNotFound))
		}
		profile, w.Profile = found[0].ID, found[0].Name
	}
	switch {
	case !w.CreateTickets:
		w.CreateSince = time.Time{}
	case !before.CreateTickets:
		w.CreateSince = e.now.UTC().Truncate(time.Millisecond)
	}
	_, err := e.tx.ExecContext(e.ctx, `UPDATE watches SET profile_id = ?, create_tickets = ?, create_since = ? WHERE id = ?`, profile, w.CreateTickets, toMillis(w.CreateSince), w.ID)
	if err == nil {
		_, err = e.tx.ExecContext(e.ctx, `DELETE FROM watch_policies WHERE watch_id = ?`, w.ID)
	}
	if err != nil {
		return err
	}
	for i, name := range w.Policies {
		p, err := policyNamed(e.ctx, e.tx, name)
		if err != nil {
			return model.InField(fmt.Sprintf("policies[%d]", i), err)
		}
		w.Policies[i] = p.Name
		if _, err := e.tx.ExecContext(e.ctx, `INSERT INTO watch_policies (watch_id, position, policy_id) VALUES (?, ?, ?)`, w.ID, i, p.ID); err != nil {
			return err
		}
	}
	e.watches = append(e.watches, w.ID)
	return s.note(e.ctx, e.tx, actor, "watch "+w.Name, "settings", describeWatch(before), describeWatch(w))
}

// describeWatch writes a watch as the audit keeps it.
func describeWatch(w *model.Watch) string {
	if w.ID == 0 {
		return ""
	}
	text := fmt.Sprintf("scope %q; policies %s", w.Scope, strings.ToLower(strings.Join(w.Policies, ", ")))
	if w.Profile != "" {
		text += "; profile " + strings.ToLower(w.Profile)
	}
	if w.CreateTickets {
		text += "; creates tickets"
	}
	return text
}

// RemoveWatch removes a watch and what its policies did through it: what they
// ignored comes back, what they rated has its reported severity again. Tickets
// stay. Until the last of its matches is gone it stands there without policies.
func (s *Store) RemoveWatch(ctx context.Context, actor model.Actor, name string) error {
	return s.edit(ctx, actor, func(e *evaluation) (bool, error) { return true, s.emptyWatch(e, actor, name) })
}

// emptyWatch takes all policies off a watch, which no other edit leaves it
// without: what follows ends with its removal.
func (s *Store) emptyWatch(e *evaluation, actor model.Actor, name string) error {
	w, err := watchNamed(e.ctx, e.tx, name)
	if err != nil {
		return err
	}
	for _, text := range []string{`DELETE FROM watch_policies WHERE watch_id = ?`, `UPDATE watches SET create_tickets = 0, create_since = NULL WHERE id = ?`} {
		if _, err := e.tx.ExecContext(e.ctx, text, w.ID); err != nil {
			return err
		}
	}
	e.watches = append(e.watches, w.ID)
	return s.note(e.ctx, e.tx, actor, "watch "+w.Name, "settings", describeWatch(&w), "")
}
