package sync

import (
	"context"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// attribute finds out who changed the fields in Jira that are newly in
// dispute, from the history of the issue: one request for each such ticket.
// Where the history does not tell, the conflict stands without a name.
func (e *Engine) attribute(ctx context.Context, s *site, tickets []storage.VEXTicket, fields map[string]vexFields, results []storage.VEXResult) error {
	byID := make(map[int64]storage.VEXTicket, len(tickets))
	for _, t := range tickets {
		byID[t.ID] = t
	}
	for _, r := range results {
		if len(r.Disputed) == 0 {
			continue
		}
		t := byID[r.TicketID]
		changes, err := s.client.LatestChanges(ctx, t.JiraID)
		if err != nil {
			e.log.Info("it cannot be told who changed a ticket", "ticket", t.Key, "error", err)
			continue
		}
		where := fields[place(t.Project, t.IssueType)]
		last := map[model.VEXField]int{}
		for i, c := range changes {
			for _, f := range r.Disputed {
				if c.FieldID == where[f].ID {
					last[f] = i
				}
			}
		}
		for f, i := range last {
			if err := e.store.NameConflict(ctx, t.ID, f, changes[i].By.Name, changes[i].At.Time); err != nil {
				return err
			}
		}
	}
	return nil
}
