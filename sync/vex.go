package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/storage"
)

// What a poll of VEX fields goes by (I10). Jira's search answers 50 issues a
// request and can carry their fields, so that N changed issues cost N/50
// requests, which is the least its API allows; asking for ids first and
// fetching them then would cost half as much again. Reads by id answer 100.
const (
	// vexPage is how many issues a page of the search holds.
	vexPage = 50
	// vexOverlap is how far a window reaches back before the last one's
	// beginning: the search index lags by minutes, and clocks differ. Changes
	// that were seen already are told by their time and not compared again.
	vexOverlap = 10 * time.Minute
)

// keepVEX keeps decisions and tickets in step: review dates that have come,
// tickets that are due to be compared by id, and by schedule what changed in
// Jira. It returns when something will be due next.
func (e *Engine) keepVEX(ctx context.Context, generation int64, which jobs) (next time.Time, err error) {
	if _, next, err = e.store.EndReviews(ctx); err != nil {
		return next, err
	}
	job, err := e.store.Job(ctx, "vex")
	if err != nil {
		return next, err
	}
	asked := job.Asked.After(job.Finished)
	started := e.store.Now()
	e.mu.Lock()
	sites := slices.Collect(maps.Values(e.sites))
	e.mu.Unlock()
	left := false
	var problem error
	for _, s := range sites {
		if at, rests := s.rests(); rests {
			next, left = earliest(next, at), true
			continue
		}
		at, failure, err := e.keepSite(ctx, s, generation, which, asked, started)
		if err != nil {
			return next, err
		}
		if failure != nil {
			problem = failure
			if _, rests := s.rests(); rests {
				left = true
			}
		}
		next = earliest(next, at)
	}
	if asked && !left {
		err = e.store.JobRan(ctx, "vex", started, problem)
	}
	return next, err
}

// keepSite keeps the tickets of one connection in step. A failure is one of
// Jira, an error one of the workspace.
func (e *Engine) keepSite(ctx context.Context, s *site, generation int64, which jobs, asked bool, now time.Time) (next time.Time, failure, err error) {
	interval, err := e.store.DurationSetting(ctx, "vex.interval")
	if err != nil {
		return next, nil, err
	}
	poll, err := e.store.VEXPoll(ctx, s.connection.ID)
	if err != nil {
		return next, nil, err
	}
	due := asked || which.schedule && !now.Before(poll.Tried.Add(interval))
	if due {
		if err := e.sweepDue(ctx, s, &poll, now); err != nil {
			return next, nil, err
		}
	}
	failure, err = e.compareDue(ctx, s, generation, which)
	if failure == nil && err == nil && due {
		failure, err = e.pollWindow(ctx, s, generation, which, &poll, now)
	}
	if due && err == nil {
		poll.Tried = now
		err = e.store.SetVEXPoll(ctx, s.connection.ID, poll)
	}
	if err == nil && (due || failure != nil) {
		err = e.noteVEX(ctx, s, failure)
	}
	if which.schedule {
		next = poll.Tried.Add(interval)
	}
	return next, failure, err
}

// sweepDue makes all tickets due to be compared by id, once in a while. What
// cannot be compared does not stay due: it becomes so again when that changes.
func (e *Engine) sweepDue(ctx context.Context, s *site, poll *storage.VEXPoll, now time.Time) error {
	sweep, err := e.store.DurationSetting(ctx, "vex.sweep")
	if err != nil {
		return err
	}
	if !now.Before(poll.Swept.Add(sweep)) {
		// New tickets are due anyway; the first sweep is theirs.
		if !poll.Swept.IsZero() {
			if err := e.store.AskVEXSweep(ctx, s.connection.ID, ""); err != nil {
				return err
			}
		}
		poll.Swept = now
	}
	return e.store.SettleVEXDue(ctx, s.connection.ID)
}

