// Package setup shows connections and profiles: how they stand, and the way to
// set them up.
package setup

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/setup/connection"
	"example.com/vexdesk/ui/setup/profile"
	"example.com/vexdesk/ui/table"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screens read and write.
type Store interface {
	connection.Store
	profile.Store
}

// Jira is what the screens ask while a person waits.
type Jira interface {
	connection.Jira
	profile.Jira
}

// Setup is the screen.
type Setup struct {
	env         *widget.Env
	connections connection.Desk
	profiles    profile.Desk
	entries     *table.Table[entry]
	sure        widget.Twice

	width, height int
	handlers      keys.Handlers
}

// entry is a line: a connection or a profile.
type entry struct {
	connection *connection.Standing
	profile    *profile.Standing
}

func same(a, b *entry) bool {
	switch {
	case a.connection != nil && b.connection != nil:
		return a.connection.ID == b.connection.ID
	case a.profile != nil && b.profile != nil:
		return a.profile.ID == b.profile.ID
	}
	return false
}

// New makes the screen; jira is nil where nobody can ask Jira.
func New(env *widget.Env, store Store, jira Jira) *Setup {
	s := &Setup{env: env, connections: connection.Desk{Env: env, Store: store}, profiles: profile.Desk{Env: env, Store: store}}
	s.connections.AddProfile = func(c model.Connection) tea.Cmd { return push(s.profiles.Form(model.Profile{Connection: c.Name})) }
	if jira != nil {
		s.connections.Jira, s.profiles.Jira = jira, jira
	}
	s.entries = table.New(env, func(ctx context.Context) ([]entry, error) { return read(ctx, store) }, same)
	s.handlers = s.entries.Handlers(keys.Handlers{
		"setup.open":      {Run: s.open, Disabled: s.nothing},
		"setup.connect":   {Run: func() tea.Cmd { return push(s.connections.New()) }},
		"setup.profile":   {Run: func() tea.Cmd { return push(s.profiles.New()) }, Disabled: s.noConnection},
		"setup.verify":    {Run: s.verify, Disabled: s.cannotVerify},
		"setup.edit":      {Run: s.edit, Disabled: s.nothing},
		"setup.authorize": {Run: func() tea.Cmd { return push(s.connections.Consent(s.connection().Connection)) }, Disabled: s.cannotAuthorize},
		"setup.retrieve":  {Run: func() tea.Cmd { return s.connections.SwitchRetrieval(s.connection().Connection) }, Disabled: s.notConnection},
		"setup.jira":      {Run: func() tea.Cmd { return connection.Provision(s.connection().Connection) }, Disabled: s.notConnection},
		"setup.remove":    {Run: s.remove, Disabled: s.cannotRemove},
		"setup.key":       {Run: func() tea.Cmd { return s.connections.CopyKey(s.connection().Connection) }, Disabled: s.notKeyed},
	})
	return s
}

func read(ctx context.Context, store Store) ([]entry, error) {
	connections, err := connection.Standings(ctx, store)
	if err != nil {
		return nil, err
	}
	profiles, err := profile.Standings(ctx, store)
	if err != nil {
		return nil, err
	}
	var out []entry
	for i := range connections {
		out = append(out, entry{connection: &connections[i]})
	}
	for i := range profiles {
		out = append(out, entry{profile: &profiles[i]})
	}
	return out, nil
}

func push(screen widget.Screen) tea.Cmd { return widget.Send(widget.Push{Screen: screen}) }

func (s *Setup) connection() *connection.Standing {
	if row := s.entries.Current(); row != nil {
		return row.connection
	}
	return nil
}

func (s *Setup) nothing() string {
	if s.entries.Current() == nil {
		return "there is neither a connection nor a profile yet"
	}
	return ""
}

func (s *Setup) notConnection() string {
	if s.connection() == nil {
		return "there is no connection under the cursor"
	}
	return ""
}

