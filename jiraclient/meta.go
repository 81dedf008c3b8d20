package jiraclient

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// User is an account. Type is atlassian (a person), app, customer or unknown.
type User struct {
	ID       string `json:"accountId"`
	Name     string `json:"displayName"`
	Type     string `json:"accountType"`
	Email    string `json:"emailAddress"`
	TimeZone string `json:"timeZone"`
	Active   bool   `json:"active"`
}

// ServerInfo is what the server says of itself, to anyone who asks.
type ServerInfo struct {
	BaseURL        string `json:"baseUrl"`
	Version        string `json:"version"`
	VersionNumbers []int  `json:"versionNumbers"`
	DeploymentType string `json:"deploymentType"` // Cloud, or Server for Data Center
	Title          string `json:"serverTitle"`
	Time           Time   `json:"serverTime"`
}

// Cloud tells whether this is Jira Cloud; anything else is Data Center.
func (s ServerInfo) Cloud() bool { return strings.EqualFold(s.DeploymentType, "cloud") }

// Project is a project. Style is classic (company-managed) or next-gen
// (team-managed).
type Project struct {
	ID       string `json:"id"`
	Key      string `json:"key"`
	Name     string `json:"name"`
	Style    string `json:"style"`
	Archived bool   `json:"archived"`
}

// TeamManaged tells whether fields and workflows belong to the project itself,
// so that the site's schemes do not reach it.
func (p Project) TeamManaged() bool { return p.Style == "next-gen" }

// IssueType is a kind of issue that can be created in a project.
type IssueType struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Subtask     bool   `json:"subtask"`
	Level       int    `json:"hierarchyLevel"` // 1 epic, 0 standard, -1 sub-task
}

// FieldSchema is the type of a field. Custom is the key of a custom field's
// kind, System the name of a built-in field.
type FieldSchema struct {
	Type     string `json:"type"`
	Items    string `json:"items"`
	System   string `json:"system"`
	Custom   string `json:"custom"`
	CustomID int64  `json:"customId"`
}

// CreateField is a field on the create screen of an issue type.
type CreateField struct {
	ID         string       `json:"fieldId"`
	Key        string       `json:"key"`
	Name       string       `json:"name"` // not unique, may be translated
	Required   bool         `json:"required"`
	HasDefault bool         `json:"hasDefaultValue"`
	Schema     FieldSchema  `json:"schema"`
	Operations []string     `json:"operations"`
	Allowed    []NamedValue `json:"allowedValues"` // of selects, priorities, versions
}

// NeedsValue tells whether an issue cannot be created without a value for it
// that only the caller can give (X6).
func (f CreateField) NeedsValue() bool {
	switch f.ID {
	case "project", "issuetype", "summary":
		return false
	}
	return f.Required && !f.HasDefault
}

// Option finds an allowed value by what a person reads, without case.
func (f CreateField) Option(label string) (NamedValue, bool) {
	for _, v := range f.Allowed {
		if strings.EqualFold(v.Label(), label) {
			return v, true
		}
	}
	return NamedValue{}, false
}

