// Package importer is the dialog that asks for a report to import.
package importer

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Import is the dialog that asks for a report to import.
type Import struct {
	env  *widget.Env
	read func(ctx context.Context, path string) (string, error)
	form *form.Form
	near []string // files that begin like what was typed
}

type nearMsg struct {
	typed string
	near  []string
}

// New makes the dialog; read imports a file and says what came of it.
func New(env *widget.Env, read func(ctx context.Context, path string) (string, error)) *Import {
	i := &Import{env: env, read: read}
	i.form = form.New(env, &form.Field{Name: "file", Label: "File", Hint: "report.json; Trivy, Grype, CycloneDX or Xray, gz and zst too"})
	i.form.Submit = i.submit
	i.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	i.form.Changed = func(*form.Field) tea.Cmd { return i.look() }
	return i
}

func (i *Import) submit() tea.Cmd {
	path := strings.TrimSpace(i.form.Value("file"))
	if path == "" {
		return toast.Say(toast.Warn, "Name a file, or leave with esc.")
	}
	path = home(path)
	name := model.Clean(filepath.Base(path))
	work := i.env.Go(func(ctx context.Context) tea.Msg {
		said, err := i.read(ctx, path)
		if err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not imported: " + model.Clean(err.Error())}
		}
		return toast.Msg{Level: toast.Done, Text: model.Clean(said)}
	})
	return widget.Send(widget.Pop{Then: tea.Batch(toast.Say(toast.Info, "Importing "+name+" …"), work)})
}

// look lists files that begin like what is typed.
func (i *Import) look() tea.Cmd {
	typed := i.form.Value("file")
	return i.env.Go(func(context.Context) tea.Msg {
		found, err := filepath.Glob(escaped(home(typed)) + "*")
		if err != nil {
			return nil
		}
		sort.Strings(found)
		return nearMsg{typed, found}
	})
}

// escaped keeps the signs of patterns in a path from being read as such.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if dir, err := os.UserHomeDir(); err == nil {
			return filepath.Join(dir, rest)
		}
	}
	return path
}

// Title implements [widget.Dialog].
func (i *Import) Title() string { return "Import a report" }

// Ideal implements [widget.Dialog].
func (i *Import) Ideal(int, int) (width, height int) { return 76, 8 }

// Scopes implements [widget.Screen].
func (i *Import) Scopes() []keys.Scope { return i.form.Scopes() }

// Handlers implements [widget.Screen]: tab completes the path.
func (i *Import) Handlers() keys.Handlers {
	h := keys.Handlers{}
	for id, handler := range i.form.Handlers() {
		h[id] = handler
	}
	h["form.next"] = keys.Handler{Run: i.complete}
	return h
}

// complete goes as far as all files that fit agree.
func (i *Import) complete() tea.Cmd {
	if len(i.near) == 0 {
		return i.look()
	}
	common := i.near[0]
	for _, path := range i.near[1:] {
		for !strings.HasPrefix(path, common) {
			common = common[:len(common)-1]
		}
	}
	if len(i.near) == 1 {
		if info, err := os.Stat(common); err == nil && info.IsDir() {
			common += string(filepath.Separator)
		}
	}
	i.form.Field("file").Set(strings.ToValidUTF8(common, ""))
	return i.look()
}

// Update implements [widget.Screen].
func (i *Import) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return i.form.Type(msg)
	case nearMsg:
		if msg.typed == i.form.Value("file") {
			i.near = msg.near
		}
	}
	return nil
}

// Resize implements [widget.Screen].
func (i *Import) Resize(width, height int) { i.form.Resize(width, 1) }

// Deadline implements [widget.Screen].
func (i *Import) Deadline() time.Time { return time.Time{} }

// View implements [widget.Screen].
func (i *Import) View() []string {
	lines := append(i.form.View(), "")
	t := i.env.Theme
	for n, path := range i.near {
		if n == 5 {
			return append(lines, t.Dim.Of("        and "+widget.Count(len(i.near)-5)+" more"))
		}
		lines = append(lines, t.Dim.Of("        "+model.Clean(path)))
	}
	return lines
}
