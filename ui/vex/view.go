package vex

import (
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// said is how many lines there usually are under the form; the dialog is not
// less high, so that it stays as it is while one steps through the choices.
const said = 3

// View implements [widget.Screen].
func (e *Editor) View() []string {
	t := e.env.Theme
	if e.problem != nil {
		return []string{t.Bad.Of("error") + " " + e.problem.Error()}
	}
	lines := append(e.form.View(), "")
	if !e.loaded {
		return append(lines, t.Dim.Of("reading …"))
	}
	for _, say := range []func() (theme.Pen, string){e.ready, e.reviewed, e.reaches, e.before} {
		pen, text := say()
		if text == "" {
			continue
		}
		for _, line := range widget.Wrap(text, e.width) {
			lines = append(lines, pen.Of(line))
		}
	}
	for len(lines) < len(e.form.Fields)+1+said {
		lines = append(lines, "")
	}
	return lines
}

// ready says what an export would refuse once this is stored (validity warns
// here, and counts there).
func (e *Editor) ready() (theme.Pen, string) {
	t := e.env.Theme
	changes := e.fields.Changes()
	refused, undecided, why := 0, 0, ""
	for i := range e.records {
		after := e.records[i].Assessment
		for field, value := range changes {
			if err := after.Set(field, value); err != nil {
				return t.Warn, "" // said beside the field
			}
		}
		if err := after.Validate(); err != nil {
			refused++
			why = strings.NewReplacer("\n", "; ", "_", " ").Replace(err.Error())
		} else if after.Status == model.VEXNone {
			undecided++
		}
	}
	switch {
	case refused == 0 && undecided > 0 && len(e.ids) == 1:
		return t.Dim, "nothing is decided yet: exports leave it out"
	case refused == 0 && undecided > 0:
		return t.Dim, widget.Count(undecided) + " of " + widget.Count(len(e.records)) + " undecided: exports leave them out"
	case refused == 0 && len(e.ids) > compared:
		return t.Dim, "ready for export, as far as the first " + widget.Count(compared) + " tell"
	case refused == 0:
		return t.Dim, "ready for export"
	case len(e.ids) == 1:
		return t.Warn, "not ready for export: " + why
	}
	return t.Warn, widget.Count(refused) + " of " + widget.Count(len(e.records)) + " not ready for export: " + why
}

// reviewed warns of a review date that has come.
func (e *Editor) reviewed() (theme.Pen, string) {
	f := e.form.Field(string(model.FieldReviewBy))
	var a model.Assessment
	if !f.Touched() || a.Set(model.FieldReviewBy, f.Value()) != nil || a.ReviewBy.IsZero() || a.ReviewBy.After(e.env.Now()) {
		return e.env.Theme.Dim, ""
	}
	return e.env.Theme.Warn, "that day has come: the decision goes back to triage at once"
}

func (e *Editor) reaches() (theme.Pen, string) {
	text, warn := e.preview()
	if warn {
		return e.env.Theme.Warn, text
	}
	return e.env.Theme.Dim, text
}

// before tells of the field with the focus: what it was before and where that
// came from, or which values there are.
func (e *Editor) before() (theme.Pen, string) {
	t := e.env.Theme
	focused := e.form.Focused()
	if focused == nil || focused.Name == scopeField {
		return t.Dim, ""
	}
	field := model.VEXField(focused.Name)
	name := strings.ReplaceAll(focused.Name, "_", " ")
	if len(e.ids) > 1 {
		if values := form.Values(e.records, field); len(values) > 1 {
			return t.Dim, name + " now: " + strings.Join(values, ", ")
		}
		return t.Dim, ""
	}
	var past []string
	for _, entry := range e.history {
		if entry.Field != focused.Name {
			continue
		}
		who := entry.By
		if who == "" {
			who = entry.Source
		}
		past = append(past, form.Shown(field, entry.After)+" ("+who+", "+widget.Ago(entry.At, e.env.Now())+")")
		if len(past) == 4 {
			break
		}
	}
	if len(past) == 0 {
		return t.Dim, ""
	}
	text := name + ": " + strings.Join(past, ", before ")
	if p, ok := e.records[0].Provenance[field]; ok && p.Ref != "" {
		text += "; from " + p.Ref
	}
	return t.Dim, text
}
