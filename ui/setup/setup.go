// Package setup shows connections and profiles: how they stand, and the
// commands that change them.
package setup

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screen reads.
type Store interface {
	Connections(ctx context.Context) ([]model.Connection, error)
	Profiles(ctx context.Context) ([]model.Profile, error)
}

// Setup is the screen.
type Setup struct {
	env   *widget.Env
	store Store

	connections []model.Connection
	profiles    []model.Profile
	loaded      bool
	problem     error

	scroll        widget.Scroll
	width, height int
	handlers      keys.Handlers
}

type loadedMsg struct {
	connections []model.Connection
	profiles    []model.Profile
	err         error
}

// New makes the screen.
func New(env *widget.Env, store Store) *Setup {
	s := &Setup{env: env, store: store}
	s.handlers = s.scroll.Handlers()
	return s
}

// Start reads connections and profiles.
func (s *Setup) Start() tea.Cmd {
	return s.env.Go(func(ctx context.Context) tea.Msg {
		connections, err := s.store.Connections(ctx)
		if err != nil {
			return loadedMsg{err: err}
		}
		profiles, err := s.store.Profiles(ctx)
		return loadedMsg{connections, profiles, err}
	})
}

// Update implements [widget.Screen].
func (s *Setup) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Changed:
		return s.Start()
	case loadedMsg:
		s.connections, s.profiles, s.problem, s.loaded = msg.connections, msg.profiles, msg.err, true
	}
	return nil
}

// Scopes implements [widget.Screen].
func (s *Setup) Scopes() []keys.Scope { return []keys.Scope{keys.Move, keys.Global, keys.Always} }

// Handlers implements [widget.Screen].
func (s *Setup) Handlers() keys.Handlers { return s.handlers }

// Deadline implements [widget.Screen].
func (s *Setup) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (s *Setup) Resize(width, height int) { s.width, s.height = width, height }

// View implements [widget.Screen].
func (s *Setup) View() []string {
	lines := s.lines()
	s.scroll.Resize(len(lines), s.height)
	return lines[s.scroll.Top:min(len(lines), s.scroll.Top+s.height)]
}

func (s *Setup) lines() []string {
	t := s.env.Theme
	switch {
	case s.problem != nil:
		return []string{" " + t.Bad.Of(s.problem.Error())}
	case !s.loaded:
		return []string{" " + t.Dim.Of("reading …")}
	}
	lines := []string{" " + t.Strong.Of("Connections"), ""}
	for i := range s.connections {
		lines = append(lines, s.connection(&s.connections[i])...)
	}
	if len(s.connections) == 0 {
		lines = append(lines, "   There is no connection to Jira yet.", "")
	}
	lines = append(lines, commands(t,
		"vexdesk connection add NAME --type cloud --auth basic --url …",
		"vexdesk connection verify NAME",
		"vexdesk connection set NAME --retrieve-tickets=on|off")...)
	lines = append(lines, "", " "+t.Strong.Of("Profiles"), "")
	for i := range s.profiles {
		lines = append(lines, s.profile(&s.profiles[i])...)
	}
	if len(s.profiles) == 0 {
		lines = append(lines, "   There is no profile yet: it says which project, issue type and labels a ticket gets.", "")
	}
	return append(lines, commands(t,
		"vexdesk profile add NAME --connection C --project KEY --issue-type T --label L",
		"vexdesk profile show NAME")...)
}

func commands(t *theme.Theme, lines ...string) []string {
	for i, line := range lines {
		lines[i] = "   " + t.Accent.Of(line)
	}
	return lines
}

func (s *Setup) connection(c *model.Connection) []string {
	t := s.env.Theme
	state := t.Good.Of(t.Glyphs.Online + " active")
	switch {
	case !c.BrokenSince.IsZero():
		state = t.Bad.Of(t.Glyphs.Offline + " broken since " + widget.Ago(c.BrokenSince, s.env.Now()))
	case c.State == model.ConnectionDraft:
		state = t.Warn.Of(t.Glyphs.Draft + " draft: not verified yet")
	}
	retrieve := "statuses are retrieved"
	if !c.RetrieveTickets {
		retrieve = "statuses are not retrieved"
	}
	lines := []string{
		"   " + t.Strong.Of(widget.Fit(c.Name, 18, t.Glyphs.Ellipsis)) + " " + state,
		"   " + widget.Spaces(18) + " " + t.Link.Of(c.URL) + t.Dim.Of("   "+strings.Join([]string{string(c.Type), string(c.Auth), c.User}, ", ")),
		"   " + widget.Spaces(18) + " " + t.Dim.Of("verified "+widget.Ago(c.VerifiedAt, s.env.Now())+", "+retrieve),
	}
	for _, line := range widget.Wrap(c.Problem, s.width-24) {
		lines = append(lines, "   "+widget.Spaces(18)+" "+t.Warn.Of(line))
	}
	return append(lines, "")
}

func (s *Setup) profile(p *model.Profile) []string {
	t := s.env.Theme
	rule := "one ticket per version"
	if p.Dedupe {
		rule = "one ticket across versions"
	}
	labels := "no labels"
	if len(p.Labels) > 0 {
		labels = "labels " + strings.Join(p.Labels, ", ")
	}
	return []string{
		"   " + t.Strong.Of(widget.Fit(p.Name, 18, t.Glyphs.Ellipsis)) + " " + p.Connection + " / " + p.Project + " / " + p.IssueType,
		"   " + widget.Spaces(18) + " " + t.Dim.Of(labels+", "+rule),
		"",
	}
}
