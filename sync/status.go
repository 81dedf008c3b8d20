package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// statusFields are what a status poll asks for.
var statusFields = []string{"status", "summary", "created", "updated", "project"}

// fetchStatuses fetches the statuses that are due and returns when the next
// will be (S2, S3).
func (e *Engine) fetchStatuses(ctx context.Context, generation int64, which jobs) (time.Time, error) {
	interval, err := e.store.DurationSetting(ctx, "status.interval")
	if err != nil {
		return time.Time{}, err
	}
	started := time.Now()
	due, err := e.dueBut(ctx, interval, nil)
	if err != nil {
		return time.Time{}, err
	}
	ran := len(due) > 0
	answered := map[*site]bool{}
	for len(due) > 0 && ctx.Err() == nil {
		if due, err = e.statusesOf(ctx, interval, due, answered); err != nil {
			return time.Time{}, err
		}
		if len(due) > 0 {
			if _, err := e.send(ctx, generation, which); err != nil {
				return time.Time{}, err
			}
		}
	}
	if err := e.noteRun(ctx, started, ran); err != nil {
		return time.Time{}, err
	}
	if !which.schedule {
		return e.earliestRest(), nil
	}
	next, err := e.store.NextStatusDue(ctx, interval)
	if !next.IsZero() {
		// Connections that rest are looked at when they wake; a ticket that is
		// overdue for another reason must not make a busy loop.
		next = latest(next, time.Now().Add(time.Second))
	}
	return earliest(next, e.earliestRest()), err
}

