package jiratest

import (
	"net/http"
	"strings"
)

// badLogins is how many wrong passwords in a row Data Center takes before it
// wants a person to pass a CAPTCHA.
const badLogins = 3

// signIn finds what a request's credentials stand for. The caller holds mu.
func (s *Server) signIn(r *http.Request, gateway bool) (grant, *apiError) {
	user, password, basic := r.BasicAuth()
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case gateway:
		if g, ok := s.grantOf(user, password); basic && ok {
			return g, nil
		}
		if g, ok := s.bearer(token); bearer && ok {
			return g, nil
		}
		return grant{}, gatewayRefusal("Unauthorized")
	case s.dc && strings.HasPrefix(r.Header.Get("Authorization"), "OAuth "):
		return s.signInByOAuth1(r)
	case basic && s.dc:
		return s.signInByPassword(r, user, password)
	case basic:
		if a := find(s.site.accounts, func(a *Account) bool { return strings.EqualFold(a.Email, user) }); a != nil && a.Token != "" && a.Token == password {
			return grant{account: a}, nil
		}
	case bearer && s.dc:
		if a := find(s.site.accounts, func(a *Account) bool { return a.PAT != "" && a.PAT == token }); a != nil {
			return grant{account: a}, nil
		}
	}
	return grant{}, s.unauthorized(r)
}

// grantOf finds an account's token with scopes.
func (s *Server) grantOf(email, token string) (grant, bool) {
	for _, a := range s.site.accounts {
		for _, g := range a.scoped {
			if strings.EqualFold(a.Email, email) && g.token == token {
				g.limited = true
				return g, true
			}
		}
	}
	return grant{}, false
}

func (s *Server) unauthorized(r *http.Request) *apiError {
	refused := refuse(http.StatusUnauthorized, "Client must be authenticated to access this resource.")
	refused.header = http.Header{
		"X-Seraph-Loginreason": {"AUTHENTICATED_FAILED"},
		"Www-Authenticate":     {`OAuth realm="` + s.address(r) + `"`},
	}
	return refused
}

// signInByPassword counts wrong passwords; after some of them a right one is of
// no use either until PassCaptcha.
func (s *Server) signInByPassword(r *http.Request, user, password string) (grant, *apiError) {
	a := find(s.site.accounts, func(a *Account) bool { return a.ID == user })
	if a == nil || a.Token == "" {
		return grant{}, s.unauthorized(r)
	}
	if a.failures >= badLogins {
		refused := refuse(http.StatusForbidden, "Basic Authentication Failure - Reason : AUTHENTICATION_DENIED")
		refused.header = http.Header{
			"X-Seraph-Loginreason":           {"AUTHENTICATION_DENIED"},
			"X-Authentication-Denied-Reason": {"CAPTCHA_CHALLENGE; login-url=" + s.address(r) + "/login.jsp"},
		}
		return grant{}, refused
	}
	if a.Token != password {
		a.failures++
		return grant{}, s.unauthorized(r)
	}
	a.failures = 0
	return grant{account: a}, nil
}

// PassCaptcha does what a person does who signs in with a browser after too many
// wrong passwords. The account is named by its address.
func (s *Server) PassCaptcha(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.site.accounts {
		if a.Email == email {
			a.failures = 0
		}
	}
}
