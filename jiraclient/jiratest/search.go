package jiratest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// searchState is what searching leaves behind.
type searchState struct {
	count   int64 // searches so far
	cursors map[string]cursor
	tokens  []string // in the order in which they were given out
}

// cursor is the rest of a search.
type cursor struct {
	jql string
	ids []int64
}

// maxCursors bounds the memory that tokens take; older ones lapse.
const maxCursors = 1000

const (
	defaultPage = 50
	largestPage = 5000
)

type searchBody struct {
	JQL          string          `json:"jql"`
	Fields       []string        `json:"fields"`
	Expand       string          `json:"expand"`
	MaxResults   json.RawMessage `json:"maxResults"`
	Token        string          `json:"nextPageToken"`
	Properties   []string        `json:"properties"`
	FieldsByKeys bool            `json:"fieldsByKeys"`
	Reconcile    []int64         `json:"reconcileIssues"`
}

// size reads maxResults; JSON null counts as 0, which is refused.
func (b searchBody) size() (int, *apiError) {
	if b.MaxResults == nil {
		return defaultPage, nil
	}
	size := 0
	if json.Unmarshal(b.MaxResults, &size) != nil || size < 1 || size > largestPage {
		return 0, refuse(http.StatusBadRequest, "The maxResults parameter must be between 1 and %d.", largestPage)
	}
	return size, nil
}

func (s *Server) postSearch(q *request) (int, any, error) {
	var body searchBody
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	return s.search(q, body)
}

func (s *Server) getSearch(q *request) (int, any, error) {
	if err := q.only("jql", "nextPageToken", "maxResults", "fields", "expand", "properties", "fieldsByKeys", "failFast", "reconcileIssues"); err != nil {
		return 0, nil, err
	}
	body := searchBody{JQL: q.query.Get("jql"), Token: q.query.Get("nextPageToken"), Fields: q.list("fields"), Properties: q.list("properties")}
	if size := q.query.Get("maxResults"); size != "" {
		body.MaxResults = json.RawMessage(size)
	}
	for _, id := range q.list("reconcileIssues") {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return 0, nil, refuse(http.StatusBadRequest, "'%s' is not an issue id.", id)
		}
		body.Reconcile = append(body.Reconcile, n)
	}
	return s.search(q, body)
}

func (s *Server) search(q *request, body searchBody) (int, any, error) {
	size, refused := body.size()
	switch {
	case refused != nil:
		return 0, nil, refused
	case len(body.Properties) > maxPropertyKeys:
		return 0, nil, refuse(http.StatusBadRequest, "You can request at most %d properties.", maxPropertyKeys)
	case len(body.Reconcile) > 50:
		return 0, nil, refuse(http.StatusBadRequest, "You can reconcile at most 50 issues.")
	}
	s.searches.count++
	views, refused := s.searchViews(q, body)
	if refused != nil {
		return 0, nil, refused
	}
	page := views[:min(size, len(views))]
	issues := make([]any, 0, len(page))
	for _, r := range page {
		issues = append(issues, s.render(q, r, body.Fields, body.Properties))
	}
	out := map[string]any{"issues": issues, "isLast": len(page) == len(views)}
	if rest := views[len(page):]; len(rest) > 0 {
		out["nextPageToken"] = s.keepCursor(body.JQL, rest)
	}
	return http.StatusOK, out, nil
}

// searchViews are the records to answer, from the query or from a token.
func (s *Server) searchViews(q *request, body searchBody) ([]*record, *apiError) {
	if body.Token == "" {
		return s.find(q.account, body.JQL, body.Reconcile)
	}
	c, ok := s.searches.cursors[body.Token]
	if !ok || c.jql != body.JQL {
		return nil, refuse(http.StatusBadRequest, "The nextPageToken is invalid or has expired.")
	}
	now := s.now()
	var out []*record
	for _, id := range c.ids {
		if e := s.issues.byID[id]; e != nil {
			if r := s.inIndex(e, now); r != nil {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// keepCursor gives out a token for the rest of a search.
func (s *Server) keepCursor(jql string, rest []*record) string {
	ids := make([]int64, len(rest))
	for i, r := range rest {
		ids[i] = r.ID
	}
	token := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "page-%d", s.searches.count))
	if s.searches.cursors == nil {
		s.searches.cursors = map[string]cursor{}
	}
	s.searches.cursors[token] = cursor{jql: jql, ids: ids}
	s.searches.tokens = append(s.searches.tokens, token)
	if len(s.searches.tokens) > maxCursors {
		delete(s.searches.cursors, s.searches.tokens[0])
		s.searches.tokens = s.searches.tokens[1:]
	}
	return token
}

// find runs a query, which has to restrict, over what the index shows.
func (s *Server) find(a *Account, jql string, reconcile []int64) ([]*record, *apiError) {
	query, refused := s.parseJQL(jql, a, false)
	if refused != nil {
		return nil, refused
	}
	if !query.bounded {
		return nil, refuse(http.StatusBadRequest, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
	}
	return s.run(a, query, reconcile), nil
}

// run gives what the index shows to the account, in order. Without an order the
// newest comes first.
func (s *Server) run(a *Account, query *jqlQuery, reconcile []int64) []*record {
	now := s.now()
	browse := map[string]bool{}
	for _, p := range s.projectsFor(a, "BROWSE_PROJECTS") {
		browse[p.Key] = true
	}
	var out []*record
	for _, e := range s.issues.order {
		r := s.inIndex(e, now)
		if slices.Contains(reconcile, e.ID) {
			r = &e.record
		}
		if r != nil && !e.Hidden && browse[r.Project] && query.match(r) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *record) int {
		for _, o := range query.order {
			c := o.compare(a, b)
			if o.descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return int(b.ID - a.ID)
	})
	return out
}

func (s *Server) postCount(q *request) (int, any, error) {
	var body struct {
		JQL string `json:"jql"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	found, refused := s.find(q.account, body.JQL, nil)
	if refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, map[string]any{"count": len(found)}, nil
}
