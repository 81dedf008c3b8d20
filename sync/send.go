package sync

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// workers is how many requests of one queue are under way at once, within
// Jira's pace, which the client keeps.
const workers = 4

// sendOutbox sends what is due, queue by queue side by side, and returns when
// more will be due.
func (e *Engine) sendOutbox(ctx context.Context, generation int64, which jobs) (time.Time, error) {
	queues, next, err := e.store.Queues(ctx)
	if err != nil {
		return next, err
	}
	queues = slices.DeleteFunc(queues, func(q storage.Queue) bool { return !which.sends(q.Kind) })
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all error
	var awake []storage.Queue
	started := time.Now()
	for _, q := range queues {
		s := e.site(q.ConnectionID)
		if s == nil {
			continue
		}
		if at, rests := s.rests(); rests {
			next = earliest(next, at)
			continue
		}
		awake = append(awake, q)
		side := workers
		if q.Kind == model.OpFields {
			side = 1 // it writes side by side itself
		}
		for range side {
			wg.Go(func() {
				err := e.drain(ctx, generation, s, q)
				mu.Lock()
				defer mu.Unlock()
				all = errors.Join(all, err)
			})
		}
	}
	wg.Wait()
	if all != nil {
		return next, all
	}
	if len(awake) == 0 {
		return next, nil
	}
	// What failed or came in meanwhile has a time of its own.
	_, after, err := e.store.Queues(ctx)
	answered := false
	for _, q := range awake {
		at, rests := e.site(q.ConnectionID).rests()
		answered = answered || !rests
		if rests {
			after = earliest(after, at)
		}
	}
	if answered {
		err = errors.Join(err, e.store.JobRan(ctx, "outbox", started, nil))
	}
	return earliest(next, after), err
}