// noteVEX tells the products how their sync went, and lets a connection that
// does not answer rest.
func (e *Engine) noteVEX(ctx context.Context, s *site, failure error) error {
	if ctx.Err() != nil {
		return nil
	}
	if failure == nil {
		return e.store.VEXSynced(ctx, s.connection.ID, nil)
	}
	if !permanent(failure) {
		e.failed(ctx, s, failure)
	}
	return e.store.VEXSynced(ctx, s.connection.ID, fmt.Errorf("%s", Sentence(failure)))
}

// compareDue compares, by id, the tickets that are due.
func (e *Engine) compareDue(ctx context.Context, s *site, generation int64, which jobs) (failure, err error) {
	for part := 0; ctx.Err() == nil; part++ {
		if part > 0 {
			if _, err := e.send(ctx, generation, which); err != nil {
				return nil, err
			}
		}
		due, err := e.store.VEXDue(ctx, s.connection.ID, e.part)
		if err != nil || len(due) == 0 {
			return nil, err
		}
		known, failure, err := e.learnTypes(ctx, s, due)
		if failure != nil || err != nil {
			return failure, err
		}
		fields, failure, err := e.placesOf(ctx, s, known)
		if failure != nil || err != nil {
			return failure, err
		}
		var ask []storage.VEXTicket
		var none []int64
		for _, t := range known {
			if len(fields[place(t.Project, t.IssueType)]) == 0 {
				none = append(none, t.ID)
			} else {
				ask = append(ask, t)
			}
		}
		if len(none) > 0 {
			if err := e.store.DropVEXDue(ctx, none); err != nil {
				return nil, err
			}
		}
		if failure, err := e.compareAll(ctx, s, ask, fields); failure != nil || err != nil {
			return failure, err
		}
	}
	return nil, nil
}

// learnTypes asks for the issue types of tickets that were linked by hand.
// Tickets that Jira does not give are explained and left out.
func (e *Engine) learnTypes(ctx context.Context, s *site, tickets []storage.VEXTicket) (known []storage.VEXTicket, failure, err error) {
	var unknown []storage.VEXTicket
	for _, t := range tickets {
		if t.IssueType == "" {
			unknown = append(unknown, t)
		} else {
			known = append(known, t)
		}
	}
	types := map[int64]string{}
	for part := range slices.Chunk(unknown, jiraclient.MaxBulkFetch) {
		told, failure, err := e.fetchVEX(ctx, s, part, []string{"issuetype"})
		if failure != nil || err != nil {
			return known, failure, err
		}
		for _, t := range part {
			if issue, ok := told[t.JiraID]; ok {
				t.IssueType = issue.Type().Name
				types[t.ID] = t.IssueType
				known = append(known, t)
			}
		}
	}
	if len(types) == 0 {
		return known, nil, nil
	}
	return known, nil, e.store.NoteIssueTypes(ctx, types)
}

func place(project, issueType string) string { return project + "\x00" + strings.ToLower(issueType) }

// placesOf finds the VEX fields of all places in which tickets live.
func (e *Engine) placesOf(ctx context.Context, s *site, tickets []storage.VEXTicket) (fields map[string]vexFields, failure, err error) {
	fields = map[string]vexFields{}
	for _, t := range tickets {
		name := place(t.Project, t.IssueType)
		if _, known := fields[name]; known {
			continue
		}
		found, err := e.vexFields(ctx, s, t.Project, t.IssueType)
		if err != nil {
			failure, err := tellApart(err)
			return nil, failure, err
		}
		fields[name] = found
	}
	return fields, nil, nil
}

// tellApart tells errors of Jira from errors of the workspace.
func tellApart(err error) (failure, own error) {
	if isJira(err) {
		return err, nil
	}
	return nil, err
}

