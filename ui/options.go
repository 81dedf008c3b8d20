// Package ui is the console: the root that routes between screens, draws head
// and foot, and owns the one timer. Screens write intentions into the store
// and never wait for a network.
package ui

import (
	"context"
	"os"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/activity"
	"example.com/vexdesk/ui/conflict"
	"example.com/vexdesk/ui/dashboard"
	"example.com/vexdesk/ui/importer"
	"example.com/vexdesk/ui/list"
	"example.com/vexdesk/ui/policy"
	"example.com/vexdesk/ui/product"
	"example.com/vexdesk/ui/provision"
	"example.com/vexdesk/ui/setup"
	"example.com/vexdesk/ui/ticket"
	"example.com/vexdesk/ui/vex"
)

// Store is what the console reads and asks for. Package storage implements it.
type Store interface {
	list.Store
	ticket.Store
	vex.Store
	activity.Store
	conflict.Store
	dashboard.Store
	provision.Store
	setup.Store
	product.Store
	policy.Store

	Overview(ctx context.Context) (storage.Overview, error)
	UndoVEX(ctx context.Context, actor model.Actor) (changed int, err error)
	AcceptOffers(ctx context.Context, actor model.Actor, ids []model.ViolationID) (accepted int, err error)
	JudgedElsewhere(ctx context.Context, id model.ViolationID) ([]storage.Judged, error)
	CopyVEX(ctx context.Context, actor model.Actor, from model.ViolationID, to []model.ViolationID) (changed int, err error)
	AskRefresh(ctx context.Context, actor model.Actor, ids []model.ViolationID) (tickets int, err error)
	AskSync(ctx context.Context) error
	// Changed yields a notice when something in the database changed, here or
	// in another process; nil where nobody tells.
	Changed() <-chan struct{}
}

// Jira answers what a form asks of Jira while a person waits, such as who can be
// assigned. A screen that needs an answer declares the part that it needs as an
// interface of its own, and this one embeds it; a question is asked in a command
// (widget.Env.Go), never on the event loop. Package sync's Live implements it.
type Jira interface {
	setup.Jira
	ticket.Jira
}

// Options are what the console is started with.
type Options struct {
	Store Store
	// Actor makes the changes, for the audit.
	Actor model.Actor
	// ReadOnly leaves out every action that changes something.
	ReadOnly bool
	// ASCII draws with signs that any font has; it is so anyway where the
	// locale is not UTF-8.
	ASCII bool
	// Mouse lets clicks and the wheel do what keys do; the terminal's own
	// selection then needs a key held, in most terminals shift.
	Mouse bool
	// Theme is one of theme.Names, or empty: what suits the terminal.
	Theme string
	// Version is shown in help.
	Version string
	// Keys are a person's own bindings, by action id.
	Keys map[string][]string
	// Import takes reports in; nil where the console cannot.
	Import importer.Source
	// Waits yields a notice when a change has to wait until a large one is
	// written; nil where nobody tells.
	Waits <-chan struct{}
	// Jira answers forms; nil where nobody can: then forms take what is typed.
	Jira Jira
	// Started is called once, when the first frame is drawn and its numbers are
	// read: what works beside the console begins then; nil: nobody waits for it.
	Started func()
	// Clock is the time; nil is time.Now.
	Clock func() time.Time
	// In and Out are the terminal; nil is standard input and output.
	In, Out *os.File
	// Env reads the environment; nil is os.Getenv.
	Env func(string) string
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.In == nil {
		o.In = os.Stdin
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	return o
}
