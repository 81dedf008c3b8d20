// Package connection sets up how Jira is reached: the form that is left and
// resumed, the consent that OAuth needs, and the page that says how a connection
// stands.
package connection

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screens read and write.
type Store interface {
	Connections(ctx context.Context) ([]model.Connection, error)
	SaveDraft(ctx context.Context, actor model.Actor, c model.Connection, secrets map[storage.SecretName][]byte) (model.Connection, error)
	SetProblem(ctx context.Context, c model.Connection, problem string) error
	HasSecret(ctx context.Context, connection int64, name storage.SecretName) (bool, error)
	UseOf(ctx context.Context, connection int64) (storage.ConnectionUse, error)
	SetRetrieveTickets(ctx context.Context, actor model.Actor, c model.Connection, on bool) error
	RemoveConnection(ctx context.Context, actor model.Actor, c model.Connection) error
}

// Jira signs in while a person waits. Package sync's Live implements it.
type Jira interface {
	Verify(ctx context.Context, actor model.Actor, c model.Connection) (sync.Verification, error)
	ChangeSignIn(ctx context.Context, actor model.Actor, c model.Connection, secrets map[storage.SecretName][]byte) (v sync.Verification, unchanged bool, err error)
	AskConsent(ctx context.Context, actor model.Actor, c model.Connection, listen bool) (*sync.Consent, error)
	PublicKey(ctx context.Context, c model.Connection) (string, error)
}

// Desk is what the screens of a connection work with.
type Desk struct {
	Env   *widget.Env
	Store Store
	Jira  Jira // nil where nobody can ask Jira
	// AddProfile opens the form of a profile on a connection.
	AddProfile func(c model.Connection) tea.Cmd
}

// Standing is a connection and how far it is set up.
type Standing struct {
	model.Connection
	Use storage.ConnectionUse
	// Signed is whether it has its main secret, Consented whether it has a
	// consent, where it needs one.
	Signed, Consented bool
}

// Standings reads all connections.
func Standings(ctx context.Context, s Store) ([]Standing, error) {
	all, err := s.Connections(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Standing, len(all))
	for i, c := range all {
		out[i].Connection = c
		if out[i].Use, err = s.UseOf(ctx, c.ID); err != nil {
			return nil, err
		}
		if out[i].Signed, err = s.HasSecret(ctx, c.ID, storage.MainSecret(c.Auth)); err != nil {
			return nil, err
		}
		if out[i].Consented, err = s.HasSecret(ctx, c.ID, storage.SecretToken); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Whole reports whether the form has been filled as far as signing in needs.
func (s *Standing) Whole() bool {
	lacks, _ := s.Lacks()
	return lacks == "" && s.URL != "" && s.Signed
}

// Open is where a person goes on with a connection: the form while it is not
// whole, else its page.
func (d Desk) Open(s Standing) widget.Screen {
	if s.State == model.ConnectionDraft && !s.Whole() {
		return d.Form(s)
	}
	return d.page(s.Connection)
}

// Verify is the page of a connection that is being verified.
func (d Desk) Verify(c model.Connection) widget.Screen {
	p := d.page(c)
	p.atOnce = true
	return p
}

// CannotAsk says why Jira cannot be asked, empty where it can.
func (d Desk) CannotAsk() string {
	if d.Jira == nil {
		return "this console cannot ask Jira; use vexdesk connection in a shell"
	}
	return ""
}

// CannotAuthorize says why no consent can be asked for.
func (d Desk) CannotAuthorize(s *Standing) string {
	switch {
	case d.Jira == nil:
		return d.CannotAsk()
	case !s.Auth.Consents():
		return "it signs in with " + string(s.Auth) + ", which needs no consent"
	case !s.Whole():
		return "it is not whole yet: enter goes on with it"
	}
	return ""
}

// Provision opens the screen that makes the issue type and the fields in Jira.
func Provision(c model.Connection) tea.Cmd {
	return widget.Send(widget.SetUpJira{Connection: c.Name})
}

// SwitchRetrieval turns the retrieval of ticket statuses on or off (S4, S9).
func (d Desk) SwitchRetrieval(c model.Connection) tea.Cmd {
	return d.Env.Go(func(ctx context.Context) tea.Msg {
		on := !c.RetrieveTickets
		if err := d.Store.SetRetrieveTickets(ctx, d.Env.Actor, c, on); err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not switched: " + err.Error()}
		}
		if on {
			return toast.Msg{Level: toast.Done, Text: "The statuses of " + c.Name + "'s tickets are retrieved again."}
		}
		return toast.Msg{Level: toast.Done, Text: "The statuses of " + c.Name + "'s tickets are no longer retrieved, and leave the list."}
	})
}

// CopyKey copies the public key of an OAuth 1 connection.
func (d Desk) CopyKey(c model.Connection) tea.Cmd {
	return d.Env.Go(func(ctx context.Context) tea.Msg {
		key, err := d.Jira.PublicKey(ctx, c)
		if err != nil {
			return toast.Msg{Level: toast.Error, Text: "There is no public key to copy: " + err.Error()}
		}
		return widget.Copy{Text: key, What: "the public key of " + c.Name}
	})
}

// CannotRemove says what keeps a connection from being removed.
func (s *Standing) CannotRemove() string {
	if s.Use.Tickets > 0 {
		return s.Name + " holds " + widget.Plural(s.Use.Tickets, "ticket") + " and is kept: without it they could not be refreshed"
	}
	return ""
}

// Removal is what a removal would take, for the question before it.
func (s *Standing) Removal() string {
	what := "This removes connection " + s.Name
	if s.Use.Profiles > 0 {
		what += " with " + widget.Plural(s.Use.Profiles, "profile")
	}
	if s.Signed {
		what += " and its secret"
	}
	return what
}

// Remove removes a connection.
func (d Desk) Remove(c model.Connection) tea.Cmd {
	return d.Env.Go(func(ctx context.Context) tea.Msg {
		if err := d.Store.RemoveConnection(ctx, d.Env.Actor, c); err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not removed: " + err.Error()}
		}
		return toast.Msg{Level: toast.Done, Text: "Connection " + c.Name + " is removed."}
	})
}
