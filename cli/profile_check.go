package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// jiraMeta is what checking a profile asks of Jira.
type jiraMeta interface {
	Projects(ctx context.Context) ([]jiraclient.Project, error)
	IssueTypes(ctx context.Context, project string) ([]jiraclient.IssueType, error)
	CreateFields(ctx context.Context, project, issueTypeID string) ([]jiraclient.CreateField, error)
	KnownLabels(ctx context.Context, labels []string) (map[string]bool, error)
}

// checkProfile asks Jira through the profile's connection whether the profile
// can make tickets. Warnings are what Jira would leave out or does not know.
func (a *app) checkProfile(ctx context.Context, s *storage.Store, p model.Profile) ([]string, error) {
	c, err := s.Connection(ctx, p.Connection)
	if err != nil {
		return nil, err
	}
	client, err := vexsync.Connect(ctx, s, c)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	asking, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	warnings, err := checkAgainst(asking, client, p)
	if err == nil && c.State != model.ConnectionActive {
		warnings = append(warnings, fmt.Sprintf("connection %s is a draft: tickets wait until 'vexdesk connection verify %s' passes", c.Name, c.Name))
	}
	return warnings, err
}

func checkAgainst(ctx context.Context, jira jiraMeta, p model.Profile) ([]string, error) {
	projects, err := jira.Projects(ctx)
	if err != nil {
		return nil, err
	}
	known := make([]string, len(projects))
	for i := range projects {
		known[i] = projects[i].Key
	}
	if !slices.Contains(known, p.Project) {
		return nil, fmt.Errorf("project %q is not there, or the account may not create issues in it: there are %s", p.Project, listed(known))
	}
	types, err := jira.IssueTypes(ctx, p.Project)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(types))
	id := ""
	for i, t := range types {
		names[i] = t.Name
		if strings.EqualFold(t.Name, p.IssueType) || t.ID == p.IssueType {
			id = t.ID
		}
	}
	if id == "" {
		return nil, fmt.Errorf("project %s has no issue type %q: it has %s", p.Project, p.IssueType, listed(names))
	}
	fields, err := jira.CreateFields(ctx, p.Project, id)
	if err != nil {
		return nil, err
	}
	screen := screen{issueType: p.IssueType, fields: fields}
	if err := screen.fits(p); err != nil {
		return nil, err
	}
	labels, err := unknownLabels(ctx, jira, p.Labels)
	if err != nil {
		return nil, err
	}
	return append(screen.leftOut(p), labels...), nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	if len(names) > 30 {
		return strings.Join(names[:30], ", ") + " and more"
	}
	return strings.Join(names, ", ")
}

// screen is the create screen of an issue type.
type screen struct {
	issueType string
	fields    []jiraclient.CreateField
}

// named finds a field by id, else by its display name, which must be the only
// one of its kind on the screen (ruling 32).
func (s screen) named(name string) (*jiraclient.CreateField, error) {
	var found []*jiraclient.CreateField
	for i := range s.fields {
		f := &s.fields[i]
		if f.ID == name {
			return f, nil
		}
		if strings.EqualFold(f.Name, name) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("field %q is not on the create screen of %s", name, s.issueType)
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("field %q is ambiguous on the create screen of %s: name it by its id, %s or %s", name, s.issueType, found[0].ID, found[1].ID)
}

// fits refuses a profile whose mapping does not fit, or that leaves required
// fields without a value, and names them (X6).
func (s screen) fits(p model.Profile) error {
	filled := map[string]bool{"summary": true, "description": true, "project": true, "issuetype": true, "reporter": true, "priority": true}
	filled["labels"] = len(p.Labels) > 0
	for name, template := range p.Fields {
		f, err := s.named(name)
		if err != nil {
			return err
		}
		if filled[f.ID] {
			return fmt.Errorf("field %q is filled by the profile itself: leave it out of the mapping", name)
		}
		if err := fitsField(f, template); err != nil {
			return fmt.Errorf("field %q: %w", name, err)
		}
		filled[f.ID] = strings.TrimSpace(template) != ""
	}
	var missing []string
	for i := range s.fields {
		if f := &s.fields[i]; f.NeedsValue() && !filled[f.ID] {
			missing = append(missing, f.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s requires fields that the profile does not fill: %s: map them with --field 'NAME=TEMPLATE', or choose another issue type",
			s.issueType, strings.Join(missing, ", "))
	}
	return nil
}

// fitsField refuses a template that can be known not to fit: a fixed text that
// is no option or no number, a type that no text fills (X9).
func fitsField(f *jiraclient.CreateField, template string) error {
	fixed := !strings.Contains(template, "{{")
	switch f.Schema.Type {
	case "option", "priority", "version":
		if _, ok := f.Option(strings.TrimSpace(template)); fixed && !ok {
			return fmt.Errorf("it has no option %q: it has %s", template, listed(optionsOf(f)))
		}
	case "number":
		if _, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(template), "%"), 64); fixed && err != nil {
			return fmt.Errorf("%q is not a number", template)
		}
	case "string", "date", "datetime", "array", "user":
	default:
		return errors.New("its type " + model.Clean(f.Schema.Type) + " cannot be filled from a template")
	}
	return nil
}

func optionsOf(f *jiraclient.CreateField) []string {
	names := make([]string, len(f.Allowed))
	for i := range f.Allowed {
		names[i] = f.Allowed[i].Label()
	}
	return names
}

// leftOut names what the screen hides: it is left out of tickets (ruling 14).
func (s screen) leftOut(p model.Profile) []string {
	var out []string
	if f, err := s.named("priority"); err != nil {
		out = append(out, "the create screen of "+s.issueType+" hides the priority: tickets get Jira's default")
	} else {
		var missing []string
		for _, severity := range model.Severities() {
			name := p.Priority(severity)
			if _, ok := f.Option(name); !ok && !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			out = append(out, "Jira has no priority "+strings.Join(missing, ", ")+": such tickets get its default; it has "+listed(optionsOf(f)))
		}
	}
	if _, err := s.named("labels"); err != nil && len(p.Labels) > 0 {
		out = append(out, "the create screen of "+s.issueType+" hides labels: tickets get none")
	}
	return out
}

// unknownLabels points out labels that nobody has used yet in Jira (X7).
func unknownLabels(ctx context.Context, jira jiraMeta, labels []string) ([]string, error) {
	if len(labels) == 0 {
		return nil, nil
	}
	known, err := jira.KnownLabels(ctx, labels)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, label := range labels {
		if !known[label] {
			out = append(out, fmt.Sprintf("Jira does not know the label %q yet: the first ticket brings it into being", label))
		}
	}
	return out, nil
}
