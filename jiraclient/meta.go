package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// User is an account.
type User struct {
	ID       string `json:"accountId"` // on Data Center the user name
	Name     string `json:"displayName"`
	Type     string `json:"accountType"` // atlassian (a person), app, customer, unknown; empty on Data Center
	AppType  string `json:"appType"`     // service for a service account
	Email    string `json:"emailAddress"`
	TimeZone string `json:"timeZone"`
	Active   bool   `json:"active"`
}

// Person tells whether the account is someone's own and no service account.
// Data Center does not know the difference, and false is the answer there.
func (u User) Person() bool { return u.Type == "atlassian" && u.AppType == "" }

// UnmarshalJSON reads an account of either dialect.
func (u *User) UnmarshalJSON(data []byte) error {
	type plain User
	var raw struct {
		plain
		Login string `json:"name"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*u = User(raw.plain)
	if u.ID == "" {
		u.ID = raw.Login
	}
	return nil
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

// info is ServerInfo as last told, asked for when it has not been yet.
func (c *Client) info(ctx context.Context) (ServerInfo, error) {
	c.mu.Lock()
	known := c.server
	c.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	return c.ServerInfo(ctx)
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

// Projects lists the projects that the account can see, in the order of their
// keys; on Cloud only those in which it can create issues.
func (c *Client) Projects(ctx context.Context) ([]Project, error) {
	return c.dialect.projects(ctx, c, 0)
}

// Project reads one project by id or key.
func (c *Client) Project(ctx context.Context, idOrKey string) (Project, error) {
	var out Project
	err := c.do(ctx, call{method: http.MethodGet, route: "/project/{projectIdOrKey}", args: []string{idOrKey}, out: &out, read: true})
	return out, err
}

// IssueTypes lists the issue types that can be created in a project.
func (c *Client) IssueTypes(ctx context.Context, project string) ([]IssueType, error) {
	return c.dialect.issueTypes(ctx, c, project)
}

// CreateFields lists the fields on the create screen of an issue type. A
// workflow may ask for more; the server is the judge.
func (c *Client) CreateFields(ctx context.Context, project, issueTypeID string) ([]CreateField, error) {
	return c.dialect.createFields(ctx, c, project, issueTypeID)
}

// Labels lists the labels in use on the whole site. They come from the index,
// so a label that was just used for the first time may be missing. Data Center
// has no such list (errors.ErrUnsupported); see KnownLabels.
func (c *Client) Labels(ctx context.Context) ([]string, error) {
	return c.dialect.labels(ctx, c)
}

// KnownLabels tells which of the labels the site knows (X7): on Data Center
// those that an issue bears which the account can see.
func (c *Client) KnownLabels(ctx context.Context, labels []string) (map[string]bool, error) {
	known := make(map[string]bool, len(labels))
	all, err := c.Labels(ctx)
	switch {
	case err == nil:
		for _, label := range labels {
			known[label] = slices.Contains(all, label)
		}
		return known, nil
	case !errors.Is(err, errors.ErrUnsupported):
		return nil, err
	}
	for _, label := range labels {
		known[label] = false
		for _, err := range c.SearchJQL(ctx, Search{JQL: "labels = " + QuoteJQL(label), PageSize: 1}) {
			if err != nil {
				return nil, err
			}
			known[label] = true
			break
		}
	}
	return known, nil
}

// AssignableUsers finds accounts that issues of a project can be assigned to,
// by a part of their name or address. Jira filters after paging, so an empty
// list may also mean that the account lacks "Browse users and groups".
func (c *Client) AssignableUsers(ctx context.Context, project, query string) ([]User, error) {
	var out []User
	err := c.do(ctx, call{
		method: http.MethodGet, route: "/user/assignable/search", read: true, out: &out,
		query: c.dialect.assignable(project, query),
	})
	return out, err
}
