package jiratest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// admin is what a Jira administrator sets up through schemes. Ids are numbers,
// some of which the API writes as strings.
type admin struct {
	Next          int
	Types         []string // ids of issue types that were made here
	Contexts      map[string][]fieldContext
	Notes         map[string]string // descriptions of fields
	Screens       []*adminScreen
	ScreenSchemes []*screenScheme
	TypeScreens   []*typeScreenScheme
	TypeSchemes   []*typeScheme
	Workflows     []*adminWorkflow
	FlowSchemes   []*flowScheme
	Uses          map[string]*schemesOf // by project id
}

type fieldContext struct {
	ID, Name string
	Global   bool
}

type adminScreen struct {
	ID     int
	Name   string
	Tab    int
	Fields []string
}

type screenScheme struct {
	ID      int
	Name    string
	Default int // screen
}

type typeScreenScheme struct {
	ID       int
	Name     string
	Mappings map[string]int // issue type id, or "default", to screen scheme
}

type typeScheme struct {
	ID    int
	Name  string
	Types []string
}

type adminWorkflow struct{ ID, Name string }

type flowScheme struct {
	ID       int
	Name     string
	Default  string            // workflow name
	Mappings map[string]string // issue type id to workflow name
	Version  int
}

// schemesOf says which schemes a project uses; the default workflow scheme has
// no id and stands as 0.
type schemesOf struct{ Types, Screens, Flows int }

// admin is the administrator's part of the site: SEC and PAY share their
// schemes, OPS has its own. PAY uses the default workflow scheme.
func (s *Server) admin() *admin {
	if s.site.admin != nil {
		return s.site.admin
	}
	a := &admin{Next: 10200, Contexts: map[string][]fieldContext{}, Notes: map[string]string{}, Uses: map[string]*schemesOf{}}
	var all []string
	for _, t := range s.site.types {
		all = append(all, t.ID)
	}
	a.Screens = []*adminScreen{{ID: 1, Name: "Default Screen", Tab: 10000, Fields: []string{"summary", "description", "labels", "priority", "assignee", "reporter"}}}
	a.ScreenSchemes = []*screenScheme{{ID: 1, Name: "Default Screen Scheme", Default: 1}}
	a.TypeSchemes = []*typeScheme{{10000, "Default Issue Type Scheme", all}, {10101, "OPS: Scrum Issue Type Scheme", slices.Clone(all)}}
	a.TypeScreens = []*typeScreenScheme{{1, "Default Issue Type Screen Scheme", map[string]int{"default": 1}}, {10102, "OPS: Scrum Issue Type Screen Scheme", map[string]int{"default": 1}}}
	a.Workflows = []*adminWorkflow{{"b5f8c1d2-0000-4000-8000-000000000001", "jira"}, {"b5f8c1d2-0000-4000-8000-000000000002", "Security workflow"}}
	a.FlowSchemes = []*flowScheme{{10103, "Security workflow scheme", "jira", map[string]string{"10003": "Security workflow"}, 1}, {10104, "OPS workflow scheme", "jira", map[string]string{}, 1}}
	for _, p := range s.site.projects {
		a.Uses[p.ID] = &schemesOf{Types: 10000, Screens: 1}
		switch p.Key {
		case "SEC":
			a.Uses[p.ID].Flows = 10103
		case "OPS":
			a.Uses[p.ID] = &schemesOf{10101, 10102, 10104}
		}
	}
	s.site.admin = a
	return a
}

func (a *admin) id() int {
	a.Next++
	return a.Next
}

// apply brings the create screens of the projects in line with the schemes,
// for the issue types that were made here.
func (s *Server) apply() {
	a := s.admin()
	for _, p := range s.site.projects {
		use := a.Uses[p.ID]
		for _, id := range a.Types {
			delete(p.screens, id)
			if slices.Contains(a.typeScheme(use.Types).Types, id) {
				p.screens[id] = s.createScreen(a, a.typeScreen(use.Screens), id)
			}
		}
	}
}

func (s *Server) createScreen(a *admin, scheme *typeScreenScheme, typeID string) []screenField {
	mapped, ok := scheme.Mappings[typeID]
	if !ok {
		mapped = scheme.Mappings["default"]
	}
	out := []screenField{{ID: "project", Required: true}, {ID: "issuetype", Required: true}}
	ss := find(a.ScreenSchemes, func(x *screenScheme) bool { return x.ID == mapped })
	if ss == nil {
		return out
	}
	screen := find(a.Screens, func(x *adminScreen) bool { return x.ID == ss.Default })
	for _, id := range screen.Fields {
		out = append(out, screenField{ID: id, Required: id == "summary" || id == "reporter", HasDefault: id == "priority" || id == "reporter"})
	}
	return out
}

