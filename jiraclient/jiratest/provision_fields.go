package jiratest

import (
	"fmt"
	"slices"
)

// AddField makes a custom field and puts it on the create screens of an issue
// type, by name, in a project, as an administrator may have done by hand. kind
// is line, paragraph, select, number or url. It returns the field's id.
func (s *Server) AddField(projectKey, typeName, name, kindName string, options ...string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := fieldKinds[kindName]
	if !ok {
		return "", fmt.Errorf("no kind of field is called %q", kindName)
	}
	p := s.site.project(projectKey)
	t := find(s.site.types, func(t *issueType) bool { return t.Name == typeName })
	if p == nil || t == nil {
		return "", fmt.Errorf("no issue type %q in project %q", typeName, projectKey)
	}
	f := s.makeField(name, k)
	for _, option := range options {
		f.Options = append(f.Options, choice{s.nextOption(), option})
	}
	p.screens[t.ID] = append(slices.Clone(p.screens[t.ID]), screenField{ID: f.ID})
	return f.ID, nil
}

// RenameOption renames an option of a select, as an administrator may do.
func (s *Server) RenameOption(fieldID, from, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.site.field(fieldID)
	if f == nil {
		return fmt.Errorf("no field has the id %q", fieldID)
	}
	for i := range f.Options {
		if f.Options[i].Name == from {
			f.Options[i].Name = to
			return nil
		}
	}
	return fmt.Errorf("field %s has no option %q", f.Name, from)
}

// Option is the id of an option of a select, "" where there is none.
func (s *Server) Option(fieldID, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.site.field(fieldID); f != nil {
		for _, o := range f.Options {
			if o.Name == name {
				return o.ID
			}
		}
	}
	return ""
}

var fieldKinds = map[string]kind{"line": kindLine, "paragraph": kindDocument, "select": kindSelect, "number": kindNumber, "url": kindURL}

// makeField adds a custom field to the site under the next free id.
func (s *Server) makeField(name string, k kind) *field {
	number := 10041
	for _, f := range s.site.fields {
		var n int
		if _, err := fmt.Sscanf(f.ID, "customfield_%d", &n); err == nil && n >= number {
			number = n + 1
		}
	}
	f := &field{ID: fmt.Sprintf("customfield_%d", number), Name: name, Kind: k}
	s.site.fields = append(s.site.fields, f)
	return f
}

// nextOption is a free id for an option.
func (s *Server) nextOption() string {
	n := 40000
	for _, f := range s.site.fields {
		for _, o := range f.Options {
			var id int
			if _, err := fmt.Sscanf(o.ID, "%d", &id); err == nil && id >= n {
				n = id + 1
			}
		}
	}
	return fmt.Sprint(n)
}

// DocumentText is the plain text of a document as Issue.Fields holds it.
func DocumentText(document any) string { return documentText(document) }

// SetFieldNamed changes a field on an issue by the name that a person reads on
// its screen; a select by the text of an option, the empty text empties it.
func (s *Server) SetFieldNamed(idOrKey, name, text string) error {
	return s.with(idOrKey, func(e *entry) error {
		for _, on := range s.site.project(e.Project).screens[e.Type] {
			f := s.site.field(on.ID)
			if f.Name != name {
				continue
			}
			var value any = text
			switch {
			case text == "":
				value = nil
			case f.Kind == kindSelect:
				value = map[string]any{"id": ""}
				for _, o := range f.Options {
					if o.Name == text {
						value = map[string]any{"id": o.ID}
					}
				}
			}
			return s.setField(e, f.ID, value)
		}
		return fmt.Errorf("issue %s shows no field called %q", idOrKey, name)
	})
}
