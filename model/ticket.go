package model

import "time"

// TicketState is what is known of a ticket's existence, apart from its status
// in Jira's workflow (ruling 32).
type TicketState string

// The ticket states.
const (
	TicketRequested TicketState = "requested" // wanted, not yet answered by Jira
	TicketUnknown   TicketState = "unknown"   // sent, and nobody knows yet whether Jira acted
	TicketOpen      TicketState = "open"      // exists in Jira, whatever its status there
	TicketDeleted   TicketState = "deleted"   // gone from Jira
	TicketHidden    TicketState = "hidden"    // not to be seen with this account
	TicketBroken    TicketState = "broken"    // the connection does not work
	TicketFailed    TicketState = "failed"    // refused by Jira; a person must mend something
)

// Ticket is a Jira issue as vexdesk knows it. Its identity in Jira is JiraID;
// the key changes when the issue is moved.
type Ticket struct {
	ID         int64
	Connection string
	Project    string
	JiraID     string
	Key        string
	State      TicketState
	// Status is Jira's name of it, Category its kind: new, indeterminate, done.
	Status, Category string
	Summary          string
	URL              string
	Leading          bool
	// Created is Jira's time; Requested ours; Refreshed when the status was
	// last asked for.
	Created, Requested, Refreshed time.Time
	// Problem says why a ticket is unknown, hidden, broken or failed.
	Problem string
	// Violations are those linked, where asked for.
	Violations []ViolationID
}

// PublicState is the state as commands and exports print it (ruling 32): a
// ticket whose request was refused is one that is still only requested, and its
// operation says why.
func (t *Ticket) PublicState() TicketState {
	if t.State == TicketFailed {
		return TicketRequested
	}
	return t.State
}

// ShownStatus is the status for the eye (S7, S8): Jira's own where it is
// known to hold, Unknown where the ticket is deleted, hidden or its connection
// broken, and what happens where it does not exist yet.
func (t *Ticket) ShownStatus() string {
	switch t.State {
	case TicketRequested:
		return "requested"
	case TicketUnknown:
		return "checking"
	case TicketFailed:
		return "failed"
	case TicketDeleted, TicketHidden, TicketBroken:
		return "Unknown"
	}
	return t.Status
}

// Status categories of Jira (statusCategory.key).
const (
	CategoryNew        = "new"
	CategoryInProgress = "indeterminate"
	CategoryDone       = "done"
)

// Grouping says how violations become tickets.
type Grouping string

// The groupings of a plan.
const (
	GroupViolation     Grouping = "violation"
	GroupVulnerability Grouping = "vulnerability"
	GroupComponent     Grouping = "component"
)

// TicketDraft is a ticket as it will be sent: what a person agreed to in the
// plan, with ids still by name; the sender resolves them against Jira's
// metadata.
type TicketDraft struct {
	Project   string `json:"project"`
	IssueType string `json:"issue_type"`
	Summary   string `json:"summary"`
	// Description is Markdown.
	Description string            `json:"description"`
	Labels      []string          `json:"labels,omitempty"`
	Priority    string            `json:"priority,omitempty"`
	Assignee    string            `json:"assignee,omitempty"`
	Reporter    string            `json:"reporter,omitempty"`
	Epic        string            `json:"epic,omitempty"`
	Fields      map[string]string `json:"fields,omitempty"`
	Comment     string            `json:"comment,omitempty"`
	// To is the category that a transition leads to, done or new; Steps are
	// the ids of transitions to be preferred.
	To    string   `json:"to,omitempty"`
	Steps []string `json:"steps,omitempty"`
	// Take is the id of the one transition to take, For what asks for it: a VEX
	// status, or TransitionResolved.
	Take string `json:"take,omitempty"`
	For  string `json:"for,omitempty"`
}
