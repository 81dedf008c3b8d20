package jiraclient

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"example.com/vexdesk/jiraclient/adf"
)

// cloudV3 is Jira Cloud's REST API v3.
type cloudV3 struct{}

func (cloudV3) deployment() Deployment { return Cloud }

func (cloudV3) root() string { return "/rest/api/3" }

func (cloudV3) prepare(http.Header) {}

func (cloudV3) user(id string) any { return map[string]string{"accountId": id} }

func (cloudV3) document(d adf.Node, more string) json.RawMessage {
	return adf.Limit(d, adf.MaxText, more).JSON()
}

func (cloudV3) documentText(raw json.RawMessage) string { return adf.FieldText(raw) }

func (cloudV3) parent(_ context.Context, _ *Client, key string) (string, any, error) {
	return "parent", map[string]string{"key": key}, nil
}

// permissions: the parameter is required on Cloud.
func (cloudV3) permissions(names string) url.Values { return url.Values{"permissions": {names}} }

func (cloudV3) assignable(project, query string) url.Values {
	return values("project", project, "query", query, "maxResults", 50)
}

func (cloudV3) projects(ctx context.Context, c *Client, most int) ([]Project, error) {
	return pages[Project](ctx, c, "/project/search", values("orderBy", "key", "action", "create"), 50, most)
}

func (cloudV3) labels(ctx context.Context, c *Client) ([]string, error) {
	return pages[string](ctx, c, "/label", url.Values{}, 1000, 0)
}

// pages reads the pages of a call that answers values and isLast: all, or until
// there are as many as most.
func pages[T any](ctx context.Context, c *Client, route string, query url.Values, size, most int) ([]T, error) {
	var all []T
	for {
		var page struct {
			Values []T  `json:"values"`
			IsLast bool `json:"isLast"`
		}
		query.Set("startAt", strconv.Itoa(len(all)))
		query.Set("maxResults", strconv.Itoa(size))
		if err := c.do(ctx, call{method: http.MethodGet, route: route, read: true, out: &page, query: query}); err != nil {
			return nil, err
		}
		all = append(all, page.Values...)
		if page.IsLast || len(page.Values) == 0 || most > 0 && len(all) >= most {
			return all, nil
		}
	}
}

func (cloudV3) issueTypes(ctx context.Context, c *Client, project string) ([]IssueType, error) {
	return createMeta[IssueType](ctx, c, createTypesRoute, project)
}

func (cloudV3) createFields(ctx context.Context, c *Client, project, issueType string) ([]CreateField, error) {
	return createMeta[CreateField](ctx, c, createFieldsRoute, project, issueType)
}

// fetch: what is absent or hidden is left out of the answer. What Jira names as
// an error is there and could not be given, by a failure that passes or for its
// size (API v3, BulkIssueResults): that is read by itself.
func (cloudV3) fetch(ctx context.Context, c *Client, f Fetch) (Fetched, error) {
	in := map[string]any{"issueIdsOrKeys": f.IDsOrKeys, "fields": f.Fields}
	if len(f.Properties) > 0 {
		in["properties"] = f.Properties
	}
	var out struct {
		Issues []Issue `json:"issues"`
		Errors []struct {
			ID string `json:"id"`
		} `json:"issueErrors"`
	}
	if err := c.do(ctx, call{method: http.MethodPost, route: "/issue/bulkfetch", in: in, out: &out, read: true}); err != nil {
		return Fetched{}, err
	}
	rest := make([]string, len(out.Errors))
	for i, e := range out.Errors {
		rest[i] = e.ID
	}
	more, err := fetchEach(ctx, c, f, rest)
	return Fetched{Issues: append(out.Issues, more.Issues...)}, err
}

// search pages by tokens; there is no total.
func (cloudV3) search(ctx context.Context, c *Client, s Search) iter.Seq2[Issue, error] {
	return func(yield func(Issue, error) bool) {
		in, err := searchBody(s)
		if err != nil {
			yield(Issue{}, err)
			return
		}
		seen := map[string]bool{}
		for {
			var page struct {
				Issues        []Issue `json:"issues"`
				NextPageToken string  `json:"nextPageToken"`
				IsLast        bool    `json:"isLast"`
			}
			if err := c.do(ctx, call{method: http.MethodPost, route: "/search/jql", in: in, out: &page, read: true}); err != nil {
				yield(Issue{}, err)
				return
			}
			for _, issue := range page.Issues {
				if !yield(issue, nil) {
					return
				}
			}
			if page.IsLast || page.NextPageToken == "" {
				return
			}
			if seen[page.NextPageToken] {
				yield(Issue{}, &AnswerError{Method: http.MethodPost, Route: "/search/jql", Status: http.StatusOK, Kind: ErrRepeatedToken})
				return
			}
			seen[page.NextPageToken] = true
			in["nextPageToken"] = page.NextPageToken
		}
	}
}

func searchBody(s Search) (map[string]any, error) {
	in := map[string]any{"jql": s.JQL}
	if len(s.Fields) > 0 {
		in["fields"] = s.Fields
	}
	if len(s.Properties) > 0 {
		in["properties"] = s.Properties
	}
	if s.PageSize > 0 {
		in["maxResults"] = s.PageSize
	}
	var ids []int64
	for _, id := range s.Reconcile {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return nil, &RequestError{Problem: fmt.Sprintf("%q is no issue id", id), Advice: "name issues to reconcile by their numeric id"}
		}
		ids = append(ids, n)
	}
	if len(ids) > 0 {
		in["reconcileIssues"] = ids
	}
	return in, nil
}
