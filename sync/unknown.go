package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// learntUnknown starts the settling time of operations whose outcome this
// process does not know: the last byte has left by now.
func (s *site) learntUnknown(ops []model.Operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, op := range ops {
		s.seenUnknown[op.ID] = time.Now()
		delete(s.probed, op.ID)
	}
}

// lateAfter is how much later than settling an operation that was sent again
// is looked for a last time.
const lateAfter = 4

// lateSpan is for how long a process that begins to sync looks after what
// others sent again.
const lateSpan = time.Hour

// checkLate remembers to look once more for an issue that Jira may have made
// of an earlier request after all; sent is when the last one was.
func (s *site) checkLate(op model.Operation, sent time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late[op.ID] = lateCheck{project: op.Project, floor: op.Floor, at: sent}
}

// resolveUnknown asks Jira about operations whose outcome is unknown: at once,
// and again after the settling time (ruling 15). It returns when to look next.
func (e *Engine) resolveUnknown(ctx context.Context, generation int64, _ jobs) (time.Time, error) {
	ops, err := e.store.Operations(ctx, storage.OperationFilter{States: []model.OperationState{model.OpUnknown}})
	if err != nil {
		return time.Time{}, err
	}
	settling, err := e.store.DurationSetting(ctx, "settling")
	if err != nil {
		return time.Time{}, err
	}
	groups := map[*site]map[string][]model.Operation{}
	for _, op := range ops {
		s := e.siteNamed(op.Connection)
		if s == nil {
			continue
		}
		if op.Kind == model.OpFields {
			if err := e.resolvePush(ctx, generation, s, op); err != nil {
				return time.Time{}, err
			}
			continue
		}
		if op.Kind != model.OpCreate {
			if err := e.resolveChange(ctx, generation, s, op); err != nil {
				return time.Time{}, err
			}
			continue
		}
		if groups[s] == nil {
			groups[s] = map[string][]model.Operation{}
		}
		groups[s][op.Project] = append(groups[s][op.Project], op)
	}
	var all []time.Time
	for s, projects := range groups {
		for project, ops := range projects {
			next, err := e.probe(ctx, generation, s, project, ops, settling)
			if err != nil {
				return time.Time{}, err
			}
			all = append(all, next)
		}
	}
	return earliest(append(all, e.lookLate(ctx, settling))...), nil
}

func (e *Engine) siteNamed(name string) *site {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sites {
		if s.connection.Name == name {
			return s
		}
	}
	return nil
}

// probe asks about the unknown creations of a project, if it is time to.
func (e *Engine) probe(ctx context.Context, generation int64, s *site, project string, ops []model.Operation, settling time.Duration) (time.Time, error) {
	if at, rests := s.rests(); rests {
		return at, nil
	}
	now := time.Now()
	var due []model.Operation
	var next time.Time
	floor := ops[0].Floor
	s.mu.Lock()
	for _, op := range ops {
		if _, ok := s.seenUnknown[op.ID]; !ok {
			s.seenUnknown[op.ID] = now
		}
		settled := s.seenUnknown[op.ID].Add(settling)
		if !s.probed[op.ID] || !now.Before(settled) {
			due = append(due, op)
		} else {
			next = earliest(next, settled)
		}
		floor = min(floor, op.Floor)
	}
	s.mu.Unlock()
	if len(due) == 0 {
		return next, nil
	}
	found, err := e.scan(ctx, s, project, floor)
	if absent := func(op model.Operation) bool { _, made := found[op.ID]; return !made }; err == nil && slices.ContainsFunc(due, absent) {
		err = mayBrowse(ctx, s, project) // what is hidden may be there
	}
	if err != nil {
		e.failed(ctx, s, err)
		at, _ := s.rests()
		return earliest(next, at), nil
	}
	e.works(ctx, s)
	var outcomes []storage.Outcome
	s.mu.Lock()
	for _, op := range due {
		settled := s.seenUnknown[op.ID].Add(settling)
		issue, made := found[op.ID]
		switch {
		case made:
			status := issue.Status()
			outcomes = append(outcomes, storage.Outcome{ID: op.ID, State: model.OpDone, JiraID: issue.ID, Key: issue.Key, Status: status.Name, Category: status.Category.Key, Created: issue.Created().Time})
		case !now.Before(settled):
			outcomes = append(outcomes, storage.Outcome{ID: op.ID, State: model.OpPending, NextTry: sendAgain(now, op.Attempts, settling)})
		default:
			s.probed[op.ID] = true
			next = earliest(next, settled)
			continue
		}
		delete(s.seenUnknown, op.ID)
		delete(s.probed, op.ID)
	}
	s.mu.Unlock()
	e.count(outcomes)
	if len(outcomes) == 0 {
		return next, nil
	}
	return next, e.store.Settle(ctx, generation, outcomes)
}