// unionIDs are the ids of the VEX fields of several places.
func unionIDs(fields map[string]vexFields) []string {
	all := map[string]bool{}
	for _, each := range fields {
		for _, id := range each.ids() {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// fetchVEX reads up to 100 tickets by id. Those that Jira does not give are
// deleted, or a right is lost (ruling 19).
func (e *Engine) fetchVEX(ctx context.Context, s *site, tickets []storage.VEXTicket, fields []string) (told map[string]jiraclient.Issue, failure, err error) {
	ids := make([]string, len(tickets))
	for i, t := range tickets {
		ids[i] = t.JiraID
	}
	fetched, ferr := s.client.BulkFetch(ctx, jiraclient.Fetch{IDsOrKeys: ids, Fields: fields})
	if ferr != nil {
		return nil, ferr, nil
	}
	told = make(map[string]jiraclient.Issue, len(fetched.Issues))
	for _, issue := range fetched.Issues {
		told[issue.ID] = issue
	}
	missing := map[string][]storage.DueTicket{}
	for _, t := range tickets {
		if _, ok := told[t.JiraID]; !ok {
			missing[t.Project] = append(missing[t.Project], storage.DueTicket{ID: t.ID, ConnectionID: s.connection.ID, Project: t.Project, JiraID: t.JiraID, Key: t.Key})
		}
	}
	if len(missing) == 0 {
		return told, nil, nil
	}
	news, failure := explainMissing(ctx, s, missing)
	if failure != nil {
		return nil, failure, nil
	}
	_, err = e.store.SetStatuses(ctx, news)
	return told, nil, err
}

// compareAll reads tickets by id and merges their VEX fields.
func (e *Engine) compareAll(ctx context.Context, s *site, tickets []storage.VEXTicket, fields map[string]vexFields) (failure, err error) {
	type answer struct {
		tickets []storage.VEXTicket
		told    map[string]jiraclient.Issue
		failure error
	}
	err = sideBySide(ctx, tickets, func(ctx context.Context, part []storage.VEXTicket) (answer, error) {
		told, failure, err := e.fetchVEX(ctx, s, part, comparedFields(fields))
		return answer{part, told, failure}, err
	}, func(answers []answer) error {
		for _, a := range answers {
			if failure = a.failure; failure != nil {
				return errEnough
			}
			if _, err := e.merge(ctx, s, a.tickets, a.told, fields, false); err != nil {
				return err
			}
		}
		return nil
	})
	return failure, err
}

// comparedFields are what is read for comparing the VEX fields of some places.
func comparedFields(fields map[string]vexFields) []string {
	return append([]string{"updated", "issuetype"}, unionIDs(fields)...)
}

// compare reads up to 100 tickets by id and merges their VEX fields.
func (e *Engine) compare(ctx context.Context, s *site, tickets []storage.VEXTicket, fields map[string]vexFields, sending bool) (results []storage.VEXResult, failure, err error) {
	told, failure, err := e.fetchVEX(ctx, s, tickets, comparedFields(fields))
	if failure != nil || err != nil {
		return nil, failure, err
	}
	results, err = e.merge(ctx, s, tickets, told, fields, sending)
	return results, nil, err
}

// merge merges the VEX fields of tickets with what Jira told of them.
func (e *Engine) merge(ctx context.Context, s *site, tickets []storage.VEXTicket, told map[string]jiraclient.Issue, fields map[string]vexFields, sending bool) ([]storage.VEXResult, error) {
	var seen []storage.VEXObservation
	for _, t := range tickets {
		if issue, ok := told[t.JiraID]; ok {
			seen = append(seen, storage.VEXObservation{TicketID: t.ID, Fields: fields[place(t.Project, t.IssueType)].read(s.client, issue), Updated: issue.Updated().Time, Fresh: true})
		}
	}
	results, err := e.store.ApplyVEX(ctx, seen, sending)
	if err != nil {
		return nil, err
	}
	e.countVEX(results)
	return results, e.attribute(ctx, s, tickets, fields, results)
}

func (e *Engine) countVEX(results []storage.VEXResult) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range results {
		e.tally.Pulled += r.Pulled
		e.tally.Conflicts += r.Conflicts
	}
}

// isJira tells errors of Jira, or of the way to it, from those of the
// workspace.
func isJira(err error) bool {
	var api *jiraclient.APIError
	var answer *jiraclient.AnswerError
	var transport *jiraclient.TransportError
	var request *jiraclient.RequestError
	var paused *jiraclient.PausedError
	return errors.As(err, &api) || errors.As(err, &answer) || errors.As(err, &transport) || errors.As(err, &request) || errors.As(err, &paused)
}
