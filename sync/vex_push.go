package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// push writes VEX fields to up to 100 tickets (I11). Jira has no conditional
// write, so each ticket is read by id right before: what moved there meanwhile
// is merged first, and only what is still ours to say is written, in one PUT.
func (e *Engine) push(ctx context.Context, generation int64, s *site, ops []model.Operation) error {
	sends, values, outcomes, err := e.preparePush(ctx, s, ops)
	if err != nil {
		return e.putBack(ctx, generation, s, ops, err)
	}
	if err := e.store.SettleVEX(ctx, generation, outcomes); err != nil {
		return err
	}
	e.countPushed(outcomes, nil)
	if len(sends) == 0 {
		return nil
	}
	if err := e.store.MarkVEXSent(ctx, generation, sends); err != nil {
		return err
	}
	return e.write(context.WithoutCancel(ctx), generation, s, sends, values)
}

// preparePush finds out what each operation writes. Those that have nothing to
// write any more, and those that cannot, are outcomes already.
func (e *Engine) preparePush(ctx context.Context, s *site, ops []model.Operation) (sends []storage.VEXSend, values []map[string]any, outcomes []storage.Outcome, err error) {
	ids := make([]string, len(ops))
	for i := range ops {
		ids[i] = ops[i].JiraID
	}
	found, err := e.store.VEXTicketsByID(ctx, s.connection.ID, ids)
	if err != nil {
		return nil, nil, nil, err
	}
	var tickets []storage.VEXTicket
	for i := range ops {
		if t, ok := found[ops[i].JiraID]; ok {
			tickets = append(tickets, t)
		}
	}
	tickets, failure, err := e.learnTypes(ctx, s, tickets)
	if failure != nil || err != nil {
		return nil, nil, nil, errors.Join(failure, err)
	}
	fields, failure, err := e.placesOf(ctx, s, tickets)
	if failure != nil || err != nil {
		return nil, nil, nil, errors.Join(failure, err)
	}
	results := map[int64]storage.VEXResult{}
	if len(tickets) > 0 && len(unionIDs(fields)) > 0 {
		compared, failure, err := e.compare(ctx, s, tickets, fields, true)
		if failure != nil || err != nil {
			return nil, nil, nil, errors.Join(failure, err)
		}
		for _, r := range compared {
			results[r.TicketID] = r
		}
	}
	places := map[int64]vexFields{}
	for _, t := range tickets {
		places[t.ID] = fields[place(t.Project, t.IssueType)]
	}
	for i := range ops {
		send, body, problem := assemble(s.client, &ops[i], results[ops[i].TicketID].Push, places[ops[i].TicketID])
		switch {
		case problem != nil:
			outcomes = append(outcomes, storage.Outcome{ID: ops[i].ID, State: model.OpFailed, ErrorCode: "field", Error: problem.message, ErrorFields: map[string]string{problem.field: problem.message}})
		case len(body) == 0:
			outcomes = append(outcomes, storage.Outcome{ID: ops[i].ID, State: model.OpDone})
		default:
			sends, values = append(sends, send), append(values, body)
		}
	}
	return sends, values, outcomes, nil
}

// assemble makes the body of one PUT and the comment that documents it. Fields
// that the issue type lacks are left out: there is no place for them.
func assemble(client *jiraclient.Client, op *model.Operation, changes map[model.VEXField]storage.VEXChange, where vexFields) (storage.VEXSend, map[string]any, *metadataError) {
	send := storage.VEXSend{Operation: op.ID, TicketID: op.TicketID, JiraID: op.JiraID, Values: map[model.VEXField]string{}}
	body := map[string]any{}
	var lines []string
	for _, f := range model.SyncedFields() {
		change, moved := changes[f]
		in, ok := where[f]
		if !moved || !ok {
			continue
		}
		value, problem := in.value(client, f, change.To)
		if problem != "" {
			return send, nil, &metadataError{in.ID, fmt.Sprintf("the VEX %s %q cannot be written: %s", f, change.To, problem)}
		}
		body[in.ID], send.Values[f] = value, change.To
		if f != model.FieldNotes { // internal notes never appear in a comment (ruling 25)
			lines = append(lines, fmt.Sprintf("- %s: %s → %s", vexTitle(f), quoted(f, change.From), quoted(f, change.To)))
		}
	}
	if len(lines) > 0 {
		by := ""
		if op.By != "" {
			by = " by " + model.EscapeMarkdown(op.By)
		}
		send.Comment = "VEX decision changed in vexdesk" + by + ":\n\n" + strings.Join(lines, "\n")
	}
	return send, body, nil
}

func vexTitle(f model.VEXField) string {
	name := string(f)
	return strings.ToUpper(name[:1]) + name[1:]
}

// commentText is how much of a text a comment repeats.
const commentText = 300

// quoted is a value as a comment shows it: on one line, cut, and standing for
// itself.
func quoted(f model.VEXField, value string) string {
	if value == "" {
		return "(none)"
	}
	if !f.IsText() {
		return model.EscapeMarkdown(value)
	}
	line := model.Clean(value)
	if short := model.CutRunes(line, commentText); short != line {
		line = short + "…"
	}
	return "“" + model.EscapeMarkdown(line) + "”"
}

