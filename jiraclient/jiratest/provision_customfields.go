package jiratest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// searchers are those that go with a type of field.
var searchers = map[string]string{"textfield": "textsearcher", "textarea": "textsearcher", "select": "multiselectsearcher", "float": "exactnumber", "url": "exacttextsearcher"}

func (s *Server) getFieldSearch(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "type", "id", "query", "orderBy", "expand", "projectIds"); err != nil {
		return 0, nil, err
	}
	text := strings.ToLower(q.query.Get("query"))
	var list []*field
	for _, f := range s.site.fields {
		if (q.query.Get("type") != "custom" || f.custom()) && strings.Contains(strings.ToLower(f.Name), text) {
			list = append(list, f)
		}
	}
	return bean(q, list, func(f *field) any {
		return map[string]any{"id": f.ID, "name": f.Name, "schema": f.schema(), "description": s.admin().Notes[f.ID]}
	})
}

// postField makes a custom field. Names are not unique.
func (s *Server) postField(q *request) (int, any, error) {
	var body struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Type        string `json:"type"`
		Searcher    string `json:"searcherKey"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	if err := named(body.Name, 255, nil); err != nil {
		return 0, nil, err
	}
	custom, ok := strings.CutPrefix(body.Type, customPrefix)
	var k kind
	for each, sc := range schemas {
		if sc.custom == custom && custom != "" {
			k = each
		}
	}
	if !ok || k == "" {
		return 0, nil, refuseField("type", "The field type is not valid.")
	}
	if body.Searcher != "" && body.Searcher != customPrefix+searchers[custom] {
		return 0, nil, refuseField("searcherKey", "The searcher does not go with the field type.")
	}
	f := s.makeField(body.Name, k)
	a := s.admin()
	a.Notes[f.ID] = body.Description
	a.Contexts[f.ID] = []fieldContext{{strconv.Itoa(a.id()), "Default Configuration Scheme for " + f.Name, true}}
	return http.StatusCreated, map[string]any{"id": f.ID, "key": f.ID, "name": f.Name, "custom": true, "orderable": true, "navigable": true,
		"searchable": body.Searcher != "", "clauseNames": []string{"cf[" + strings.TrimPrefix(f.ID, "customfield_") + "]", f.Name}, "schema": f.schema()}, nil
}

func (s *Server) customField(q *request) (*field, error) {
	if f := s.site.field(q.args[0]); f != nil && f.custom() {
		return f, nil
	}
	return nil, absent("custom field", q.args[0])
}

// contextsOf are a field's contexts; those of the default site have one.
func (s *Server) contextsOf(f *field) []fieldContext {
	if list, ok := s.admin().Contexts[f.ID]; ok {
		return list
	}
	return []fieldContext{{"1" + strings.TrimPrefix(f.ID, "customfield_"), "Default Configuration Scheme for " + f.Name, true}}
}

func (s *Server) getContexts(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "isAnyIssueType", "isGlobalContext", "contextId"); err != nil {
		return 0, nil, err
	}
	f, err := s.customField(q)
	if err != nil {
		return 0, nil, err
	}
	return bean(q, s.contextsOf(f), func(c fieldContext) any {
		return map[string]any{"id": c.ID, "name": c.Name, "description": "", "isGlobalContext": c.Global, "isAnyIssueType": true}
	})
}

func (s *Server) postContext(q *request) (int, any, error) {
	var body struct {
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Projects    []string `json:"projectIds"`
		Types       []string `json:"issueTypeIds"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	f, err := s.customField(q)
	if err != nil {
		return 0, nil, err
	}
	if err := named(body.Name, 255, nil); err != nil {
		return 0, nil, err
	}
	list := s.contextsOf(f)
	if len(body.Projects) == 0 && slices.ContainsFunc(list, func(c fieldContext) bool { return c.Global }) {
		return 0, nil, refuse(http.StatusConflict, "The field has a global context already.")
	}
	c := fieldContext{strconv.Itoa(s.admin().id()), body.Name, len(body.Projects) == 0}
	s.admin().Contexts[f.ID] = append(list, c)
	return http.StatusCreated, map[string]any{"id": c.ID, "name": c.Name, "description": body.Description, "projectIds": body.Projects, "issueTypeIds": body.Types}, nil
}

// optionField finds a field with options and checks the context.
func (s *Server) optionField(q *request) (*field, error) {
	f, err := s.customField(q)
	switch {
	case err != nil:
		return nil, err
	case !slices.ContainsFunc(s.contextsOf(f), func(c fieldContext) bool { return c.ID == q.args[1] }):
		return nil, absent("context", q.args[1])
	case f.Kind != kindSelect && f.Kind != kindMultiSelect:
		return nil, refuse(http.StatusBadRequest, "The field does not take options.")
	}
	return f, nil
}

func renderAdminOption(c choice) any {
	return map[string]any{"id": c.ID, "value": c.Name, "disabled": false}
}

func (s *Server) getOptions(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "optionId", "onlyOptions"); err != nil {
		return 0, nil, err
	}
	f, err := s.optionField(q)
	if err != nil {
		return 0, nil, err
	}
	return bean(q, f.Options, renderAdminOption)
}

func (s *Server) postOptions(q *request) (int, any, error) {
	var body struct {
		Options []struct {
			Value    string `json:"value"`
			Disabled bool   `json:"disabled"`
		} `json:"options"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	f, err := s.optionField(q)
	if err != nil {
		return 0, nil, err
	}
	for _, o := range body.Options {
		if o.Value == "" || slices.ContainsFunc(f.Options, func(c choice) bool { return c.Name == o.Value }) {
			return 0, nil, refuse(http.StatusBadRequest, "The option value '%s' is empty or exists already.", o.Value)
		}
	}
	made := []any{}
	for _, o := range body.Options {
		c := choice{s.nextOption(), o.Value}
		f.Options = append(f.Options, c)
		made = append(made, renderAdminOption(c))
	}
	return http.StatusOK, map[string]any{"options": made}, nil
}

// putAssociation makes fields known to projects. Here every field is known to
// every project already, so that it only checks what it was given.
func (s *Server) putAssociation(q *request) (int, any, error) {
	type identified struct {
		Type       string `json:"type"`
		Identifier any    `json:"identifier"`
	}
	var body struct {
		Contexts []identified `json:"associationContexts"`
		Fields   []identified `json:"fields"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	if len(body.Fields) == 0 || len(body.Fields) > 50 || len(body.Contexts) == 0 || len(body.Contexts) > 100 {
		return 0, nil, refuse(http.StatusBadRequest, "Between 1 and 50 fields and 1 and 100 projects can be associated.")
	}
	for _, c := range body.Contexts {
		n, ok := c.Identifier.(float64)
		if c.Type != "PROJECT_ID" || !ok || s.site.project(strconv.Itoa(int(n))) == nil {
			return 0, nil, refuse(http.StatusBadRequest, "There is no project %v.", c.Identifier)
		}
	}
	for _, f := range body.Fields {
		id, ok := f.Identifier.(string)
		if f.Type != "FIELD_ID" || !ok || s.site.field(id) == nil {
			return 0, nil, refuse(http.StatusBadRequest, "There is no field %v.", f.Identifier)
		}
	}
	return http.StatusNoContent, nil, nil
}
