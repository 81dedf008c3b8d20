package contract_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/vexdesk/jiraclient/jiratest/contract"
)

// listener hears what would fail a test.
type listener struct {
	testing.TB
	heard []string
}

func (l *listener) Helper() {}

func (l *listener) Errorf(format string, args ...any) {
	l.heard = append(l.heard, fmt.Sprintf(format, args...))
}

func (l *listener) Log(args ...any) { l.TB.Log(args...) }

func TestBreachesAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		answer             string
		want               string // "" for no breach
	}{
		"all is well":          {"POST", "/issue/bulkfetch", `{"issueIdsOrKeys":["A-1"]}`, 200, `{"issues":[],"issueErrors":[]}`, ""},
		"members unheard of":   {"GET", "/myself", "", 200, `{"accountId":"1","novelty":{"x":[null]}}`, ""},
		"unknown request part": {"POST", "/issue/bulkfetch", `{"issueIdsOrKeys":["A-1"],"nonsense":1}`, 200, `{"issues":[]}`, "nonsense"},
		"missing request part": {"POST", "/issue/bulkfetch", `{}`, 200, `{"issues":[]}`, "issueIdsOrKeys"},
		"unknown parameter":    {"GET", "/myself?nonsense=1", "", 200, `{}`, "nonsense"},
		"unknown operation":    {"GET", "/nonsense", "", 200, `{}`, "/nonsense"},
		"answer of a bad type": {"GET", "/myself", "", 200, `{"accountId":5}`, "accountId"},
		"bad enum in answer":   {"GET", "/myself", "", 200, `{"accountType":"ghost"}`, "accountType"},
		"status unheard of":    {"GET", "/myself", "", 202, `{}`, "202"},
		"throttled":            {"GET", "/myself", "", 429, `<html>`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := &listener{TB: t}
			h := contract.Wrap(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer))
			}))
			if _, unchecked := h.(http.HandlerFunc); unchecked {
				t.Skip("SHARED FOLDER MISSING: there is no API description to break")
			}
			req := httptest.NewRequestWithContext(t.Context(), c.method, "/rest/api/3"+c.path, strings.NewReader(c.body))
			if c.body != "" {
				req.Header.Set("Content-Type", "application/json")
			}
			h.ServeHTTP(httptest.NewRecorder(), req)
			told := strings.Join(l.heard, "\n")
			if (told == "") != (c.want == "") || !strings.Contains(told, c.want) {
				t.Errorf("told %q, want %q", told, c.want)
			}
		})
	}
}
