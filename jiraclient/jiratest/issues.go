package jiratest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// issueBody is what creates or edits an issue.
type issueBody struct {
	Fields     map[string]any                `json:"fields"`
	Update     map[string][]map[string]any   `json:"update"`
	Properties []propertyBody                `json:"properties"`
	Transition *struct{ ID json.RawMessage } `json:"transition"`
	History    map[string]json.RawMessage    `json:"historyMetadata"`
}

type propertyBody struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

func (s *Server) postIssue(q *request) (int, any, error) {
	if err := q.only("updateHistory"); err != nil {
		return 0, nil, err
	}
	var body issueBody
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	e, refused := s.createIssue(q, body)
	if refused != nil {
		return 0, nil, refused
	}
	return http.StatusCreated, q.reference(e), nil
}

func (q *request) reference(e *entry) map[string]any {
	return map[string]any{"id": e.id(), "key": e.key(), "self": q.api + "/issue/" + e.id()}
}

const maxBulk = 50

func (s *Server) postBulk(q *request) (int, any, error) {
	var body struct {
		Updates []issueBody `json:"issueUpdates"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	switch {
	case len(body.Updates) == 0:
		return 0, nil, refusePayload("issueUpdates must not be empty.")
	case len(body.Updates) > maxBulk:
		return 0, nil, refusePayload("You can create at most %d issues in one request.", maxBulk)
	}
	issues, failures := []any{}, []any{}
	for i, one := range body.Updates {
		e, refused := s.createIssue(q, one)
		if refused != nil {
			failures = append(failures, map[string]any{"status": refused.status, "elementErrors": refused.collection(), "failedElementNumber": i})
			continue
		}
		issues = append(issues, q.reference(e))
	}
	status := http.StatusCreated
	if len(issues) == 0 {
		status = http.StatusBadRequest
	}
	return status, map[string]any{"issues": issues, "errors": failures}, nil
}

// createIssue makes one issue, or nothing.
func (s *Server) createIssue(q *request, body issueBody) (*entry, *apiError) {
	if len(body.Update) > 0 || body.Transition != nil {
		return nil, refuse(http.StatusBadRequest, "The simulation creates from fields and properties only.")
	}
	p, t, refused := s.placeOf(q.account, body.Fields)
	if refused != nil {
		return nil, refused
	}
	fields, refused := s.checkCreate(p, t, body.Fields)
	if refused != nil {
		return nil, refused
	}
	if _, ok := fields["reporter"]; !ok {
		fields["reporter"] = q.account.ID
	}
	if _, ok := fields["priority"]; !ok {
		fields["priority"] = "3"
	}
	properties, refused := checkProperties(body.Properties)
	if refused != nil {
		return nil, refused
	}
	return s.create(record{
		Project: p.Key, Type: t.ID, Status: s.site.statuses[0].ID,
		Fields: fields, Properties: properties, Creator: q.account.ID,
	}), nil
}

// placeOf reads project and issue type and asks for the right to create there.
func (s *Server) placeOf(a *Account, fields map[string]any) (*project, *issueType, *apiError) {
	var p *project
	if _, key, ok := member(fields["project"], "key", "id"); ok {
		p = s.site.project(key)
	}
	switch {
	case p == nil || !s.site.may(a, "BROWSE_PROJECTS", p.Key):
		return nil, nil, refuseField("project", "valid project is required")
	case !s.site.may(a, "CREATE_ISSUES", p.Key):
		refused := refuseField("project", "You do not have permission to create issues in this project.")
		refused.status = http.StatusForbidden
		return nil, nil, refused
	}
	var t *issueType
	if name, value, ok := member(fields["issuetype"], "id", "name"); ok {
		t = find(s.site.types, func(t *issueType) bool { return name == "id" && t.ID == value || name == "name" && t.Name == value })
	}
	if t == nil || p.screens[t.ID] == nil {
		return nil, nil, refuseField("issuetype", "Specify a valid issue type")
	}
	return p, t, nil
}

// checkCreate holds the fields against the create screen.
func (s *Server) checkCreate(p *project, t *issueType, sent map[string]any) (map[string]any, *apiError) {
	screen := p.screens[t.ID]
	problems := map[string]string{}
	fields := map[string]any{}
	for id, v := range sent {
		if id == "project" || id == "issuetype" {
			continue
		}
		f := s.site.field(id)
		if f == nil || !slices.ContainsFunc(screen, func(on screenField) bool { return on.ID == id }) {
			problems[id] = fmt.Sprintf(notOnScreen, id)
			continue
		}
		value, problem := s.checkValue(f, p, v)
		if problem != "" {
			problems[id] = problem
		} else if value != nil {
			fields[id] = value
		}
	}
	for _, on := range screen {
		_, has := fields[on.ID]
		_, told := problems[on.ID]
		if !on.Required || on.HasDefault || has || told || on.ID == "project" || on.ID == "issuetype" {
			continue
		}
		problems[on.ID] = s.site.field(on.ID).Name + " is required."
		if on.ID == "summary" {
			problems[on.ID] = noSummary
		}
	}
	return fields, problemsError(problems)
}

// problemsError makes an error of field messages; what Jira says about a broken
// document stands outside the fields.
func problemsError(problems map[string]string) *apiError {
	if len(problems) == 0 {
		return nil
	}
	e := &apiError{status: http.StatusBadRequest, fields: map[string]string{}}
	for id, problem := range problems {
		if problem == invalidInput {
			e.messages = []string{invalidInput}
			continue
		}
		e.fields[id] = problem
	}
	return e
}

func checkProperties(list []propertyBody) (map[string]json.RawMessage, *apiError) {
	if len(list) == 0 {
		return nil, nil
	}
	out := map[string]json.RawMessage{}
	for _, p := range list {
		if refused := checkProperty(p.Key, p.Value); refused != nil {
			return nil, refused
		}
		out[p.Key] = slices.Clone(p.Value)
	}
	return out, nil
}

// checkProperty: keys up to 255 characters, values up to 32,768, both not empty.
func checkProperty(key string, value json.RawMessage) *apiError {
	switch {
	case key == "" || utf16Len(key) > 255:
		return refuse(http.StatusBadRequest, "The property key must be between 1 and 255 characters long.")
	case len(value) == 0 || !json.Valid(value):
		return refuse(http.StatusBadRequest, "The property value must be a valid, non-empty JSON.")
	case len(value) > 32768:
		return refuse(http.StatusBadRequest, "The property value is too long. The maximum length is 32768 characters.")
	}
	return nil
}

// visible finds an issue that the account may browse, else 404.
func (s *Server) visible(q *request, idOrKey string) (*entry, error) {
	e := s.issues.find(idOrKey)
	if e == nil || e.Hidden || !s.site.may(q.account, "BROWSE_PROJECTS", e.Project) {
		return nil, refuse(http.StatusNotFound, "Issue does not exist or you do not have permission to see it.")
	}
	return e, nil
}

// writable is visible with a further permission, else 403.
func (s *Server) writable(q *request, permission string) (*entry, error) {
	e, err := s.visible(q, q.args[0])
	if err != nil {
		return nil, err
	}
	if !s.site.may(q.account, permission, e.Project) {
		return nil, refuse(http.StatusForbidden, "You do not have permission to do this on issue %s (%s).", e.key(), permission)
	}
	return e, nil
}

func (s *Server) getIssue(q *request) (int, any, error) {
	if err := q.only("fields", "fieldsByKeys", "expand", "properties", "updateHistory", "failFast"); err != nil {
		return 0, nil, err
	}
	e, err := s.visible(q, q.args[0])
	if err != nil {
		return 0, nil, err
	}
	fields := q.list("fields")
	if len(fields) == 0 {
		fields = []string{"*all"}
	}
	return http.StatusOK, s.render(q, &e.record, fields, q.list("properties")), nil
}

const maxFetch = 100

func (s *Server) postBulkFetch(q *request) (int, any, error) {
	var body struct {
		IDsOrKeys    []string `json:"issueIdsOrKeys"`
		Fields       []string `json:"fields"`
		Properties   []string `json:"properties"`
		FieldsByKeys bool     `json:"fieldsByKeys"`
		Expand       []string `json:"expand"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	switch {
	case len(body.IDsOrKeys) == 0:
		return 0, nil, refuse(http.StatusBadRequest, "issueIdsOrKeys must not be empty.")
	case len(body.IDsOrKeys) > maxFetch:
		return 0, nil, refuse(http.StatusBadRequest, "You can fetch at most %d issues in one request.", maxFetch)
	case len(body.Properties) > maxPropertyKeys:
		return 0, nil, refuse(http.StatusBadRequest, "You can request at most %d properties.", maxPropertyKeys)
	}
	if len(body.Fields) == 0 {
		body.Fields = []string{"*navigable"}
	}
	var found []*entry
	for _, id := range body.IDsOrKeys {
		if e, err := s.visible(q, id); err == nil && !slices.Contains(found, e) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *entry) int { return int(a.ID - b.ID) })
	issues := make([]any, 0, len(found))
	for _, e := range found {
		issues = append(issues, s.render(q, &e.record, body.Fields, body.Properties))
	}
	return http.StatusOK, map[string]any{"issues": issues, "issueErrors": []any{}}, nil
}

func (s *Server) deleteIssue(q *request) (int, any, error) {
	if err := q.only("deleteSubtasks"); err != nil {
		return 0, nil, err
	}
	e, err := s.writable(q, "DELETE_ISSUES")
	if err != nil {
		return 0, nil, err
	}
	s.issues.remove(e)
	s.changed()
	return http.StatusNoContent, nil, nil
}
