package jiraclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// SiteStatus is a status of the site. Category is TODO, IN_PROGRESS or DONE.
type SiteStatus struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category string `json:"statusCategory"`
	Scope    struct {
		Type string `json:"type"`
	} `json:"scope"`
}

// SiteStatuses lists the statuses that belong to no single project.
func (c *Client) SiteStatuses(ctx context.Context) ([]SiteStatus, error) {
	all, err := adminPages[SiteStatus](ctx, c, "/statuses/search", nil, nil)
	var out []SiteStatus
	for _, s := range all {
		if s.Scope.Type != "PROJECT" {
			out = append(out, s)
		}
	}
	return out, err
}

// Workflows finds workflows whose name contains a text.
func (c *Client) Workflows(ctx context.Context, text string) ([]AdminObject, error) {
	return adminPages[AdminObject](ctx, c, "/workflows/search", nil, url.Values{"queryString": {text}})
}

// MakeWorkflow makes a global workflow of statuses that exist, the first one
// being where issues begin; every status can be reached from every other.
func (c *Client) MakeWorkflow(ctx context.Context, name, description string, statuses []SiteStatus) (string, error) {
	var list, used, transitions []map[string]any
	for i, s := range statuses {
		reference := "vexdesk-" + s.ID
		list = append(list, map[string]any{"id": s.ID, "name": s.Name, "statusCategory": s.Category, "statusReference": reference})
		used = append(used, map[string]any{"statusReference": reference, "properties": map[string]string{}})
		if i == 0 {
			transitions = append(transitions, map[string]any{"id": "1", "name": "Create", "type": "INITIAL", "toStatusReference": reference, "properties": map[string]string{}})
		}
		transitions = append(transitions, map[string]any{"id": strconv.Itoa(11 + 10*i), "name": s.Name, "type": "GLOBAL", "toStatusReference": reference, "properties": map[string]string{}})
	}
	in := map[string]any{"scope": map[string]any{"type": "GLOBAL"}, "statuses": list,
		"workflows": []map[string]any{{"name": name, "description": description, "statuses": used, "transitions": transitions}}}
	var out struct {
		Workflows []AdminObject `json:"workflows"`
	}
	if err := c.do(ctx, call{method: http.MethodPost, route: "/workflows/create", in: in, out: &out}); err != nil {
		return "", err
	}
	if len(out.Workflows) != 1 {
		return "", &AnswerError{Method: http.MethodPost, Route: "/workflows/create", Status: http.StatusOK, Kind: ErrInvalidAnswer}
	}
	return out.Workflows[0].ID, nil
}

// WorkflowSchemes lists the workflow schemes.
func (c *Client) WorkflowSchemes(ctx context.Context) ([]AdminObject, error) {
	return adminPages[AdminObject](ctx, c, "/workflowscheme", nil, nil)
}

// MakeWorkflowScheme makes a scheme in which one issue type has a workflow, by
// name, and all others Jira's own.
func (c *Client) MakeWorkflowScheme(ctx context.Context, name, description, issueType, workflow string) (string, error) {
	return c.make(ctx, "/workflowscheme", nil, map[string]any{"name": name, "description": description, "issueTypeMappings": map[string]string{issueType: workflow}}, "id")
}

// WorkflowSchemesOf tells which workflow schemes projects use. Jira's default
// scheme has no id.
func (c *Client) WorkflowSchemesOf(ctx context.Context, projects []string) ([]SchemeUse, error) {
	var page struct {
		Values []struct {
			Scheme   AdminObject `json:"workflowScheme"`
			Projects []string    `json:"projectIds"`
		} `json:"values"`
	}
	err := c.do(ctx, call{method: http.MethodGet, route: "/workflowscheme/project", query: url.Values{"projectId": projects}, out: &page, read: true})
	var out []SchemeUse
	for _, v := range page.Values {
		out = append(out, SchemeUse(v))
	}
	return out, err
}

// WorkflowScheme is a workflow scheme with what changing it needs.
type WorkflowScheme struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Version     struct {
		ID     string `json:"id"`
		Number int64  `json:"versionNumber"`
	} `json:"version"`
	Default AdminObject `json:"defaultWorkflow"`
	Flows   []struct {
		Types    []string    `json:"issueTypeIds"`
		Workflow AdminObject `json:"workflow"`
	} `json:"workflowsForIssueTypes"`
}

// Maps tells whether an issue type has a workflow of its own in the scheme.
func (w *WorkflowScheme) Maps(issueType string) bool {
	for _, f := range w.Flows {
		for _, t := range f.Types {
			if t == issueType {
				return true
			}
		}
	}
	return false
}

// ReadWorkflowScheme reads a workflow scheme.
func (c *Client) ReadWorkflowScheme(ctx context.Context, id string) (WorkflowScheme, error) {
	var out []WorkflowScheme
	err := c.do(ctx, call{method: http.MethodPost, route: "/workflowscheme/read", in: map[string]any{"workflowSchemeIds": []string{id}}, out: &out, read: true})
	if err == nil && len(out) != 1 {
		err = &AnswerError{Method: http.MethodPost, Route: "/workflowscheme/read", Status: http.StatusOK, Kind: ErrInvalidAnswer}
	}
	if err != nil {
		return WorkflowScheme{}, err
	}
	return out[0], nil
}

// MapWorkflow gives an issue type a workflow in a scheme, for every project
// that uses it, and leaves the rest as it is. It takes effect at once.
// ErrConflict: the scheme was changed since it was read.
func (c *Client) MapWorkflow(ctx context.Context, scheme WorkflowScheme, issueType, workflow string) error {
	flows := []map[string]any{{"issueTypeIds": []string{issueType}, "workflowId": workflow}}
	for _, f := range scheme.Flows {
		if f.Workflow.ID == workflow {
			flows[0]["issueTypeIds"] = append([]string{issueType}, f.Types...)
			continue
		}
		flows = append(flows, map[string]any{"issueTypeIds": f.Types, "workflowId": f.Workflow.ID})
	}
	return c.do(ctx, call{method: http.MethodPost, route: "/workflowscheme/update", in: map[string]any{
		"id": scheme.ID, "name": scheme.Name, "description": scheme.Description, "defaultWorkflowId": scheme.Default.ID,
		"version":                map[string]any{"id": scheme.Version.ID, "versionNumber": scheme.Version.Number},
		"workflowsForIssueTypes": flows,
	}})
}
