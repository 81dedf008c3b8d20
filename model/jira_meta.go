package model

// What Jira tells of itself, as far as forms need it.

// Person is an account in Jira. ID is what Jira knows it by: the account id on
// Cloud, the user name on Data Center.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"` // often hidden
}

// JiraProject is a project in which the account may create issues; Data Center
// tells also of those that it may only see.
type JiraProject struct {
	Key         string `json:"key"`
	Name        string `json:"name"`
	TeamManaged bool   `json:"team_managed,omitempty"`
}

// JiraType is an issue type that can be created in a project, with what its
// create screen asks for.
type JiraType struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Subtask bool         `json:"subtask,omitempty"`
	Fields  CreateScreen `json:"fields"`
}

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

// TypeStatus is a status that issues of a type can have.
type TypeStatus struct {
	Type string `json:"type"`
	Name string `json:"name"`
}
