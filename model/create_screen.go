package model

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CreateScreen are the fields on the create screen of an issue type.
type CreateScreen []CreateField

// CreateField is one of them. A workflow may ask for more than the screen tells;
// Jira is the judge.
type CreateField struct {
	ID   string `json:"id"`
	Name string `json:"name"` // not unique, may be translated
	// Type and Items are those of Jira's field schema: string, number, option,
	// array of string ...
	Type  string `json:"type"`
	Items string `json:"items,omitempty"`
	// Required: the issue cannot be created without a value for it, and Jira
	// has no default.
	Required bool `json:"required,omitempty"`
	// Options are the values to choose among, of selects, priorities, versions.
	Options []string `json:"options,omitempty"`
}

// Option finds an option by what a person reads, without case.
func (f *CreateField) Option(label string) (string, bool) {
	i := slices.IndexFunc(f.Options, func(o string) bool { return strings.EqualFold(o, label) })
	if i < 0 {
		return "", false
	}
	return f.Options[i], true
}

// Named finds a field by id, else by its display name, which must be the only
// one of its kind on the screen (ruling 32).
func (s CreateScreen) Named(name string) (*CreateField, error) {
	var found []*CreateField
	for i := range s {
		f := &s[i]
		if f.ID == name {
			return f, nil
		}
		if strings.EqualFold(f.Name, name) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return nil, errors.New("it is not on the create screen")
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("two fields of the create screen are called so: name it by its id, %s or %s", found[0].ID, found[1].ID)
}

// ByProfile tells whether tickets get a field from the profile itself or from
// Jira, so that no mapping fills it.
func (f *CreateField) ByProfile() bool {
	switch f.ID {
	case "summary", "description", "project", "issuetype", "labels", "reporter", "priority":
		return true
	}
	return false
}

// InTheWay are the required fields that neither the profile itself nor its
// mapping fills: while there are any, the issue type is not offered (X6).
func (s CreateScreen) InTheWay(p *Profile) []CreateField {
	var out []CreateField
	for i := range s {
		if f := &s[i]; f.Required && !f.ByProfile() && !s.maps(p, f) {
			out = append(out, *f)
		}
	}
	return out
}

// maps tells whether the profile's mapping gives a field something.
func (s CreateScreen) maps(p *Profile, f *CreateField) bool {
	for name, template := range p.Fields {
		if strings.TrimSpace(template) == "" {
			continue
		}
		if named, err := s.Named(name); err == nil && named.ID == f.ID {
			return true
		}
	}
	return false
}

// NoLabels tells whether the screen requires labels and the profile has none.
func (s CreateScreen) NoLabels(p *Profile) bool {
	f, err := s.Named("labels")
	return err == nil && f.Required && len(p.Labels) == 0
}

// Misfits says what is wrong with the profile's mapping, by the names in it.
func (s CreateScreen) Misfits(p *Profile) map[string]string {
	out := map[string]string{}
	for name, template := range p.Fields {
		f, err := s.Named(name)
		switch {
		case err != nil:
			out[name] = err.Error()
		case f.ByProfile():
			out[name] = "it is filled by the profile itself: leave it out of the mapping"
		default:
			if problem := f.misfit(template); problem != "" {
				out[name] = problem
			}
		}
	}
	return out
}

// misfit says why a template can be known not to fit: a fixed text that is no
// option or no number, a type that no text fills (X9).
func (f *CreateField) misfit(template string) string {
	fixed, text := !strings.Contains(template, "{{"), strings.TrimSpace(template)
	if fixed && text == "" {
		return ""
	}
	switch f.Type {
	case "option", "priority", "version":
		return f.noOption(fixed, text)
	case "number":
		if _, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64); fixed && err != nil {
			return fmt.Sprintf("%q is not a number", text)
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); fixed && err != nil {
			return fmt.Sprintf("%q is not a date: it is to be written as 2026-11-22", text)
		}
	case "array":
		return f.listMisfit(fixed, text)
	case "string", "user":
	default:
		return "its type " + f.Type + " cannot be filled from a template"
	}
	return ""
}

func (f *CreateField) noOption(fixed bool, text string) string {
	if _, ok := f.Option(text); !fixed || ok {
		return ""
	}
	return fmt.Sprintf("it has no option %q: it has %s", text, Listed(f.Options))
}

func (f *CreateField) listMisfit(fixed bool, text string) string {
	switch f.Items {
	case "string":
		return ""
	case "option", "version", "component":
		for part := range strings.SplitSeq(text, ",") {
			if problem := f.noOption(fixed, strings.TrimSpace(part)); problem != "" {
				return problem
			}
		}
		return ""
	}
	return "its type, a list of " + f.Items + ", cannot be filled from a template"
}

// LeftOut tells what of the profile the screen hides or the project lacks: it
// is left out of tickets (ruling 14).
func (s CreateScreen) LeftOut(issueType string, p *Profile) []string {
	var out []string
	if f, err := s.Named("priority"); err != nil {
		out = append(out, "the create screen of "+issueType+" hides the priority: tickets get Jira's default")
	} else {
		var missing []string
		for _, severity := range Severities() {
			name := p.Priority(severity)
			if _, ok := f.Option(name); !ok && !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			out = append(out, "Jira has no priority "+strings.Join(missing, ", ")+": such tickets get its default; it has "+Listed(f.Options))
		}
	}
	if _, err := s.Named("labels"); err != nil && len(p.Labels) > 0 {
		out = append(out, "the create screen of "+issueType+" hides labels: tickets get none")
	}
	return out
}

// Omits tells what of a ticket the screen hides or the project lacks: it is left out
// (ruling 14).
func (s CreateScreen) Omits(d *TicketDraft) []string {
	var out []string
	hides := func(value, id, what string) *CreateField {
		if value == "" {
			return nil
		}
		f, err := s.Named(id)
		if err != nil {
			out = append(out, "the create screen of "+d.IssueType+" in project "+d.Project+" hides "+what+": it is left out")
		}
		return f
	}
	if f := hides(d.Priority, "priority", "the priority"); f != nil {
		if _, ok := f.Option(d.Priority); !ok {
			out = append(out, "project "+d.Project+" has no priority "+d.Priority+": such tickets get its default; it has "+Listed(f.Options))
		}
	}
	hides(strings.Join(d.Labels, " "), "labels", "labels")
	hides(d.Assignee, "assignee", "the assignee")
	hides(d.Reporter, "reporter", "the reporter")
	if _, err := s.Named("Epic Link"); err != nil { // of Data Center; the parent is Cloud's
		hides(d.Epic, "parent", "the epic")
	}
	return out
}

// Listed writes names for a sentence, the first thirty of many.
func Listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	if len(names) > 30 {
		return strings.Join(names[:30], ", ") + " and more"
	}
	return strings.Join(names, ", ")
}
