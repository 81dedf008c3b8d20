package jiratest

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
)

// FuzzJQL: any query is answered or refused, never a panic, and what is refused
// is told.
func FuzzJQL(f *testing.F) {
	for _, seed := range []string{
		`project = SEC ORDER BY key DESC`, `not (labels in (a, "b c") or updated >= -5m)`, `cf[10042] > 3 and text ~ "x*"`, `((((`,
		`key > SEC-1 order by`, `assignee = currentUser()`, `"`, `!!=`, `created > now() order by priority, "CVSS Score" desc`, `"" = ""`,
	} {
		f.Add(seed)
	}
	s, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	now := time.Unix(0, 0)
	records := []*record{
		{ID: 1, Project: "SEC", Number: 1, Type: "10002", Status: "10000", Fields: map[string]any{"summary": "x", "labels": []any{"a"}}, Created: now, Updated: now},
		{ID: 2, Project: "PAY", Number: 1, Type: "10003", Status: "10003", Fields: map[string]any{FieldCVSS: 9.8}, Created: now, Updated: now},
	}
	f.Fuzz(func(t *testing.T, jql string) {
		query, refused := s.parseJQL(jql, s.site.accounts[0], false)
		if refused != nil {
			if refused.status != 400 || len(refused.messages) == 0 {
				t.Errorf("refused with %v", refused)
			}
			return
		}
		for _, r := range records {
			query.match(r)
		}
		for _, o := range query.order {
			slices.SortFunc(slices.Clone(records), o.compare)
		}
	})
}

// FuzzOAuthHeader: no header signs in but by a good signature.
func FuzzOAuthHeader(f *testing.F) {
	for _, seed := range []string{`OAuth oauth_consumer_key="k", oauth_signature="%41"`, `OAuth a=%zz,=,,"`, `OAuth `, `Basic eDp5`} {
		f.Add(seed)
	}
	s, err := New(Options{Deployment: jiraclient.DataCenter})
	if err != nil {
		f.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		f.Fatal(err)
	}
	s.oauth1.consumers["k"] = &key.PublicKey
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://jira.example.com/rest/api/2/myself?a=b%20c&a=", nil)
		r.Header.Set("Authorization", header)
		if _, problem := s.signed(r); problem == "" {
			t.Fatalf("%q is a signature", header)
		}
	})
}
