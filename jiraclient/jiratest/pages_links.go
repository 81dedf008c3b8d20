package jiratest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The page where a person plays the administrator of a Data Center who makes
// application links: a consumer key with its public key.

func (s *Server) pageLinks(w http.ResponseWriter, r *http.Request) {
	if !s.dc {
		http.NotFound(w, r)
		return
	}
	s.showLinks(w, http.StatusOK, "", "")
}

func (s *Server) pageAddLink(w http.ResponseWriter, r *http.Request) {
	if !s.dc {
		http.NotFound(w, r)
		return
	}
	key, public := strings.TrimSpace(r.FormValue("key")), strings.TrimSpace(r.FormValue("public"))
	if key == "" {
		s.showLinks(w, http.StatusBadRequest, "A link needs a consumer key.", public)
		return
	}
	if err := s.RegisterConsumer(key, public); err != nil {
		s.showLinks(w, http.StatusBadRequest, "Not made: "+err.Error()+".", public)
		return
	}
	http.Redirect(w, r, s.path+"/links", http.StatusSeeOther)
}

func (s *Server) showLinks(w http.ResponseWriter, status int, message, public string) {
	s.mu.Lock()
	consumers := slices.Sorted(maps.Keys(s.oauth1.consumers))
	s.mu.Unlock()
	show(w, "links", status, map[string]any{"Site": s.title, "Root": s.path, "Message": message, "Public": public, "Consumers": consumers})
}