func (s *Setup) notKeyed() string {
	if c := s.connection(); c == nil || c.Auth != model.AuthOAuth1 || !c.Signed {
		return "only a connection with OAuth 1 has a public key"
	}
	return s.connections.CannotAsk()
}

func (s *Setup) noConnection() string {
	for i := range s.entries.Rows {
		if s.entries.Rows[i].connection != nil {
			return ""
		}
	}
	return "a profile belongs to a connection: " + s.env.Keys.Key("setup.connect") + " makes one first"
}

func (s *Setup) cannotVerify() string {
	if reason := s.nothing(); reason != "" {
		return reason
	}
	return s.connections.CannotAsk()
}

func (s *Setup) cannotAuthorize() string {
	if reason := s.notConnection(); reason != "" {
		return reason
	}
	return s.connections.CannotAuthorize(s.connection())
}

func (s *Setup) cannotRemove() string {
	if reason := s.nothing(); reason != "" {
		return reason
	}
	if c := s.connection(); c != nil {
		return c.CannotRemove()
	}
	return ""
}

func (s *Setup) open() tea.Cmd {
	if c := s.connection(); c != nil {
		return push(s.connections.Open(*c))
	}
	return push(s.profiles.Open(*s.entries.Current().profile))
}

func (s *Setup) verify() tea.Cmd {
	if c := s.connection(); c != nil {
		return push(s.connections.Verify(c.Connection))
	}
	return push(s.profiles.Check(*s.entries.Current().profile))
}

func (s *Setup) edit() tea.Cmd {
	if c := s.connection(); c != nil {
		return push(s.connections.Form(*c))
	}
	return push(s.profiles.Form(s.entries.Current().profile.Profile))
}

// remove asks once, naming what goes with it.
func (s *Setup) remove() tea.Cmd {
	row := s.entries.Current()
	what := ""
	if row.connection != nil {
		what = row.connection.Removal()
	} else {
		what = row.profile.Removal()
	}
	switch {
	case !s.sure.Sure(what, s.env.Now()):
		return toast.Say(toast.Warn, what+"; press again to do it.")
	case row.connection != nil:
		return s.connections.Remove(row.connection.Connection)
	}
	return s.profiles.Remove(row.profile.Profile)
}

// Start reads connections and profiles.
func (s *Setup) Start() tea.Cmd { return s.entries.Read() }

// Update implements [widget.Screen].
func (s *Setup) Update(msg tea.Msg) tea.Cmd {
	_, cmd := s.entries.Update(msg)
	return cmd
}

