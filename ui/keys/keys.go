// Package keys is the one table of what can be done in the console: it drives
// key handling, the footer, help, the command palette and the page in docs.
package keys

import (
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
)

// Scope says where an action's keys are listened to.
type Scope string

// The scopes. Screens name those that hold while they have the focus.
const (
	Always    Scope = "always"   // also while typing
	Global    Scope = "anywhere" // wherever nobody is typing
	Move      Scope = "moving"   // in everything that has lines
	List      Scope = "list"
	Detail    Scope = "detail"
	Filter    Scope = "filter"
	Form      Scope = "form"
	Decision  Scope = "decision" // the form of VEX decisions
	Plan      Scope = "plan"
	Progress  Scope = "progress"
	Activity  Scope = "activity"
	Conflicts Scope = "conflicts"
	Provision Scope = "setting up"
	Picker    Scope = "menu"
	Dashboard Scope = "dashboard"
	Grouped   Scope = "groups"
	Views     Scope = "views"
	Products  Scope = "products"
	Policies  Scope = "policies"
	Watches   Scope = "watches"
	Rules     Scope = "rules" // the form of a policy, around its fields
	Importing Scope = "import"
	Setup     Scope = "setup"        // connections and profiles, and each of them
	Consent   Scope = "consent"      // of a connection
	Profile   Scope = "profile form" // a profile being edited
)

// Stacks are the scopes that hold at one time. Within a stack no key may do
// two things.
func Stacks() [][]Scope {
	return [][]Scope{
		{List, Move, Global, Always},
		{Detail, Move, Global, Always},
		{Plan, Move, Global, Always},
		{Progress, Move, Global, Always},
		{Activity, Move, Global, Always},
		{Conflicts, Move, Global, Always},
		{Provision, Move, Global, Always},
		{Dashboard, Move, Global, Always},
		{Grouped, Move, Global, Always},
		{Views, Move, Global, Always},
		{Products, Move, Global, Always},
		{Policies, Move, Global, Always},
		{Watches, Move, Global, Always},
		{Rules, Form, Always},
		{Importing, Move, Global, Always},
		{Filter, Always},
		{Form, Always},
		{Decision, Form, Always},
		{Setup, Move, Global, Always},
		{Consent, Form, Always},
		{Profile, Form, Always},
		{Picker, Always},
	}
}

// Action is something that a person can do, and its keys.
type Action struct {
	ID    string
	Scope Scope
	// Keys as a person writes them: "j", "ctrl-d", "space", "gg".
	Keys  []string
	Title string
	Group string
	// Short is the word in the footer; empty keeps the action out of it.
	Short string
	// Changes marks what --readonly leaves out.
	Changes bool
	// Dangerous marks what asks before it acts.
	Dangerous bool
}

// Handler is what a screen does for an action.
type Handler struct {
	Run func() tea.Cmd
	// RunKey stands in for Run where the key tells which (1 to 9).
	RunKey func(key string) tea.Cmd
	// Disabled says in a sentence why the action cannot be done now; nil or
	// empty: it can.
	Disabled func() string
	// Waits reports whether an answer is on its way that the action is about;
	// nil: never. The key, and those after it, wait for it.
	Waits func() bool
	// Aside reports whether the foot has better keys to show now; nil: never.
	Aside func() bool
}

// Reason says why the action cannot be done now, empty where it can.
func (h Handler) Reason() string {
	if h.Disabled == nil {
		return ""
	}
	return h.Disabled()
}

// Do runs the handler.
func (h Handler) Do(key string) tea.Cmd {
	if h.RunKey != nil {
		return h.RunKey(key)
	}
	if h.Run == nil {
		return nil
	}
	return h.Run()
}

// Handlers are a screen's handlers by action id.
type Handlers map[string]Handler

// Name is a key press as the table writes it, empty for what no table names
// (pasted text).
func Name(msg tea.KeyMsg) string {
	if msg.Paste {
		return ""
	}
	return canonical(msg.String())
}

// canonical brings Bubble Tea's and people's spellings together.
func canonical(s string) string {
	switch s {
	case " ":
		return "space"
	case "+", "-":
		return s
	}
	if utf8.RuneCountInString(s) > 2 {
		s = strings.ReplaceAll(s, "+", "-")
	}
	switch s {
	case "pgdown":
		return "pgdn"
	case "escape":
		return "esc"
	case "return":
		return "enter"
	}
	return s
}

// Split turns one message of several keys into one message for each: runes that
// were typed ahead arrive so, and an escape before another one or before ctrl-c,
// which would be one key with alt.
func Split(msg tea.KeyMsg) []tea.KeyMsg {
	if msg.Alt && (msg.Type == tea.KeyEscape || msg.Type == tea.KeyCtrlC) {
		return []tea.KeyMsg{{Type: tea.KeyEscape}, {Type: msg.Type}}
	}
	if msg.Type != tea.KeyRunes || msg.Paste || len(msg.Runes) < 2 {
		return []tea.KeyMsg{msg}
	}
	var each []tea.KeyMsg
	for _, r := range msg.Runes {
		each = append(each, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt})
	}
	return each
}

// isChord reports a key that is two presses, such as gg; up and f1 are one.
func isChord(key string) bool {
	function := key[:min(1, len(key))] == "f" && strings.ContainsAny(key, "0123456789")
	return utf8.RuneCountInString(key) == 2 && key != "up" && !function
}
