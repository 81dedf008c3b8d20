package jiraclient

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// Before Jira 8.4 all create metadata came from one call, which Jira 9 removed.
const oldMetaRoute = "/issue/createmeta"

type oldMeta struct {
	Projects []struct {
		Types []struct {
			IssueType
			Fields map[string]json.RawMessage `json:"fields"`
		} `json:"issuetypes"`
	} `json:"projects"`
}

func oldIssueTypes(ctx context.Context, c *Client, project string) ([]IssueType, error) {
	var out oldMeta
	err := c.do(ctx, call{method: http.MethodGet, route: oldMetaRoute, query: values("projectKeys", project), read: true, out: &out})
	if err != nil {
		return nil, err
	}
	if len(out.Projects) == 0 {
		return nil, noCreating(project)
	}
	var types []IssueType
	for _, t := range out.Projects[0].Types {
		types = append(types, t.IssueType)
	}
	return types, nil
}

func oldCreateFields(ctx context.Context, c *Client, project, issueType string) ([]CreateField, error) {
	var out oldMeta
	err := c.do(ctx, call{
		method: http.MethodGet, route: oldMetaRoute, read: true, out: &out,
		query: values("projectKeys", project, "issuetypeIds", issueType, "expand", "projects.issuetypes.fields"),
	})
	if err != nil {
		return nil, err
	}
	if len(out.Projects) == 0 || len(out.Projects[0].Types) == 0 {
		return nil, noCreating(project)
	}
	var all []CreateField
	fields := out.Projects[0].Types[0].Fields
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		var f CreateField
		if err := json.Unmarshal(fields[id], &f); err != nil {
			return nil, &AnswerError{Method: http.MethodGet, Route: oldMetaRoute, Status: http.StatusOK, Kind: ErrInvalidAnswer, Err: decodeCause(err)}
		}
		f.ID = id
		all = append(all, f)
	}
	return all, nil
}

// noCreating: the call leaves out, without a word, what the account may not
// create in.
func noCreating(project string) error {
	return &RequestError{
		Problem: fmt.Sprintf("the project %q does not exist, or the account cannot create issues of this type in it", clean(project)),
		Advice:  "check the project's key, and ask a Jira administrator for the permission CREATE_ISSUES",
	}
}
