package form_test

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

type person struct {
	t *testing.T
	f *form.Form
}

func fill(t *testing.T, fields ...*form.Field) *person {
	t.Helper()
	th, err := theme.New(theme.None, termenv.Ascii, false)
	if err != nil {
		t.Fatal(err)
	}
	f := form.New(&widget.Env{Theme: th}, fields...)
	f.Resize(80, 20)
	return &person{t, f}
}

// press types keys as a terminal sends them, through the form's actions.
func (p *person) press(names ...string) {
	p.t.Helper()
	bound, _ := keys.Bind(keys.Table(), nil, false)
	types := map[string]tea.KeyType{"tab": tea.KeyTab, "enter": tea.KeyEnter, "down": tea.KeyDown, "up": tea.KeyUp,
		"right": tea.KeyRight, "left": tea.KeyLeft, "backspace": tea.KeyBackspace}
	for _, name := range names {
		if a, ok := bound.Find(p.f.Scopes(), name); ok {
			p.f.Handlers()[a.ID].Do(name)
			continue
		}
		switch kind, special := types[name]; {
		case name == "space":
			p.f.Type(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
		case special:
			p.f.Type(tea.KeyMsg{Type: kind})
		default:
			p.f.Type(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)})
		}
	}
}

func (p *person) sees() string { return ansi.Strip(strings.Join(p.f.View(), "\n")) }

func TestFormIsDrivenByKeyboard(t *testing.T) {
	name := &form.Field{Name: "name", Label: "Name", Source: "profile web"}
	name.Set("old")
	status := &form.Field{Name: "status", Label: "Status", Kind: form.Choice, Options: form.Words("none", "affected", "fixed")}
	locked := &form.Field{Name: "severity", Label: "Severity", Kind: form.Locked}
	labels := &form.Field{Name: "labels", Label: "Labels", Kind: form.Checks, Options: form.Words("a", "b")}
	notes := &form.Field{Name: "notes", Label: "Notes", Kind: form.Area}
	p := fill(t, name, status, locked, labels, notes)
	if !strings.Contains(p.sees(), "profile web") {
		t.Errorf("a prefilled field does not say where its value comes from:\n%s", p.sees())
	}
	p.press("er", "tab", "right", "down", "down", "space", "tab", "one", "enter", "two")
	for field, want := range map[string]string{"name": "older", "status": "affected", "labels": "a", "notes": "one\ntwo"} {
		if got := p.f.Value(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if strings.Contains(p.sees(), "profile web") {
		t.Error("a changed field still says that its value comes from the profile")
	}
	if locked.Touched() || !name.Touched() {
		t.Error("touched is not what was touched")
	}
}

func TestMixedStaysUntilTyped(t *testing.T) {
	a := &form.Field{Name: "a", Label: "A", Mixed: true}
	p := fill(t, a, &form.Field{Name: "b", Label: "B"})
	if !strings.Contains(p.sees(), "several values") {
		t.Errorf("mixed values are not shown as such:\n%s", p.sees())
	}
	p.press("tab")
	if a.Touched() {
		t.Error("passing through a field touched it")
	}
	p.press("up", "x")
	if !a.Touched() || strings.Contains(p.sees(), "several values") {
		t.Error("typing did not replace the mixed values")
	}
}

func TestProblemsAreShownWhileTyping(t *testing.T) {
	p := fill(t, &form.Field{Name: "a", Label: "A"})
	p.f.Check = func() map[string]string {
		if p.f.Value("a") == "bad" {
			return map[string]string{"a": "bad is not good"}
		}
		return nil
	}
	p.press("bad")
	if !strings.Contains(p.sees(), "bad is not good") {
		t.Errorf("no word of the mistake:\n%s", p.sees())
	}
	p.press("backspace")
	if strings.Contains(p.sees(), "not good") {
		t.Error("the mistake is mended and still shown")
	}
}

func TestLongFormKeepsFocusInSight(t *testing.T) {
	var fields []*form.Field
	for _, r := range "abcdefghijklmnop" {
		fields = append(fields, &form.Field{Name: string(r), Label: "Field " + string(r)})
	}
	p := fill(t, fields...)
	p.f.Resize(60, 5)
	for range len(fields) - 1 {
		p.press("tab")
	}
	if got := p.f.View(); len(got) != 5 || !strings.Contains(p.sees(), "Field p") {
		t.Errorf("the last field is out of sight:\n%s", p.sees())
	}
}

// TestOnlyWordsOfAVocabularyLoseTheirUnderscores: what somebody wrote is shown
// as it was written.
func TestOnlyWordsOfAVocabularyLoseTheirUnderscores(t *testing.T) {
	for _, c := range []struct {
		field       model.VEXField
		value, want string
	}{
		{model.FieldStatus, "not_affected", "not affected"},
		{model.FieldImpact, "parse_header is never called", "parse_header is never called"},
		{model.FieldImpact, "", "none"},
	} {
		if got := form.Shown(c.field, c.value); got != c.want {
			t.Errorf("%s %q is shown as %q, want %q", c.field, c.value, got, c.want)
		}
	}
}
