package sync

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// metadata is what Jira told about creating one issue type in one project.
type metadata struct {
	issueType jiraclient.IssueType
	fields    []jiraclient.CreateField
	at        time.Time
}

// metadataAge is how long what Jira told holds before it is asked again.
const metadataAge = 10 * time.Minute

// metadataError is a draft that does not fit to what Jira offers.
type metadataError struct {
	field   string
	message string
}

func (e *metadataError) Error() string { return e.message }

// metadata asks Jira what an issue of the draft's type needs, or remembers it.
func (e *Engine) metadata(ctx context.Context, s *site, project, issueType string) (*metadata, error) {
	name := project + "\x00" + strings.ToLower(issueType)
	s.learn.Lock()
	defer s.learn.Unlock()
	s.mu.Lock()
	known := s.meta[name]
	s.mu.Unlock()
	if known != nil && time.Since(known.at) < metadataAge {
		return known, nil
	}
	types, err := s.client.IssueTypes(ctx, project)
	if err != nil {
		return nil, err
	}
	fresh := &metadata{at: time.Now()}
	var names []string
	for _, t := range types {
		names = append(names, t.Name)
		if strings.EqualFold(t.Name, issueType) || t.ID == issueType {
			fresh.issueType = t
		}
	}
	if fresh.issueType.ID == "" {
		return nil, &metadataError{"issuetype", fmt.Sprintf("project %s has no issue type %q to create: it has %s", project, issueType, strings.Join(names, ", "))}
	}
	if fresh.fields, err = s.client.CreateFields(ctx, project, fresh.issueType.ID); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.meta[name] = fresh
	s.mu.Unlock()
	return fresh, nil
}

// forget drops what is known of an issue type, after Jira refused what it
// should have taken.
func (s *site) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meta = map[string]*metadata{}
}

// prepare turns drafts into what Jira takes. A draft that cannot fit becomes
// an outcome with the field's message; the others go on.
func (e *Engine) prepare(ctx context.Context, s *site, ops []model.Operation, facts *batchFacts) (issues []jiraclient.IssueCreate, ready []model.Operation, failed []storage.Outcome, err error) {
	for _, op := range ops {
		issue, err := e.issue(ctx, s, op, facts)
		var misfit *metadataError
		switch {
		case err == nil:
			issues, ready = append(issues, issue), append(ready, op)
		case asMisfit(err, &misfit):
			failed = append(failed, storage.Outcome{ID: op.ID, State: model.OpFailed, ErrorCode: "field", Error: misfit.message, ErrorFields: map[string]string{misfit.field: misfit.message}})
		default:
			return nil, nil, nil, err
		}
	}
	return issues, ready, failed, nil
}

func asMisfit(err error, to **metadataError) bool {
	m, ok := err.(*metadataError) //nolint:errorlint // it is never wrapped: it is made here
	*to = m
	return ok
}

// issue resolves the names of a draft against Jira's metadata. What the
// project lacks or the screen hides of priority, labels, people and epic is
// left out (ruling 14).
func (e *Engine) issue(ctx context.Context, s *site, op model.Operation, facts *batchFacts) (jiraclient.IssueCreate, error) {
	d := op.Draft
	meta, err := e.metadata(ctx, s, d.Project, d.IssueType)
	if err != nil {
		return jiraclient.IssueCreate{}, err
	}
	issue := jiraclient.IssueCreate{ProjectKey: d.Project, IssueTypeID: meta.issueType.ID, Summary: adf.Summary(d.Summary), OperationID: op.ID}
	if meta.field("description") != nil {
		issue.Description = s.client.Document(d.Description, "")
	}
	if meta.field("labels") != nil {
		issue.Labels = d.Labels
	}
	if f := meta.field("priority"); f != nil && d.Priority != "" {
		if option, ok := f.Option(d.Priority); ok {
			issue.PriorityID = option.ID
		}
	}
	if d.Epic != "" && meta.epic() {
		issue.ParentKey = d.Epic
	}
	if meta.field("assignee") != nil {
		if issue.AssigneeID, err = e.person(ctx, s, d.Project, d.Assignee, "assignee"); err != nil {
			return issue, err
		}
	}
	if meta.field("reporter") != nil {
		if issue.ReporterID, err = e.person(ctx, s, d.Project, d.Reporter, "reporter"); err != nil {
			return issue, err
		}
	}
	if issue.Custom, err = e.customFields(ctx, s, meta, d); err != nil {
		return issue, err
	}
	issue.Custom, err = e.prefill(ctx, s, op, meta, facts, issue.Custom)
	return issue, err
}

func (m *metadata) field(id string) *jiraclient.CreateField {
	for i := range m.fields {
		if m.fields[i].ID == id {
			return &m.fields[i]
		}
	}
	return nil
}

// epic tells whether the create screen takes an epic: as the parent on Cloud, in
// the Epic Link field on Data Center (ruling 14).
func (m *metadata) epic() bool {
	return m.field("parent") != nil || slices.ContainsFunc(m.fields, func(f jiraclient.CreateField) bool { return f.Schema.Custom == jiraclient.EpicLink })
}