func (a *admin) typeScheme(id int) *typeScheme {
	return find(a.TypeSchemes, func(x *typeScheme) bool { return x.ID == id })
}

func (a *admin) typeScreen(id int) *typeScreenScheme {
	return find(a.TypeScreens, func(x *typeScreenScheme) bool { return x.ID == id })
}

func (a *admin) flowScheme(id int) *flowScheme {
	return find(a.FlowSchemes, func(x *flowScheme) bool { return x.ID == id })
}

// provisionEndpoints are the calls that need Administer Jira, and the history
// of issues.
func provisionEndpoints() []endpoint {
	list := []endpoint{
		{method: "GET", route: "/issuetype", handle: (*Server).getIssueTypes},
		{method: "POST", route: "/issuetype", handle: (*Server).postIssueType},
		{method: "GET", route: "/field/search", handle: (*Server).getFieldSearch},
		{method: "POST", route: "/field", handle: (*Server).postField},
		{method: "GET", route: "/field/{fieldId}/context", handle: (*Server).getContexts},
		{method: "POST", route: "/field/{fieldId}/context", handle: (*Server).postContext},
		{method: "GET", route: "/field/{fieldId}/context/{contextId}/option", handle: (*Server).getOptions},
		{method: "POST", route: "/field/{fieldId}/context/{contextId}/option", handle: (*Server).postOptions},
		{method: "PUT", route: "/field/association", handle: (*Server).putAssociation},
		{method: "GET", route: "/screens", handle: (*Server).getScreens},
		{method: "POST", route: "/screens", handle: (*Server).postScreen},
		{method: "GET", route: "/screens/{screenId}/tabs", handle: (*Server).getTabs},
		{method: "GET", route: "/screens/{screenId}/tabs/{tabId}/fields", handle: (*Server).getTabFields},
		{method: "POST", route: "/screens/{screenId}/tabs/{tabId}/fields", handle: (*Server).postTabField},
		{method: "GET", route: "/screenscheme", handle: (*Server).getScreenSchemes},
		{method: "POST", route: "/screenscheme", handle: (*Server).postScreenScheme},
		{method: "GET", route: "/issuetypescreenscheme", handle: (*Server).getTypeScreens},
		{method: "POST", route: "/issuetypescreenscheme", handle: (*Server).postTypeScreen},
		{method: "GET", route: "/issuetypescreenscheme/mapping", handle: (*Server).getTypeScreenMapping},
		{method: "GET", route: "/issuetypescreenscheme/project", handle: (*Server).getTypeScreenProjects},
		{method: "PUT", route: "/issuetypescreenscheme/project", handle: (*Server).putTypeScreenProject},
		{method: "PUT", route: "/issuetypescreenscheme/{issueTypeScreenSchemeId}/mapping", handle: (*Server).putTypeScreenMapping},
		{method: "GET", route: "/issuetypescheme", handle: (*Server).getTypeSchemes},
		{method: "POST", route: "/issuetypescheme", handle: (*Server).postTypeScheme},
		{method: "GET", route: "/issuetypescheme/mapping", handle: (*Server).getTypeSchemeMapping},
		{method: "GET", route: "/issuetypescheme/project", handle: (*Server).getTypeSchemeProjects},
		{method: "PUT", route: "/issuetypescheme/project", handle: (*Server).putTypeSchemeProject},
		{method: "PUT", route: "/issuetypescheme/{issueTypeSchemeId}/issuetype", handle: (*Server).putTypeSchemeTypes},
		{method: "GET", route: "/statuses/search", handle: (*Server).getStatusSearch},
		{method: "GET", route: "/workflows/search", handle: (*Server).getWorkflows},
		{method: "POST", route: "/workflows/create", handle: (*Server).postWorkflows},
		{method: "GET", route: "/workflowscheme", handle: (*Server).getFlowSchemes},
		{method: "POST", route: "/workflowscheme", handle: (*Server).postFlowScheme},
		{method: "GET", route: "/workflowscheme/project", handle: (*Server).getFlowSchemeProjects},
		{method: "POST", route: "/workflowscheme/read", handle: (*Server).postFlowSchemeRead},
		{method: "POST", route: "/workflowscheme/update", handle: (*Server).postFlowSchemeUpdate},
	}
	for i := range list {
		if list[i].route == "/issuetype" && list[i].method == "GET" {
			continue // every account sees the issue types
		}
		handle, writes := list[i].handle, list[i].method != "GET"
		list[i].handle = func(s *Server, q *request) (int, any, error) {
			if !s.site.may(q.account, "ADMINISTER", "") {
				return 0, nil, refuse(http.StatusForbidden, "Only Jira administrators can perform this operation.")
			}
			status, body, err := handle(s, q)
			if err == nil && writes {
				s.changed()
			}
			return status, body, err
		}
	}
	return append(list, endpoint{method: "GET", route: "/issue/{issueIdOrKey}/changelog", handle: (*Server).getChangelog})
}

