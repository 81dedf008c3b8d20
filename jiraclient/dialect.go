package jiraclient

import "net/url"

// dialect is what differs between the Jiras behind one client. The kind of
// server decides which one speaks (serverInfo.deploymentType), never a version
// string in a path.
type dialect interface {
	// root is the path below the site under which every route lies.
	root() string
	// user is how a field names an account.
	user(id string) any
	// permissions asks mypermissions for the named rights.
	permissions(names string) url.Values
	// metaItems picks the rows out of a page of create metadata.
	metaItems(page metaPage) []byte
}

// cloudV3 is Jira Cloud's REST API v3.
type cloudV3 struct{}

func (cloudV3) root() string { return "/rest/api/3" }

func (cloudV3) user(id string) any { return map[string]string{"accountId": id} }

// permissions: the parameter is required on Cloud.
func (cloudV3) permissions(names string) url.Values { return url.Values{"permissions": {names}} }

func (cloudV3) metaItems(page metaPage) []byte {
	if page.IssueTypes != nil {
		return page.IssueTypes
	}
	return page.Fields
}
