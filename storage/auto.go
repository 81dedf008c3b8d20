package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// autoRetry is when an automatic ticket that cannot be planned, such as for
// want of a profile, is tried again.
const autoRetry = 10 * time.Minute

// autoRound is how many violations one plan of automatic tickets holds.
const autoRound = 1000

// AutoResult is what became of automatic tickets.
type AutoResult struct {
	// Operations are those that were put into the outbox.
	Operations []model.Operation
	// Problems are sentences about what could not be planned; it is tried
	// again later.
	Problems []string
	// More tells that more is due at once.
	More bool
}

// CreateDue plans the tickets that rules ask for and whose grace period is
// over, and stores them as intentions: through the profile of the watch, for
// what has no ticket (I7). Doing it twice creates nothing.
func (s *Store) CreateDue(ctx context.Context) (AutoResult, error) {
	var out AutoResult
	rows, err := s.read.QueryContext(ctx, `SELECT m.watch_id, m.violation_id, v.state = 0 AND v.current = 1 AND v.ticketed = 0
		FROM matches m JOIN watches w ON w.id = m.watch_id JOIN violations v ON v.id = m.violation_id
		WHERE m.due <= ? AND w.create_tickets = 1 ORDER BY m.due, m.watch_id, m.violation_id LIMIT ?`, s.millis(), autoRound)
	if err != nil {
		return out, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	wanted, settled := map[int64][]model.ViolationID{}, map[int64][]model.ViolationID{}
	var watches []int64
	n := 0
	for rows.Next() {
		var watch int64
		var id model.ViolationID
		var needed bool
		if err := rows.Scan(&watch, &id, &needed); err != nil {
			return out, err
		}
		if wanted[watch] == nil && settled[watch] == nil {
			watches = append(watches, watch)
		}
		n++
		switch last := len(wanted[watch]) - 1; {
		case needed && last >= 0 && wanted[watch][last] == id: // by another policy
		case needed:
			wanted[watch] = append(wanted[watch], id)
		default:
			settled[watch] = append(settled[watch], id)
		}
	}
	if err := rows.Err(); err != nil {
		return out, err
	}
	out.More = n == autoRound
	for _, watch := range watches {
		if err := s.createFor(ctx, watch, wanted[watch], settled[watch], &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s *Store) createFor(ctx context.Context, watch int64, wanted, settled []model.ViolationID, out *AutoResult) error {
	found, err := watches(ctx, s.read, ` WHERE w.id = ?`, watch)
	if err != nil || len(found) == 0 {
		return err
	}
	w := found[0]
	plan, err := s.PlanTickets(ctx, model.PlanRequest{IDs: wanted, Profile: w.Profile})
	if err != nil {
		out.Problems = append(out.Problems, fmt.Sprintf("watch %s: %v", w.Name, err))
		return s.postpone(ctx, watch, wanted)
	}
	ops, err := s.RequestTickets(ctx, model.Actor{Name: w.Name, Source: "policy"}, plan)
	if errors.Is(err, ErrChanged) {
		out.More = true // a person was faster; what is left is planned anew
		return nil
	}
	if err != nil {
		return err
	}
	out.Operations = append(out.Operations, ops...)
	var later []model.ViolationID
	reasons := map[string]bool{}
	for i := range plan.Lines {
		l := &plan.Lines[i]
		if l.Action != model.PlanSkip || l.Ticket != nil {
			settled = append(settled, l.Violations...)
			continue
		}
		later = append(later, l.Violations...)
		if !reasons[l.Reason] {
			reasons[l.Reason] = true
			out.Problems = append(out.Problems, fmt.Sprintf("watch %s: %s", w.Name, l.Reason))
		}
	}
	return errors.Join(s.acted(ctx, watch, settled), s.postpone(ctx, watch, later))
}

// acted notes that automatic tickets were seen to.
func (s *Store) acted(ctx context.Context, watch int64, ids []model.ViolationID) error {
	return s.setDue(ctx, `UPDATE matches SET due = NULL, acted = ?1 WHERE watch_id = ?2 AND due IS NOT NULL AND violation_id IN (SELECT value FROM json_each(?3))`, s.millis(), watch, ids)
}

func (s *Store) postpone(ctx context.Context, watch int64, ids []model.ViolationID) error {
	return s.setDue(ctx, `UPDATE matches SET due = ?1 WHERE watch_id = ?2 AND due IS NOT NULL AND violation_id IN (SELECT value FROM json_each(?3))`, s.now().Add(autoRetry).UnixMilli(), watch, ids)
}

func (s *Store) setDue(ctx context.Context, statement string, at, watch int64, ids []model.ViolationID) error {
	if len(ids) == 0 {
		return nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement, at, watch, string(list))
		return err
	})
}

// NextAutomatic is when the next automatic ticket is due; the zero time where
// none is foreseen.
func (s *Store) NextAutomatic(ctx context.Context) (time.Time, error) {
	var due sql.NullInt64
	err := s.read.QueryRowContext(ctx, `SELECT m.due FROM matches m JOIN watches w ON w.id = m.watch_id
		WHERE m.due IS NOT NULL AND w.create_tickets = 1 ORDER BY m.due LIMIT 1`).Scan(&due)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return fromMillis(due), err
}

// AutomationDue reports whether policies or tickets have to be looked after
// now.
func (s *Store) AutomationDue(ctx context.Context) (due bool, err error) {
	d, err := s.dueEvaluation(ctx)
	if err != nil || d.expired || d.hourly || d.left {
		return d.expired || d.hourly || d.left, err
	}
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM matches m JOIN watches w ON w.id = m.watch_id WHERE m.due <= ? AND w.create_tickets = 1)
		OR EXISTS (SELECT 1 FROM tickets t JOIN connections co ON co.id = t.connection_id WHERE t.stale IS NOT NULL AND t.state = 'open' AND co.broken_since IS NULL AND co.state = 'active')
		OR EXISTS (SELECT 1 FROM tickets t JOIN connections co ON co.id = t.connection_id WHERE `+movable+`)`,
		s.millis()).Scan(&due)
	return due, err
}

// WatchRequest asks for tickets for all that the watch's rules want tickets for
// now, whenever it was first seen and without regard to grace periods (ruling
// 13).
func (s *Store) WatchRequest(ctx context.Context, name string) (model.PlanRequest, error) {
	w, err := s.Watch(ctx, name)
	if err != nil {
		return model.PlanRequest{}, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT v.id FROM matches m JOIN policies p ON p.id = m.policy_id AND p.mode = 'apply'
		JOIN policy_rules r ON r.policy_id = m.policy_id AND r.position = m.rule AND r.create_ticket = 1 JOIN violations v ON v.id = m.violation_id
		WHERE m.watch_id = ? AND v.state = 0 AND v.current = 1 ORDER BY v.severity, v.id`, w.ID)
	if err != nil {
		return model.PlanRequest{}, err
	}
	ids, err := readIDs(rows)
	return model.PlanRequest{IDs: ids, Profile: w.Profile}, err
}

