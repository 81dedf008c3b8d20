package jiraclient

import (
	"context"
	"errors"
	"fmt"
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
	required  bool
}

// neededPermissions are the rights to check. Without the required ones the
// connection does not pass (ruling 27); the others are listed only.
func neededPermissions() []Permission {
	return []Permission{
		{Name: PermissionBrowse, NeededFor: "reading tickets and their status", required: true},
		{Name: PermissionCreate, NeededFor: "creating tickets", required: true},
		{Name: PermissionEdit, NeededFor: "updating tickets", required: true},
		{Name: PermissionComment, NeededFor: "commenting on tickets", required: true},
		{Name: PermissionTransition, NeededFor: "moving tickets along their workflow"},
		{Name: PermissionAssign, NeededFor: "assigning tickets"},
		{Name: PermissionAdminister, NeededFor: "provisioning fields, screens and workflows"},
	}
}

// Problem is something that stands in the way, and what to do about it.
type Problem struct {
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Account is who the credentials belong to.
type Account struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	Type string `json:"type"`
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
	Problems    []Problem    `json:"problems"`
}

// ErrNotUsable means that Verify got through and something required is missing.
var ErrNotUsable = errors.New("the connection lacks what it needs")

// Verify signs in, asks the server what it is, and checks the account's rights.
// The Verification is filled as far as it came. The error is nil when the
// connection can be used; else it is the failure of the first step, or
// ErrNotUsable when the steps worked and a right is missing.
func (c *Client) Verify(ctx context.Context) (Verification, error) {
	v := Verification{Permissions: []Permission{}, Problems: []Problem{}}
	me, err := c.Myself(ctx)
	if err != nil {
		v.fail(err)
		// Who answers there may help to find out why; it is asked without
		// consequence, but not after a failure to reach it.
		if !errors.Is(err, ErrUnreachable) && ctx.Err() == nil {
			if info, infoErr := c.ServerInfo(ctx); infoErr == nil {
				v.Server = describe(info)
			}
		}
		return v, err
	}
	v.Account = &Account{Name: clean(me.Name), ID: clean(me.ID), Type: clean(me.Type)}
	info, err := c.ServerInfo(ctx)
	if err != nil {
		v.fail(err)
		return v, err
	}
	v.Server = describe(info)
	if !info.Cloud() {
		v.problem(fmt.Sprintf("%s is a Jira of type %q, and this connection is for Jira Cloud", v.Server.URL, v.Server.DeploymentType),
			"add the connection with --type datacenter")
		return v, ErrNotUsable
	}
	if err := c.verifyPermissions(ctx, &v); err != nil {
		return v, err
	}
	if len(v.Problems) > 0 {
		return v, ErrNotUsable
	}
	v.OK = true
	return v, nil
}

func (c *Client) verifyPermissions(ctx context.Context, v *Verification) error {
	needed := neededPermissions()
	names := make([]string, len(needed))
	for i, p := range needed {
		names[i] = p.Name
	}
	held, err := c.MyPermissions(ctx, "", names...)
	if err != nil {
		v.fail(err)
		return err
	}
	for _, p := range needed {
		p.OK = held[p.Name]
		v.Permissions = append(v.Permissions, p)
		if p.required && !p.OK {
			v.problem(fmt.Sprintf("the account %s lacks the permission %s, needed for %s", v.Account.Name, p.Name, p.NeededFor),
				"ask a Jira administrator to add it in the permission scheme of the projects it shall work in")
		}
	}
	return nil
}

func describe(info ServerInfo) *Server {
	return &Server{URL: clean(info.BaseURL), Version: clean(info.Version), DeploymentType: clean(info.DeploymentType), Title: clean(info.Title)}
}

func (v *Verification) fail(err error) { v.problem(err.Error(), HintOf(err)) }

func (v *Verification) problem(message, hint string) {
	v.Problems = append(v.Problems, Problem{Message: message, Hint: hint})
}