// write sends the PUTs, a few side by side, and records their outcomes. It is
// not interrupted: an outcome that is known is worth a moment.
func (e *Engine) write(ctx context.Context, generation int64, s *site, sends []storage.VEXSend, values []map[string]any) error {
	outcomes := make([]storage.Outcome, len(sends))
	var gone []storage.StatusNews
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Go(func() {
			for i := range next {
				o, missing := e.writeOne(ctx, s, &sends[i], values[i])
				outcomes[i] = o
				if missing {
					mu.Lock()
					gone = append(gone, storage.StatusNews{ID: sends[i].TicketID, State: model.TicketDeleted, Problem: "not found in Jira"})
					mu.Unlock()
				}
			}
		})
	}
	for i := range sends {
		next <- i
	}
	close(next)
	wg.Wait()
	if len(gone) > 0 {
		if _, err := e.store.SetStatuses(ctx, gone); err != nil {
			return err
		}
	}
	e.countPushed(outcomes, sends)
	return e.store.SettleVEX(ctx, generation, outcomes)
}

// writeOne sends one PUT.
func (e *Engine) writeOne(ctx context.Context, s *site, send *storage.VEXSend, body map[string]any) (o storage.Outcome, missing bool) {
	o.ID = send.Operation
	if at, rests := s.rests(); rests {
		// Another one of the round found the site out of order.
		o.State, o.NextTry = model.OpPending, at
		return o, false
	}
	err := s.client.EditIssue(ctx, send.JiraID, jiraclient.Edit{Fields: body})
	if err == nil {
		e.works(ctx, s)
		o.State = model.OpDone
		return o, false
	}
	o.ErrorCode, o.Error = code(err), Sentence(err)
	var api *jiraclient.APIError
	if errors.As(err, &api) {
		o.ErrorFields = api.Fields
	}
	switch outcome := jiraclient.OutcomeOf(err); {
	case errors.Is(err, jiraclient.ErrNotFound):
		o.State = model.OpFailed
		return o, true
	case errors.Is(err, jiraclient.ErrConflict):
		o.State = model.OpPending // somebody was faster: read again, soon
		o.NextTry = e.store.Now().Add(firstRest)
	case outcome == jiraclient.Unknown:
		e.failed(ctx, s, err)
		o.State = model.OpUnknown
	case permanent(err):
		o.State = model.OpFailed
		if ferr := e.store.ForgetVEXFields(ctx, s.connection.ID); ferr != nil {
			e.log.Error("what is known of VEX fields cannot be dropped", "error", ferr)
		}
		s.forget()
	default:
		e.failed(ctx, s, err)
		o.State = model.OpPending
		o.NextTry, _ = s.rests()
	}
	return o, false
}

// resolvePush settles an operation on VEX fields whose outcome is unknown: the
// ticket tells whether what was written has arrived. If not, the operation
// waits again, and the next round writes what is to be written by then.
func (e *Engine) resolvePush(ctx context.Context, generation int64, s *site, op model.Operation) error {
	if _, rests := s.rests(); rests {
		return nil
	}
	settle := func(state model.OperationState) error {
		o := []storage.Outcome{{ID: op.ID, State: state}}
		if state == model.OpDone {
			e.countPushed(o, []storage.VEXSend{{Operation: op.ID}})
		}
		return e.store.SettleVEX(ctx, generation, o)
	}
	sent, err := e.store.SentVEX(ctx, op.TicketID)
	if err != nil {
		return err
	}
	found, err := e.store.VEXTicketsByID(ctx, s.connection.ID, []string{op.JiraID})
	if err != nil {
		return err
	}
	t, ok := found[op.JiraID]
	if !ok || len(sent) == 0 {
		return settle(model.OpPending)
	}
	fields, failure, err := e.placesOf(ctx, s, []storage.VEXTicket{t})
	var told map[string]jiraclient.Issue
	if failure == nil && err == nil {
		told, failure, err = e.fetchVEX(ctx, s, []storage.VEXTicket{t}, append([]string{"updated"}, unionIDs(fields)...))
	}
	if failure != nil {
		e.failed(ctx, s, failure)
		return nil
	}
	if err != nil {
		return err
	}
	e.works(ctx, s)
	holds := fields[place(t.Project, t.IssueType)].read(s.client, told[t.JiraID])
	for f, value := range sent {
		if there, readable := holds[f]; !readable || there.Problem != "" || there.Value != value {
			return settle(model.OpPending)
		}
	}
	return settle(model.OpDone)
}

// countPushed counts what was written, and what failed.
func (e *Engine) countPushed(outcomes []storage.Outcome, sends []storage.VEXSend) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, o := range outcomes {
		switch {
		case o.State == model.OpDone && sends != nil:
			e.tally.Sent++
			e.tally.Pushed++
		case o.State == model.OpFailed:
			e.tally.Failed = append(e.tally.Failed, Failure{o.ID, o.Error})
		}
	}
}
