package jiratest

import "slices"

// Revoke takes a permission from an account: in one project, or everywhere when
// projectKey is empty.
func (s *Server) Revoke(email, permission, projectKey string) {
	s.site.grantsMu.Lock()
	defer s.site.grantsMu.Unlock()
	for _, a := range s.site.accounts {
		if a.Email != email {
			continue
		}
		for key, held := range a.grants {
			if projectKey == "" || key == projectKey {
				a.grants[key] = slices.DeleteFunc(slices.Clone(held), func(p string) bool { return p == permission })
			}
		}
	}
}

// Grant gives a permission to an account: in one project, or in all when
// projectKey is empty.
func (s *Server) Grant(email, permission, projectKey string) {
	s.site.grantsMu.Lock()
	defer s.site.grantsMu.Unlock()
	for _, a := range s.site.accounts {
		if a.Email != email {
			continue
		}
		for _, p := range s.site.projects {
			if projectKey == "" || p.Key == projectKey {
				a.grants[p.Key] = append(a.grants[p.Key], permission)
			}
		}
	}
}

// SetToken replaces an account's API token, as a person does who let it lapse.
// The empty token locks the account out.
func (s *Server) SetToken(email, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.site.accounts {
		if a.Email == email {
			a.Token = token
		}
	}
}