// PlanWatch plans what [Store.WatchRequest] asks for.
func (s *Store) PlanWatch(ctx context.Context, name string) (model.Plan, error) {
	req, err := s.WatchRequest(ctx, name)
	if err != nil {
		return model.Plan{}, err
	}
	return s.PlanTickets(ctx, req)
}

// WatchCounts is what the policies of a watch match now.
type WatchCounts struct {
	Policy string
	Rule   int
	Name   string
	Count  int
	// Due are automatic tickets in their grace period.
	Due int
}

// WatchMatches counts what the policies of a watch, or of all watches for the
// empty name, match now, rule by rule.
func (s *Store) WatchMatches(ctx context.Context, watch string) ([]WatchCounts, error) {
	condition, args := "", []any{}
	if watch != "" {
		condition, args = " WHERE m.watch_id = (SELECT id FROM watches WHERE name = ?)", []any{watch}
	}
	rows, err := s.read.QueryContext(ctx, `SELECT p.name, m.rule, coalesce(r.name, ''), count(DISTINCT m.violation_id), count(m.due) FROM matches m JOIN policies p ON p.id = m.policy_id
		LEFT JOIN policy_rules r ON r.policy_id = m.policy_id AND r.position = m.rule`+condition+` GROUP BY p.id, m.rule ORDER BY p.name, m.rule`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []WatchCounts
	for rows.Next() {
		var c WatchCounts
		if err := rows.Scan(&c.Policy, &c.Rule, &c.Name, &c.Count, &c.Due); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// watchProfiles are the profiles of watches, by the watch's name.
func (c *choice) watchProfiles(all []model.Watch) {
	c.watches = map[string]*model.Profile{}
	for i := range all {
		if p := c.named(all[i].Profile); p != nil {
			c.watches[strings.ToLower(all[i].Name)] = p
		}
	}
}

// ofWatch is the profile of the first watch, by name, that has one.
func (c *choice) ofWatch(names []string) *model.Profile {
	for _, name := range names {
		if p := c.watches[strings.ToLower(name)]; p != nil {
			return p
		}
	}
	return nil
}

// PolicyOverlap counts violations for which rules of two policies both want a
// ticket (I18). They get one ticket.
type PolicyOverlap struct {
	A, B  string
	Count int
}

// PolicyOverlaps lists them, by name.
func (s *Store) PolicyOverlaps(ctx context.Context) ([]PolicyOverlap, error) {
	const wants = ` FROM matches m JOIN policies p ON p.id = m.policy_id AND p.mode = 'apply' JOIN policy_rules r ON r.policy_id = m.policy_id AND r.position = m.rule AND r.create_ticket = 1`
	rows, err := s.read.QueryContext(ctx, `WITH wants AS (SELECT DISTINCT m.violation_id, p.name`+wants+`)
		SELECT a.name, b.name, count(*) FROM wants a JOIN wants b ON b.violation_id = a.violation_id AND b.name > a.name GROUP BY 1, 2 ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("the policies cannot be compared: %w", err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []PolicyOverlap
	for rows.Next() {
		var o PolicyOverlap
		if err := rows.Scan(&o.A, &o.B, &o.Count); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}
