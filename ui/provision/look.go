package provision

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// look is the dialog that asks which project is to have the issue type.
type look struct {
	*form.Form
	env  *widget.Env
	kind model.ProvisionKind
	ask  func(model.ProvisionRequest) tea.Cmd
}

func newLook(env *widget.Env, c model.Connection, all []model.Connection, ask func(model.ProvisionRequest) tea.Cmd) *look {
	l := &look{env: env, ask: ask, kind: model.ProvisionLook}
	schemes := &form.Field{Name: "clone", Label: "Shared schemes", Kind: form.Choice, Options: []form.Option{
		{Value: "", Title: "add the issue type to them"}, {Value: "clone", Title: "copy them for this project alone"}}}
	if c.Type == model.DataCenter { // where schemes are changed by hand
		l.kind, schemes.Hidden = model.ProvisionProve, true
	}
	l.Form = form.New(env,
		&form.Field{Name: "project", Label: "Project", Hint: "its key, such as SEC"},
		schemes,
		&form.Field{Name: "as", Label: "Prove it as", Kind: form.Choice, Options: accounts(c, all)})
	l.Submit = l.submit
	l.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return l
}

// accounts are the connections whose accounts may be those that create
// tickets: of the same Jira, the administrator's own last.
func accounts(c model.Connection, all []model.Connection) []form.Option {
	var options []form.Option
	for _, other := range all {
		if other.ID != c.ID && strings.TrimRight(other.URL, "/") == strings.TrimRight(c.URL, "/") {
			options = append(options, form.Option{Value: other.Name, Title: "the account of " + other.Name})
		}
	}
	return append(options, form.Option{Title: "this connection's own account"})
}

func (l *look) submit() tea.Cmd {
	project := strings.ToUpper(strings.TrimSpace(l.Value("project")))
	if project == "" {
		l.Focus("project")
		return toast.Say(toast.Warn, "Name a project by its key, or leave with esc.")
	}
	r := model.ProvisionRequest{Kind: l.kind, Project: project, Clone: l.Value("clone") != "", CheckAs: l.Value("as")}
	return widget.Send(widget.Pop{Then: l.ask(r)})
}

// Update implements [widget.Screen].
func (l *look) Update(msg tea.Msg) tea.Cmd {
	if key, ok := msg.(tea.KeyMsg); ok {
		return l.Type(key)
	}
	return nil
}

// Title implements [widget.Dialog].
func (l *look) Title() string { return "Bring " + model.VexdeskType + " into a project" }

// Ideal implements [widget.Dialog].
func (l *look) Ideal(width, _ int) (w, h int) { return min(width, 76), 6 }

// Scopes implements [widget.Screen].
func (l *look) Scopes() []keys.Scope { return l.Form.Scopes() }

// Deadline implements [widget.Screen].
func (l *look) Deadline() time.Time { return time.Time{} }

// View implements [widget.Screen].
func (l *look) View() []string {
	t := l.env.Theme
	note := "It is shown first what would change; nothing is changed yet."
	if l.kind == model.ProvisionProve {
		note = "Looks at the create screen: the proof that all is there."
	}
	return append(l.Form.View(), "", t.Dim.Of(note))
}
