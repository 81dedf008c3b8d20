package jiratest

import (
	"net/http"
	"slices"
	"strconv"
)

func (s *Server) getScreens(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "id", "queryString", "scope", "orderBy"); err != nil {
		return 0, nil, err
	}
	return bean(q, matching(q, s.admin().Screens, func(x *adminScreen) string { return x.Name }), func(x *adminScreen) any {
		return map[string]any{"id": x.ID, "name": x.Name, "description": ""}
	})
}

// postScreen makes a screen with one tab. Names are not unique.
func (s *Server) postScreen(q *request) (int, any, error) {
	var body struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	if err := named(body.Name, 255, nil); err != nil {
		return 0, nil, err
	}
	a := s.admin()
	x := &adminScreen{ID: a.id(), Name: body.Name, Tab: a.id()}
	a.Screens = append(a.Screens, x)
	return http.StatusCreated, map[string]any{"id": x.ID, "name": x.Name, "description": body.Description}, nil
}

func (s *Server) screen(q *request) (*adminScreen, error) {
	if x := find(s.admin().Screens, func(x *adminScreen) bool { return x.ID == q.number(0) }); x != nil {
		return x, nil
	}
	return nil, absent("screen", q.args[0])
}

func (s *Server) tab(q *request) (*adminScreen, error) {
	x, err := s.screen(q)
	if err == nil && x.Tab != q.number(1) {
		err = absent("tab", q.args[1])
	}
	return x, err
}

func (s *Server) getTabs(q *request) (int, any, error) {
	x, err := s.screen(q)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, []any{map[string]any{"id": x.Tab, "name": "Field Tab"}}, nil
}

func (s *Server) getTabFields(q *request) (int, any, error) {
	x, err := s.tab(q)
	if err != nil {
		return 0, nil, err
	}
	out := []any{}
	for _, id := range x.Fields {
		out = append(out, map[string]any{"id": id, "name": s.site.field(id).Name})
	}
	return http.StatusOK, out, nil
}

func (s *Server) postTabField(q *request) (int, any, error) {
	var body struct {
		Field string `json:"fieldId"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	x, err := s.tab(q)
	if err != nil {
		return 0, nil, err
	}
	f := s.site.field(body.Field)
	switch {
	case f == nil:
		return 0, nil, absent("field", body.Field)
	case slices.Contains(x.Fields, f.ID):
		return 0, nil, refuse(http.StatusBadRequest, "The field with id '%s' already exists on the screen.", f.ID)
	}
	x.Fields = append(x.Fields, f.ID)
	s.apply()
	return http.StatusOK, map[string]any{"id": f.ID, "name": f.Name}, nil
}

func (s *Server) getScreenSchemes(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "id", "expand", "queryString", "orderBy"); err != nil {
		return 0, nil, err
	}
	return bean(q, matching(q, s.admin().ScreenSchemes, func(x *screenScheme) string { return x.Name }), func(x *screenScheme) any {
		return map[string]any{"id": x.ID, "name": x.Name, "description": "", "screens": map[string]any{"default": x.Default}}
	})
}

func (s *Server) postScreenScheme(q *request) (int, any, error) {
	var body struct {
		Name        string         `json:"name"`
		Description string         `json:"description"`
		Screens     map[string]int `json:"screens"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	a := s.admin()
	taken := func(name string) bool {
		return slices.ContainsFunc(a.ScreenSchemes, func(x *screenScheme) bool { return x.Name == name })
	}
	if err := named(body.Name, 255, taken); err != nil {
		return 0, nil, err
	}
	if find(a.Screens, func(x *adminScreen) bool { return x.ID == body.Screens["default"] }) == nil {
		return 0, nil, absent("screen", body.Screens["default"])
	}
	x := &screenScheme{a.id(), body.Name, body.Screens["default"]}
	a.ScreenSchemes = append(a.ScreenSchemes, x)
	return http.StatusCreated, map[string]any{"id": x.ID}, nil
}

func renderTypeScreen(x *typeScreenScheme) map[string]any {
	return map[string]any{"id": strconv.Itoa(x.ID), "name": x.Name, "description": ""}
}

func (s *Server) getTypeScreens(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "id", "queryString", "orderBy", "expand"); err != nil {
		return 0, nil, err
	}
	return bean(q, matching(q, s.admin().TypeScreens, func(x *typeScreenScheme) string { return x.Name }), func(x *typeScreenScheme) any { return renderTypeScreen(x) })
}

