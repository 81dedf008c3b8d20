package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/sync"
)

// problems says what keeps the profile from being stored, by field; what is only
// missing is told once it was to be stored.
func (f *Form) problems() map[string]string {
	out := map[string]string{}
	p := f.profile()
	for name, needed := range map[string]string{"name": p.Name, "connection": p.Connection, "project": p.Project, "type": p.IssueType} {
		if needed == "" && f.tried {
			out[name] = "a profile needs it"
		}
	}
	for name, text := range map[string]string{"summary": p.Summary, "description": p.Description} {
		if _, err := model.ParseTemplate(name, text); err != nil {
			out[name] = err.Error()
		}
	}
	for _, row := range f.rows() {
		if _, err := model.ParseTemplate("field "+row.Label, row.Value()); err != nil {
			out[row.Name] = err.Error()
		}
	}
	if _, err := transitions(f.form.Value("transitions")); err != nil {
		out["transitions"] = err.Error()
	}
	f.offered(&p, out)
	return out
}

// offered adds what does not fit to what Jira offers, as far as that is known.
func (f *Form) offered(p *model.Profile, out map[string]string) {
	if p.Project != "" && len(f.offer.projects) > 0 && !f.offer.has(p.Project) && (f.tried || f.focusElsewhere("project")) {
		out["project"] = "there is no such project, or the account may not create issues in it"
	}
	screen, known := f.screen()
	if !known {
		return
	}
	if way := inTheWay(screen, p); way != "" {
		out["type"] = "not offered while these have no value: " + way + "; fill them below"
	}
	if screen.NoLabels(p) && f.tried {
		out["labels"] = p.IssueType + " requires labels"
	}
	for name, what := range screen.Misfits(p) {
		out[f.rowOf(name)] = what
	}
}

func (f *Form) focusElsewhere(name string) bool {
	focus := f.form.Focused()
	return focus == nil || focus.Name != name
}

// remarks are the problems, and what is worth knowing: labels that Jira does not
// know (X7), what the screen hides.
func (f *Form) remarks() map[string]string {
	out := f.problems()
	if len(f.labels.unknown) > 0 && out["labels"] == "" {
		out["labels"] = "Jira does not know " + strings.Join(f.labels.unknown, ", ") + " yet: the first ticket brings it into being"
	}
	p := f.profile()
	if screen, known := f.screen(); known && out["type"] == "" {
		out["type"] = strings.Join(screen.LeftOut(p.IssueType, &p), "; ")
	}
	return out
}

// inTheWay names the fields for want of which an issue type is not offered (X6).
func inTheWay(screen model.CreateScreen, p *model.Profile) string {
	var names []string
	for _, field := range screen.InTheWay(p) {
		names = append(names, field.Name)
	}
	return strings.Join(names, ", ")
}

// screen is the create screen of the chosen issue type, where it is known.
func (f *Form) screen() (model.CreateScreen, bool) {
	name := f.form.Value("type")
	if f.offer.project != strings.TrimSpace(f.form.Value("project")) || name == "" {
		return nil, false
	}
	t, err := sync.FindType(f.offer.types, f.offer.project, name)
	return t.Fields, err == nil
}

// transitions reads STATUS=ID pairs.
func transitions(text string) (map[string]string, error) {
	out := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		status, id, ok := strings.Cut(part, "=")
		if status, id = strings.TrimSpace(status), strings.TrimSpace(id); !ok || status == "" || id == "" {
			return nil, fmt.Errorf("%q is not STATUS=ID", part)
		}
		out[status] = id
	}
	return out, nil
}

func joined(pairs map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		parts = append(parts, name+"="+pairs[name])
	}
	return strings.Join(parts, ", ")
}
