package jiraclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Screens finds screens whose name contains a text. Names are not unique.
func (c *Client) Screens(ctx context.Context, text string) ([]AdminObject, error) {
	return adminPages[AdminObject](ctx, c, "/screens", nil, url.Values{"queryString": {text}})
}

// MakeScreen makes a screen with one tab.
func (c *Client) MakeScreen(ctx context.Context, name, description string) (string, error) {
	return c.make(ctx, "/screens", nil, map[string]any{"name": name, "description": description}, "id")
}

// ScreenTabs lists the tabs of a screen.
func (c *Client) ScreenTabs(ctx context.Context, screen string) ([]AdminObject, error) {
	var out []AdminObject
	err := c.do(ctx, call{method: http.MethodGet, route: "/screens/{screenId}/tabs", args: []string{screen}, out: &out, read: true})
	return out, err
}

// TabFields lists the ids of the fields on a tab.
func (c *Client) TabFields(ctx context.Context, screen, tab string) ([]string, error) {
	var rows []AdminObject
	err := c.do(ctx, call{method: http.MethodGet, route: "/screens/{screenId}/tabs/{tabId}/fields", args: []string{screen, tab}, out: &rows, read: true})
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out, err
}

// AddTabField puts a field on a tab.
func (c *Client) AddTabField(ctx context.Context, screen, tab, field string) error {
	return c.do(ctx, call{method: http.MethodPost, route: "/screens/{screenId}/tabs/{tabId}/fields", args: []string{screen, tab}, in: map[string]any{"fieldId": field}})
}

// ScreenSchemes finds screen schemes whose name contains a text.
func (c *Client) ScreenSchemes(ctx context.Context, text string) ([]AdminObject, error) {
	return adminPages[AdminObject](ctx, c, "/screenscheme", nil, url.Values{"queryString": {text}})
}

// MakeScreenScheme makes a screen scheme that shows one screen for everything.
func (c *Client) MakeScreenScheme(ctx context.Context, name, description, screen string) (string, error) {
	number, err := strconv.ParseInt(screen, 10, 64)
	if err != nil {
		return "", &RequestError{Problem: screen + " is no screen id", Advice: "name the screen by its numeric id", Err: err}
	}
	return c.make(ctx, "/screenscheme", nil, map[string]any{"name": name, "description": description, "screens": map[string]any{"default": number}}, "id")
}

// IssueTypeScreenSchemes finds schemes whose name contains a text.
func (c *Client) IssueTypeScreenSchemes(ctx context.Context, text string) ([]AdminObject, error) {
	return adminPages[AdminObject](ctx, c, "/issuetypescreenscheme", nil, url.Values{"queryString": {text}})
}

// TypeScreen says which screen scheme an issue type uses; "default" stands for
// all types without a mapping of their own.
type TypeScreen struct {
	Type         string `json:"issueTypeId"`
	ScreenScheme string `json:"screenSchemeId"`
}

// MakeIssueTypeScreenScheme makes a scheme; a default mapping must be among
// the mappings.
func (c *Client) MakeIssueTypeScreenScheme(ctx context.Context, name, description string, mappings []TypeScreen) (string, error) {
	return c.make(ctx, "/issuetypescreenscheme", nil, map[string]any{"name": name, "description": description, "issueTypeMappings": mappings}, "id")
}

// IssueTypeScreens lists the mappings of a scheme.
func (c *Client) IssueTypeScreens(ctx context.Context, scheme string) ([]TypeScreen, error) {
	return adminPages[TypeScreen](ctx, c, "/issuetypescreenscheme/mapping", nil, url.Values{"issueTypeScreenSchemeId": {scheme}})
}

// AddIssueTypeScreens adds mappings to a scheme. It reaches every project that
// uses the scheme.
func (c *Client) AddIssueTypeScreens(ctx context.Context, scheme string, mappings []TypeScreen) error {
	return c.do(ctx, call{method: http.MethodPut, route: "/issuetypescreenscheme/{issueTypeScreenSchemeId}/mapping", args: []string{scheme}, in: map[string]any{"issueTypeMappings": mappings}})
}

// UseIssueTypeScreenScheme gives a project another scheme.
func (c *Client) UseIssueTypeScreenScheme(ctx context.Context, scheme, project string) error {
	return c.do(ctx, call{method: http.MethodPut, route: "/issuetypescreenscheme/project", in: map[string]any{"issueTypeScreenSchemeId": scheme, "projectId": project}})
}

// IssueTypeScreenSchemesOf tells which schemes projects use.
func (c *Client) IssueTypeScreenSchemesOf(ctx context.Context, projects []string) ([]SchemeUse, error) {
	rows, err := adminPages[struct {
		Scheme   AdminObject `json:"issueTypeScreenScheme"`
		Projects []string    `json:"projectIds"`
	}](ctx, c, "/issuetypescreenscheme/project", nil, url.Values{"projectId": projects})
	out := make([]SchemeUse, len(rows))
	for i, r := range rows {
		out[i] = SchemeUse(r)
	}
	return out, err
}
