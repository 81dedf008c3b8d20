package jiratest

import (
	"net/http"
	"strings"
)

// badLogins is how many wrong passwords in a row Data Center takes before it
// wants a person to pass a CAPTCHA.
const badLogins = 3

// signIn finds the account of a request's credentials. The caller holds mu.
func (s *Server) signIn(r *http.Request) (*Account, *apiError) {
	user, password, basic := r.BasicAuth()
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case basic && s.dc:
		return s.signInByPassword(r, user, password)
	case basic:
		if a := find(s.site.accounts, func(a *Account) bool { return strings.EqualFold(a.Email, user) }); a != nil && a.Token != "" && a.Token == password {
			return a, nil
		}
	case bearer && s.dc:
		if a := find(s.site.accounts, func(a *Account) bool { return a.PAT != "" && a.PAT == token }); a != nil {
			return a, nil
		}
	}
	return nil, s.unauthorized(r)
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
func (s *Server) signInByPassword(r *http.Request, user, password string) (*Account, *apiError) {
	a := find(s.site.accounts, func(a *Account) bool { return a.ID == user })
	if a == nil || a.Token == "" {
		return nil, s.unauthorized(r)
	}
	if a.failures >= badLogins {
		refused := refuse(http.StatusForbidden, "Basic Authentication Failure - Reason : AUTHENTICATION_DENIED")
		refused.header = http.Header{
			"X-Seraph-Loginreason":           {"AUTHENTICATION_DENIED"},
			"X-Authentication-Denied-Reason": {"CAPTCHA_CHALLENGE; login-url=" + s.address(r) + "/login.jsp"},
		}
		return nil, refused
	}
	if a.Token != password {
		a.failures++
		return nil, s.unauthorized(r)
	}
	a.failures = 0
	return a, nil
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
