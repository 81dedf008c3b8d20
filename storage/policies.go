package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// Policies lists the policies by name.
func (s *Store) Policies(ctx context.Context) ([]model.Policy, error) {
	return policies(ctx, s.read, "")
}

// Policy finds a policy by name.
func (s *Store) Policy(ctx context.Context, name string) (model.Policy, error) {
	return policyNamed(ctx, s.read, name)
}

func policyNamed(ctx context.Context, q queryer, name string) (model.Policy, error) {
	all, err := policies(ctx, q, " WHERE p.name = ?", name)
	if err != nil {
		return model.Policy{}, err
	}
	if len(all) == 0 {
		return model.Policy{}, fmt.Errorf("policy %q: %w: 'vexdesk policy list' shows what there is", name, ErrNotFound)
	}
	return all[0], nil
}

func policies(ctx context.Context, q queryer, condition string, args ...any) ([]model.Policy, error) {
	rows, err := q.QueryContext(ctx, `SELECT p.id, p.name, p.type, p.mode, p.grace, p.revision, r.name, r.query, r.create_ticket, r.severity, r.ignore_until
		FROM policies p JOIN policy_rules r ON r.policy_id = p.id`+condition+` ORDER BY p.name, p.id, r.position`, args...)
	if err != nil {
		return nil, fmt.Errorf("the policies cannot be read: %w", err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.Policy
	for rows.Next() {
		var p model.Policy
		var r model.Rule
		var severity, until sql.NullInt64
		if err := rows.Scan(&p.ID, &p.Name, &p.Type, &p.Mode, &p.GraceDays, &p.Revision, &r.Name, &r.Query, &r.CreateTicket, &severity, &until); err != nil {
			return nil, err
		}
		if severity.Valid {
			r.Severity = model.SeverityOfRank(int(severity.Int64)).String()
		}
		if at := fromMillis(until); !at.IsZero() {
			r.IgnoreUntil = at.Format(time.DateOnly)
		}
		if len(out) == 0 || out[len(out)-1].ID != p.ID {
			out = append(out, p)
		}
		last := &out[len(out)-1]
		last.Rules = append(last.Rules, r)
	}
	return out, rows.Err()
}

// checkPolicy cleans a policy and tells what is wrong with it, its queries
// included.
func checkPolicy(p *model.Policy, now time.Time) error {
	p.Name = cut(model.Clean(p.Name), 200)
	if p.Mode == "" {
		p.Mode = model.PolicyApply
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		r.Name, r.Query = cut(model.Clean(r.Name), 200), strings.TrimSpace(r.Query)
		if _, err := query.Parse(r.Query, now); err != nil {
			return model.InField(fmt.Sprintf("rules[%d].query", i), fmt.Errorf("rule %d of policy %q: %w", i+1, p.Name, err))
		}
	}
	return p.Check()
}

// AddPolicy stores a new policy. It works once a watch names it.
func (s *Store) AddPolicy(ctx context.Context, actor model.Actor, p model.Policy) (model.Policy, error) {
	if err := checkPolicy(&p, s.now()); err != nil {
		return p, err
	}
	err := s.update(ctx, func(tx *sql.Tx) error { return s.addPolicy(ctx, tx, actor, &p) })
	return p, err
}

func (s *Store) addPolicy(ctx context.Context, tx *sql.Tx, actor model.Actor, p *model.Policy) error {
	err := tx.QueryRowContext(ctx, `INSERT INTO policies (name, type, mode, grace, matches_all) VALUES (?, ?, ?, ?, ?) RETURNING id`,
		p.Name, p.Type, string(p.Mode), p.GraceDays, p.MatchesAll()).Scan(&p.ID)
	if isUnique(err) {
		return fmt.Errorf("policy %q %w: choose another name, or change it with 'vexdesk policy set'", p.Name, ErrExists)
	}
	if err != nil {
		return err
	}
	if err := writeRules(ctx, tx, p); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, "policy "+p.Name, "rules", "", describeRules(p))
}

// SetPolicy replaces the policy of that name, and evaluates it over everything
// that its watches cover. A *ChangedError means that the policy is not in p's
// revision any more.
func (s *Store) SetPolicy(ctx context.Context, actor model.Actor, name string, p model.Policy) (model.Policy, error) {
	if err := checkPolicy(&p, s.now()); err != nil {
		return p, err
	}
	err := s.edit(ctx, actor, func(e *evaluation) (bool, error) { return s.setPolicy(e, actor, name, &p) })
	return p, err
}

// setPolicy replaces a policy and marks its watches to be evaluated; it
// reports whether anything changed.
func (s *Store) setPolicy(e *evaluation, actor model.Actor, name string, p *model.Policy) (bool, error) {
	before, err := policyNamed(e.ctx, e.tx, name)
	if err != nil {
		return false, err
	}
	p.ID = before.ID
	if samePolicy(&before, p) {
		return false, nil
	}
	if err := s.seen(e.ctx, e.tx, "policy", before.Name, p.Revision, before.Revision); err != nil {
		return false, err
	}
	_, err = e.tx.ExecContext(e.ctx, `UPDATE policies SET name = ?, type = ?, mode = ?, grace = ?, matches_all = ? WHERE id = ?`,
		p.Name, p.Type, string(p.Mode), p.GraceDays, p.MatchesAll(), p.ID)
	if isUnique(err) {
		return false, fmt.Errorf("policy %q %w: choose another name", p.Name, ErrExists)
	}
	if err != nil {
		return false, err
	}
	if err := writeRules(e.ctx, e.tx, p); err != nil {
		return false, err
	}
	p.Revision = 0
	e.policies = append(e.policies, p.ID)
	return true, s.note(e.ctx, e.tx, actor, "policy "+p.Name, "rules", describeRules(&before), describeRules(p))
}

func samePolicy(a, b *model.Policy) bool {
	return a.Name == b.Name && describeRules(a) == describeRules(b)
}

func writeRules(ctx context.Context, tx *sql.Tx, p *model.Policy) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM policy_rules WHERE policy_id = ?`, p.ID); err != nil {
		return err
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		var severity any
		if r.Severity != "" {
			level, err := model.ParseSeverity(r.Severity)
			if err != nil {
				return err
			}
			severity = level.Rank()
		}
		until, err := r.Until()
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO policy_rules (policy_id, position, name, query, create_ticket, severity, ignore_until) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			p.ID, i, r.Name, r.Query, r.CreateTicket, severity, toMillis(until))
		if err != nil {
			return err
		}
	}
	return nil
}

// describeRules writes a policy as the audit keeps it.
func describeRules(p *model.Policy) string {
	parts := []string{"mode " + string(p.Mode)}
	if p.Type != "" {
		parts = append(parts, "type "+p.Type)
	}
	if p.GraceDays > 0 {
		parts = append(parts, fmt.Sprintf("grace %d days", p.GraceDays))
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		text := fmt.Sprintf("rule %q where %q", r.Name, r.Query)
		if r.CreateTicket {
			text += " create a ticket"
		}
		if r.Severity != "" {
			text += " severity " + r.Severity
		}
		if r.IgnoreUntil != "" {
			text += " ignore until " + r.IgnoreUntil
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// ErrPolicyInUse means: a watch names the policy that is to be removed.
var ErrPolicyInUse = errors.New("is in use")

// RemovePolicy removes a policy that no watch names.
func (s *Store) RemovePolicy(ctx context.Context, actor model.Actor, name string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		p, err := policyNamed(ctx, tx, name)
		if err != nil {
			return err
		}
		watches, err := strs(ctx, tx, `SELECT w.name FROM watches w JOIN watch_policies wp ON wp.watch_id = w.id WHERE wp.policy_id = ? ORDER BY w.name`, p.ID)
		if err != nil {
			return err
		}
		if len(watches) > 0 {
			return fmt.Errorf("policy %q %w by the watch %s: take it off with 'vexdesk watch set', or remove the watch", p.Name, ErrPolicyInUse, strings.Join(watches, ", "))
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM policies WHERE id = ?`, p.ID); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "policy "+p.Name, "rules", describeRules(&p), "")
	})
}
