package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// StaleTicket is a ticket to look after, as of Stale.
type StaleTicket struct {
	model.Upkeep
	Stale int64
}

// StaleTickets lists tickets that exist and whose violations came, went or
// were seen again, the longest waiting first.
func (s *Store) StaleTickets(ctx context.Context, limit int) ([]StaleTicket, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+ticketColumns+`, t.category, t.grouping, t.told, t.dedupe_key LIKE 'one/%' OR t.dedupe_key = '', t.stale,
			coalesce((SELECT f.name FROM profiles f WHERE f.id = t.profile_id), ''),
			(SELECT json_group_array(json_object('id', v.id, 'current', v.current)) FROM ticket_links l JOIN violations v ON v.id = l.violation_id WHERE l.ticket_id = t.id)
		FROM tickets t JOIN connections co ON co.id = t.connection_id
		WHERE t.stale IS NOT NULL AND t.state = 'open' AND co.broken_since IS NULL AND co.state = 'active' ORDER BY t.stale, t.id LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("the tickets to look after cannot be read: %w", err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []StaleTicket
	profiles := map[string]*model.Profile{}
	current := map[model.ViolationID]bool{}
	for rows.Next() {
		var t StaleTicket
		var category, profile, members string
		var linked []struct {
			ID      model.ViolationID `json:"id"`
			Current int               `json:"current"`
		}
		t.Ticket, err = scanTicket(func(targets ...any) error {
			return rows.Scan(append(targets, &category, &t.Grouping, &t.Told, &t.PerVersion, &t.Stale, &profile, &members)...)
		})
		if err == nil {
			err = json.Unmarshal([]byte(members), &linked)
		}
		if err != nil {
			return nil, err
		}
		t.Ticket.Category = category
		for _, l := range linked {
			t.Ticket.Violations = append(t.Ticket.Violations, l.ID)
			current[l.ID] = l.Current == 1
		}
		if profile != "" {
			profiles[profile] = nil
			t.Profile = &model.Profile{Name: profile}
		}
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return out, s.fillUpkeep(ctx, out, profiles, current)
}

func (s *Store) fillUpkeep(ctx context.Context, tickets []StaleTicket, profiles map[string]*model.Profile, current map[model.ViolationID]bool) error {
	all, err := s.Profiles(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		if _, needed := profiles[all[i].Name]; needed {
			profiles[all[i].Name] = &all[i]
		}
	}
	rows, err := s.RowsByID(ctx, slices.Sorted(maps.Keys(current)))
	if err != nil {
		return err
	}
	byID := make(map[model.ViolationID]model.Row, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	for i := range tickets {
		t := &tickets[i]
		if t.Profile != nil {
			t.Profile = profiles[t.Profile.Name]
		}
		for _, id := range t.Ticket.Violations {
			if row, ok := byID[id]; ok {
				t.Members = append(t.Members, model.UpkeepMember{Row: row, Current: current[id]})
			}
		}
	}
	return nil
}

// KeepUp stores what was decided about a ticket as intentions, and that it was
// looked after; a ticket that changed again meanwhile is left for the next
// time. A new ticket for what is open is planned with the ticket's own profile
// and grouping. It returns the operations.
func (s *Store) KeepUp(ctx context.Context, t *StaleTicket, step model.UpkeepStep) ([]model.Operation, error) {
	actor := model.Actor{Name: "vexdesk", Source: "policy"}
	var made []model.Operation
	if step.Fresh {
		plan, err := s.PlanTickets(ctx, model.PlanRequest{IDs: step.Open, Profile: t.Profile.Name, Group: t.Grouping})
		if err != nil {
			return nil, err
		}
		if made, err = s.RequestTickets(ctx, actor, plan); err != nil {
			return nil, err
		}
	}
	lines, err := s.upkeepLines(ctx, t, step)
	if err != nil {
		return made, err
	}
	r := request{store: s, ctx: ctx, actor: actor, now: s.millis(), batch: uuid.NewString(), connections: map[string]int64{}}
	err = s.update(ctx, func(tx *sql.Tx) error {
		r.tx, r.ops = tx, nil
		res, err := tx.ExecContext(ctx, `UPDATE tickets SET stale = NULL, told = ? WHERE id = ? AND stale = ?`, step.Told, t.Ticket.ID, t.Stale)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		connection, err := r.connection(t.Ticket.Connection)
		if err != nil {
			return err
		}
		for i := range lines {
			if err := r.operation(lines[i].kind, connection, t.Ticket.ID, &lines[i].PlanLine); err != nil {
				return err
			}
		}
		return r.noteUpkeep(t, step)
	})
	return append(made, r.ops...), err
}

type upkeepLine struct {
	model.PlanLine
	kind model.OperationKind
}

// upkeepLines are the operations of a step: up to date first, moved then, and
// one comment last.
func (s *Store) upkeepLines(ctx context.Context, t *StaleTicket, step model.UpkeepStep) ([]upkeepLine, error) {
	var out []upkeepLine
	add := func(kind model.OperationKind, draft model.TicketDraft) {
		draft.Project = t.Ticket.Project
		out = append(out, upkeepLine{model.PlanLine{Ticket: &t.Ticket, Connection: t.Ticket.Connection, Violations: t.Ticket.Violations, Draft: draft}, kind})
	}
	if step.Update {
		plan, err := s.planUpdate(ctx, &t.Ticket, t.Profile.Name, step.Open, "")
		if err != nil {
			return nil, err
		}
		add(model.OpUpdate, plan.Lines[0].Draft)
	}
	if step.To != "" {
		draft := model.TicketDraft{To: step.To, Steps: t.Profile.Walk()}
		if take := t.Profile.StepFor(model.TransitionResolved); take != "" && step.To == model.CategoryDone {
			draft = model.TicketDraft{Take: take, For: model.TransitionResolved}
		}
		add(model.OpTransition, draft)
	}
	if step.Comment != "" {
		add(model.OpComment, model.TicketDraft{Comment: step.Comment})
	}
	return out, nil
}

// noteUpkeep writes into the history what Jira is going to be told.
func (r *request) noteUpkeep(t *StaleTicket, step model.UpkeepStep) error {
	var did []string
	for what, done := range map[string]bool{"comment": step.Comment != "", "reopen": step.To == model.CategoryNew, "close": step.To == model.CategoryDone, "describe": step.Update} {
		if done {
			did = append(did, what)
		}
	}
	if len(did) == 0 {
		return nil
	}
	slices.Sort(did)
	for _, id := range t.Ticket.Violations {
		_, err := r.tx.ExecContext(r.ctx, `INSERT INTO audit (at, by, source, batch, violation_id, subject, field, before, after) VALUES (?, ?, ?, ?, ?, ?, 'ticket', '', ?)`,
			r.now, r.actor.Name, r.actor.Source, r.batch, int64(id), t.Ticket.Key, strings.Join(did, ", "))
		if err != nil {
			return err
		}
	}
	return nil
}

// LeaveStale gives up looking after a ticket that cannot be described, until
// its violations change again; the problem is shown with it.
func (s *Store) LeaveStale(ctx context.Context, t *StaleTicket, problem error) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE tickets SET stale = NULL, problem = ? WHERE id = ? AND stale = ?`, cut(model.Clean(problem.Error()), 500), t.Ticket.ID, t.Stale)
		return err
	})
}

// AskTicket asks for the status of a ticket that was just moved.
func (s *Store) AskTicket(ctx context.Context, ticket int64) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE tickets SET asked = max(asked, 1) WHERE id = ?`, ticket)
		return err
	})
}
