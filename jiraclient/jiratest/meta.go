package jiratest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func (s *Server) getServerInfo(q *request) (int, any, error) {
	out := map[string]any{
		"baseUrl": q.base, "displayUrl": q.base, "version": "1001.0.0-SNAPSHOT", "versionNumbers": s.version,
		"deploymentType": "Cloud", "buildNumber": 100290, "buildDate": "2026-10-01T00:00:00.000+0000",
		"serverTime": stamp(s.now().Add(s.offset)), "serverTimeZone": "Etc/UTC", "scmInfo": "simulation", "serverTitle": s.title,
	}
	if s.dc {
		out["version"], out["deploymentType"] = s.version.String(), "Server"
		delete(out, "displayUrl")
		delete(out, "serverTimeZone")
	}
	return http.StatusOK, out, nil
}

func (s *Server) getMyself(q *request) (int, any, error) {
	if err := q.only("expand"); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, q.renderUser(q.account), nil
}

func (s *Server) getMyPermissions(q *request) (int, any, error) {
	names := []string{"projectKey", "projectId", "issueKey", "issueId"}
	asked := knownPermissions
	if !s.dc {
		names, asked = append(names, "permissions"), q.list("permissions")
	}
	if err := q.only(names...); err != nil {
		return 0, nil, err
	}
	if len(asked) == 0 {
		return 0, nil, refuse(http.StatusBadRequest, "The 'permissions' query parameter is required.")
	}
	key := ""
	if wanted := q.query.Get("projectKey") + q.query.Get("projectId"); wanted != "" {
		p := s.site.project(wanted)
		if p == nil || !s.site.may(q.account, "BROWSE_PROJECTS", p.Key) {
			return 0, nil, refuse(http.StatusNotFound, "No project could be found with key '%s'.", wanted)
		}
		key = p.Key
	}
	out := map[string]any{}
	for _, name := range asked {
		if !slices.Contains(knownPermissions, name) {
			return 0, nil, refuse(http.StatusBadRequest, "Unrecognized permission: %s", name)
		}
		kind, where := "PROJECT", key
		if name == "ADMINISTER" {
			kind, where = "GLOBAL", ""
		}
		out[name] = map[string]any{
			"id": "0", "key": name, "name": strings.ReplaceAll(name, "_", " "), "type": kind,
			"description": "", "havePermission": s.site.may(q.account, name, where),
		}
	}
	return http.StatusOK, map[string]any{"permissions": out}, nil
}

// projectsFor are the projects in which the account holds a permission.
func (s *Server) projectsFor(a *Account, permission string) []*project {
	var out []*project
	for _, p := range s.site.projects {
		if s.site.may(a, permission, p.Key) {
			out = append(out, p)
		}
	}
	return out
}

func (s *Server) getProjects(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "orderBy", "keys", "query", "typeKey", "action", "expand", "status"); err != nil {
		return 0, nil, err
	}
	start, size, err := q.page(50, 100)
	if err != nil {
		return 0, nil, err
	}
	permission := map[string]string{"": "BROWSE_PROJECTS", "view": "BROWSE_PROJECTS", "browse": "BROWSE_PROJECTS", "create": "CREATE_ISSUES", "edit": "ADMINISTER_PROJECTS"}[q.query.Get("action")]
	if permission == "" {
		return 0, nil, refuse(http.StatusBadRequest, "'%s' is not a valid action.", q.query.Get("action"))
	}
	list := s.projectsFor(q.account, permission)
	if text := strings.ToLower(q.query.Get("query")); text != "" {
		list = slices.DeleteFunc(list, func(p *project) bool { return !strings.Contains(strings.ToLower(p.Key+" "+p.Name), text) })
	}
	slices.SortFunc(list, func(a, b *project) int { return strings.Compare(a.Key, b.Key) })
	values := []any{}
	for _, p := range slice(list, start, size) {
		values = append(values, s.renderFullProject(q, p))
	}
	return http.StatusOK, map[string]any{
		"startAt": start, "maxResults": size, "total": len(list), "isLast": start+len(values) >= len(list),
		"self": q.base + q.URL.RequestURI(), "values": values,
	}, nil
}

