package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/jiraclient/wiki"
)

// dataCenterV2 is the REST API v2 of Jira Data Center and Jira Server.
type dataCenterV2 struct{}

func (dataCenterV2) deployment() Deployment { return DataCenter }

func (dataCenterV2) root() string { return "/rest/api/2" }

// prepare: Atlassian wants the header for calls that it marks as experimental,
// myself and issue properties among them.
func (dataCenterV2) prepare(h http.Header) { h.Set("X-ExperimentalApi", "true") }

func (dataCenterV2) user(id string) any { return map[string]string{"name": id} }

func (dataCenterV2) document(d adf.Node, more string) json.RawMessage {
	data, err := json.Marshal(wiki.Limit(d, wiki.MaxText, more))
	if err != nil {
		panic("jiraclient: " + err.Error()) // strings always marshal
	}
	return data
}

func (dataCenterV2) documentText(raw json.RawMessage) string {
	var markup string
	if json.Unmarshal(raw, &markup) == nil {
		return wiki.PlainText(markup)
	}
	return adf.FieldText(raw)
}

// EpicLink is the kind (FieldSchema.Custom) of the custom field that holds an
// issue's epic on Data Center.
const EpicLink = "com.pyxis.greenhopper.jira:gh-epic-link"

// parent finds the Epic Link field by its kind, for its id differs from site to
// site and its name is translated (ruling 14).
func (dataCenterV2) parent(ctx context.Context, c *Client, key string) (string, any, error) {
	c.mu.Lock()
	id := c.epicLink
	c.mu.Unlock()
	if id != "" {
		return id, key, nil
	}
	fields, err := c.Fields(ctx)
	if err != nil {
		return "", nil, err
	}
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Schema.Custom == EpicLink })
	if i < 0 {
		return "", nil, &RequestError{Problem: "this Jira has no Epic Link field, so that an issue cannot be put below " + clean(key), Advice: "take the epic out of the profile or the product"}
	}
	c.mu.Lock()
	c.epicLink = fields[i].ID
	c.mu.Unlock()
	return fields[i].ID, key, nil
}

// permissions: Data Center takes no names and answers all.
func (dataCenterV2) permissions(string) url.Values { return url.Values{} }

func (dataCenterV2) assignable(project, query string) url.Values {
	return values("project", project, "username", query, "maxResults", 50)
}

func (dataCenterV2) projects(ctx context.Context, c *Client, _ int) ([]Project, error) {
	var all []Project
	if err := c.do(ctx, call{method: http.MethodGet, route: "/project", read: true, out: &all}); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Project) int { return strings.Compare(a.Key, b.Key) })
	return all, nil
}

// labels: there is no call that lists them.
func (dataCenterV2) labels(context.Context, *Client) ([]string, error) {
	return nil, &RequestError{Problem: "Jira Data Center does not list its labels", Advice: "ask for each label whether it is known", Err: errors.ErrUnsupported}
}

func (d dataCenterV2) issueTypes(ctx context.Context, c *Client, project string) ([]IssueType, error) {
	info, err := c.info(ctx)
	if err != nil {
		return nil, err
	}
	if !info.atLeast(8, 4) {
		return oldIssueTypes(ctx, c, project)
	}
	return createMeta[IssueType](ctx, c, createTypesRoute, project)
}

func (d dataCenterV2) createFields(ctx context.Context, c *Client, project, issueType string) ([]CreateField, error) {
	info, err := c.info(ctx)
	if err != nil {
		return nil, err
	}
	if !info.atLeast(8, 4) {
		return oldCreateFields(ctx, c, project, issueType)
	}
	return createMeta[CreateField](ctx, c, createFieldsRoute, project, issueType)
}

// atLeast tells whether the server's version is major.minor or later. A version
// that it does not tell counts as new.
func (s ServerInfo) atLeast(major, minor int) bool {
	v := s.VersionNumbers
	return len(v) < 2 || v[0] > major || v[0] == major && v[1] >= minor
}

// fetch: there is no bulk read. With properties each issue is read by itself,
// because search has none. Without them one search reads what the index knows,
// and only what it does not know is read by itself: an index may lag (a cluster
// has one for each node), and absence from it proves nothing.
func (d dataCenterV2) fetch(ctx context.Context, c *Client, f Fetch) (Fetched, error) {
	if len(f.Properties) > 0 {
		return fetchEach(ctx, c, f, f.IDsOrKeys)
	}
	var all Fetched
	asked := map[string]bool{}
	for issue, err := range d.search(ctx, c, Search{JQL: anyOf(f.IDsOrKeys), Fields: f.Fields, PageSize: MaxBulkFetch}) {
		if err != nil {
			return all, err
		}
		asked[issue.ID], asked[strings.ToUpper(issue.Key)] = true, true
		all.Issues = append(all.Issues, issue)
	}
	var rest []string
	for _, id := range f.IDsOrKeys {
		if !asked[strings.ToUpper(id)] {
			rest = append(rest, id)
		}
	}
	more, err := fetchEach(ctx, c, f, rest)
	for _, issue := range more.Issues {
		// A moved issue was found by search under its new key.
		if !asked[issue.ID] {
			all.Issues = append(all.Issues, issue)
		}
	}
	return all, err
}

// anyOf is a query for issues by id or key.
func anyOf(idsOrKeys []string) string {
	quoted := make([]string, len(idsOrKeys))
	for i, id := range idsOrKeys {
		quoted[i] = QuoteJQL(id)
		if _, err := strconv.ParseInt(id, 10, 64); err == nil {
			quoted[i] = id
		}
	}
	return "key in (" + strings.Join(quoted, ",") + ")"
}

// search pages by position up to the total. Validation is off, since with it a
// single key that is gone would fail the whole query.
func (dataCenterV2) search(ctx context.Context, c *Client, s Search) iter.Seq2[Issue, error] {
	return func(yield func(Issue, error) bool) {
		if len(s.Properties) > 0 {
			yield(Issue{}, &RequestError{Problem: "Jira Data Center's search gives no issue properties", Advice: "read the issues by id"})
			return
		}
		in := map[string]any{"jql": s.JQL, "validateQuery": false, "fields": s.Fields}
		if len(s.Fields) == 0 {
			in["fields"] = []string{"id"}
		}
		if s.PageSize > 0 {
			in["maxResults"] = s.PageSize
		}
		for read := 0; ; {
			in["startAt"] = read
			var page struct {
				Issues []Issue `json:"issues"`
				Total  int     `json:"total"`
			}
			if err := c.do(ctx, call{method: http.MethodPost, route: "/search", in: in, out: &page, read: true}); err != nil {
				yield(Issue{}, err)
				return
			}
			for _, issue := range page.Issues {
				if !yield(issue, nil) {
					return
				}
			}
			read += len(page.Issues)
			if len(page.Issues) == 0 || read >= page.Total {
				return
			}
		}
	}
}
