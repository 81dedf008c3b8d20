package jiratest

import (
	"encoding/json"
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
	default:
		return false
	}
	return true
}

func sendJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the simulation cannot write its answer", http.StatusInternalServerError)
		return
	}
	send(w, response{status: status, header: http.Header{"Content-Type": {"application/json;charset=UTF-8"}}, body: data})
}