// noteRun records that the job ran, where it did or was asked to.
func (e *Engine) noteRun(ctx context.Context, started time.Time, ran bool) error {
	job, err := e.store.Job(ctx, "status")
	if err != nil {
		return err
	}
	if !ran && !job.Asked.After(job.Finished) {
		return nil
	}
	return e.store.JobRan(ctx, "status", started, nil)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// awake are the connections that do not rest: the others' tickets must not
// stand in their way.
func (e *Engine) awake() []int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	ids := []int64{}
	for id, s := range e.sites {
		if _, rests := s.rests(); !rests {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (e *Engine) earliestRest() (first time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sites {
		if at, rests := s.rests(); rests {
			first = earliest(first, at)
		}
	}
	return first
}

// dueBut lists tickets whose status is due, without some that are seen to.
func (e *Engine) dueBut(ctx context.Context, interval time.Duration, without []storage.DueTicket) ([]storage.DueTicket, error) {
	all, err := e.store.DueTickets(ctx, e.store.Now().Add(-interval), e.part+len(without), e.awake())
	if err != nil || len(without) == 0 {
		return all, err
	}
	seen := make(map[int64]bool, len(without))
	for _, t := range without {
		seen[t.ID] = true
	}
	return slices.DeleteFunc(all, func(t storage.DueTicket) bool { return seen[t.ID] }), nil
}

// statusesOf fetches the statuses of the tickets that are due and lists those
// that are due next, which it reads meanwhile.
func (e *Engine) statusesOf(ctx context.Context, interval time.Duration, due []storage.DueTicket, answered map[*site]bool) (next []storage.DueTicket, err error) {
	var ahead sync.WaitGroup
	var rerr error
	ahead.Go(func() { next, rerr = e.dueBut(ctx, interval, due) })
	err = e.fetchAll(ctx, due, answered)
	ahead.Wait()
	if err = errors.Join(err, rerr); err != nil || len(next) > 0 {
		return next, err
	}
	return e.dueBut(ctx, interval, nil) // what came to be due, or could not be fetched
}

// fetchAll fetches tickets connection by connection, 100 in a request; answered
// are the connections that gave an answer in this run.
func (e *Engine) fetchAll(ctx context.Context, due []storage.DueTicket, answered map[*site]bool) error {
	bySite := map[*site][]storage.DueTicket{}
	for _, t := range due {
		s := e.site(t.ConnectionID)
		bySite[s] = append(bySite[s], t)
	}
	for s, tickets := range bySite {
		if _, rests := s.rests(); rests {
			continue // since they were listed
		}
		// One request first: where the connection does not work, it is one
		// that fails and not a thousand.
		head := min(len(tickets), jiraclient.MaxBulkFetch)
		if answered[s] {
			head = 0
		}
		for _, part := range [][]storage.DueTicket{tickets[:head], tickets[head:]} {
			works, err := e.fetchOf(ctx, s, part)
			if err != nil {
				return err
			}
			if answered[s] = works; !works {
				break
			}
		}
	}
	return nil
}

// statusAnswer is what Jira said of some tickets; ok is whether it could be asked.
type statusAnswer struct {
	news []storage.StatusNews
	ok   bool
}

// fetchOf fetches tickets of one connection and records what Jira said. It
// reports whether the connection works; an error is one of the workspace.
func (e *Engine) fetchOf(ctx context.Context, s *site, tickets []storage.DueTicket) (works bool, err error) {
	works = true
	err = sideBySide(ctx, tickets, func(ctx context.Context, part []storage.DueTicket) (statusAnswer, error) {
		news, ok := e.askStatuses(ctx, s, part)
		return statusAnswer{news, ok}, nil
	}, func(answers []statusAnswer) error {
		var news []storage.StatusNews
		for _, a := range answers {
			news, works = append(news, a.news...), works && a.ok
		}
		changed, err := e.store.SetStatuses(ctx, news)
		if err != nil {
			return err
		}
		e.countStatuses(len(news))
		e.log.Debug("statuses fetched", "connection", s.connection.Name, "tickets", len(news), "changed", changed)
		if !works {
			return errEnough
		}
		return nil
	})
	return works && ctx.Err() == nil, err
}

// askStatuses asks for up to 100 tickets; not ok is a connection that does not
// work, which is recorded.
func (e *Engine) askStatuses(ctx context.Context, s *site, tickets []storage.DueTicket) (news []storage.StatusNews, ok bool) {
	ids := make([]string, len(tickets))
	for i, t := range tickets {
		ids[i] = t.JiraID
	}
	fetched, err := s.client.BulkFetch(ctx, jiraclient.Fetch{IDsOrKeys: ids, Fields: statusFields})
	if err != nil {
		if ctx.Err() == nil {
			e.failed(ctx, s, err)
		}
		return nil, false
	}
	told := make(map[string]jiraclient.Issue, len(fetched.Issues))
	for _, issue := range fetched.Issues {
		told[issue.ID] = issue
	}
	missing := map[string][]storage.DueTicket{}
	for _, t := range tickets {
		issue, ok := told[t.JiraID]
		if !ok {
			missing[t.Project] = append(missing[t.Project], t)
			continue
		}
		status := issue.Status()
		news = append(news, storage.StatusNews{ID: t.ID, State: model.TicketOpen, Key: issue.Key, Project: issue.Project().Key, Status: status.Name, Category: status.Category.Key,
			Summary: issue.Summary(), Created: issue.Created().UnixMilli(), Updated: issue.Updated().UnixMilli()})
	}
	gone, err := explainMissing(ctx, s, missing)
	if err != nil {
		if ctx.Err() == nil {
			e.failed(ctx, s, err)
		}
		return nil, false
	}
	e.works(ctx, s)
	return append(news, gone...), true
}

// explainMissing tells deleted tickets from a lost right: where tickets of a
// project are missing, the right to browse it is checked first, and a lost
// right is a broken connection (ruling 19, S8).
func explainMissing(ctx context.Context, s *site, missing map[string][]storage.DueTicket) (news []storage.StatusNews, err error) {
	for project, tickets := range missing {
		if err := mayBrowse(ctx, s, project); err != nil {
			return nil, err
		}
		for _, t := range tickets {
			news = append(news, storage.StatusNews{ID: t.ID, State: model.TicketDeleted, Problem: fmt.Sprintf("%s was deleted in Jira, or is hidden from this account", t.Key)})
		}
	}
	return news, nil
}

// mayBrowse is a *lostRight where the account may not see the issues of a
// project: what it does not see may be there. Jira tells a project that is hidden
// from one that does not exist by nothing.
func mayBrowse(ctx context.Context, s *site, project string) error {
	rights, err := s.client.MyPermissions(ctx, project, jiraclient.PermissionBrowse)
	if errors.Is(err, jiraclient.ErrNotFound) || err == nil && !rights[jiraclient.PermissionBrowse] {
		return &lostRight{project}
	}
	return err
}

// lostRight is the right to browse a project that is gone.
type lostRight struct{ project string }

func (l *lostRight) Error() string {
	return fmt.Sprintf("the account may no longer browse project %s, or the project is gone: ask its administrator for the permission Browse Projects", l.project)
}
