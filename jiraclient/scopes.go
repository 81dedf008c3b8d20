package jiraclient

import (
	"net/http"
	"slices"
	"strings"
)

// ScopeNeed is what an OAuth 2 grant or an API token with scopes needs for one
// of the things that vexdesk does on Jira Cloud: the classic scope alone, or
// all of the granular ones.
type ScopeNeed struct {
	Classic   string
	Granular  []string
	NeededFor string
	Required  bool // a connection is of no use without it

	calls []string // method and route
}

// scopeNeeds follows the security entries of Atlassian's API description.
func scopeNeeds() []ScopeNeed {
	need := func(required bool, use, classic, granular string, calls ...string) ScopeNeed {
		n := ScopeNeed{Classic: classic, NeededFor: use, Required: required, calls: calls}
		for name := range strings.FieldsSeq(granular) {
			n.Granular = append(n.Granular, name+":jira")
		}
		return n
	}
	return []ScopeNeed{
		need(true, "telling whose account it is", "read:jira-user", "read:application-role read:group read:user read:avatar", "GET /myself"),
		need(true, "checking permissions", "read:jira-work", "read:permission", "GET /mypermissions"),
		need(true, "reading projects", "read:jira-work",
			"read:issue-type read:project read:project.property read:user read:application-role read:avatar read:group read:issue-type-hierarchy read:project-category read:project-version read:project.component",
			"GET /project/search", "GET /project/{projectIdOrKey}"),
		need(true, "reading issue types and fields", "read:jira-work", "read:issue-meta read:avatar read:field-configuration",
			"GET "+createTypesRoute, "GET "+createFieldsRoute),
		need(true, "reading tickets", "read:jira-work",
			"read:issue-meta read:issue-security-level read:issue.vote read:issue.changelog read:avatar read:issue read:status read:user read:field-configuration",
			"POST /issue/bulkfetch", "GET /issue/{issueIdOrKey}"),
		need(true, "searching tickets", "read:jira-work", "read:issue-details read:field.default-value read:field.option read:field read:group", "POST /search/jql"),
		need(true, "creating tickets", "write:jira-work", "write:issue write:comment write:comment.property write:attachment read:issue", "POST /issue/bulk"),
		need(true, "updating tickets", "write:jira-work", "write:issue", "PUT /issue/{issueIdOrKey}"),
		need(true, "commenting on tickets", "write:jira-work",
			"read:comment read:comment.property read:group read:project read:project-role read:user write:comment read:avatar", "POST /issue/{issueIdOrKey}/comment"),
		need(false, "reading comments", "read:jira-work",
			"read:comment read:comment.property read:group read:project read:project-role read:user read:avatar", "GET /issue/{issueIdOrKey}/comment"),
		need(false, "moving tickets along their workflow", "write:jira-work", "write:issue write:issue.property", "POST /issue/{issueIdOrKey}/transitions"),
		need(false, "reading the steps of a workflow", "read:jira-work", "read:issue.transition read:status read:field-configuration", "GET /issue/{issueIdOrKey}/transitions"),
		need(false, "choosing people", "read:jira-user", "read:issue read:project read:user read:application-role read:avatar read:group", "GET /user/assignable/search"),
		need(false, "checking labels", "read:jira-work", "read:label", "GET /label"),
		need(false, "reading fields", "read:jira-work", "read:field read:avatar read:project-category read:project read:field-configuration", "GET /field"),
		need(false, "reading priorities", "read:jira-work", "read:priority", "GET /priority"),
		need(false, "reading statuses", "read:jira-work", "read:issue-status read:issue-type read:status", "GET /project/{projectIdOrKey}/statuses"),
	}
}

// Missing are the granular scopes that the grant lacks; none when it holds the
// classic scope or all granular ones.
func (n ScopeNeed) Missing(granted []string) []string {
	if slices.Contains(granted, n.Classic) {
		return nil
	}
	var missing []string
	for _, scope := range n.Granular {
		if !slices.Contains(granted, scope) {
			missing = append(missing, scope)
		}
	}
	return missing
}

// MissingScopes are the needs that a grant does not meet (X21).
func MissingScopes(granted []string) []ScopeNeed {
	return slices.DeleteFunc(scopeNeeds(), func(n ScopeNeed) bool { return len(n.Missing(granted)) == 0 })
}

// CanRetrieve tells whether a grant suffices for retrieving tickets, so that the
// switch for it is on at first (S4, ruling 21).
func CanRetrieve(granted []string) bool {
	if slices.Contains(granted, "read:jira-work") {
		return true
	}
	for _, scope := range []string{"read:issue-details:jira", "read:field.default-value:jira", "read:field.option:jira"} {
		if !slices.Contains(granted, scope) {
			return false
		}
	}
	return true
}

// needOf is the need behind a call.
func needOf(method, route string) ScopeNeed {
	all := scopeNeeds()
	i := slices.IndexFunc(all, func(n ScopeNeed) bool { return slices.Contains(n.calls, method+" "+route) })
	if i >= 0 {
		return all[i]
	}
	// Reading and writing need these at least.
	if method == http.MethodGet {
		return ScopeNeed{Classic: "read:jira-work", NeededFor: "reading " + route}
	}
	return ScopeNeed{Classic: "write:jira-work", NeededFor: "writing " + route}
}
