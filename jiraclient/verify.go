package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Permissions that vexdesk asks Jira about.
const (
	PermissionBrowse     = "BROWSE_PROJECTS"
	PermissionCreate     = "CREATE_ISSUES"
	PermissionEdit       = "EDIT_ISSUES"
	PermissionComment    = "ADD_COMMENTS"
	PermissionTransition = "TRANSITION_ISSUES"
	PermissionAssign     = "ASSIGN_ISSUES"
	PermissionAdminister = "ADMINISTER"
)

// Permission is a right and what it is needed for.
type Permission struct {
	Name      string `json:"name"`
	OK        bool   `json:"ok"`
	NeededFor string `json:"needed_for"`
	// Required: without it the connection does not pass.
	Required bool `json:"-"`
}

// neededPermissions are the rights to check. Without the required ones the
// connection does not pass (ruling 27); the others are listed only.
func neededPermissions() []Permission {
	return []Permission{
		{Name: PermissionBrowse, NeededFor: "reading tickets and their status", Required: true},
		{Name: PermissionCreate, NeededFor: "creating tickets", Required: true},
		{Name: PermissionEdit, NeededFor: "updating tickets", Required: true},
		{Name: PermissionComment, NeededFor: "commenting on tickets", Required: true},
		{Name: PermissionTransition, NeededFor: "moving tickets along their workflow"},
		{Name: PermissionAssign, NeededFor: "assigning tickets"},
		{Name: PermissionAdminister, NeededFor: "provisioning fields, screens and workflows"},
	}
}

// Problem is something that stands in the way, or is worth knowing, and what to
// do about it.
type Problem struct {
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Account is who the credentials belong to.
type Account struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	Type string `json:"type"` // see User
}

// MarshalJSON writes null for a type that is not told: Data Center tells none.
func (a Account) MarshalJSON() ([]byte, error) {
	var kind *string
	if a.Type != "" {
		kind = &a.Type
	}
	return json.Marshal(map[string]any{"name": a.Name, "id": a.ID, "type": kind})
}

// Server is which Jira answered.
type Server struct {
	URL            string `json:"url"`
	Version        string `json:"version"`
	DeploymentType string `json:"deployment_type"`
	Title          string `json:"title"`
}

// Verification is the result of Verify, in the shape that
// `vexdesk connection verify --json` prints. Account and Server are nil where
// they could not be learnt.
type Verification struct {
	OK          bool         `json:"ok"`
	Account     *Account     `json:"account"`
	Server      *Server      `json:"server"`
	Permissions []Permission `json:"permissions"`
	Problems    []Problem    `json:"problems"` // stand in the way
	Notes       []Problem    `json:"notes"`    // do not, and are worth knowing
	// CloudID is set when the site is reached through Atlassian's gateway. It is
	// to be kept for Config.CloudID.
	CloudID string `json:"-"`
}

// ErrNotUsable means that Verify got through and something required is missing.
var ErrNotUsable = errors.New("the connection lacks what it needs")

// Verify signs in, asks the server what it is, and checks the account's rights,
// the token's scopes, the clocks and the projects. The Verification is filled as
// far as it came. The error is nil when the connection can be used; else it is
// the failure of the first step, or ErrNotUsable when the steps worked and
// something required is missing. Afterwards the client goes to where the
// credentials are accepted: the site, or the gateway.
func (c *Client) Verify(ctx context.Context) (Verification, error) {
	v := Verification{Permissions: []Permission{}, Problems: []Problem{}, Notes: []Problem{}}
	err := c.verify(ctx, &v)
	if err != nil {
		v.Problems = append(v.Problems, c.diagnose(err))
		return v, err
	}
	if len(v.Problems) > 0 {
		return v, ErrNotUsable
	}
	v.OK = true
	return v, nil
}

func (c *Client) verify(ctx context.Context, v *Verification) error {
	me, err := c.signIn(ctx)
	v.CloudID = c.CloudID()
	if err != nil {
		// Who answers there may help to find out why; it is asked without
		// consequence, but not after a failure to reach it.
		if !errors.Is(err, ErrUnreachable) && ctx.Err() == nil {
			if info, infoErr := c.ServerInfo(ctx); infoErr == nil {
				v.Server = describe(info)
				c.checkDeployment(info, v)
			}
		}
		return err
	}
	v.Account = &Account{Name: clean(me.Name), ID: clean(me.ID), Type: clean(me.Type)}
	asked := c.clock.Now()
	info, err := c.ServerInfo(ctx)
	if err != nil {
		return err
	}
	v.Server = describe(info)
	if c.checkDeployment(info, v); len(v.Problems) > 0 {
		return nil
	}
	if me.Person() {
		v.note(fmt.Sprintf("%s is the account of a person: all that vexdesk does bears this name, and ends when the account does", v.Account.Name),
			"a service account is advised for work that a team shares")
	}
	c.checkClock(info, asked, v)
	if err := c.verifyPermissions(ctx, v); err != nil {
		return err
	}
	if err := c.verifyScopes(ctx, v); err != nil {
		return err
	}
	return c.verifyProjects(ctx, v)
}

