package sync

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// PlanNotes tells what of a plan's new tickets their create screens hide or their
// projects lack: it is left out of them (ruling 14). It knows what Jira told of
// them before, as when a profile was checked, and asks nothing: a plan never
// waits for the network.
func PlanNotes(ctx context.Context, s *storage.Store, plan *model.Plan) ([]string, error) {
	known := map[[2]string][]model.JiraType{}
	var notes []string
	for i := range plan.Lines {
		l := &plan.Lines[i]
		if l.Action != model.PlanCreate {
			continue
		}
		where := [2]string{l.Connection, l.Draft.Project}
		types, ok := known[where]
		if !ok {
			var err error
			if types, err = toldTypes(ctx, s, l.Connection, l.Draft.Project); err != nil {
				return nil, err
			}
			known[where] = types
		}
		if len(types) == 0 {
			continue
		}
		t, err := FindType(types, l.Draft.Project, l.Draft.IssueType)
		omitted := t.Fields.Omits(&l.Draft)
		if err != nil {
			omitted = []string{err.Error()}
		}
		for _, note := range omitted {
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return notes, nil
}

// toldTypes are the issue types that Jira told of a project, none where it was
// never asked.
func toldTypes(ctx context.Context, s *storage.Store, connection, project string) (types []model.JiraType, err error) {
	c, err := s.Connection(ctx, connection)
	if err != nil {
		return nil, err
	}
	text, _, err := s.Metadata(ctx, c.ID, typesKind, project)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return types, json.Unmarshal(text, &types)
}
