package form

import (
	"slices"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/widget"
)

// Decision is the part of a form that edits VEX records: of one violation or
// of many. Only what is touched is changed; what differs is shown as mixed.
type Decision struct {
	form   *Form
	fields []model.VEXField
}

// NewDecision is the part of a form that holds these fields, which the form
// has under their own names.
func NewDecision(f *Form, fields []model.VEXField) *Decision { return &Decision{f, fields} }

// DecisionField makes the form's field of a VEX field.
func DecisionField(env *widget.Env, field model.VEXField, label string) *Field {
	f := &Field{Name: string(field), Label: label, Kind: Area, Hint: hint(field)}
	switch {
	case field.Words() != nil:
		f.Kind, f.Options = Choice, []Option{{Title: env.Theme.Glyphs.Missing}}
		for _, w := range field.Words() {
			f.Options = append(f.Options, Option{Value: w, Title: field.Label(w)})
		}
	case !field.IsText():
		f.Kind = Text
	}
	return f
}

// hint is what stands in an empty VEX field.
func hint(field model.VEXField) string {
	switch field {
	case model.FieldImpact:
		return "why it does or does not matter; goes into exports"
	case model.FieldNotes:
		return "never exported"
	case model.FieldAction:
		return "what users of the product should do"
	case model.FieldReviewBy:
		return "2026-12-31; then it goes back to triage"
	}
	return ""
}

// Fill puts what the records hold into the fields that nobody has touched. Of
// n records only those given have been read: where they are fewer, every field
// counts as mixed.
func (d *Decision) Fill(records []model.Violation, n int, now time.Time) {
	for _, field := range d.fields {
		f := d.form.Field(string(field))
		if f.Touched() {
			continue
		}
		values := Values(records, field)
		if f.Mixed = len(values) > 1 || len(records) < n; f.Mixed {
			if f.Source = "not compared"; len(records) == n {
				f.Source = widget.Plural(len(values), "value")
			}
			continue
		}
		if len(records) == 0 {
			continue
		}
		value := records[0].Assessment.Get(field)
		f.Set(value)
		if f.Source = ""; value != "" && n == 1 {
			if p, ok := records[0].Provenance[field]; ok {
				f.Source = p.Source + ", " + widget.Ago(p.At, now)
			}
		}
	}
}

// Changes are the fields that a person touched, with their values.
func (d *Decision) Changes() map[model.VEXField]string {
	changes := map[model.VEXField]string{}
	for _, field := range d.fields {
		if f := d.form.Field(string(field)); f.Touched() && !f.Hidden {
			changes[field] = f.Value()
		}
	}
	return changes
}

// Check refuses what is no word of the vocabulary, by field name.
func (d *Decision) Check() map[string]string {
	problems := map[string]string{}
	for field, value := range d.Changes() {
		if err := new(model.Assessment).Set(field, value); err != nil {
			problems[string(field)] = err.Error()
		}
	}
	return problems
}

// Hide leaves the fields out of the form, or puts them back.
func (d *Decision) Hide(hidden bool) {
	for _, field := range d.fields {
		d.form.Field(string(field)).Hidden = hidden
	}
}

// Values are the values of a field among records, with how many have each, the
// most frequent first.
func Values(records []model.Violation, field model.VEXField) []string {
	count := map[string]int{}
	var order []string
	for i := range records {
		value := records[i].Assessment.Get(field)
		if count[value] == 0 {
			order = append(order, value)
		}
		count[value]++
	}
	slices.SortStableFunc(order, func(a, b string) int { return count[b] - count[a] })
	for i, value := range order {
		order[i] = Shown(field, value) + " " + widget.Count(count[value])
	}
	return order
}

// Shown is a value of a VEX field in a line.
func Shown(field model.VEXField, value string) string {
	if value == "" {
		return "none"
	}
	value = model.Clean(value)
	if short := model.CutRunes(value, 30); short != value {
		value = short + "…"
	}
	return field.Label(value)
}
