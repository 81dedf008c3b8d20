package jiratest

import (
	"net/http"
	"slices"
	"strconv"
)

func (s *Server) getIssueTypes(q *request) (int, any, error) {
	out := []any{}
	for _, t := range s.site.types {
		out = append(out, q.renderType(t))
	}
	return http.StatusOK, out, nil
}

func (s *Server) postIssueType(q *request) (int, any, error) {
	var body struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Level       int    `json:"hierarchyLevel"`
		Type        string `json:"type"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(s.site.types, func(t *issueType) bool { return t.Name == name })
	}
	if err := named(body.Name, 60, taken); err != nil {
		return 0, nil, err
	}
	if body.Level != 0 && body.Level != -1 {
		return 0, nil, refuse(http.StatusBadRequest, "hierarchyLevel must be 0 or -1.")
	}
	a := s.admin()
	t := &issueType{strconv.Itoa(a.id()), body.Name, body.Description, body.Level}
	s.site.types = append(s.site.types, t)
	a.Types = append(a.Types, t.ID)
	return http.StatusCreated, q.renderType(t), nil
}

func renderTypeScheme(x *typeScheme) map[string]any {
	return map[string]any{"id": strconv.Itoa(x.ID), "name": x.Name, "description": "", "isDefault": x.ID == 10000}
}

func (s *Server) getTypeSchemes(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "id", "orderBy", "expand", "queryString"); err != nil {
		return 0, nil, err
	}
	return bean(q, matching(q, s.admin().TypeSchemes, func(x *typeScheme) string { return x.Name }), func(x *typeScheme) any { return renderTypeScheme(x) })
}

func (s *Server) postTypeScheme(q *request) (int, any, error) {
	var body struct {
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Default     string   `json:"defaultIssueTypeId"`
		Types       []string `json:"issueTypeIds"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	a := s.admin()
	taken := func(name string) bool {
		return slices.ContainsFunc(a.TypeSchemes, func(x *typeScheme) bool { return x.Name == name })
	}
	if err := named(body.Name, 255, taken); err != nil {
		return 0, nil, err
	}
	if len(body.Types) == 0 {
		return 0, nil, refuse(http.StatusBadRequest, "At least one issue type is required.")
	}
	for _, id := range body.Types {
		if s.site.issueType(id) == nil {
			return 0, nil, absent("issue type", id)
		}
	}
	x := &typeScheme{a.id(), body.Name, body.Types}
	a.TypeSchemes = append(a.TypeSchemes, x)
	return http.StatusCreated, map[string]any{"issueTypeSchemeId": strconv.Itoa(x.ID)}, nil
}

func (s *Server) getTypeSchemeMapping(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "issueTypeSchemeId"); err != nil {
		return 0, nil, err
	}
	type row struct{ scheme, issueType string }
	var rows []row
	for _, x := range s.admin().TypeSchemes {
		if wanted := q.query["issueTypeSchemeId"]; len(wanted) > 0 && !slices.Contains(wanted, strconv.Itoa(x.ID)) {
			continue
		}
		for _, id := range x.Types {
			rows = append(rows, row{strconv.Itoa(x.ID), id})
		}
	}
	return bean(q, rows, func(r row) any {
		return map[string]any{"issueTypeSchemeId": r.scheme, "issueTypeId": r.issueType}
	})
}

func (s *Server) getTypeSchemeProjects(q *request) (int, any, error) {
	if len(q.query["projectId"]) == 0 {
		return 0, nil, refuse(http.StatusBadRequest, "The 'projectId' query parameter is required.")
	}
	by := s.projectsUsing(q, func(u *schemesOf) int { return u.Types })
	return bean(q, sortedNumbers(by), func(id int) any {
		return map[string]any{"issueTypeScheme": renderTypeScheme(s.admin().typeScheme(id)), "projectIds": by[id]}
	})
}

func sortedNumbers[V any](m map[int]V) []int {
	var out []int
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// putTypeSchemeTypes adds issue types: all, or none where one is there already.
func (s *Server) putTypeSchemeTypes(q *request) (int, any, error) {
	var body struct {
		Types []string `json:"issueTypeIds"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	x := s.admin().typeScheme(q.number(0))
	if x == nil {
		return 0, nil, absent("issue type scheme", q.args[0])
	}
	for _, id := range body.Types {
		switch {
		case s.site.issueType(id) == nil:
			return 0, nil, absent("issue type", id)
		case slices.Contains(x.Types, id):
			return 0, nil, refuse(http.StatusBadRequest, "Issue type %s is already in the scheme.", id)
		}
	}
	x.Types = append(x.Types, body.Types...)
	s.apply()
	return http.StatusNoContent, nil, nil
}

func (s *Server) putTypeSchemeProject(q *request) (int, any, error) {
	var body struct {
		Scheme  string `json:"issueTypeSchemeId"`
		Project string `json:"projectId"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	id, _ := strconv.Atoi(body.Scheme)
	x, p := s.admin().typeScheme(id), s.site.project(body.Project)
	if x == nil || p == nil {
		return 0, nil, absent("issue type scheme or project", body.Scheme+", "+body.Project)
	}
	for _, e := range s.issues.order {
		if e.Project == p.Key && !slices.Contains(x.Types, e.Type) {
			return 0, nil, refuse(http.StatusBadRequest, "The project has issues of types that are not in the scheme.")
		}
	}
	s.admin().Uses[p.ID].Types = id
	s.apply()
	return http.StatusNoContent, nil, nil
}
