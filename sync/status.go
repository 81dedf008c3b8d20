package sync

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// statusRound is how many due tickets are taken up at a time.
const statusRound = 5000

// fetchers is how many status requests of one connection are under way at
// once.
const fetchers = 4

// statusFields are what a status poll asks for.
var statusFields = []string{"status", "summary", "created", "updated", "project"}

// fetchStatuses fetches the statuses that are due and returns when the next
// will be (S2, S3).
func (e *Engine) fetchStatuses(ctx context.Context, schedule bool) (time.Time, error) {
	interval, err := e.store.DurationSetting(ctx, "status.interval")
	if err != nil {
		return time.Time{}, err
	}
	started := time.Now()
	ran := false
	for ctx.Err() == nil {
		due, err := e.store.DueTickets(ctx, e.store.Now().Add(-interval), statusRound, e.awake())
		if err != nil {
			return time.Time{}, err
		}
		if len(due) == 0 {
			break
		}
		ran = true
		if err := e.fetchAll(ctx, due); err != nil {
			return time.Time{}, err
		}
	}
	if err := e.noteRun(ctx, started, ran); err != nil {
		return time.Time{}, err
	}
	if !schedule {
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

// fetchAll fetches tickets connection by connection, 100 in a request.
func (e *Engine) fetchAll(ctx context.Context, due []storage.DueTicket) error {
	bySite := map[*site][]storage.DueTicket{}
	for _, t := range due {
		s := e.site(t.ConnectionID)
		bySite[s] = append(bySite[s], t)
	}
	for s, tickets := range bySite {
		// One request first: where the connection does not work, it is one
		// that fails and not a thousand.
		head := min(len(tickets), jiraclient.MaxBulkFetch)
		if ok, err := e.fetchSome(ctx, s, tickets[:head]); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		if err := e.fetchRest(ctx, s, tickets[head:]); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) fetchRest(ctx context.Context, s *site, tickets []storage.DueTicket) error {
	chunks := make(chan []storage.DueTicket)
	errs := make(chan error, fetchers)
	var wg sync.WaitGroup
	for range fetchers {
		wg.Go(func() {
			for chunk := range chunks {
				if ok, err := e.fetchSome(ctx, s, chunk); err != nil {
					errs <- err
					return
				} else if !ok {
					return
				}
			}
		})
	}
	stopped := make(chan struct{})
	go func() { wg.Wait(); close(stopped) }()
	for from := 0; from < len(tickets); from += jiraclient.MaxBulkFetch {
		select {
		case chunks <- tickets[from:min(from+jiraclient.MaxBulkFetch, len(tickets))]:
			continue
		case <-stopped:
		}
		break
	}
	close(chunks)
	<-stopped
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// fetchSome fetches up to 100 tickets and records what Jira said. It reports
// whether the connection works; an error is one of the workspace.
func (e *Engine) fetchSome(ctx context.Context, s *site, tickets []storage.DueTicket) (bool, error) {
	ids := make([]string, len(tickets))
	for i, t := range tickets {
		ids[i] = t.JiraID
	}
	fetched, err := s.client.BulkFetch(ctx, jiraclient.Fetch{IDsOrKeys: ids, Fields: statusFields})
	if err != nil {
		if ctx.Err() == nil {
			e.failed(ctx, s, err)
		}
		return false, nil
	}
	told := make(map[string]jiraclient.Issue, len(fetched.Issues))
	for _, issue := range fetched.Issues {
		told[issue.ID] = issue
	}
	var news []storage.StatusNews
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
	gone, ok := e.explainMissing(ctx, s, missing)
	if !ok {
		return false, nil
	}
	e.works(ctx, s)
	news = append(news, gone...)
	changed, err := e.store.SetStatuses(ctx, news)
	e.countStatuses(len(news))
	e.log.Debug("statuses fetched", "connection", s.connection.Name, "tickets", len(news), "changed", changed)
	return err == nil, err
}

// explainMissing tells deleted tickets from a lost right: where tickets of a
// project are missing, the right to browse it is checked first, and a lost
// right is a broken connection (ruling 19, S8).
func (e *Engine) explainMissing(ctx context.Context, s *site, missing map[string][]storage.DueTicket) ([]storage.StatusNews, bool) {
	var news []storage.StatusNews
	for project, tickets := range missing {
		rights, err := s.client.MyPermissions(ctx, project, jiraclient.PermissionBrowse)
		if err != nil {
			e.failed(ctx, s, err)
			return nil, false
		}
		if !rights[jiraclient.PermissionBrowse] {
			e.failed(ctx, s, &lostRight{project})
			if serr := e.store.SetBroken(ctx, s.connection.ID, (&lostRight{project}).Error()); serr != nil {
				e.log.Error("the state of a connection cannot be stored", "error", serr)
			}
			return nil, false
		}
		for _, t := range tickets {
			news = append(news, storage.StatusNews{ID: t.ID, State: model.TicketDeleted, Problem: fmt.Sprintf("%s was deleted in Jira, or is hidden from this account", t.Key)})
		}
	}
	return news, true
}

// lostRight is the right to browse a project that is gone.
type lostRight struct{ project string }

func (l *lostRight) Error() string {
	return fmt.Sprintf("the account may no longer browse project %s: ask its administrator for the permission Browse Projects", l.project)
}
