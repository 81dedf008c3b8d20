package jiraclient

import (
	"bytes"
	"encoding/json"

	"example.com/vexdesk/jiraclient/adf"
)

// Issue is an issue as Jira answered it, with the fields and properties that
// were asked for. A field that is missing from Fields is not readable for the
// account or was not asked for, which is not the same as empty (JSON null).
type Issue struct {
	ID         string                     `json:"id"`  // numeric, for ever the same
	Key        string                     `json:"key"` // changes when the issue moves
	Fields     map[string]json.RawMessage `json:"fields"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// Status is a status with its category.
type Status struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Category StatusCategory `json:"statusCategory"`
}

// StatusCategory is the only thing to judge by whether work is done. Key is
// undefined, new, indeterminate or done.
type StatusCategory struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Done tells whether the status means that work is finished.
func (s Status) Done() bool { return s.Category.Key == "done" }

// NamedValue is a priority, an issue type, a select option and the like.
type NamedValue struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Label is what a person reads: the value of an option, else the name.
func (v NamedValue) Label() string {
	if v.Value != "" {
		return v.Value
	}
	return v.Name
}

// Has tells whether Jira answered the field at all, be it empty.
func (i Issue) Has(field string) bool {
	_, ok := i.Fields[field]
	return ok
}

// Empty tells whether the field was answered and holds nothing.
func (i Issue) Empty(field string) bool {
	raw, ok := i.Fields[field]
	return ok && (len(raw) == 0 || bytes.Equal(bytes.TrimSpace(raw), []byte("null")))
}

// Decode reads a field into v. It does nothing where the field is missing or
// empty, and tells whether there was a value.
func (i Issue) Decode(field string, v any) (bool, error) {
	if !i.Has(field) || i.Empty(field) {
		return false, nil
	}
	if err := json.Unmarshal(i.Fields[field], v); err != nil {
		return false, &AnswerError{Method: "GET", Route: "field " + field + " of " + i.Key, Status: 200, Kind: ErrInvalidAnswer, Err: decodeCause(err)}
	}
	return true, nil
}

// value reads a field whose odd shape is as good as absent.
func value[T any](i Issue, field string) T {
	var v T
	if raw, ok := i.Fields[field]; ok && json.Unmarshal(raw, &v) != nil {
		var none T
		return none
	}
	return v
}

// Summary is the issue's summary, "" when not answered.
func (i Issue) Summary() string { return value[string](i, "summary") }

// Status is the issue's status; the zero value when not answered.
func (i Issue) Status() Status { return value[Status](i, "status") }

// Labels are the issue's labels.
func (i Issue) Labels() []string { return value[[]string](i, "labels") }

// Created is when the issue was made; zero when not answered.
func (i Issue) Created() Time { return value[Time](i, "created") }

// Updated is when the issue was last changed; zero when not answered.
func (i Issue) Updated() Time { return value[Time](i, "updated") }

// Priority is the issue's priority.
func (i Issue) Priority() NamedValue { return value[NamedValue](i, "priority") }

// Type is the issue's type.
func (i Issue) Type() NamedValue { return value[NamedValue](i, "issuetype") }

// Assignee is who works on the issue; the zero value when no one does.
func (i Issue) Assignee() User { return value[User](i, "assignee") }

// Project is the issue's project.
func (i Issue) Project() Project { return value[Project](i, "project") }

// Operation is the operation id that the creating request left in
// OperationProperty, "" when there is none or it was not asked for.
func (i Issue) Operation() string {
	var id string
	if raw, ok := i.Properties[OperationProperty]; ok && json.Unmarshal(raw, &id) != nil {
		return ""
	}
	return id
}

// Text is the plain text of a field that holds a string, a document (ADF), an
// option, or a list of these; "" when empty or not answered.
func (i Issue) Text(field string) string { return adf.FieldText(i.Fields[field]) }
