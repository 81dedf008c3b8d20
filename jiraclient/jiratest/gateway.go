package jiratest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// CloudID names the site of a simulated Cloud at Atlassian's gateway, which the
// same server plays below /ex/jira.
const CloudID = "5e1f0000-0000-4000-8000-0000000000aa"

const gatewayPrefix = "/ex/jira/" + CloudID

// serveCloud answers what belongs to Cloud and lies outside of the site's API.
// It tells whether that was it.
func (s *Server) serveCloud(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case s.dc:
		return false
	case strings.HasPrefix(r.URL.Path, gatewayPrefix+"/rest/"):
		s.serveAPI(w, r, gatewayPrefix)
	case strings.HasPrefix(r.URL.Path, "/ex/"):
		sendJSON(w, http.StatusNotFound, map[string]any{"code": http.StatusNotFound, "message": "No message available"})
	case r.Method == http.MethodGet && r.URL.Path == "/_edge/tenant_info":
		sendJSON(w, http.StatusOK, map[string]any{"cloudId": CloudID})
	case r.Method == http.MethodGet && r.URL.Path == "/authorize":
		s.pageConsent(w, r)
	case r.Method == http.MethodGet && r.URL.Path == "/authorize/allow":
		s.pageAllow(w, r)
	case r.Method == http.MethodPost && r.URL.Path == "/oauth/token":
		s.serveLogged(w, r, s.token)
	case r.Method == http.MethodGet && r.URL.Path == "/oauth/token/accessible-resources":
		s.serveLogged(w, r, func(r *http.Request, _ []byte) response { return s.resources(r) })
	default:
		return false
	}
	return true
}

// serveLogged answers what is no part of Jira's API with the same faults and the
// same log; its route is its path.
func (s *Server) serveLogged(w http.ResponseWriter, r *http.Request, act func(*http.Request, []byte) response) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		hangUp(w) // the client left in the middle
		return
	}
	at := s.now()
	s.answer(w, s.faults.take(r.Method, r.URL.Path),
		func() response { return act(r, body) },
		func(status int) {
			s.log.add(Request{Method: r.Method, Route: r.URL.Path, Path: r.URL.Path, Status: status, At: at})
		})
}

func jsonResponse(status int, v any) response {
	data, err := json.Marshal(v)
	if err != nil {
		return response{status: http.StatusInternalServerError, header: http.Header{}}
	}
	return response{status: status, header: http.Header{"Content-Type": {"application/json;charset=UTF-8"}}, body: data}
}

func sendJSON(w http.ResponseWriter, status int, v any) { send(w, jsonResponse(status, v)) }