// Scopes implements [widget.Screen].
func (s *Setup) Scopes() []keys.Scope {
	return []keys.Scope{keys.Setup, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (s *Setup) Handlers() keys.Handlers { return s.handlers }

// Deadline implements [widget.Screen].
func (s *Setup) Deadline() time.Time { return time.Time{} }

// Click implements [widget.Pointed].
func (s *Setup) Click(_, y int) tea.Cmd { return s.entries.Click(y) }

// Resize implements [widget.Screen].
func (s *Setup) Resize(width, height int) { s.width, s.height = width, height }

// View implements [widget.Screen].
func (s *Setup) View() []string {
	t := s.env.Theme
	return s.entries.View(table.Page[entry]{
		Top:   []string{" " + t.Strong.Of("Connections and profiles"), ""},
		Head:  "            " + widget.Fit("NAME", s.columns().name, "") + "  STATE      WHERE",
		Line:  s.line,
		Empty: s.empty(),
		Below: s.below(), BelowHeight: 5,
	}, s.width, s.height)
}

func (s *Setup) empty() []string {
	t, key := s.env.Theme, func(id string) string { return s.env.Theme.Accent.Of(s.env.Keys.Key(id)) }
	if s.env.Keys.Key("setup.connect") == "" {
		return []string{"   " + t.Strong.Of("There is no connection to Jira.")}
	}
	return []string{
		"   " + t.Strong.Of("There is no connection to Jira yet."), "",
		"   " + key("setup.connect") + "  connects one: Cloud with an API token or OAuth 2.0,",
		"      Data Center with a personal access token, a password or OAuth 1.0a.", "",
		"   Then " + key("setup.profile") + " makes a profile: it says which project, issue type and labels",
		"   a ticket gets, and what it says.", "",
		"   " + t.Dim.Of("No Jira at hand?  vexdesk jira-sim  plays one."),
	}
}

// columns are the widths of what the lines hold. A long address gives way to
// what kind of connection it is, which is left out where there is no room.
func (s *Setup) columns() (w struct{ name, address, kind int }) {
	w.name = 4
	for i := range s.entries.Rows {
		if c := s.entries.Rows[i].connection; c != nil {
			w.name, w.address, w.kind = max(w.name, widget.Width(c.Name)), max(w.address, widget.Width(c.URL)), max(w.kind, widget.Width(kind(c)))
		} else {
			w.name = max(w.name, widget.Width(s.entries.Rows[i].profile.Name))
		}
	}
	w.name = min(w.name, s.width/5)
	room := s.where(w.name)
	if room < leastAddress+3+w.kind {
		w.kind = 0
	}
	w.address = min(w.address, room-3-w.kind)
	return w
}

// leastAddress is what an address needs to be of use.
const leastAddress = 12

// where is the room behind the state.
func (s *Setup) where(name int) int { return max(0, s.width-28-name) }

// kind is which Jira a connection leads to and how it signs in.
func kind(c *connection.Standing) string { return string(c.Type) + ", " + string(c.Auth) }

func (s *Setup) line(e *entry) string {
	t, w := s.env.Theme, s.columns()
	if c := e.connection; c != nil {
		return t.Dim.Of(widget.Fit("connection", 10, "")) + "  " + t.Strong.Of(widget.Fit(c.Name, w.name, t.Glyphs.Ellipsis)) + "  " +
			widget.Fit(connection.State(t, &c.Connection), 9, "") + "  " + widget.Fit(c.URL, w.address, t.Glyphs.Ellipsis) + "   " + t.Dim.Of(widget.Cut(kind(c), w.kind, ""))
	}
	p := e.profile
	return t.Dim.Of(widget.Fit("profile", 10, "")) + "  " + t.Strong.Of(widget.Fit(p.Name, w.name, t.Glyphs.Ellipsis)) + "  " + widget.Spaces(9) + "  " +
		widget.Cut(p.Connection+" / "+p.Project+" / "+p.IssueType, s.where(w.name), t.Glyphs.Ellipsis)
}

// below says more of what is under the cursor.
func (s *Setup) below() []string {
	row := s.entries.Current()
	if row == nil {
		return nil
	}
	t := s.env.Theme
	var lines []string
	add := func(text string) {
		for _, line := range widget.Wrap(text, s.width-3) {
			lines = append(lines, " "+line)
		}
	}
	if c := row.connection; c != nil {
		add(s.standing(c))
		if c.Problem != "" {
			add(t.Warn.Of(t.Glyphs.Dot) + " " + c.Problem)
		}
	} else {
		add(row.profile.Summed())
	}
	return lines[:min(len(lines), 5)]
}

func (s *Setup) standing(c *connection.Standing) string {
	retrieve := "statuses are retrieved"
	if !c.RetrieveTickets {
		retrieve = "statuses are not retrieved"
	}
	parts := []string{"verified " + widget.Ago(c.VerifiedAt, s.env.Now()), retrieve, widget.Plural(c.Use.Profiles, "profile"), widget.Plural(c.Use.Tickets, "ticket")}
	if !c.BrokenSince.IsZero() {
		parts = append([]string{"broken since " + widget.Ago(c.BrokenSince, s.env.Now())}, parts...)
	}
	if c.User != "" {
		parts = append([]string{c.User}, parts...)
	}
	return strings.Join(parts, ", ")
}