// drain sends a queue until it is empty, the site rests or ctx ends.
func (e *Engine) drain(ctx context.Context, generation int64, s *site, q storage.Queue) error {
	limit := 1
	switch q.Kind {
	case model.OpCreate:
		limit = jiraclient.MaxBulkCreate
	case model.OpFields:
		limit = jiraclient.MaxBulkFetch
	}
	for ctx.Err() == nil {
		if _, rests := s.rests(); rests {
			return nil
		}
		ops, err := e.store.Claim(ctx, generation, q, limit)
		if err != nil || len(ops) == 0 {
			return err
		}
		switch q.Kind {
		case model.OpCreate:
			err = e.create(ctx, generation, s, ops)
		case model.OpFields:
			err = e.push(ctx, generation, s, ops)
		default:
			err = e.change(ctx, generation, s, ops[0])
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// togetherTimes is how often operations are sent together, whatever becomes of it.
const togetherTimes = 2

// create makes the issues of up to 50 operations in one request. Those that were
// sent in vain before are sent one by one then: one at which Jira fails for good
// must not stop the others.
func (e *Engine) create(ctx context.Context, generation int64, s *site, ops []model.Operation) error {
	if len(ops) > 1 && slices.ContainsFunc(ops, func(op model.Operation) bool { return op.Attempts >= togetherTimes }) {
		for i := range ops {
			if at, rests := s.rests(); rests {
				return e.settleAll(context.WithoutCancel(ctx), generation, ops[i:], storage.Outcome{State: model.OpPending, NextTry: at})
			}
			if err := e.create(ctx, generation, s, ops[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	project := ops[0].Project
	floor, err := e.floor(ctx, s, project)
	if err != nil {
		return e.putBack(ctx, generation, s, ops, err)
	}
	facts := &batchFacts{store: e.store, ops: ops}
	issues, ready, outcomes, err := e.prepare(ctx, s, ops, facts)
	if err != nil {
		return e.putBack(ctx, generation, s, ops, err)
	}
	if err := e.store.Settle(ctx, generation, outcomes); err != nil {
		return err
	}
	e.count(outcomes)
	if len(issues) == 0 {
		return nil
	}
	ids := make([]string, len(ready))
	for i := range ready {
		ids[i] = ready[i].ID
	}
	if err := e.store.NotePrefilled(ctx, generation, facts.filled); err != nil {
		return err
	}
	if err := e.store.MarkSent(ctx, generation, ids, floor); err != nil {
		return err
	}
	// The answer is waited for even when the program is asked to stop: an
	// outcome that is known is worth a moment.
	result, err := s.client.CreateIssues(context.WithoutCancel(ctx), issues)
	if err != nil {
		return e.settleRefusal(context.WithoutCancel(ctx), generation, s, ready, err)
	}
	return e.settleCreated(context.WithoutCancel(ctx), generation, s, ready, result)
}

// floor is the highest key number of the project that any answer has shown;
// where none has, Jira is asked (ruling 15).
func (e *Engine) floor(ctx context.Context, s *site, project string) (int, error) {
	s.learn.Lock()
	defer s.learn.Unlock()
	n, known, err := e.store.HighestKey(ctx, s.connection.ID, project)
	if err != nil || known {
		return n, err
	}
	if n, err = s.client.HighestKey(ctx, project); err != nil {
		return 0, err
	}
	return n, e.store.NoteHighestKey(ctx, s.connection.ID, project, n)
}

// putBack returns claimed operations to the queue when a request before the
// creation failed: nothing was sent. Where Jira refused the question itself,
// as for a project that is not there, they fail with its words.
func (e *Engine) putBack(ctx context.Context, generation int64, s *site, ops []model.Operation, err error) error {
	ctx = context.WithoutCancel(ctx)
	o := storage.Outcome{State: model.OpPending, ErrorCode: code(err), Error: Sentence(err)}
	if permanent(err) {
		o.State = model.OpFailed
	} else {
		e.failed(ctx, s, err)
		o.NextTry, _ = s.rests()
	}
	return e.settleAll(ctx, generation, ops, o)
}

func (e *Engine) settleAll(ctx context.Context, generation int64, ops []model.Operation, o storage.Outcome) error {
	outcomes := make([]storage.Outcome, len(ops))
	for i := range ops {
		outcomes[i] = o
		outcomes[i].ID = ops[i].ID
	}
	e.count(outcomes)
	return e.store.Settle(ctx, generation, outcomes)
}

// permanent tells refusals that a person must mend from those that pass.
func permanent(err error) bool {
	var api *jiraclient.APIError
	var mine *jiraclient.RequestError
	var meta *metadataError
	if errors.As(err, &meta) || errors.As(err, &mine) {
		return true
	}
	if !errors.As(err, &api) || breaks(err) && !errors.Is(err, jiraclient.ErrForbidden) {
		return false
	}
	return api.Status >= 400 && api.Status < 500 && api.Status != 401 && api.Status != 429
}

// settleRefusal records what is known after a request for issues that ended in
// an error.
func (e *Engine) settleRefusal(ctx context.Context, generation int64, s *site, ops []model.Operation, err error) error {
	o := storage.Outcome{ErrorCode: code(err), Error: Sentence(err)}
	switch jiraclient.OutcomeOf(err) {
	case jiraclient.Refused, jiraclient.NotSent:
		if permanent(err) {
			o.State = model.OpFailed
			break
		}
		e.failed(ctx, s, err)
		o.State = model.OpPending
		o.NextTry, _ = s.rests()
	default:
		e.failed(ctx, s, err)
		o.State = model.OpUnknown
		s.learntUnknown(ops)
	}
	return e.settleAll(ctx, generation, ops, o)
}

// settleCreated records the outcome of each element of an answer.
func (e *Engine) settleCreated(ctx context.Context, generation int64, s *site, ops []model.Operation, result jiraclient.CreateResult) error {
	e.works(ctx, s)
	made := map[string]jiraclient.Created{}
	outcomes := make([]storage.Outcome, 0, len(ops))
	var open []model.Operation
	for i, element := range result.Elements {
		switch {
		case element.Err != nil:
			s.forget()
			outcomes = append(outcomes, storage.Outcome{ID: ops[i].ID, State: model.OpFailed, ErrorCode: "refused", Error: Sentence(element.Err), ErrorFields: element.Err.Fields})
		case element.Created != nil:
			made[ops[i].ID] = *element.Created
			open = append(open, ops[i])
		default:
			open = append(open, ops[i])
		}
	}
	if result.Confirm || len(result.Unassigned) > 0 {
		var err error
		if made, err = e.confirm(ctx, s, result); err != nil {
			e.log.Warn("the keys of new tickets cannot be confirmed yet", "error", err)
			made = nil
		}
	}
	status := e.initialStatus(ctx, s, ops[0].Draft, made)
	var lost []model.Operation
	for _, op := range open {
		created, ok := made[op.ID]
		if !ok {
			lost = append(lost, op)
			outcomes = append(outcomes, storage.Outcome{ID: op.ID, State: model.OpUnknown, ErrorCode: "unknown", Error: "jira's answer does not say what became of this one"})
			continue
		}
		outcomes = append(outcomes, storage.Outcome{ID: op.ID, State: model.OpDone, JiraID: created.ID, Key: created.Key, Status: status.Name, Category: status.Category.Key})
		if op.Attempts > 0 {
			s.checkLate(op, time.Now())
		}
	}
	s.learntUnknown(lost)
	e.count(outcomes)
	return e.store.Settle(ctx, generation, outcomes)
}

// confirm reads the operation ids that the new issues carry (ruling 16).
func (e *Engine) confirm(ctx context.Context, s *site, result jiraclient.CreateResult) (map[string]jiraclient.Created, error) {
	var keys []string
	for _, element := range result.Elements {
		if element.Created != nil {
			keys = append(keys, element.Created.ID)
		}
	}
	for _, c := range result.Unassigned {
		keys = append(keys, c.ID)
	}
	made := map[string]jiraclient.Created{}
	if len(keys) == 0 {
		return made, nil
	}
	fetched, err := s.client.BulkFetch(ctx, jiraclient.Fetch{IDsOrKeys: keys, Fields: []string{"status"}, Properties: []string{jiraclient.OperationProperty}})
	for _, issue := range fetched.Issues {
		if id := issue.Operation(); id != "" {
			made[id] = jiraclient.Created{ID: issue.ID, Key: issue.Key}
		}
	}
	return made, err
}

// initialStatus is the status in which issues of a project and type begin:
// learnt from the first one made, so that a thousand tickets cost one
// question. An empty one means that it could not be learnt; the status job
// fills it in.
func (e *Engine) initialStatus(ctx context.Context, s *site, draft model.TicketDraft, made map[string]jiraclient.Created) jiraclient.Status {
	name := draft.Project + "\x00" + draft.IssueType
	s.learn.Lock()
	defer s.learn.Unlock()
	s.mu.Lock()
	status, known := s.initial[name]
	s.mu.Unlock()
	if known {
		return status
	}
	for _, created := range made {
		fetched, err := s.client.BulkFetch(ctx, jiraclient.Fetch{IDsOrKeys: []string{created.ID}, Fields: []string{"status"}})
		if err != nil || len(fetched.Issues) == 0 {
			return jiraclient.Status{}
		}
		status = fetched.Issues[0].Status()
		if status.Category.Key != model.CategoryNew {
			// Somebody may have moved it already: that says nothing of the others.
			return jiraclient.Status{}
		}
		s.mu.Lock()
		s.initial[name] = status
		s.mu.Unlock()
		return status
	}
	return jiraclient.Status{}
}

// code is a word for programs.
func code(err error) string {
	for word, kind := range map[string]error{"unauthorized": jiraclient.ErrUnauthorized, "captcha": jiraclient.ErrCaptcha, "forbidden": jiraclient.ErrForbidden,
		"not_found": jiraclient.ErrNotFound, "rate_limited": jiraclient.ErrRateLimited, "server": jiraclient.ErrServer, "unreachable": jiraclient.ErrUnreachable,
		"not_json": jiraclient.ErrNotJSON, "redirected": jiraclient.ErrRedirected} {
		if errors.Is(err, kind) {
			return word
		}
	}
	return "failed"
}