// checkDeployment: each kind of Jira answers serverInfo to the other's client.
func (c *Client) checkDeployment(info ServerInfo, v *Verification) {
	if info.DeploymentType != "" && info.Deployment() != c.dialect.deployment() {
		name := map[Deployment]string{Cloud: "Jira Cloud", DataCenter: "Jira Data Center"}
		v.problem(fmt.Sprintf("%s is a Jira of type %q, and this connection is for %s", v.Server.URL, v.Server.DeploymentType, name[c.dialect.deployment()]),
			"add the connection with --type "+string(info.Deployment()))
	}
}

// clockTolerance is a difference that harms nothing: signatures of OAuth 1 are
// refused from five minutes on, and tokens are renewed a minute before they end.
const clockTolerance = time.Minute

func (c *Client) checkClock(info ServerInfo, asked time.Time, v *Verification) {
	if info.Time.IsZero() {
		return
	}
	// The server looked at its clock between the question and the answer.
	answered := c.clock.Now()
	behind := info.Time.Sub(asked.Add(answered.Sub(asked) / 2)).Round(time.Second)
	way := "behind"
	if behind < 0 {
		behind, way = -behind, "ahead of"
	}
	if behind > clockTolerance {
		v.note(fmt.Sprintf("the clock of this machine is %s %s Jira's", behind, way), "set the clock; signatures and tokens depend on it")
	}
}

func (c *Client) verifyPermissions(ctx context.Context, v *Verification) error {
	needed := neededPermissions()
	names := make([]string, len(needed))
	for i, p := range needed {
		names[i] = p.Name
	}
	held, err := c.MyPermissions(ctx, "", names...)
	if err != nil {
		return err
	}
	for _, p := range needed {
		p.OK = held[p.Name]
		v.Permissions = append(v.Permissions, p)
		if p.Required && !p.OK {
			v.problem(fmt.Sprintf("the account %s lacks the permission %s, needed for %s", v.Account.Name, p.Name, p.NeededFor),
				"ask a Jira administrator to add it in the permission scheme of the projects it shall work in")
		}
	}
	return nil
}

// verifyScopes names what a grant lacks (X21). The scopes of an API token cannot
// be asked for; what it lacks shows by requests that can do no harm.
func (c *Client) verifyScopes(ctx context.Context, v *Verification) error {
	if c.scopes == nil {
		if c.CloudID() == "" {
			return nil
		}
		return c.tryScopes(ctx, v)
	}
	for _, need := range MissingScopes(c.scopes) {
		tell := v.note
		if need.Required {
			tell = v.problem
		}
		tell(fmt.Sprintf("the grant lacks the scope %s, needed for %s", need.Classic, need.NeededFor),
			"add the scope to the app in developer.atlassian.com and authorize the connection again (or all of "+strings.Join(need.Missing(c.scopes), " ")+")")
	}
	if !CanRetrieve(c.scopes) {
		v.note("the grant lacks what retrieving tickets needs", "retrieval stays off until the scope read:jira-work is added")
	}
	return nil
}

// tryScopes sends what is refused in any case, for want of an issue of that id
// or of a query that restricts, unless the scope is missing first.
func (c *Client) tryScopes(ctx context.Context, v *Verification) error {
	nothing := []string{"0"}
	for _, try := range []call{
		{method: http.MethodPost, route: "/search/jql", in: map[string]any{"jql": ""}, read: true},
		{method: http.MethodPost, route: "/issue/bulk", in: map[string]any{"issueUpdates": []any{}}},
		{method: http.MethodPut, route: "/issue/{issueIdOrKey}", args: nothing, in: issueUpdate{}},
		{method: http.MethodPost, route: "/issue/{issueIdOrKey}/comment", args: nothing, in: map[string]any{"body": nil}},
	} {
		err := c.do(ctx, try)
		switch {
		case errors.Is(err, ErrMissingScope):
			v.Problems = append(v.Problems, c.diagnose(err))
		case err != nil && OutcomeOf(err) != Refused:
			return err
		}
	}
	return nil
}

// seenProjects bounds how many projects Verify looks at.
const seenProjects = 50

// verifyProjects points out team-managed projects, which provisioning cannot
// reach.
func (c *Client) verifyProjects(ctx context.Context, v *Verification) error {
	if len(v.Problems) > 0 {
		return nil // the account sees nothing yet
	}
	projects, err := c.dialect.projects(ctx, c, seenProjects)
	if err != nil {
		return err
	}
	var own []string
	for _, p := range projects {
		if p.TeamManaged() {
			own = append(own, clean(p.Key))
		}
	}
	if len(own) > 0 {
		v.note("team-managed: "+strings.Join(own, ", "),
			"fields and workflows of a team-managed project are made by hand in the project itself; map them in the profile, or use a company-managed project")
	}
	return nil
}

func describe(info ServerInfo) *Server {
	return &Server{URL: clean(info.BaseURL), Version: clean(info.Version), DeploymentType: clean(info.DeploymentType), Title: clean(info.Title)}
}

func (v *Verification) problem(message, hint string) {
	v.Problems = append(v.Problems, Problem{Message: message, Hint: hint})
}

func (v *Verification) note(message, hint string) {
	v.Notes = append(v.Notes, Problem{Message: message, Hint: hint})
}