// bean is a page of an administrator's list.
func bean[T any](q *request, list []T, render func(T) any) (int, any, error) {
	start, size, err := q.page(50, 100)
	if err != nil {
		return 0, nil, err
	}
	values := []any{}
	for _, one := range slice(list, start, size) {
		values = append(values, render(one))
	}
	return http.StatusOK, map[string]any{"startAt": start, "maxResults": size, "total": len(list), "isLast": start+len(values) >= len(list), "values": values}, nil
}

// matching keeps what contains queryString in its name, without case.
func matching[T any](q *request, list []T, name func(T) string) []T {
	text := strings.ToLower(q.query.Get("queryString"))
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return !strings.Contains(strings.ToLower(name(x)), text) })
}

// named checks the name of something new: present, and where taken is not nil,
// not in use.
func named(name string, most int, taken func(string) bool) error {
	switch {
	case strings.TrimSpace(name) == "":
		return refuse(http.StatusBadRequest, "The name is required.")
	case utf16Len(name) > most:
		return refuse(http.StatusBadRequest, "The name is longer than %d characters.", most)
	case taken != nil && taken(name):
		return refuse(http.StatusConflict, "The name '%s' is in use.", name)
	}
	return nil
}

func (q *request) number(i int) int {
	n, err := strconv.Atoi(q.args[i])
	if err != nil {
		return -1
	}
	return n
}

func absent(what string, id any) error {
	return refuse(http.StatusNotFound, "The %s with ID %v was not found.", what, id)
}

// projectsUsing groups the asked projects by the scheme that they use.
func (s *Server) projectsUsing(q *request, of func(*schemesOf) int) map[int][]string {
	out := map[int][]string{}
	a := s.admin()
	for _, p := range s.site.projects {
		if slices.Contains(q.query["projectId"], p.ID) {
			id := of(a.Uses[p.ID])
			out[id] = append(out[id], p.ID)
		}
	}
	return out
}

// AdminThings counts what provisioning makes, by kind and name, so that a test
// sees twins.
func (s *Server) AdminThings() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.admin()
	out := map[string]int{}
	for _, t := range s.site.types {
		out["issue type "+t.Name]++
	}
	for _, f := range s.site.fields {
		if f.custom() {
			out["field "+f.Name]++
			for _, o := range f.Options {
				out["option "+f.Name+": "+o.Name]++
			}
		}
	}
	for _, x := range a.Screens {
		out["screen "+x.Name]++
		for _, f := range x.Fields {
			out[fmt.Sprintf("field %s on screen %d", f, x.ID)]++
		}
	}
	for _, x := range a.ScreenSchemes {
		out["screen scheme "+x.Name]++
	}
	for _, x := range a.TypeScreens {
		out["issue type screen scheme "+x.Name]++
	}
	for _, x := range a.TypeSchemes {
		out["issue type scheme "+x.Name]++
		for _, t := range x.Types {
			out[fmt.Sprintf("type %s in scheme %d", t, x.ID)]++
		}
	}
	for _, x := range a.Workflows {
		out["workflow "+x.Name]++
	}
	for _, x := range a.FlowSchemes {
		out["workflow scheme "+x.Name]++
	}
	return out
}

// types are the issue types that the project's scheme has.
func (p *project) types(s *site) []*issueType {
	return slices.DeleteFunc(slices.Clone(s.types), func(t *issueType) bool { return p.screens[t.ID] == nil })
}
