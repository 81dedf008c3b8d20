package jiratest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxBody is the longest request that is read.
const maxBody = 32 << 20

// request is a decoded API request.
type request struct {
	*http.Request
	args    []string
	query   url.Values
	body    []byte
	account *Account
	base    string // address of the site
	api     string // address of the API
	dc      bool   // Data Center speaks
	gateway bool   // it came through the gateway
}

// apiError is an error answer in Jira's shape.
type apiError struct {
	status   int
	messages []string
	fields   map[string]string
	header   http.Header
	bare     bool           // leave out "errors", as for a payload that could not be read
	shape    map[string]any // the body, when it is none of Jira's
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s %v", e.status, strings.Join(e.messages, "; "), e.fields)
}

// collection is the body of the answer.
func (e *apiError) collection() map[string]any {
	messages, fields := e.messages, e.fields
	if e.shape != nil {
		return e.shape
	}
	if e.bare {
		return map[string]any{"errorMessages": messages}
	}
	if messages == nil {
		messages = []string{}
	}
	if fields == nil {
		fields = map[string]string{}
	}
	return map[string]any{"errorMessages": messages, "errors": fields}
}

func refuse(status int, format string, args ...any) *apiError {
	return &apiError{status: status, messages: []string{fmt.Sprintf(format, args...)}}
}

// refusePayload is about a request as a whole.
func refusePayload(format string, args ...any) *apiError {
	e := refuse(http.StatusBadRequest, format, args...)
	e.bare = true
	return e
}

func refuseField(field, problem string) *apiError {
	return &apiError{status: http.StatusBadRequest, fields: map[string]string{field: problem}}
}

// response is an answer ready to be sent.
type response struct {
	status int
	header http.Header
	body   []byte
}

// serveAPI answers below a prefix: none, or the gateway's.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, prefix string) {
	e, args := s.match(r, prefix)
	route := e.route
	if route == "" {
		route = unknownRoute
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		hangUp(w) // the client left in the middle
		return
	}
	at := s.now()
	s.answer(w, s.faults.take(r.Method, route),
		func() response { return s.act(e, args, r, body, prefix != "") },
		func(status int) {
			s.log.add(Request{Method: r.Method, Route: route, Path: r.URL.Path, Status: status, At: at})
		})
}

// act carries the request out.
func (s *Server) act(e endpoint, args []string, r *http.Request, body []byte, gateway bool) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	base := s.address(r)
	q := &request{Request: r, args: args, query: r.URL.Query(), body: body, base: base, api: base + s.root(), dc: s.dc, gateway: gateway}
	status, out, err := s.dispatch(e, q)
	header := http.Header{"Content-Type": {"application/json;charset=UTF-8"}}
	if q.account != nil {
		header.Set(map[bool]string{false: "X-AAccountId", true: "X-AUSERNAME"}[s.dc], q.account.ID)
	}
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		for name, values := range refused.header {
			header[name] = values
		}
		status, out = refused.status, refused.collection()
	case err != nil:
		status, out = http.StatusInternalServerError, refuse(0, "%v", err).collection()
	}
	if out == nil {
		return response{status: status, header: header}
	}
	data, err := json.Marshal(out)
	if err != nil {
		return response{status: http.StatusInternalServerError, header: header, body: []byte(`{"errorMessages":["the simulation cannot write its answer"],"errors":{}}`)}
	}
	return response{status: status, header: header, body: data}
}

func (s *Server) dispatch(e endpoint, q *request) (int, any, error) {
	g, refused := s.signIn(q.Request, q.gateway)
	switch {
	case refused == nil && g.limited && !e.suffices(g.scopes):
		return 0, nil, gatewayRefusal("Unauthorized; scope does not match")
	case refused == nil:
		q.account = g.account
	case !e.anonymous:
		return 0, nil, refused
	}
	if e.handle == nil {
		return 0, nil, refuse(http.StatusNotFound, "null for uri: %s", q.URL.Path)
	}
	if refused := s.limited(e, q); refused != nil {
		return 0, nil, refused
	}
	if len(q.body) > 0 || q.Method == http.MethodPost || q.Method == http.MethodPut {
		media, _, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
		if err != nil || media != "application/json" {
			return 0, nil, refuse(http.StatusUnsupportedMediaType, "Unsupported Media Type")
		}
	}
	if s.dc && e.experimental && q.Header.Get("X-ExperimentalApi") == "" {
		return 0, nil, refuse(http.StatusBadRequest, "This method is experimental: the simulation wants the header X-ExperimentalApi.")
	}
	return e.handle(s, q)
}

// match finds the endpoint of a request; its handle is nil when there is none.
func (s *Server) match(r *http.Request, prefix string) (endpoint, []string) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix+s.root())
	if !ok {
		if r.Method == http.MethodGet && r.URL.Path == anyServerInfo {
			return serverInfo, nil
		}
		return endpoint{}, nil
	}
	segments := strings.Split(path, "/")
	for _, e := range s.endpoints {
		if e.method != r.Method {
			continue
		}
		if args, ok := matchRoute(strings.Split(e.route, "/"), segments); ok {
			return e, args
		}
	}
	return endpoint{}, nil
}

func matchRoute(route, segments []string) ([]string, bool) {
	if len(route) != len(segments) {
		return nil, false
	}
	var args []string
	for i, part := range route {
		if !strings.HasPrefix(part, "{") {
			if part != segments[i] {
				return nil, false
			}
			continue
		}
		arg, err := url.PathUnescape(segments[i])
		if err != nil || arg == "" {
			return nil, false
		}
		args = append(args, arg)
	}
	return args, true
}

const badPayload = "Invalid request payload. Refer to the REST API documentation and try again."

// decode reads the body into v and refuses members that v does not have.
func (q *request) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(q.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refusePayload(badPayload)
	}
	if _, err := d.Token(); err != io.EOF {
		return refusePayload(badPayload)
	}
	return nil
}

// only refuses query parameters that the operation does not know.
func (q *request) only(names ...string) error {
	for name := range q.query {
		if !slices.Contains(names, name) {
			return refuse(http.StatusBadRequest, "Unrecognized query parameter '%s'.", name)
		}
	}
	return nil
}

// page reads startAt and maxResults.
func (q *request) page(fallback, most int) (start, size int, err error) {
	start, size = 0, fallback
	for name, target := range map[string]*int{"startAt": &start, "maxResults": &size} {
		if v := q.query.Get(name); v != "" {
			n, convErr := strconv.Atoi(v)
			if convErr != nil || n < 0 {
				return 0, 0, refuse(http.StatusBadRequest, "The value '%s' of '%s' is not a valid number.", v, name)
			}
			*target = n
		}
	}
	return start, min(size, most), nil
}

// slice is the part of list that a page shows.
func slice[T any](list []T, start, size int) []T {
	start = min(start, len(list))
	return append([]T{}, list[start:min(start+size, len(list))]...)
}

// list reads a comma separated parameter that may also be repeated.
func (q *request) list(name string) []string {
	var out []string
	for _, v := range q.query[name] {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

func (s *Server) gone(*request) (int, any, error) {
	return 0, nil, refuse(http.StatusGone, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046")
}
