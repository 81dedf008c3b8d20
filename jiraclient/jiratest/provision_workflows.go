package jiratest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// statusWords are the categories as the workflow calls write them.
var statusWords = map[string]string{"new": "TODO", "indeterminate": "IN_PROGRESS", "done": "DONE"}

func (s *Server) getStatusSearch(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "projectId", "searchString", "statusCategory"); err != nil {
		return 0, nil, err
	}
	return bean(q, s.site.statuses, func(st *status) any {
		return map[string]any{"id": st.ID, "name": st.Name, "statusCategory": statusWords[st.Category], "description": "", "scope": map[string]any{"type": "GLOBAL"}}
	})
}

func renderWorkflow(x *adminWorkflow) map[string]any {
	return map[string]any{"id": x.ID, "name": x.Name, "description": "", "scope": map[string]any{"type": "GLOBAL"}, "version": map[string]any{"id": x.ID, "versionNumber": 1}}
}

func (s *Server) getWorkflows(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "expand", "queryString", "orderBy", "scope", "isActive"); err != nil {
		return 0, nil, err
	}
	return bean(q, matching(q, s.admin().Workflows, func(x *adminWorkflow) string { return x.Name }), func(x *adminWorkflow) any { return renderWorkflow(x) })
}

type workflowsBody struct {
	Scope struct {
		Type    string            `json:"type"`
		Project map[string]string `json:"project"`
	} `json:"scope"`
	Statuses []struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Category    string `json:"statusCategory"`
		Reference   string `json:"statusReference"`
		Description string `json:"description"`
	} `json:"statuses"`
	Workflows []struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Statuses    []struct {
			Reference  string            `json:"statusReference"`
			Properties map[string]string `json:"properties"`
		} `json:"statuses"`
		Transitions []struct {
			ID         string            `json:"id"`
			Name       string            `json:"name"`
			Type       string            `json:"type"`
			To         string            `json:"toStatusReference"`
			Properties map[string]string `json:"properties"`
			Links      []struct {
				From string `json:"fromStatusReference"`
			} `json:"links"`
		} `json:"transitions"`
	} `json:"workflows"`
}

// postWorkflows makes workflows out of statuses that exist. Names are unique.
func (s *Server) postWorkflows(q *request) (int, any, error) {
	var body workflowsBody
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	if body.Scope.Type != "GLOBAL" || len(body.Workflows) == 0 {
		return 0, nil, refuse(http.StatusBadRequest, "The simulation makes global workflows only.")
	}
	known := map[string]bool{}
	for _, st := range body.Statuses {
		have := s.site.status(st.ID)
		if have == nil || have.Name != st.Name || statusWords[have.Category] != st.Category || st.Reference == "" {
			return 0, nil, refuse(http.StatusBadRequest, "Status %s (%s) does not exist.", st.ID, st.Name)
		}
		known[st.Reference] = true
	}
	a := s.admin()
	made := []any{}
	for _, w := range body.Workflows {
		if slices.ContainsFunc(a.Workflows, func(x *adminWorkflow) bool { return x.Name == w.Name }) {
			return 0, nil, refuse(http.StatusBadRequest, "A workflow called '%s' exists already.", w.Name)
		}
		initial := 0
		ids := map[string]bool{}
		for _, t := range w.Transitions {
			if !known[t.To] || ids[t.ID] || t.ID == "" || t.Properties == nil {
				return 0, nil, refuse(http.StatusBadRequest, "Transition '%s' is not valid.", t.Name)
			}
			ids[t.ID] = true
			if t.Type == "INITIAL" {
				initial++
			}
		}
		for _, st := range w.Statuses {
			if !known[st.Reference] || st.Properties == nil {
				return 0, nil, refuse(http.StatusBadRequest, "Status reference '%s' is not valid.", st.Reference)
			}
		}
		if initial != 1 {
			return 0, nil, refuse(http.StatusBadRequest, "A workflow needs exactly one initial transition.")
		}
		x := &adminWorkflow{fmt.Sprintf("b5f8c1d2-0000-4000-8000-%012d", a.id()), w.Name}
		a.Workflows = append(a.Workflows, x)
		made = append(made, renderWorkflow(x))
	}
	return http.StatusOK, map[string]any{"statuses": []any{}, "workflows": made}, nil
}

func renderFlowScheme(x *flowScheme) map[string]any {
	return map[string]any{"id": x.ID, "name": x.Name, "description": "", "defaultWorkflow": x.Default, "issueTypeMappings": x.Mappings}
}

func (s *Server) getFlowSchemes(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults"); err != nil {
		return 0, nil, err
	}
	return bean(q, s.admin().FlowSchemes, func(x *flowScheme) any { return renderFlowScheme(x) })
}

func (s *Server) workflow(name string) *adminWorkflow {
	return find(s.admin().Workflows, func(x *adminWorkflow) bool { return x.Name == name })
}

