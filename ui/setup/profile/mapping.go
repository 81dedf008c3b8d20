package profile

import (
	"context"
	"regexp"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/picker"
	"example.com/vexdesk/ui/widget"
)

// rowPrefix begins the names of the rows that map fields of Jira; the rest is
// the field's id, or its name while the create screen is not known.
const rowPrefix = "map:"

// rows are the rows of the mapping.
func (f *Form) rows() []*form.Field {
	var out []*form.Field
	for _, field := range f.form.Fields {
		if strings.HasPrefix(field.Name, rowPrefix) {
			out = append(out, field)
		}
	}
	return out
}

// mapping is what the rows say: template by name of the field, or by its id
// where two have the name (ruling 32).
func (f *Form) mapping() map[string]string {
	out := map[string]string{}
	screen, _ := f.screen()
	for _, row := range f.rows() {
		if strings.TrimSpace(row.Value()) == "" {
			continue
		}
		name := strings.TrimPrefix(row.Name, rowPrefix)
		if i := slices.IndexFunc(screen, func(c model.CreateField) bool { return c.ID == name }); i >= 0 {
			_, asID := f.before.Fields[name]
			if _, err := screen.Named(screen[i].Name); err == nil && !asID {
				name = screen[i].Name
			}
		}
		out[name] = row.Value()
	}
	return out
}

// rowOf is the name of the row of a field that the mapping names.
func (f *Form) rowOf(name string) string {
	if screen, known := f.screen(); known {
		if field, err := screen.Named(name); err == nil {
			name = field.ID
		}
	}
	return rowPrefix + name
}

// arrangeRows makes rows for what is mapped, and for what the issue type requires
// beyond what the profile itself fills.
func (f *Form) arrangeRows(mapped map[string]string) {
	focus := f.form.Focused()
	for _, row := range f.rows() {
		f.form.Remove(row.Name)
	}
	screen, known := f.screen()
	last := "labels"
	add := func(field *model.CreateField, name, template string) {
		row := f.row(field, name)
		row.Set(template)
		f.form.Insert(last, row)
		last = row.Name
	}
	left := map[string]string{}
	for name, template := range mapped {
		left[name] = template
	}
	for i := range screen {
		field := &screen[i]
		template, has := "", false
		for name, text := range mapped {
			if named, err := screen.Named(name); err == nil && named.ID == field.ID {
				template, has = text, true
				delete(left, name)
			}
		}
		if known && (has || field.Required && !field.ByProfile()) {
			add(field, field.ID, template)
		}
	}
	for _, name := range sortedKeys(left) {
		add(&model.CreateField{Name: name, Type: "string"}, name, left[name])
	}
	if focus != nil {
		f.form.Focus(focus.Name)
	}
}

func sortedKeys(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// row is the row for a field of Jira.
func (f *Form) row(field *model.CreateField, name string) *form.Field {
	hint := "a template, such as {{.Severity}}"
	if len(field.Options) > 0 {
		hint = "one of " + model.Listed(field.Options) + "; or a template"
	}
	label := field.Name
	if field.Required {
		label += " *"
		hint = "required: " + hint
	}
	return &form.Field{Name: rowPrefix + name, Label: label, Hint: hint, Propose: func(text string, at int) form.Question {
		all := placeholdersAt(text, at)
		for _, option := range field.Options {
			if text != "" && strings.HasPrefix(strings.ToLower(option), strings.ToLower(text)) {
				all = append(all, widget.Proposal{Text: option, End: len(text)})
			}
		}
		return answer(all)
	}}
}

// open is a placeholder that is being typed.
var open = regexp.MustCompile(`\{\{[^}]*?\.([A-Za-z0-9]*)$`)

// placeholders proposes names of placeholders within {{ and }}.
func placeholders(text string, at int) form.Question { return answer(placeholdersAt(text, at)) }

// answer is a question whose answer is known.
func answer(all []widget.Proposal) form.Question {
	return func(context.Context) ([]widget.Proposal, error) { return all, nil }
}

func placeholdersAt(text string, at int) []widget.Proposal {
	m := open.FindStringSubmatchIndex(text[:at])
	if m == nil {
		return nil
	}
	var out []widget.Proposal
	for _, name := range model.PlaceholderNames() {
		if strings.HasPrefix(strings.ToLower(name), strings.ToLower(text[m[2]:m[3]])) {
			out = append(out, widget.Proposal{Text: name, Start: m[2], End: at})
		}
	}
	return out
}

func (f *Form) noFields() string {
	if _, known := f.screen(); !known {
		return "the fields are known once project and issue type are chosen and Jira was asked"
	}
	return ""
}

// mapMore lists the fields of the create screen that have no row; those that no
// text can fill say so.
func (f *Form) mapMore() tea.Cmd {
	screen, _ := f.screen()
	var items []picker.Item
	var fields []*model.CreateField
	for i := range screen {
		field := &screen[i]
		if field.ByProfile() || f.form.Field(rowPrefix+field.ID) != nil {
			continue
		}
		kind := field.Type
		if field.Items != "" {
			kind += " of " + field.Items
		}
		reason := screen.Misfits(&model.Profile{Fields: map[string]string{field.ID: "{{.Severity}}"}})[field.ID]
		items, fields = append(items, picker.Item{Title: field.Name, Note: kind, Reason: reason, More: field.ID}), append(fields, field)
	}
	choose := func(i int) tea.Cmd {
		last := "labels"
		if rows := f.rows(); len(rows) > 0 {
			last = rows[len(rows)-1].Name
		}
		row := f.row(fields[i], fields[i].ID)
		f.form.Insert(last, row)
		f.form.Focus(row.Name)
		return nil
	}
	return widget.Send(widget.Push{Screen: picker.New(f.Env, "Map a field of Jira", items, choose).Hint("the create screen has no further field")})
}

func (f *Form) noTemplate() string {
	if focus := f.form.Focused(); focus == nil || focus.Name != "summary" && focus.Name != "description" {
		return "only summary and description have a built-in template"
	}
	return ""
}

// builtIn puts the built-in template into the field, to begin with.
func (f *Form) builtIn() tea.Cmd {
	field := f.form.Focused()
	field.Set(map[string]string{"summary": model.DefaultSummary, "description": model.DefaultDescription}[field.Name])
	return f.fillPreview()
}
