package jiratest

import (
	"net/http"
	"slices"
	"strings"
)

// scopesOf says, after Atlassian's API description, what a token with scopes
// needs for an operation: the classic scope before the bar, or all granular ones
// behind it (":jira" left out).
var scopesOf = map[string]string{
	"GET /serverInfo":                        "|",
	"GET /myself":                            "read:jira-user | read:application-role read:group read:user read:avatar",
	"GET /mypermissions":                     "read:jira-work | read:permission",
	"GET /project/search":                    "read:jira-work | " + projectScopes,
	"GET /project/{projectIdOrKey}":          "read:jira-work | " + projectScopes,
	"GET /project/{projectIdOrKey}/statuses": "read:jira-work | read:issue-status read:issue-type read:status",
	"GET /label":                             "read:jira-work | read:label",
	"GET /field":                             "read:jira-work | read:field read:avatar read:project-category read:project read:field-configuration",
	"GET /priority":                          "read:jira-work | read:priority",
	"GET /user/assignable/search":            "read:jira-user | read:issue read:project read:user read:application-role read:avatar read:group",
	"GET /issue/createmeta/{projectIdOrKey}/issuetypes":               "read:jira-work | read:issue-meta read:avatar read:field-configuration",
	"GET /issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}": "read:jira-work | read:issue-meta read:avatar read:field-configuration",
	"POST /issue":                                        "write:jira-work | " + createScopes,
	"POST /issue/bulk":                                   "write:jira-work | " + createScopes,
	"POST /issue/bulkfetch":                              "read:jira-work | " + issueScopes,
	"GET /issue/{issueIdOrKey}":                          "read:jira-work | " + issueScopes,
	"PUT /issue/{issueIdOrKey}":                          "write:jira-work | write:issue",
	"DELETE /issue/{issueIdOrKey}":                       "write:jira-work | delete:issue",
	"GET /issue/{issueIdOrKey}/comment":                  "read:jira-work | " + commentScopes,
	"POST /issue/{issueIdOrKey}/comment":                 "write:jira-work | write:comment " + commentScopes,
	"GET /issue/{issueIdOrKey}/transitions":              "read:jira-work | read:issue.transition read:status read:field-configuration",
	"POST /issue/{issueIdOrKey}/transitions":             "write:jira-work | write:issue write:issue.property",
	"GET /issue/{issueIdOrKey}/properties":               "read:jira-work | read:issue.property",
	"GET /issue/{issueIdOrKey}/properties/{propertyKey}": "read:jira-work | read:issue.property",
	"PUT /issue/{issueIdOrKey}/properties/{propertyKey}": "write:jira-work | write:issue.property",
	"GET /issuetype":                                     "read:jira-work | read:issue-type read:avatar read:project-category read:project",
	"GET /search/jql":                                    "read:jira-work | read:issue-details read:audit-log read:avatar read:field-configuration read:issue-meta",
	"POST /search/jql":                                   "read:jira-work | " + searchScopes,
	"POST /search/approximate-count":                     "read:jira-work | " + searchScopes,
}

const (
	projectScopes = "read:issue-type read:project read:project.property read:user read:application-role read:avatar read:group read:issue-type-hierarchy read:project-category read:project-version read:project.component"
	createScopes  = "write:issue write:comment write:comment.property write:attachment read:issue"
	issueScopes   = "read:issue-meta read:issue-security-level read:issue.vote read:issue.changelog read:avatar read:issue read:status read:user read:field-configuration"
	commentScopes = "read:comment read:comment.property read:group read:project read:project-role read:user read:avatar"
	searchScopes  = "read:issue-details read:field.default-value read:field.option read:field read:group"
)

// suffices tells whether granted scopes allow an operation.
func (e endpoint) suffices(granted []string) bool {
	if e.handle == nil {
		return true // let the answer be 404
	}
	classic, granular, known := strings.Cut(scopesOf[e.method+" "+e.route], "|")
	if !known {
		return slices.Contains(granted, administration(e.route))
	}
	if slices.Contains(granted, strings.TrimSpace(classic)) {
		return true
	}
	for scope := range strings.FieldsSeq(granular) {
		if !slices.Contains(granted, scope+":jira") {
			return false
		}
	}
	return true
}

// administration is the classic scope for an operation of setting Jira up, which
// is all that scopesOf leaves out.
func administration(route string) string {
	switch {
	case route == "/field/search":
		return "read:jira-work"
	case strings.HasPrefix(route, "/screens"):
		return "manage:jira-project"
	default:
		return "manage:jira-configuration"
	}
}

// gatewayRefusal is a 401 in the gateway's own shape.
func gatewayRefusal(message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, shape: map[string]any{"code": http.StatusUnauthorized, "message": message}}
}

// SetScopedToken gives an account of a Cloud an API token with scopes, which the
// gateway alone accepts.
func (s *Server) SetScopedToken(email, token string, scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.site.accounts {
		if a.Email == email {
			a.scoped = append(a.scoped, grant{account: a, token: token, scopes: scopes})
		}
	}
}