func (s *Server) postFlowScheme(q *request) (int, any, error) {
	var body struct {
		Name        string            `json:"name"`
		Description string            `json:"description"`
		Default     string            `json:"defaultWorkflow"`
		Mappings    map[string]string `json:"issueTypeMappings"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	a := s.admin()
	taken := func(name string) bool {
		return slices.ContainsFunc(a.FlowSchemes, func(x *flowScheme) bool { return strings.EqualFold(x.Name, name) })
	}
	if err := named(body.Name, 255, taken); err != nil {
		return 0, nil, err
	}
	if body.Default == "" {
		body.Default = "jira"
	}
	for _, name := range append(sortedValues(body.Mappings), body.Default) {
		if s.workflow(name) == nil {
			return 0, nil, refuse(http.StatusBadRequest, "There is no workflow called '%s'.", name)
		}
	}
	x := &flowScheme{a.id(), body.Name, body.Default, body.Mappings, 1}
	if x.Mappings == nil {
		x.Mappings = map[string]string{}
	}
	a.FlowSchemes = append(a.FlowSchemes, x)
	return http.StatusCreated, renderFlowScheme(x), nil
}

func sortedValues(m map[string]string) []string {
	var out []string
	for _, key := range sortedKeys(m) {
		out = append(out, m[key])
	}
	return out
}

func (s *Server) getFlowSchemeProjects(q *request) (int, any, error) {
	if len(q.query["projectId"]) == 0 {
		return 0, nil, refuse(http.StatusBadRequest, "The 'projectId' query parameter is required.")
	}
	by := s.projectsUsing(q, func(u *schemesOf) int { return u.Flows })
	values := []any{}
	for _, id := range sortedNumbers(by) {
		scheme := map[string]any{"name": "Default Workflow Scheme", "description": "", "defaultWorkflow": "jira", "issueTypeMappings": map[string]string{}}
		if x := s.admin().flowScheme(id); x != nil {
			scheme = renderFlowScheme(x)
		}
		values = append(values, map[string]any{"workflowScheme": scheme, "projectIds": by[id]})
	}
	return http.StatusOK, map[string]any{"values": values}, nil
}

func (x *flowScheme) version() map[string]any {
	return map[string]any{"id": fmt.Sprintf("b5f8c1d2-1111-4000-8000-%012d", x.ID), "versionNumber": x.Version}
}

func (s *Server) postFlowSchemeRead(q *request) (int, any, error) {
	var body struct {
		Schemes  []string `json:"workflowSchemeIds"`
		Projects []string `json:"projectIds"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	out := []any{}
	for _, x := range s.admin().FlowSchemes {
		if !slices.Contains(body.Schemes, strconv.Itoa(x.ID)) {
			continue
		}
		types := map[string][]string{}
		for _, t := range sortedKeys(x.Mappings) {
			types[x.Mappings[t]] = append(types[x.Mappings[t]], t)
		}
		flows := []any{}
		for _, name := range sortedKeys(types) {
			flows = append(flows, map[string]any{"issueTypeIds": types[name], "workflow": map[string]any{"id": s.workflow(name).ID, "name": name}})
		}
		out = append(out, map[string]any{"id": strconv.Itoa(x.ID), "name": x.Name, "description": "", "version": x.version(), "scope": map[string]any{"type": "GLOBAL"},
			"defaultWorkflow": map[string]any{"id": s.workflow(x.Default).ID, "name": x.Default}, "workflowsForIssueTypes": flows})
	}
	return http.StatusOK, out, nil
}

// postFlowSchemeUpdate replaces the mappings of a scheme, at once and for all
// its projects. A stale version is refused.
func (s *Server) postFlowSchemeUpdate(q *request) (int, any, error) {
	var body struct {
		ID          string         `json:"id"`
		Name        string         `json:"name"`
		Description string         `json:"description"`
		Version     map[string]any `json:"version"`
		Default     string         `json:"defaultWorkflowId"`
		Flows       []struct {
			Types    []string `json:"issueTypeIds"`
			Workflow string   `json:"workflowId"`
		} `json:"workflowsForIssueTypes"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	id, _ := strconv.Atoi(body.ID)
	x := s.admin().flowScheme(id)
	byID := func(id string) *adminWorkflow {
		return find(s.admin().Workflows, func(w *adminWorkflow) bool { return w.ID == id })
	}
	switch {
	case x == nil:
		return 0, nil, absent("workflow scheme", body.ID)
	case fmt.Sprint(body.Version["versionNumber"]) != strconv.Itoa(x.Version) || body.Version["id"] != x.version()["id"]:
		return 0, nil, refuse(http.StatusConflict, "The workflow scheme has changed meanwhile.")
	case body.Name == "" || byID(body.Default) == nil:
		return 0, nil, refuse(http.StatusBadRequest, "Name and default workflow are required by the simulation.")
	}
	mappings := map[string]string{}
	for _, f := range body.Flows {
		w := byID(f.Workflow)
		if w == nil {
			return 0, nil, absent("workflow", f.Workflow)
		}
		for _, t := range f.Types {
			if s.site.issueType(t) == nil {
				return 0, nil, absent("issue type", t)
			}
			mappings[t] = w.Name
		}
	}
	x.Mappings, x.Default, x.Version = mappings, byID(body.Default).Name, x.Version+1
	return http.StatusOK, map[string]any{}, nil
}
