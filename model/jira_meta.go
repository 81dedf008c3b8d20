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

// TypeStatus is a status that issues of a type can have.
type TypeStatus struct {
	Type string `json:"type"`
	Name string `json:"name"`
}