type typeScreenMapping struct {
	Type   string `json:"issueTypeId"`
	Scheme string `json:"screenSchemeId"`
}

// checkMappings turns mappings into a table.
func (s *Server) checkMappings(list []typeScreenMapping) (map[string]int, error) {
	out := map[string]int{}
	for _, m := range list {
		id, _ := strconv.Atoi(m.Scheme)
		switch {
		case find(s.admin().ScreenSchemes, func(x *screenScheme) bool { return x.ID == id }) == nil:
			return nil, absent("screen scheme", m.Scheme)
		case m.Type != "default" && s.site.issueType(m.Type) == nil:
			return nil, absent("issue type", m.Type)
		}
		if _, twice := out[m.Type]; twice {
			return nil, refuse(http.StatusBadRequest, "Issue type %s is mapped twice.", m.Type)
		}
		out[m.Type] = id
	}
	return out, nil
}

func (s *Server) postTypeScreen(q *request) (int, any, error) {
	var body struct {
		Name        string              `json:"name"`
		Description string              `json:"description"`
		Mappings    []typeScreenMapping `json:"issueTypeMappings"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	a := s.admin()
	taken := func(name string) bool {
		return slices.ContainsFunc(a.TypeScreens, func(x *typeScreenScheme) bool { return x.Name == name })
	}
	if err := named(body.Name, 255, taken); err != nil {
		return 0, nil, err
	}
	mappings, err := s.checkMappings(body.Mappings)
	if err != nil {
		return 0, nil, err
	}
	if _, ok := mappings["default"]; !ok {
		return 0, nil, refuse(http.StatusBadRequest, "The default mapping is required.")
	}
	x := &typeScreenScheme{a.id(), body.Name, mappings}
	a.TypeScreens = append(a.TypeScreens, x)
	return http.StatusCreated, map[string]any{"id": strconv.Itoa(x.ID)}, nil
}

func (s *Server) getTypeScreenMapping(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "issueTypeScreenSchemeId"); err != nil {
		return 0, nil, err
	}
	var rows []map[string]any
	for _, x := range s.admin().TypeScreens {
		if wanted := q.query["issueTypeScreenSchemeId"]; len(wanted) > 0 && !slices.Contains(wanted, strconv.Itoa(x.ID)) {
			continue
		}
		for _, t := range sortedKeys(x.Mappings) {
			rows = append(rows, map[string]any{"issueTypeScreenSchemeId": strconv.Itoa(x.ID), "issueTypeId": t, "screenSchemeId": strconv.Itoa(x.Mappings[t])})
		}
	}
	return bean(q, rows, func(r map[string]any) any { return r })
}

func (s *Server) putTypeScreenMapping(q *request) (int, any, error) {
	var body struct {
		Mappings []typeScreenMapping `json:"issueTypeMappings"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	x := s.admin().typeScreen(q.number(0))
	if x == nil {
		return 0, nil, absent("issue type screen scheme", q.args[0])
	}
	mappings, err := s.checkMappings(body.Mappings)
	if err != nil {
		return 0, nil, err
	}
	for t := range mappings {
		if _, there := x.Mappings[t]; there {
			return 0, nil, refuse(http.StatusBadRequest, "Issue type %s is mapped already.", t)
		}
	}
	for t, id := range mappings {
		x.Mappings[t] = id
	}
	s.apply()
	return http.StatusNoContent, nil, nil
}

func (s *Server) getTypeScreenProjects(q *request) (int, any, error) {
	if len(q.query["projectId"]) == 0 {
		return 0, nil, refuse(http.StatusBadRequest, "The 'projectId' query parameter is required.")
	}
	by := s.projectsUsing(q, func(u *schemesOf) int { return u.Screens })
	return bean(q, sortedNumbers(by), func(id int) any {
		return map[string]any{"issueTypeScreenScheme": renderTypeScreen(s.admin().typeScreen(id)), "projectIds": by[id]}
	})
}

func (s *Server) putTypeScreenProject(q *request) (int, any, error) {
	var body struct {
		Scheme  string `json:"issueTypeScreenSchemeId"`
		Project string `json:"projectId"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	id, _ := strconv.Atoi(body.Scheme)
	p := s.site.project(body.Project)
	if s.admin().typeScreen(id) == nil || p == nil {
		return 0, nil, absent("issue type screen scheme or project", body.Scheme+", "+body.Project)
	}
	s.admin().Uses[p.ID].Screens = id
	s.apply()
	return http.StatusNoContent, nil, nil
}
