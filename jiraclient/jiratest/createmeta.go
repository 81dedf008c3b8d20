package jiratest

import (
	"net/http"
	"strconv"
	"strings"
)

const customPrefix = "com.atlassian.jira.plugin.system.customfieldtypes:"

// schemas describe the kinds of fields: type, item type, kind of custom field.
var schemas = map[kind]struct{ kind, items, custom string }{
	kindLine:        {"string", "", "textfield"},
	kindDocument:    {"string", "", "textarea"},
	kindNumber:      {"number", "", "float"},
	kindLabels:      {"array", "string", "labels"},
	kindSelect:      {"option", "", "select"},
	kindMultiSelect: {"array", "option", "multiselect"},
	kindUser:        {"user", "", "userpicker"},
	kindDate:        {"date", "", "datepicker"},
	kindDateTime:    {"datetime", "", "datetime"},
	kindURL:         {"string", "", "url"},
	kindPriority:    {"priority", "", ""},
	kindVersions:    {"array", "version", "multiversion"},
	kindParent:      {"issuelink", "", ""},
	kindEpicLink:    {"any", "", "epiclink"},
	kindProject:     {"project", "", ""},
	kindType:        {"issuetype", "", ""},
	kindReadOnly:    {"string", "", ""},
}

func (f *field) schema() map[string]any {
	sc := schemas[f.Kind]
	out := map[string]any{"type": sc.kind}
	if f.ID == "status" || f.ID == "resolution" {
		out["type"] = f.ID
	}
	if sc.items != "" {
		out["items"] = sc.items
	}
	if !f.custom() {
		out["system"] = f.ID
		return out
	}
	number, _ := strconv.Atoi(strings.TrimPrefix(f.ID, "customfield_"))
	out["custom"], out["customId"] = customPrefix+sc.custom, number
	if f.Kind == kindEpicLink {
		out["custom"] = "com.pyxis.greenhopper.jira:gh-epic-link"
	}
	return out
}

func (f *field) operations() []string {
	switch f.Kind {
	case kindLabels, kindMultiSelect, kindVersions:
		return []string{"add", "set", "remove"}
	}
	return []string{"set"}
}

func (s *Server) getFields(q *request) (int, any, error) {
	out := []any{}
	for _, f := range s.site.fields {
		out = append(out, map[string]any{
			"id": f.ID, "key": f.ID, "name": f.Name, "custom": f.custom(), "orderable": true, "navigable": true,
			"searchable": true, "clauseNames": []string{f.ID}, "schema": f.schema(),
		})
	}
	return http.StatusOK, out, nil
}

// creatable finds the project for create metadata, which asks for the right to
// create issues.
func (s *Server) creatable(q *request) (*project, error) {
	p, err := s.visibleProject(q, q.args[0])
	if err != nil || !s.site.may(q.account, "CREATE_ISSUES", p.Key) {
		return nil, refuse(http.StatusBadRequest, "The project '%s' does not exist, or you cannot create issues in it.", q.args[0])
	}
	return p, nil
}

func (s *Server) getCreateTypes(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults"); err != nil {
		return 0, nil, err
	}
	p, err := s.creatable(q)
	if err != nil {
		return 0, nil, err
	}
	start, size, err := q.page(50, 200)
	if err != nil {
		return 0, nil, err
	}
	types, here := []any{}, p.types(s.site)
	for _, t := range slice(here, start, size) {
		types = append(types, q.renderType(t))
	}
	return http.StatusOK, q.metaPage("issueTypes", start, size, len(here), types), nil
}

func (s *Server) getCreateFields(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults"); err != nil {
		return 0, nil, err
	}
	p, err := s.creatable(q)
	if err != nil {
		return 0, nil, err
	}
	t := s.site.issueType(q.args[1])
	if t == nil {
		return 0, nil, refuse(http.StatusBadRequest, "The issue type '%s' does not exist in the project.", q.args[1])
	}
	start, size, err := q.page(50, 200)
	if err != nil {
		return 0, nil, err
	}
	screen := p.screens[t.ID]
	fields := []any{}
	for _, on := range slice(screen, start, size) {
		fields = append(fields, s.renderCreateField(q, p, t, on))
	}
	return http.StatusOK, q.metaPage("fields", start, size, len(screen), fields), nil
}

// metaPage is a page of create metadata; Data Center calls its rows values.
func (q *request) metaPage(name string, start, size, total int, rows []any) map[string]any {
	out := map[string]any{"startAt": start, "maxResults": size, "total": total}
	if q.dc {
		name = "values"
		out["isLast"] = start+len(rows) >= total
	}
	out[name] = rows
	return out
}

func (s *Server) renderCreateField(q *request, p *project, t *issueType, on screenField) map[string]any {
	f := s.site.field(on.ID)
	out := map[string]any{
		"fieldId": f.ID, "key": f.ID, "name": f.Name, "required": on.Required, "hasDefaultValue": on.HasDefault,
		"operations": f.operations(), "schema": f.schema(),
	}
	allowed := []any{}
	switch f.Kind {
	case kindPriority:
		for _, c := range s.site.priorities {
			allowed = append(allowed, q.renderPriority(c))
		}
		out["defaultValue"] = q.renderPriority(s.site.priorities[2])
	case kindSelect, kindMultiSelect:
		for _, c := range f.Options {
			allowed = append(allowed, q.renderOption(c))
		}
	case kindVersions:
		for _, c := range p.versions {
			allowed = append(allowed, q.renderVersion(c))
		}
	case kindProject:
		allowed = append(allowed, q.renderProject(p))
	case kindType:
		allowed = append(allowed, q.renderType(t))
	case kindLabels:
		out["autoCompleteUrl"] = q.base + "/rest/api/1.0/labels/suggest?query="
	case kindUser:
		out["autoCompleteUrl"] = q.api + "/user/search?query="
	}
	if len(allowed) > 0 {
		out["allowedValues"] = allowed
	}
	return out
}
