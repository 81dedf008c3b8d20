package model

import "fmt"

// Setup is how a workspace is set up, as one file holds it (B10): everything
// that people decide once, without secrets and without violations.
type Setup struct {
	// Settings are those that differ from their defaults, by key.
	Settings    map[string]string
	Connections []Connection
	Profiles    []Profile
	Policies    []Policy
	Watches     []Watch
	Products    []Product
	Views       []View
}

// SetupChange is what applying a setup does to one thing.
type SetupChange struct {
	// Kind is setting, connection, profile, policy, watch, product or view.
	Kind, Name string
	// Added tells that it was not there.
	Added bool
	// Fields are what changes, each as "name: before -> after".
	Fields []string
}

// SetupError is a mistake in a setup: in the thing at Index of its kind, or in
// a setting, which Name tells.
type SetupError struct {
	Kind  string
	Index int
	Name  string
	Err   error
}

// Error says which thing and what is wrong with it.
func (e *SetupError) Error() string { return fmt.Sprintf("%s %q: %v", e.Kind, e.Name, e.Err) }

// Unwrap returns what is wrong.
func (e *SetupError) Unwrap() error { return e.Err }

// FieldError is a mistake in one field of a thing.
type FieldError struct {
	// Field is its place within the thing as the setup file writes it, such as
	// rules[1].query.
	Field string
	Err   error
}

// InField notes in which field a mistake is; nil stays nil.
func InField(field string, err error) error {
	if err == nil {
		return nil
	}
	return &FieldError{Field: field, Err: err}
}

// Error says what is wrong; the field is for whoever knows where it stands.
func (e *FieldError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }
