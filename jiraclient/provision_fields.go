package jiraclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// customTypes is the prefix of Jira's own kinds of custom fields.
const customTypes = "com.atlassian.jira.plugin.system.customfieldtypes:"

// searcherOf is the searcher that goes with a kind of custom field; without one
// the field cannot be searched.
var searcherOf = map[string]string{"textfield": "textsearcher", "textarea": "textsearcher", "select": "multiselectsearcher", "float": "exactnumber", "url": "exacttextsearcher"}

// Kind is the last part of a custom field's type, such as select.
func (s FieldSchema) Kind() string { return strings.TrimPrefix(s.Custom, customTypes) }

// CustomField is a custom field as an administrator sees it. Kind is the last
// part of its type: textfield, textarea, select, float, url.
type CustomField struct {
	ID, Name, Description, Kind string
}

// CustomFields finds custom fields whose name contains a text. Names are not
// unique.
func (c *Client) CustomFields(ctx context.Context, text string) ([]CustomField, error) {
	rows, err := adminPages[struct {
		ID          string      `json:"id"`
		Name        string      `json:"name"`
		Description string      `json:"description"`
		Schema      FieldSchema `json:"schema"`
	}](ctx, c, "/field/search", nil, url.Values{"type": {"custom"}, "query": {text}})
	var out []CustomField
	for _, r := range rows {
		out = append(out, CustomField{ID: r.ID, Name: r.Name, Description: r.Description, Kind: r.Schema.Kind()})
	}
	return out, err
}

// MakeCustomField makes a custom field. A second call makes a twin.
func (c *Client) MakeCustomField(ctx context.Context, f CustomField) (string, error) {
	in := map[string]any{"name": f.Name, "description": f.Description, "type": customTypes + f.Kind}
	if s := searcherOf[f.Kind]; s != "" {
		in["searcherKey"] = customTypes + s
	}
	return c.make(ctx, "/field", nil, in, "id")
}

// FieldContext is where a custom field applies. Options belong to contexts.
type FieldContext struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Global bool   `json:"isGlobalContext"`
}

// FieldContexts lists the contexts of a custom field.
func (c *Client) FieldContexts(ctx context.Context, field string) ([]FieldContext, error) {
	return adminPages[FieldContext](ctx, c, "/field/{fieldId}/context", []string{field}, nil)
}

// MakeFieldContext makes a context for all projects and issue types.
func (c *Client) MakeFieldContext(ctx context.Context, field, name string) (string, error) {
	return c.make(ctx, "/field/{fieldId}/context", []string{field}, map[string]any{"name": name, "projectIds": []string{}, "issueTypeIds": []string{}}, "id")
}

// FieldOptions lists the options of a select in a context.
func (c *Client) FieldOptions(ctx context.Context, field, fieldContext string) ([]NamedValue, error) {
	return adminPages[NamedValue](ctx, c, "/field/{fieldId}/context/{contextId}/option", []string{field, fieldContext}, nil)
}

// AddFieldOptions adds options to a select in a context.
func (c *Client) AddFieldOptions(ctx context.Context, field, fieldContext string, values []string) error {
	options := make([]map[string]any, len(values))
	for i, v := range values {
		options[i] = map[string]any{"value": v}
	}
	return c.do(ctx, call{method: http.MethodPost, route: "/field/{fieldId}/context/{contextId}/option", args: []string{field, fieldContext}, in: map[string]any{"options": options}})
}

// AssociateFields makes fields known to a project and to those that share its
// field configuration. Doing it again changes nothing.
func (c *Client) AssociateFields(ctx context.Context, project string, fields []string) error {
	number, err := strconv.ParseInt(project, 10, 64)
	if err != nil {
		return &RequestError{Problem: project + " is no project id", Advice: "name the project by its numeric id", Err: err}
	}
	list := make([]map[string]any, len(fields))
	for i, id := range fields {
		list[i] = map[string]any{"type": "FIELD_ID", "identifier": id}
	}
	return c.do(ctx, call{method: http.MethodPut, route: "/field/association",
		in: map[string]any{"associationContexts": []map[string]any{{"type": "PROJECT_ID", "identifier": number}}, "fields": list}})
}
