package sync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// pollWindow asks Jira's search for the issues that changed since the last
// poll and merges their VEX fields. The window begins where the last one was
// asked, in epoch milliseconds, which no time zone touches, and with overlap;
// what the index forgets or shows too late is found by the sweep by id. In a
// project where others change much, the window may cost more than reading all
// our tickets by id; then that is done instead.
func (e *Engine) pollWindow(ctx context.Context, s *site, generation int64, which jobs, poll *storage.VEXPoll, now time.Time) (failure, err error) {
	places, err := e.store.VEXPlaces(ctx, s.connection.ID)
	if err != nil {
		return nil, err
	}
	var projects []string
	tickets := 0
	fields := map[string]vexFields{}
	for _, p := range places {
		found, err := e.vexFields(ctx, s, p.Project, p.IssueType)
		if err != nil {
			return tellApart(err)
		}
		if len(found) == 0 {
			continue
		}
		fields[place(p.Project, p.IssueType)] = found
		tickets += p.Tickets
		if quoted := jiraclient.QuoteJQL(p.Project); len(projects) == 0 || projects[len(projects)-1] != quoted {
			projects = append(projects, quoted)
		}
	}
	if len(projects) == 0 || poll.Asked.IsZero() {
		poll.Asked = now
		return nil, nil
	}
	search := jiraclient.Search{PageSize: vexPage, Fields: append([]string{"issuetype"}, append(statusFields, unionIDs(fields)...)...),
		JQL: fmt.Sprintf("project in (%s) AND updated >= %d ORDER BY updated ASC, key ASC", strings.Join(projects, ", "), poll.Asked.Add(-vexOverlap).UnixMilli())}
	budget := (tickets/jiraclient.MaxBulkFetch + 1) * vexPage
	var page []jiraclient.Issue
	read := 0
	for issue, ferr := range s.client.SearchJQL(ctx, search) {
		if ferr != nil {
			return ferr, nil
		}
		if page = append(page, issue); len(page) < vexPage {
			continue
		}
		if err := e.mergeFound(ctx, s, page, fields); err != nil {
			return nil, err
		}
		read, page = read+len(page), nil
		if read > budget {
			poll.Asked = now
			if err := e.store.AskVEXSweep(ctx, s.connection.ID, ""); err != nil {
				return nil, err
			}
			return e.compareDue(ctx, s, generation, which)
		}
	}
	e.works(ctx, s)
	if err := e.mergeFound(ctx, s, page, fields); err != nil {
		return nil, err
	}
	poll.Asked = now
	return nil, nil
}

// mergeFound merges what a page of the search holds of our tickets, and takes
// their statuses with it: they were answered by the same request.
func (e *Engine) mergeFound(ctx context.Context, s *site, page []jiraclient.Issue, fields map[string]vexFields) error {
	if len(page) == 0 {
		return nil
	}
	ids := make([]string, len(page))
	for i, issue := range page {
		ids[i] = issue.ID
	}
	ours, err := e.store.VEXTicketsByID(ctx, s.connection.ID, ids)
	if err != nil || len(ours) == 0 {
		return err
	}
	age, err := e.store.DurationSetting(ctx, "ticket.age")
	if err != nil {
		return err
	}
	oldest := e.store.Now().Add(-age)
	var seen []storage.VEXObservation
	var news []storage.StatusNews
	types := map[int64]string{}
	for _, issue := range page {
		t, ok := ours[issue.ID]
		if !ok {
			continue
		}
		if name := issue.Type().Name; name != t.IssueType {
			types[t.ID] = name
		}
		if where, known := fields[place(issue.Project().Key, issue.Type().Name)]; known {
			seen = append(seen, storage.VEXObservation{TicketID: t.ID, Fields: where.read(s.client, issue), Updated: issue.Updated().Time})
		}
		if status := issue.Status(); s.connection.RetrieveTickets && status.Name != "" && issue.Created().After(oldest) && t.Newer(issue.Updated().Time) {
			news = append(news, storage.StatusNews{ID: t.ID, State: model.TicketOpen, Key: issue.Key, Project: issue.Project().Key, Status: status.Name,
				Category: status.Category.Key, Summary: issue.Summary(), Created: issue.Created().UnixMilli(), Updated: issue.Updated().UnixMilli()})
		}
	}
	results, err := e.store.ApplyVEX(ctx, seen, false)
	if err != nil {
		return err
	}
	e.countVEX(results)
	if err := e.attribute(ctx, s, slices.Collect(maps.Values(ours)), fields, results); err != nil {
		return err
	}
	if len(types) > 0 {
		if err := e.store.NoteIssueTypes(ctx, types); err != nil {
			return err
		}
	}
	if len(news) == 0 {
		return nil
	}
	e.countStatuses(len(news))
	_, err = e.store.SetStatuses(ctx, news)
	return err
}
