// Package widget holds what all screens share: the handle to their
// surroundings, the contract with the root, and the small parts that frames
// are laid out with.
package widget

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/theme"
)

// Env is what a screen knows of its surroundings. The root makes it once.
type Env struct {
	// Context ends when the console does.
	Context context.Context
	Theme   *theme.Theme
	Keys    *keys.Map
	Actor   model.Actor
	Now     func() time.Time
	// Browser is whether a browser can open a window on this machine.
	Browser bool

	// looking: commands are being asked what they are, not to do their work.
	looking atomic.Bool

	mu    sync.Mutex
	ended bool // no work begins any more
	jobs  sync.WaitGroup
}

// Go makes a command of work that may wait for the database. The root waits
// for all of it when the console ends.
func (e *Env) Go(work func(ctx context.Context) tea.Msg) tea.Cmd {
	return e.GoIn(e.Context, work)
}

// Store is Go for the storing of what a person has accepted: when the console is
// left meanwhile, it ends after that and not in the middle.
func (e *Env) Store(work func(ctx context.Context) tea.Msg) tea.Cmd {
	return e.GoIn(context.WithoutCancel(e.Context), work)
}

// GoIn is Go for work that can be given up earlier than the console ends.
func (e *Env) GoIn(ctx context.Context, work func(ctx context.Context) tea.Msg) tea.Cmd {
	var do tea.Cmd
	do = func() tea.Msg {
		if e.looking.Load() {
			return Later{do}
		}
		if !e.begin() {
			return nil
		}
		defer e.jobs.Done()
		if ctx.Err() != nil {
			return nil
		}
		return work(ctx)
	}
	return do
}

// Look runs a command on the event loop, where nothing may wait: work made by
// Go is not begun but handed back as [Later]. So a screen that a key opens is
// there before the next key that was typed ahead.
func (e *Env) Look(cmd tea.Cmd) tea.Msg {
	e.looking.Store(true)
	defer e.looking.Store(false)
	return cmd()
}

func (e *Env) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		return false
	}
	e.jobs.Add(1)
	return true
}

// Wait lets no further work begin and waits for all that did.
func (e *Env) Wait() {
	e.mu.Lock()
	e.ended = true
	e.mu.Unlock()
	e.jobs.Wait()
}

// Screen is one screen or dialog. Its methods run on the event loop; whatever
// waits for the database is a command made by [Env.Go].
type Screen interface {
	// Scopes are the scopes of keys that hold while the screen has the focus,
	// the narrowest first.
	Scopes() []keys.Scope
	// Handlers are what it does, by action id.
	Handlers() keys.Handlers
	// Update takes every message but keys that an action took. A screen
	// answers its own messages and ignores all others; it need not be on top.
	Update(msg tea.Msg) tea.Cmd
	// Resize tells the room there is, in cells.
	Resize(width, height int)
	// View draws at most height lines, none wider than width.
	View() []string
	// Deadline is when the screen next wants a [Tick]; zero for never.
	Deadline() time.Time
}

// Dialog is a screen that is drawn over another one.
type Dialog interface {
	Screen
	// Title stands in the dialog's upper edge.
	Title() string
	// Ideal is the size that the dialog would like inside its frame, where
	// there is room.
	Ideal(width, height int) (w, h int)
}

// Upper is a screen with levels of its own: esc leaves one of them before it
// leaves the screen.
type Upper interface {
	// Up leaves a level and reports whether there was one.
	Up() (bool, tea.Cmd)
}

// Pointed is a screen on which a click with the mouse does something: it moves
// the cursor there, or chooses what is there.
type Pointed interface {
	// Click takes a click on a cell, from 0, 0 at the screen's upper left.
	Click(x, y int) tea.Cmd
}

// Scrolled is a screen of several parts that the wheel scrolls apart.
type Scrolled interface {
	// Wheel scrolls the part that line y lies in.
	Wheel(y, by int) tea.Cmd
}

// Messages to the root.
type (
	// Push opens a screen over the present one.
	Push struct{ Screen Screen }
	// Pop closes the screen on top and then runs a command, if there is one.
	Pop struct{ Then tea.Cmd }
	// Replace closes the screen on top and opens another one in its place.
	Replace struct{ Screen Screen }
	// ShowList closes all screens over the list and filters it; "-" leads back.
	ShowList struct{ Query string }
	// Act runs an action of the root on violations other than the list's own
	// choice; Done is called when it took them.
	Act struct {
		ID   string
		IDs  []model.ViolationID
		Done func()
	}
	// SetUpJira opens the screen that sets Jira up, on a connection by name.
	SetUpJira struct{ Connection string }
	// Acted tells that something was done to violations, and how it is done to
	// others: what "repeat" does. done lets go of the marks.
	Acted struct {
		Again func(ids []model.ViolationID, done func()) tea.Cmd
	}
	// Do runs an action by id, as its key would.
	Do struct{ ID string }
	// Later is work that was looked at and has still to be done.
	Later struct{ Work tea.Cmd }
	// Tick tells screens that a deadline has passed.
	Tick struct{ Now time.Time }
	// Changed tells screens that something in the store changed.
	Changed struct{}
	// ShowBrowser opens an address, or shows and copies it.
	ShowBrowser struct{ Address string }
	// Copy puts text on the clipboard; What names it in the message.
	Copy struct{ Text, What string }
)

// Send is the command that delivers a message.
func Send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Earliest is the earlier of two deadlines, where zero is never.
func Earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
