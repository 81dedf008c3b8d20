// Package contract holds traffic between a Jira client and the simulated Jira
// against Atlassian's own API description: requests strictly, answers leniently
// (members that the description does not know are allowed, as the real service
// has them). It is for tests.
package contract

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// description is where the API description lies in the shared folder.
const description = "jira/openapi-v3-subset.json"

// file finds the description: below VEXDESK_SHARED, else below the folder
// "shared" beside the module; "" when it is not there.
func file() string {
	shared := os.Getenv("VEXDESK_SHARED")
	if shared == "" {
		dir, err := os.Getwd()
		for err == nil && dir != filepath.Dir(dir) {
			if _, statErr := os.Stat(filepath.Join(dir, "go.mod")); statErr == nil {
				shared = filepath.Join(dir, "..", "shared")
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	path := filepath.Join(shared, description)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// loaded holds the description as it is and in its lenient form. Loading takes a
// while, so that a test binary does it once.
var loaded = sync.OnceValues(func() (pair, error) {
	path := file()
	if path == "" {
		return pair{}, nil
	}
	strict, err := router(path, false)
	if err != nil {
		return pair{}, err
	}
	lenient, err := router(path, true)
	return pair{strict, lenient}, err
})

type pair struct{ strict, lenient routers.Router }

func router(path string, lenient bool) (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, err
	}
	doc.Servers = nil // any host
	alter := allowNull
	if lenient {
		alter = loosen
	}
	for _, s := range doc.Components.Schemas {
		walk(s.Value, alter, map[*openapi3.Schema]bool{})
	}
	return gorillamux.NewRouter(doc)
}

// allowNull lets a schema that says nothing stand for null as well, which is how
// a field is emptied. OpenAPI 3.0 would not.
func allowNull(s *openapi3.Schema) {
	if s.Type == nil && len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0 {
		s.Nullable = true
	}
	// An identifier of a field or project is Java's Object in the description:
	// it is a number or a text.
	if s.Properties["identifier"] != nil && s.Properties["type"] != nil {
		s.Properties["identifier"].Value.Type = nil
	}
}

// unlisted are calls that Jira has and the cut description lacks.
var unlisted = []string{"/rest/api/3/workflowscheme/read"}

// loosen allows unknown members and null in a schema, and times in Jira's own
// form, which is not that of RFC 3339.
func loosen(s *openapi3.Schema) {
	s.Nullable = true
	if has := s.AdditionalProperties.Has; has != nil && !*has {
		s.AdditionalProperties.Has = nil
	}
	if s.Format == "date-time" {
		s.Format = ""
	}
}

// walk alters a schema and all below it.
func walk(s *openapi3.Schema, alter func(*openapi3.Schema), seen map[*openapi3.Schema]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	alter(s)
	refs := append(append(append(openapi3.SchemaRefs{s.Items, s.Not, s.AdditionalProperties.Schema}, s.AllOf...), s.AnyOf...), s.OneOf...)
	for _, p := range s.Properties {
		refs = append(refs, p)
	}
	for _, ref := range refs {
		if ref != nil {
			walk(ref.Value, alter, seen)
		}
	}
}

// Serve starts the handler on the loopback with the check around it, for the
// time of the test.
func Serve(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(Wrap(t, h))
	t.Cleanup(server.Close)
	return server
}

// Wrap checks each request and answer that passes through and reports what
// breaks the description as errors of the test. Without the description it says
// so in the test's log and checks nothing.
func Wrap(t testing.TB, h http.Handler) http.Handler {
	t.Helper()
	p, err := loaded()
	if err != nil {
		t.Fatalf("the API description cannot be loaded: %v", err)
	}
	if p.strict == nil {
		t.Log("SHARED FOLDER MISSING: requests and answers are not checked against Jira's API description")
		return h
	}
	return &checker{t: t, next: h, pair: p}
}

type checker struct {
	t    testing.TB
	next http.Handler
	pair
}

var options = &openapi3filter.Options{
	AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
	IncludeResponseStatus: false,
	MultiError:            true,
}

func (c *checker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/rest/api/3/") || slices.Contains(unlisted, r.URL.Path) {
		c.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client left
	}
	c.checkRequest(r, body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	recorder := &recorder{ResponseWriter: w, status: http.StatusOK}
	c.next.ServeHTTP(recorder, r)
	if !recorder.cut {
		c.checkAnswer(r, recorder)
	}
}

func (c *checker) input(rt routers.Router, r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := rt.FindRoute(copied)
	if err != nil {
		return nil, err
	}
	return &openapi3filter.RequestValidationInput{Request: copied, PathParams: params, Route: route, Options: options}, nil
}

func (c *checker) checkRequest(r *http.Request, body []byte) {
	in, err := c.input(c.strict, r, body)
	if err == nil {
		err = openapi3filter.ValidateRequest(r.Context(), in)
	}
	if err == nil {
		for name := range r.URL.Query() {
			if in.Route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
				c.t.Errorf("%s %s: the query parameter %s is not in the API description", r.Method, r.URL.Path, name)
			}
		}
	}
	if err != nil {
		c.t.Errorf("the request %s %s breaks the API description: %v\n%s", r.Method, r.URL, err, body)
	}
}

func (c *checker) checkAnswer(r *http.Request, rec *recorder) {
	in, err := c.input(c.lenient, r, nil)
	if err != nil {
		return // told by checkRequest
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: rec.status, Header: rec.Header(), Options: options,
	}
	// Statuses such as 429, and error answers without a schema, stand outside
	// the description.
	described := in.Route.Operation.Responses.Status(rec.status)
	if described == nil {
		if rec.status < 400 {
			c.t.Errorf("%s %s answered %d, which is not in the API description", r.Method, r.URL.Path, rec.status)
		}
		return
	}
	if rec.status == http.StatusNoContent || described.Value.Content == nil {
		return
	}
	out.SetBodyBytes(rec.body.Bytes())
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		c.t.Errorf("the answer %d to %s %s breaks the API description: %v\n%s", rec.status, r.Method, r.URL, err, rec.body.Bytes())
	}
}

// recorder keeps a copy of the answer. Unwrap lets the simulation cut the
// connection underneath.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	cut    bool
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

func (r *recorder) Unwrap() http.ResponseWriter {
	r.cut = true
	return r.ResponseWriter
}
