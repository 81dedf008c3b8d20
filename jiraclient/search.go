package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// values makes a query of names and strings or ints.
func values(pairs ...any) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return q
}

// Fetch asks for issues by id or key, past the search index, so that what was
// just written is seen.
type Fetch struct {
	IDsOrKeys  []string
	Fields     []string // ids; at least one
	Properties []string // keys of issue entity properties, at most 5
}

// Fetched holds the issues that Jira gave, in the order of its answers. Those
// that are absent or not visible are missing without a word.
type Fetched struct {
	Issues []Issue
}

// BulkFetch reads any number of issues: on Cloud MaxBulkFetch in a request, and
// one by one those that Jira names and cannot give in it, on Data Center by search and, with properties or where the index does not know
// an issue, one by one. On an error it returns what the earlier requests gave as
// well.
func (c *Client) BulkFetch(ctx context.Context, f Fetch) (Fetched, error) {
	var all Fetched
	if len(f.Properties) > maxProperties {
		return all, &RequestError{Problem: fmt.Sprintf("%d properties in one read are too many", len(f.Properties)), Advice: fmt.Sprintf("ask for at most %d", maxProperties)}
	}
	for part := range slices.Chunk(f.IDsOrKeys, MaxBulkFetch) {
		fetched, err := c.dialect.fetch(ctx, c, Fetch{IDsOrKeys: part, Fields: f.Fields, Properties: f.Properties})
		all.Issues = append(all.Issues, fetched.Issues...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// fetchEach reads issues one by one. Those that are not there are left out.
func fetchEach(ctx context.Context, c *Client, f Fetch, idsOrKeys []string) (Fetched, error) {
	var all Fetched
	for _, id := range idsOrKeys {
		issue, err := c.GetIssue(ctx, id, f.Fields, f.Properties)
		switch {
		case errors.Is(err, ErrNotFound) && !isPage(err):
		case err != nil:
			return all, err
		default:
			all.Issues = append(all.Issues, issue)
		}
	}
	return all, nil
}

// isPage tells a 404 of something before Jira from one of Jira.
func isPage(err error) bool {
	api := (*APIError)(nil)
	return errors.As(err, &api) && api.HTML
}

// GetIssue reads one issue. A moved issue comes with its new key; ErrNotFound
// means deleted or not visible.
func (c *Client) GetIssue(ctx context.Context, idOrKey string, fields, properties []string) (Issue, error) {
	q := url.Values{}
	if len(fields) > 0 {
		q.Set("fields", strings.Join(fields, ","))
	}
	if len(properties) > 0 {
		q.Set("properties", strings.Join(properties, ","))
	}
	var out Issue
	err := c.do(ctx, call{method: http.MethodGet, route: "/issue/{issueIdOrKey}", args: []string{idOrKey}, query: q, out: &out, read: true})
	return out, err
}

// Search is a search by JQL. The index behind it lags by seconds to minutes,
// and an issue that is missing from the result is not thereby deleted.
type Search struct {
	JQL        string // must restrict; QuoteJQL for values
	Fields     []string
	Properties []string // Cloud alone; on Data Center a *RequestError
	PageSize   int      // 50 when zero, at most 5000 (1000 on Data Center, unless set up otherwise)
	// Reconcile are numeric ids (at most 50) that must be up to date in the
	// answer. Data Center has no such thing and leaves it aside.
	Reconcile []string
}

// SearchJQL runs through all results, page by page, until Jira says that was
// the last. The error ends it.
func (c *Client) SearchJQL(ctx context.Context, s Search) iter.Seq2[Issue, error] {
	return c.dialect.search(ctx, c, s)
}

// QuoteJQL makes a string literal of JQL, so that no text can become a clause.
func QuoteJQL(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// HighestKey is the highest key number of a project that the index knows, 0
// when it knows none. The index lags: there may be higher ones.
func (c *Client) HighestKey(ctx context.Context, projectKey string) (int, error) {
	s := Search{JQL: "project = " + QuoteJQL(projectKey) + " ORDER BY key DESC", Fields: []string{"created"}, PageSize: 1}
	for issue, err := range c.SearchJQL(ctx, s) {
		if err != nil {
			return 0, err
		}
		_, number, _ := SplitKey(issue.Key)
		return number, nil
	}
	return 0, nil
}

// SplitKey takes an issue key such as SEC-12 apart.
func SplitKey(key string) (project string, number int, ok bool) {
	i := strings.LastIndexByte(key, '-')
	if i <= 0 {
		return "", 0, false
	}
	n, err := strconv.Atoi(key[i+1:])
	if err != nil || n <= 0 {
		return "", 0, false
	}
	return key[:i], n, true
}
