package jiratest

// endpoint is one operation of the API. Its handler runs under Server.mu.
type endpoint struct {
	method, route string
	anonymous     bool
	experimental  bool // on Data Center
	handle        func(*Server, *request) (int, any, error)
}

// anyServerInfo is the address under which every Jira tells what it is.
const anyServerInfo = "/rest/api/2/serverInfo"

var serverInfo = endpoint{method: "GET", route: "/serverInfo", anonymous: true, handle: (*Server).getServerInfo}

// sharedEndpoints are those that both dialects have.
func sharedEndpoints() []endpoint {
	return []endpoint{
		serverInfo,
		{method: "GET", route: "/myself", experimental: true, handle: (*Server).getMyself},
		{method: "GET", route: "/mypermissions", handle: (*Server).getMyPermissions},
		{method: "GET", route: "/project/{projectIdOrKey}", handle: (*Server).getProject},
		{method: "GET", route: "/project/{projectIdOrKey}/statuses", handle: (*Server).getProjectStatuses},
		{method: "GET", route: "/field", handle: (*Server).getFields},
		{method: "GET", route: "/priority", handle: (*Server).getPriorities},
		{method: "GET", route: "/user/assignable/search", handle: (*Server).getAssignable},
		{method: "POST", route: "/issue", handle: (*Server).postIssue},
		{method: "POST", route: "/issue/bulk", handle: (*Server).postBulk},
		{method: "GET", route: "/issue/{issueIdOrKey}", handle: (*Server).getIssue},
		{method: "PUT", route: "/issue/{issueIdOrKey}", handle: (*Server).putIssue},
		{method: "DELETE", route: "/issue/{issueIdOrKey}", handle: (*Server).deleteIssue},
		{method: "GET", route: "/issue/{issueIdOrKey}/comment", handle: (*Server).getComments},
		{method: "POST", route: "/issue/{issueIdOrKey}/comment", handle: (*Server).postComment},
		{method: "GET", route: "/issue/{issueIdOrKey}/transitions", handle: (*Server).getTransitions},
		{method: "POST", route: "/issue/{issueIdOrKey}/transitions", handle: (*Server).postTransition},
		{method: "GET", route: "/issue/{issueIdOrKey}/properties", experimental: true, handle: (*Server).getProperties},
		{method: "GET", route: "/issue/{issueIdOrKey}/properties/{propertyKey}", experimental: true, handle: (*Server).getProperty},
		{method: "PUT", route: "/issue/{issueIdOrKey}/properties/{propertyKey}", experimental: true, handle: (*Server).putProperty},
	}
}

// cloudEndpoints are matched in their order.
func cloudEndpoints() []endpoint {
	return append([]endpoint{
		{method: "GET", route: "/project/search", handle: (*Server).getProjects},
		{method: "GET", route: "/label", handle: (*Server).getLabels},
		{method: "GET", route: "/issue/createmeta/{projectIdOrKey}/issuetypes", handle: (*Server).getCreateTypes},
		{method: "GET", route: "/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}", handle: (*Server).getCreateFields},
		{method: "POST", route: "/issue/bulkfetch", handle: (*Server).postBulkFetch},
		{method: "GET", route: "/search/jql", handle: (*Server).getSearch},
		{method: "POST", route: "/search/jql", handle: (*Server).postSearch},
		{method: "POST", route: "/search/approximate-count", handle: (*Server).postCount},
		{method: "GET", route: "/search", anonymous: true, handle: (*Server).gone},
		{method: "POST", route: "/search", anonymous: true, handle: (*Server).gone},
	}, sharedEndpoints()...)
}

// dataCenterEndpoints depend on the version: Jira 8.4 brought create metadata in
// pages, Jira 9 dropped the old form.
func dataCenterEndpoints(v version) []endpoint {
	list := []endpoint{
		{method: "GET", route: "/project", handle: (*Server).getAllProjects},
		{method: "GET", route: "/search", handle: (*Server).getOldSearch},
		{method: "POST", route: "/search", handle: (*Server).postOldSearch},
	}
	if v.atLeast(8, 4) {
		list = append(list,
			endpoint{method: "GET", route: "/issue/createmeta/{projectIdOrKey}/issuetypes", handle: (*Server).getCreateTypes},
			endpoint{method: "GET", route: "/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}", handle: (*Server).getCreateFields})
	}
	if !v.atLeast(9, 0) {
		list = append(list, endpoint{method: "GET", route: "/issue/createmeta", handle: (*Server).getOldCreateMeta})
	}
	return append(append(list, adminEndpoints()...), sharedEndpoints()...)
}

// adminEndpoints are what the API of Data Center has of provisioning here.
func adminEndpoints() []endpoint {
	var list []endpoint
	for _, e := range provisionEndpoints() {
		if e.route == "/issuetype" || e.route == "/field" {
			list = append(list, e)
		}
	}
	return list
}