func (s *Server) renderFullProject(q *request, p *project) map[string]any {
	out := q.renderProject(p)
	if !s.dc {
		out["style"] = "classic"
		if p.teamManaged {
			out["style"], out["simplified"] = "next-gen", true
		}
		out["isPrivate"] = false
	}
	return out
}

// visibleProject finds a project that the account may browse.
func (s *Server) visibleProject(q *request, idOrKey string) (*project, error) {
	p := s.site.project(idOrKey)
	if p == nil || !s.site.may(q.account, "BROWSE_PROJECTS", p.Key) {
		return nil, refuse(http.StatusNotFound, "No project could be found with key '%s'.", idOrKey)
	}
	return p, nil
}

func (s *Server) getProject(q *request) (int, any, error) {
	p, err := s.visibleProject(q, q.args[0])
	if err != nil {
		return 0, nil, err
	}
	out := s.renderFullProject(q, p)
	types, versions := []any{}, []any{}
	for _, t := range s.site.types {
		types = append(types, q.renderType(t))
	}
	for _, v := range p.versions {
		versions = append(versions, q.renderVersion(v))
	}
	out["issueTypes"], out["versions"] = types, versions
	return http.StatusOK, out, nil
}

func (s *Server) getProjectStatuses(q *request) (int, any, error) {
	if _, err := s.visibleProject(q, q.args[0]); err != nil {
		return 0, nil, err
	}
	statuses := []any{}
	for _, st := range s.site.statuses {
		statuses = append(statuses, q.renderStatus(st))
	}
	out := []any{}
	for _, t := range s.site.types {
		one := q.renderType(t)
		one["statuses"] = statuses
		out = append(out, one)
	}
	return http.StatusOK, out, nil
}

func (s *Server) getLabels(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults"); err != nil {
		return 0, nil, err
	}
	start, size, err := q.page(1000, 1000)
	if err != nil {
		return 0, nil, err
	}
	seen := map[string]bool{"backlog": true, "security": true, "third-party": true}
	now := s.now()
	for _, e := range s.issues.order {
		if r := s.inIndex(e, now); r != nil {
			for _, label := range r.labels("labels") {
				seen[label] = true
			}
		}
	}
	labels := sortedKeys(seen)
	page := slice(labels, start, size)
	return http.StatusOK, map[string]any{
		"startAt": start, "maxResults": size, "total": len(labels), "isLast": start+len(page) >= len(labels), "values": page,
	}, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (s *Server) getPriorities(q *request) (int, any, error) {
	out := []any{}
	for _, c := range s.site.priorities {
		out = append(out, q.renderPriority(c))
	}
	return http.StatusOK, out, nil
}

func (s *Server) getAssignable(q *request) (int, any, error) {
	word := "query"
	if s.dc {
		word = "username"
	}
	if err := q.only(word, "accountId", "project", "issueKey", "startAt", "maxResults"); err != nil {
		return 0, nil, err
	}
	if q.query.Get("project") == "" {
		return 0, nil, refuse(http.StatusBadRequest, "The 'project' query parameter is required by the simulation.")
	}
	p, err := s.visibleProject(q, q.query.Get("project"))
	if err != nil {
		return 0, nil, err
	}
	start, size, err := q.page(50, 1000)
	if err != nil {
		return 0, nil, err
	}
	out := []any{}
	if !s.site.may(q.account, "USER_PICKER", p.Key) {
		return http.StatusOK, out, nil
	}
	text := strings.ToLower(q.query.Get(word))
	// Jira takes the page first and filters then, so that pages come short.
	for _, a := range slice(s.site.accounts, start, size) {
		if s.site.may(a, "ASSIGNABLE_USER", p.Key) && strings.Contains(strings.ToLower(a.Name+" "+a.Email), text) {
			out = append(out, q.renderUser(a))
		}
	}
	return http.StatusOK, out, nil
}