// sendAgain is when an operation that was sent so often, and did not happen, is
// sent again: the zero time after the first time, then later each time, lest one
// at which Jira fails for good goes back and forth without a rest.
func sendAgain(now time.Time, times int, settling time.Duration) time.Time {
	if times < 2 {
		return time.Time{}
	}
	return now.Add(min(settling<<min(times-2, 10), longRest))
}

// scan reads the issues of a project above a key number, up until a whole
// fetch finds none, and returns those that carry an operation id. It does not
// depend on Jira's search index.
func (e *Engine) scan(ctx context.Context, s *site, project string, floor int) (map[string]jiraclient.Issue, error) {
	found := map[string]jiraclient.Issue{}
	for from := floor + 1; ; from += jiraclient.MaxBulkFetch {
		keys := make([]string, jiraclient.MaxBulkFetch)
		for i := range keys {
			keys[i] = fmt.Sprintf("%s-%d", project, from+i)
		}
		fetched, err := s.client.BulkFetch(ctx, jiraclient.Fetch{IDsOrKeys: keys, Fields: []string{"status", "created"}, Properties: []string{jiraclient.OperationProperty}})
		if err != nil {
			return nil, err
		}
		if len(fetched.Issues) == 0 {
			return found, nil
		}
		for _, issue := range fetched.Issues {
			if id := issue.Operation(); id != "" {
				if first, twice := found[id]; !twice || number(issue.Key) < number(first.Key) {
					found[id] = issue
				}
			}
		}
	}
}

func number(key string) int {
	_, n, _ := jiraclient.SplitKey(key)
	return n
}

// lookLate looks once more for issues of operations that were sent again: a
// second ticket is reported as a duplicate, never hidden (ruling 15). It returns
// when to look next.
func (e *Engine) lookLate(ctx context.Context, settling time.Duration) (next time.Time) {
	e.mu.Lock()
	sites := slices.Collect(maps.Values(e.sites))
	e.mu.Unlock()
	for _, s := range sites {
		if at, rests := s.rests(); rests {
			next = earliest(next, at)
			continue
		}
		due, later := s.dueLate(lateAfter * settling)
		next = earliest(next, later)
		for project, checks := range due {
			if err := e.reportDuplicates(ctx, s, project, checks.floor); err != nil {
				if isJira(err) && ctx.Err() == nil {
					e.failed(ctx, s, err)
				}
				e.log.Warn("duplicates cannot be looked for yet", "project", project, "error", err)
				next = earliest(next, time.Now().Add(firstRest))
				continue
			}
			s.mu.Lock()
			for _, id := range checks.ids {
				delete(s.late, id)
			}
			s.mu.Unlock()
		}
	}
	return next
}

// lateChecks are operations of a project to be looked for above a key number.
type lateChecks struct {
	ids   []string
	floor int
}

// dueLate groups by project what was sent longer than after ago, and tells when
// the next will be due.
func (s *site) dueLate(after time.Duration) (due map[string]lateChecks, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	due = map[string]lateChecks{}
	for id, check := range s.late {
		if at := check.at.Add(after); time.Now().Before(at) {
			next = earliest(next, at)
			continue
		}
		of, known := due[check.project]
		if !known || check.floor < of.floor {
			of.floor = check.floor
		}
		of.ids = append(of.ids, id)
		due[check.project] = of
	}
	return due, next
}

func (e *Engine) reportDuplicates(ctx context.Context, s *site, project string, floor int) error {
	var all error
	for from := floor + 1; ; from += jiraclient.MaxBulkFetch {
		keys := make([]string, jiraclient.MaxBulkFetch)
		for i := range keys {
			keys[i] = fmt.Sprintf("%s-%d", project, from+i)
		}
		fetched, err := s.client.BulkFetch(ctx, jiraclient.Fetch{IDsOrKeys: keys, Fields: []string{"status"}, Properties: []string{jiraclient.OperationProperty}})
		if err != nil || len(fetched.Issues) == 0 {
			return errors.Join(all, err)
		}
		for _, issue := range fetched.Issues {
			if id := issue.Operation(); id != "" {
				all = errors.Join(all, e.store.NoteIssue(ctx, id, issue.ID, issue.Key))
			}
		}
	}
}