// named finds a field by id, else by its display name, which only one field of
// the create screen may have (ruling 32).
func (m *metadata) named(name string) (*jiraclient.CreateField, error) {
	if f := m.field(name); f != nil {
		return f, nil
	}
	var found *jiraclient.CreateField
	for i := range m.fields {
		if !strings.EqualFold(m.fields[i].Name, name) {
			continue
		}
		if found != nil {
			return nil, &metadataError{name, fmt.Sprintf("two fields are called %q: name the one you mean by its id, %s or %s", name, found.ID, m.fields[i].ID)}
		}
		found = &m.fields[i]
	}
	if found == nil {
		return nil, &metadataError{name, fmt.Sprintf("the create screen of %s has no field %q", m.issueType.Name, name)}
	}
	return found, nil
}

// person finds the account of a name, an address or an account id.
func (e *Engine) person(ctx context.Context, s *site, project, who, field string) (string, error) {
	if who == "" {
		return "", nil
	}
	users, err := s.client.AssignableUsers(ctx, project, who)
	if err != nil {
		return "", err
	}
	for _, u := range users {
		if u.ID == who || strings.EqualFold(u.Email, who) || strings.EqualFold(u.Name, who) {
			return u.ID, nil
		}
	}
	if len(users) == 1 {
		return users[0].ID, nil
	}
	if s.connection.Type == model.Cloud && len(users) == 0 && strings.ContainsAny(who, ":-") && !strings.ContainsAny(who, " @") {
		return who, nil // an account id, which the search by text does not find
	}
	name := "the account id"
	if s.connection.Type == model.DataCenter {
		name = "the user name"
	}
	return "", &metadataError{field, fmt.Sprintf("%q is %s of project %s: write the e-mail address or %s", who, plural(len(users), "nobody assignable", "several people"), project, name)}
}

func plural(n int, none, many string) string {
	if n == 0 {
		return none
	}
	return many
}

// customFields converts the texts of the mapping to the types of their
// fields (X9).
func (e *Engine) customFields(ctx context.Context, s *site, meta *metadata, d model.TicketDraft) (map[string]any, error) {
	if len(d.Fields) == 0 {
		return nil, nil
	}
	out := map[string]any{}
	for name, text := range d.Fields {
		f, err := meta.named(name)
		if err != nil {
			return nil, err
		}
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if f.Schema.Type == "user" {
			id, err := e.person(ctx, s, d.Project, text, f.ID)
			if err != nil {
				return nil, err
			}
			out[f.ID] = s.client.UserValue(id)
			continue
		}
		value, problem := convert(s.client, f, text)
		if problem != "" {
			return nil, &metadataError{f.ID, fmt.Sprintf("field %s: %s", f.Name, problem)}
		}
		out[f.ID] = value
	}
	return out, nil
}

// convert turns a text into a field's value, or says why it cannot.
func convert(client *jiraclient.Client, f *jiraclient.CreateField, text string) (value any, problem string) {
	switch f.Schema.Type {
	case "string":
		if strings.HasSuffix(f.Schema.Custom, ":textarea") || f.Schema.System == "environment" {
			return client.Document(text, ""), ""
		}
		return adf.Line(model.Clean(text), adf.MaxSummary), ""
	case "number":
		n := json.Number(strings.TrimSuffix(text, "%"))
		if _, err := n.Float64(); err != nil {
			return nil, fmt.Sprintf("%q is not a number", text)
		}
		return n, ""
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return nil, fmt.Sprintf("%q is not a date: it is to be written as 2026-11-22", text)
		}
		return text, ""
	case "option", "priority", "version":
		return choose(f, text)
	case "array":
		return convertList(f, text)
	}
	return nil, fmt.Sprintf("its type %q cannot be filled from a template", f.Schema.Type)
}

func choose(f *jiraclient.CreateField, text string) (any, string) {
	option, ok := f.Option(text)
	if !ok {
		return nil, fmt.Sprintf("it has no option %q: it has %s", text, labels(f))
	}
	return jiraclient.Option{ID: option.ID}, ""
}

func labels(f *jiraclient.CreateField) string {
	names := make([]string, 0, len(f.Allowed))
	for _, each := range f.Allowed {
		names = append(names, each.Label())
	}
	if len(names) > 20 {
		names = append(names[:20], "…")
	}
	return strings.Join(names, ", ")
}

// convertList splits at commas: labels and texts stay texts, options and
// versions are chosen.
func convertList(f *jiraclient.CreateField, text string) (any, string) {
	var out []any
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if f.Schema.Items == "string" {
			out = append(out, strings.ReplaceAll(part, " ", "_"))
			continue
		}
		value, problem := choose(f, part)
		if problem != "" {
			return nil, problem
		}
		out = append(out, value)
	}
	return out, ""
}
