package jiratest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// version is a server's version: major, minor, patch.
type version [3]int

func parseVersion(s string) (version, error) {
	var v version
	parts := strings.Split(s, ".")
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || len(parts) > len(v) {
			return v, fmt.Errorf("%q is not a version of Jira; write it as 10.3.2", s)
		}
		v[i] = n
	}
	return v, nil
}

func (v version) atLeast(major, minor int) bool {
	return v[0] > major || v[0] == major && v[1] >= minor
}

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// FieldEpicLink holds the key of an issue's epic on Data Center.
const FieldEpicLink = "customfield_10008"

// moveToDataCenter makes user names of accounts, and an Epic Link of parent.
func (s *site) moveToDataCenter() {
	for i, a := range s.accounts {
		a.ID, _, _ = strings.Cut(a.Email, "@")
		a.Key = fmt.Sprintf("JIRAUSER%d", 10100+i)
		switch a.ID {
		case AnalystUser:
			a.PAT = AnalystPAT
		case AdminUser:
			a.PAT = AdminPAT
		}
	}
	*s.field("parent") = field{ID: FieldEpicLink, Name: "Epic Link", Kind: kindEpicLink}
	for _, p := range s.projects {
		for _, screen := range p.screens {
			for i := range screen {
				if screen[i].ID == "parent" {
					screen[i].ID = FieldEpicLink
				}
			}
		}
	}
}

func (s *Server) getAllProjects(q *request) (int, any, error) {
	if err := q.only("expand", "includeArchived", "recent"); err != nil {
		return 0, nil, err
	}
	out := []any{}
	for _, p := range s.projectsFor(q.account, "BROWSE_PROJECTS") {
		out = append(out, q.renderProject(p))
	}
	return http.StatusOK, out, nil
}

// getOldCreateMeta is the one call of create metadata before Jira 8.4. It leaves
// out what the account may not create in.
func (s *Server) getOldCreateMeta(q *request) (int, any, error) {
	if err := q.only("projectIds", "projectKeys", "issuetypeIds", "issuetypeNames", "expand"); err != nil {
		return 0, nil, err
	}
	keys, types := q.list("projectKeys"), q.list("issuetypeIds")
	fields := strings.Contains(q.query.Get("expand"), "projects.issuetypes.fields")
	projects := []any{}
	for _, p := range s.projectsFor(q.account, "CREATE_ISSUES") {
		if len(keys) > 0 && !containsFold(keys, p.Key) {
			continue
		}
		list := []any{}
		for _, t := range s.site.types {
			if len(types) > 0 && !containsFold(types, t.ID) {
				continue
			}
			one := q.renderType(t)
			if fields {
				one["fields"] = s.oldCreateFields(q, p, t)
			}
			list = append(list, one)
		}
		projects = append(projects, map[string]any{"id": p.ID, "key": p.Key, "name": p.Name, "issuetypes": list})
	}
	return http.StatusOK, map[string]any{"expand": "projects", "projects": projects}, nil
}

func (s *Server) oldCreateFields(q *request, p *project, t *issueType) map[string]any {
	out := map[string]any{}
	for _, on := range p.screens[t.ID] {
		one := s.renderCreateField(q, p, t, on)
		delete(one, "fieldId")
		delete(one, "key")
		out[on.ID] = one
	}
	return out
}

func containsFold(list []string, s string) bool {
	for _, one := range list {
		if strings.EqualFold(one, s) {
			return true
		}
	}
	return false
}

// Limits of search on Data Center.
const (
	mostRows   = 1000  // jira.search.views.default.max: more are cut silently
	searchSpan = 10000 // jira.search.maxResultWindow: no row behind it
)

type oldSearch struct {
	JQL        string   `json:"jql"`
	StartAt    int      `json:"startAt"`
	MaxResults *int     `json:"maxResults"`
	Fields     []string `json:"fields"`
	Expand     []string `json:"expand"`
	Validate   *bool    `json:"validateQuery"`
}

func (s *Server) postOldSearch(q *request) (int, any, error) {
	var body oldSearch
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	return s.oldSearch(q, body)
}

func (s *Server) getOldSearch(q *request) (int, any, error) {
	if err := q.only("jql", "startAt", "maxResults", "fields", "expand", "validateQuery"); err != nil {
		return 0, nil, err
	}
	start, size, err := q.page(50, mostRows)
	if err != nil {
		return 0, nil, err
	}
	body := oldSearch{JQL: q.query.Get("jql"), StartAt: start, MaxResults: &size, Fields: q.list("fields")}
	if v := q.query.Get("validateQuery"); v != "" {
		validate := v != "false"
		body.Validate = &validate
	}
	return s.oldSearch(q, body)
}

func (s *Server) oldSearch(q *request, body oldSearch) (int, any, error) {
	size := defaultPage
	if body.MaxResults != nil {
		size = min(*body.MaxResults, mostRows)
	}
	switch {
	case size < 0 || body.StartAt < 0:
		return 0, nil, refuse(http.StatusBadRequest, "startAt and maxResults must not be negative.")
	case body.StartAt+size > searchSpan && body.StartAt > 0:
		return 0, nil, refuse(http.StatusBadRequest, "The search goes beyond the largest result window of %d.", searchSpan)
	}
	s.searches.count++
	lenient := body.Validate != nil && !*body.Validate
	query, refused := s.parseJQL(body.JQL, q.account, lenient)
	if refused != nil {
		return 0, nil, refused
	}
	found := s.run(q.account, query, nil)
	if len(body.Fields) == 0 {
		body.Fields = []string{"*navigable"}
	}
	issues := []any{}
	for _, r := range slice(found, body.StartAt, size) {
		issues = append(issues, s.render(q, r, body.Fields, nil))
	}
	return http.StatusOK, map[string]any{
		"expand": "schema,names", "startAt": body.StartAt, "maxResults": size, "total": len(found), "issues": issues,
	}, nil
}

// checkMarkup takes wiki markup, which is any string up to the limit.
func checkMarkup(v any) (any, string) {
	text, ok := v.(string)
	switch {
	case !ok:
		return nil, notAString
	case utf16Len(text) > 32767:
		return nil, textLength
	case text == "":
		return nil, ""
	}
	return text, ""
}

func (s *Server) checkEpicLink(v any) (any, string) {
	key, ok := v.(string)
	if !ok {
		return nil, notAString
	}
	epic := s.issues.find(key)
	switch {
	case epic == nil || json.Valid([]byte(key)):
		return nil, "Issue with key '" + key + "' could not be found."
	case s.site.issueType(epic.Type).Level != 1:
		return nil, "Issue '" + key + "' is not an epic."
	}
	return epic.key(), ""
}
