package jiraclient

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// The calls below set Jira Cloud up; Data Center has those for issue types and
// for making fields alone. All of them need the global permission
// Administer Jira, and reach company-managed projects only. None that makes
// something is idempotent; look before.

// AdminObject is something that an administrator sets up, with its id as text
// whatever Jira calls it.
type AdminObject struct {
	ID   string
	Name string
}

// UnmarshalJSON takes ids that are numbers as well as texts.
func (o *AdminObject) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID   json.RawMessage `json:"id"`
		Name string          `json:"name"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*o = AdminObject{ID: plainID(raw.ID), Name: raw.Name}
	return nil
}

// plainID is an id without the quotes that it may have.
func plainID(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}

// adminPages reads a list page by page.
func adminPages[T any](ctx context.Context, c *Client, route string, args []string, query url.Values) ([]T, error) {
	var all []T
	for {
		var page struct {
			Values []T  `json:"values"`
			IsLast bool `json:"isLast"`
		}
		q := url.Values{"startAt": {strconv.Itoa(len(all))}, "maxResults": {"100"}}
		for name, values := range query {
			q[name] = values
		}
		if err := c.do(ctx, call{method: http.MethodGet, route: route, args: args, query: q, out: &page, read: true}); err != nil {
			return nil, err
		}
		all = append(all, page.Values...)
		if page.IsLast || len(page.Values) == 0 {
			return all, nil
		}
	}
}

// make sends a request that makes something and reads its id from the named
// member of the answer.
func (c *Client) make(ctx context.Context, route string, args []string, in any, member string) (string, error) {
	var out map[string]json.RawMessage
	if err := c.do(ctx, call{method: http.MethodPost, route: route, args: args, in: in, out: &out}); err != nil {
		return "", err
	}
	id := plainID(out[member])
	if id == "" {
		return "", &AnswerError{Method: http.MethodPost, Route: route, Status: http.StatusOK, Kind: ErrInvalidAnswer}
	}
	return id, nil
}

// SiteIssueTypes lists the issue types of the site, without those that belong
// to one team-managed project.
func (c *Client) SiteIssueTypes(ctx context.Context) ([]AdminObject, error) {
	var raw []json.RawMessage
	if err := c.do(ctx, call{method: http.MethodGet, route: "/issuetype", out: &raw, read: true}); err != nil {
		return nil, err
	}
	var out []AdminObject
	for _, one := range raw {
		var scoped struct {
			Scope *json.RawMessage `json:"scope"`
		}
		var o AdminObject
		if json.Unmarshal(one, &o) == nil && json.Unmarshal(one, &scoped) == nil && scoped.Scope == nil {
			out = append(out, o)
		}
	}
	return out, nil
}

// MakeIssueType makes an issue type. ErrConflict: the name is in use.
func (c *Client) MakeIssueType(ctx context.Context, name, description string) (string, error) {
	in := map[string]any{"name": name, "description": description, "hierarchyLevel": 0}
	if c.Deployment() == DataCenter {
		in = map[string]any{"name": name, "description": description, "type": "standard"}
	}
	return c.make(ctx, "/issuetype", nil, in, "id")
}

// IssueTypeSchemes finds schemes whose name contains a text.
func (c *Client) IssueTypeSchemes(ctx context.Context, text string) ([]AdminObject, error) {
	return adminPages[AdminObject](ctx, c, "/issuetypescheme", nil, url.Values{"queryString": {text}})
}

// MakeIssueTypeScheme makes a scheme of issue types.
func (c *Client) MakeIssueTypeScheme(ctx context.Context, name, description string, types []string) (string, error) {
	return c.make(ctx, "/issuetypescheme", nil, map[string]any{"name": name, "description": description, "issueTypeIds": types}, "issueTypeSchemeId")
}

// IssueTypeSchemeTypes lists the issue types of a scheme.
func (c *Client) IssueTypeSchemeTypes(ctx context.Context, scheme string) ([]string, error) {
	rows, err := adminPages[struct {
		Type string `json:"issueTypeId"`
	}](ctx, c, "/issuetypescheme/mapping", nil, url.Values{"issueTypeSchemeId": {scheme}})
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Type
	}
	return out, err
}

// AddToIssueTypeScheme adds issue types to a scheme: all, or none where one is
// there already. It reaches every project that uses the scheme.
func (c *Client) AddToIssueTypeScheme(ctx context.Context, scheme string, types []string) error {
	return c.do(ctx, call{method: http.MethodPut, route: "/issuetypescheme/{issueTypeSchemeId}/issuetype", args: []string{scheme}, in: map[string]any{"issueTypeIds": types}})
}

// UseIssueTypeScheme gives a project another scheme of issue types.
func (c *Client) UseIssueTypeScheme(ctx context.Context, scheme, project string) error {
	return c.do(ctx, call{method: http.MethodPut, route: "/issuetypescheme/project", in: map[string]any{"issueTypeSchemeId": scheme, "projectId": project}})
}

// SchemeUse is a scheme with the projects, by id, that use it.
type SchemeUse struct {
	Scheme   AdminObject
	Projects []string
}

// IssueTypeSchemesOf tells which schemes of issue types projects use.
func (c *Client) IssueTypeSchemesOf(ctx context.Context, projects []string) ([]SchemeUse, error) {
	rows, err := adminPages[struct {
		Scheme   AdminObject `json:"issueTypeScheme"`
		Projects []string    `json:"projectIds"`
	}](ctx, c, "/issuetypescheme/project", nil, url.Values{"projectId": projects})
	out := make([]SchemeUse, len(rows))
	for i, r := range rows {
		out[i] = SchemeUse(r)
	}
	return out, err
}

// VisibleProjects lists the projects that the account can see.
func (c *Client) VisibleProjects(ctx context.Context) ([]Project, error) {
	return adminPages[Project](ctx, c, "/project/search", nil, url.Values{"orderBy": {"key"}, "maxResults": {"50"}})
}
