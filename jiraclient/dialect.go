package jiraclient

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"

	"example.com/vexdesk/jiraclient/adf"
)

// Deployment is a kind of Jira. It decides the dialect that a Client speaks.
type Deployment string

// Deployments.
const (
	Cloud      Deployment = "cloud"
	DataCenter Deployment = "datacenter"
)

// Deployment tells which kind of Jira has answered; all that is not Jira Cloud
// speaks as Data Center does, Jira Server among them.
func (s ServerInfo) Deployment() Deployment {
	if s.Cloud() {
		return Cloud
	}
	return DataCenter
}

// dialect is what differs between the Jiras behind one client. The kind of
// server decides which one speaks (serverInfo.deploymentType), never a version
// string in a path.
type dialect interface {
	deployment() Deployment
	// root is the path below the site under which every route lies.
	root() string
	// prepare sets headers that every request needs.
	prepare(http.Header)
	// user is how a field names an account.
	user(id string) any
	// document writes a text field, cut to Jira's limit with a link to more.
	document(d adf.Node, more string) json.RawMessage
	// documentText reads one.
	documentText(raw json.RawMessage) string
	// parent is the field that puts an issue below an epic, and its value.
	parent(ctx context.Context, c *Client, key string) (field string, value any, err error)
	// permissions asks mypermissions for the named rights.
	permissions(names string) url.Values
	// assignable asks for accounts by a part of their name.
	assignable(project, query string) url.Values

	// projects lists the first ones, at least as many as most; 0 means all.
	projects(ctx context.Context, c *Client, most int) ([]Project, error)
	issueTypes(ctx context.Context, c *Client, project string) ([]IssueType, error)
	createFields(ctx context.Context, c *Client, project, issueType string) ([]CreateField, error)
	labels(ctx context.Context, c *Client) ([]string, error)
	// fetch reads at most MaxBulkFetch issues.
	fetch(ctx context.Context, c *Client, f Fetch) (Fetched, error)
	search(ctx context.Context, c *Client, s Search) iter.Seq2[Issue, error]
}

func dialectOf(d Deployment) (dialect, error) {
	switch d {
	case "", Cloud:
		return cloudV3{}, nil
	case DataCenter:
		return dataCenterV2{}, nil
	default:
		return nil, &RequestError{Problem: "there is no kind of Jira called " + clean(string(d)), Advice: "use cloud or datacenter"}
	}
}

// Deployment is the kind of Jira that the client was made for.
func (c *Client) Deployment() Deployment { return c.dialect.deployment() }

// Document writes Markdown as a value of a text field or a comment: a document
// on Cloud, wiki markup on Data Center. It is cut to the length that Jira takes,
// with a link to the whole when more is an address.
func (c *Client) Document(markdown, more string) json.RawMessage {
	return c.dialect.document(adf.FromMarkdown(markdown), more)
}

// TextDocument is Document for plain text, of which nothing is markup.
func (c *Client) TextDocument(text, more string) json.RawMessage {
	return c.dialect.document(adf.FromText(text), more)
}

// DocumentText is the plain text of what a text field or a comment holds, in the
// form in which texts are compared (ruling 23). null and nothing are "".
func (c *Client) DocumentText(raw json.RawMessage) string { return c.dialect.documentText(raw) }

// UserValue names an account as the value of a user field.
func (c *Client) UserValue(id string) any { return c.dialect.user(id) }
