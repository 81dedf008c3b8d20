package model

import (
	"maps"
	"slices"
)

// Profile says what tickets on a connection look like (X5).
type Profile struct {
	ID         int64
	Name       string
	Connection string
	Project    string
	IssueType  string
	Labels     []string
	// Summary and Description are templates; empty means the built-in ones.
	Summary, Description string
	// Fields maps a Jira field (id or display name) to a template (X9).
	Fields map[string]string
	// Priorities maps a severity to the name of a Jira priority; a severity
	// that is absent follows DefaultPriority.
	Priorities map[Severity]string
	// Dedupe is X8: one ticket for a violation across all versions.
	Dedupe      bool
	OnSeenAgain string
	OnGone      string
	// Transitions are ids of transitions by what they are for: a VEX status or
	// TransitionResolved moves a ticket by its transition and by no other; any
	// other name is a status of Jira on the way to closing or reopening.
	Transitions map[string]string
	// Revision tells the state that was read from later ones; 0 where none was.
	Revision int64
}

// TransitionResolved is what a transition is for that closes the ticket of a
// violation that is gone (with GoneTransition).
const TransitionResolved = "resolved"

// TransitionWords are what moves a ticket by a transition of its own.
func TransitionWords() []string { return append(statusWords(), TransitionResolved) }

// StepFor is the id of the transition that one of TransitionWords moves a
// ticket by, "" for none.
func (p *Profile) StepFor(word string) string {
	if !slices.Contains(TransitionWords(), word) {
		return ""
	}
	return p.Transitions[word]
}

// Walk are the ids of the transitions on the way to closing or reopening.
func (p *Profile) Walk() []string {
	var ids []string
	for _, name := range slices.Sorted(maps.Keys(p.Transitions)) {
		if !slices.Contains(TransitionWords(), name) {
			ids = append(ids, p.Transitions[name])
		}
	}
	return ids
}

// What happens when a closed ticket's violation is seen again.
const (
	SeenAgainComment = "comment"
	SeenAgainReopen  = "reopen"
	SeenAgainNew     = "new"
)

// What happens to the ticket of a violation that is gone.
const (
	GoneNothing    = "nothing"
	GoneComment    = "comment"
	GoneTransition = "transition"
)

// DefaultPriority is the standard mapping of severities to Jira's priorities
// (I8): unknown and info are Lowest.
func DefaultPriority(s Severity) string {
	switch s {
	case SeverityCritical:
		return "Highest"
	case SeverityHigh:
		return "High"
	case SeverityMedium:
		return "Medium"
	case SeverityLow:
		return "Low"
	}
	return "Lowest"
}

// Priority is the name of the Jira priority for a severity under this profile.
func (p *Profile) Priority(s Severity) string {
	if name, ok := p.Priorities[s]; ok {
		return name
	}
	return DefaultPriority(s)
}

// Product is what is scanned, with its ticketing settings (I4), which
// override the profile's (ruling 12).
type Product struct {
	ID        int64
	Name      string
	Resource  string
	Profile   string
	Project   string
	IssueType string
	Assignee  string
	Reporter  string
	Epic      string
	Sync      bool
	PushNotes bool
	Versions  []ProductVersion
	// Revision tells the state that was read from later ones; 0 where none was.
	Revision int64
}

// ProductVersion is one version of a product.
type ProductVersion struct {
	ID      int64
	Name    string
	Current bool
	Open    int
}

// View is a saved query with its order.
type View struct {
	Name  string
	Query string
	Sort  string
}