// UnmarshalJSON reads the field; allowed values of a shape we do not know
// (cascading selects hold objects, some plug-ins strings) are left out.
func (f *CreateField) UnmarshalJSON(data []byte) error {
	type plain CreateField
	var raw struct {
		plain
		Allowed []json.RawMessage `json:"allowedValues"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*f = CreateField(raw.plain)
	for _, one := range raw.Allowed {
		var v NamedValue
		if json.Unmarshal(one, &v) == nil && v.ID != "" {
			f.Allowed = append(f.Allowed, v)
		}
	}
	return nil
}

// Myself is the account that the credentials belong to.
func (c *Client) Myself(ctx context.Context) (User, error) {
	var out User
	err := c.do(ctx, call{method: http.MethodGet, route: "/myself", out: &out, read: true})
	return out, err
}

// ServerInfo asks the server what it is. It proves nothing about the
// credentials; ask Myself first.
func (c *Client) ServerInfo(ctx context.Context) (ServerInfo, error) {
	var out ServerInfo
	if err := c.do(ctx, call{method: http.MethodGet, route: "/serverInfo", out: &out, read: true}); err != nil {
		return ServerInfo{}, err
	}
	c.mu.Lock()
	c.server = &out
	c.mu.Unlock()
	return out, nil
}

// MyPermissions tells which of the named permissions the account holds: in the
// project, or in any project when projectKey is empty.
func (c *Client) MyPermissions(ctx context.Context, projectKey string, names ...string) (map[string]bool, error) {
	q := c.dialect.permissions(strings.Join(names, ","))
	if projectKey != "" {
		q.Set("projectKey", projectKey)
	}
	var out struct {
		Permissions map[string]struct {
			Have bool `json:"havePermission"`
		} `json:"permissions"`
	}
	if err := c.do(ctx, call{method: http.MethodGet, route: "/mypermissions", query: q, out: &out, read: true}); err != nil {
		return nil, err
	}
	held := make(map[string]bool, len(names))
	for _, name := range names {
		held[name] = out.Permissions[name].Have
	}
	return held, nil
}

// Projects lists the projects that the account can see and create issues in.
func (c *Client) Projects(ctx context.Context) ([]Project, error) {
	var all []Project
	for {
		var page struct {
			Values []Project `json:"values"`
			IsLast bool      `json:"isLast"`
		}
		err := c.do(ctx, call{
			method: http.MethodGet, route: "/project/search", read: true, out: &page,
			query: values("startAt", len(all), "maxResults", 50, "orderBy", "key", "action", "create"),
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Values...)
		if page.IsLast || len(page.Values) == 0 {
			return all, nil
		}
	}
}

// Project reads one project by id or key.
func (c *Client) Project(ctx context.Context, idOrKey string) (Project, error) {
	var out Project
	err := c.do(ctx, call{method: http.MethodGet, route: "/project/{projectIdOrKey}", args: []string{idOrKey}, out: &out, read: true})
	return out, err
}

// IssueTypes lists the issue types that can be created in a project.
func (c *Client) IssueTypes(ctx context.Context, project string) ([]IssueType, error) {
	return createMeta[IssueType](ctx, c, "/issue/createmeta/{projectIdOrKey}/issuetypes", project)
}

// CreateFields lists the fields on the create screen of an issue type. A
// workflow may ask for more; the server is the judge.
func (c *Client) CreateFields(ctx context.Context, project, issueTypeID string) ([]CreateField, error) {
	return createMeta[CreateField](ctx, c, "/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}", project, issueTypeID)
}

// createMeta reads all pages of a call of the create metadata.
func createMeta[T any](ctx context.Context, c *Client, route string, args ...string) ([]T, error) {
	const pageSize = 200 // the most Jira gives
	var all []T
	for {
		var page metaPage
		err := c.do(ctx, call{
			method: http.MethodGet, route: route, args: args, read: true, out: &page,
			query: values("startAt", len(all), "maxResults", pageSize),
		})
		if err != nil {
			return nil, err
		}
		var items []T
		if raw := c.dialect.metaItems(page); raw != nil {
			if err := json.Unmarshal(raw, &items); err != nil {
				return nil, &AnswerError{Method: http.MethodGet, Route: route, Status: http.StatusOK, Kind: ErrInvalidAnswer, Err: decodeCause(err)}
			}
		}
		all = append(all, items...)
		if len(items) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

// Labels lists the labels in use on the whole site. They come from the index,
// so a label that was just used for the first time may be missing.
func (c *Client) Labels(ctx context.Context) ([]string, error) {
	var all []string
	for {
		var page struct {
			Values []string `json:"values"`
			IsLast bool     `json:"isLast"`
		}
		err := c.do(ctx, call{
			method: http.MethodGet, route: "/label", read: true, out: &page,
			query: values("startAt", len(all), "maxResults", 1000),
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Values...)
		if page.IsLast || len(page.Values) == 0 {
			return all, nil
		}
	}
}

// AssignableUsers finds accounts that issues of a project can be assigned to,
// by a part of their name or address. Jira filters after paging, so an empty
// list may also mean that the account lacks "Browse users and groups".
func (c *Client) AssignableUsers(ctx context.Context, project, query string) ([]User, error) {
	var out []User
	err := c.do(ctx, call{
		method: http.MethodGet, route: "/user/assignable/search", read: true, out: &out,
		query: values("project", project, "query", query, "maxResults", 50),
	})
	return out, err
}
