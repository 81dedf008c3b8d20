package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ViolationID identifies a violation in its workspace.
type ViolationID int64

// String returns the id as commands take and print it.
func (id ViolationID) String() string { return strconv.FormatInt(int64(id), 10) }

// ParseViolationID reads an id as commands print it.
func ParseViolationID(s string) (ViolationID, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is not a violation id: ids are the numbers that 'vexdesk list' prints first", s)
	}
	return ViolationID(n), nil
}

// State is where a violation stands in its life.
type State uint8

// The states of a violation.
const (
	Open     State = iota // a source still shows it
	Resolved              // its last sighting is gone (ruling 1)
	Ignored               // by a rule or by the report, with a reason
)

var stateNames = [...]string{"open", "resolved", "ignored"}

// String returns the word that commands and queries use.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[0]
}

// Row is a violation as the list shows it: everything of one line and nothing
// more.
type Row struct {
	ID       ViolationID
	Type     ViolationType
	State    State
	Severity Severity
	// Issue is the displayed id: CVE, else GHSA, else the rest.
	Issue            string
	Title            string
	Component        string
	ComponentVersion string
	Product          string
	ProductVersion   string
	// Fix holds the versions with a fix, comma-separated, empty for none.
	Fix string
	// CVSS, EPSS are negative where unknown; EPSS is 0..1.
	CVSS, EPSS float64
	KEV        bool
	VEX        VEXStatus
	Conflict   bool
	// Offered tells that a decision of another version is offered (B5).
	Offered bool
	// Tickets counts the linked tickets; Ticket is the leading one.
	Tickets int
	Ticket  *Ticket
	Updated time.Time
	// FirstSeen is when the violation was first imported.
	FirstSeen time.Time
}

// Violation is the whole of a violation, for its detail and for commands.
type Violation struct {
	Row
	Aliases     []string
	CVEs        []string
	PURL        string
	Ecosystem   string
	Coordinate  string
	Resource    string
	Licenses    []string
	Description string
	References  []string
	Ratings     []Rating
	CVSSVector  string
	// EPSSPercentile is 0..1, negative where unknown.
	EPSSPercentile float64
	EPSSDate       string
	// EPSSBefore is the score of the day before, EPSSBeforeDate; negative where
	// unknown.
	EPSSBefore     float64
	EPSSBeforeDate string
	KEVDue         string
	// KEVAdded is the day on which CISA's catalogue took it in, KEVRansomware
	// tells that ransomware is known to use it.
	KEVAdded      string
	KEVRansomware bool
	Applicable    string
	IgnoreReason  string
	Watches       []string
	Policies      []string
	Assessment    Assessment
	Provenance    map[VEXField]Provenance
	AllTickets    []Ticket
	Sightings     []Sighting
	// Elsewhere counts the same issue and coordinate in other products.
	Elsewhere int
}

// Provenance tells where the value of a field came from.
type Provenance struct {
	// Source is analyst, jira, document, rule or carried.
	Source string    `json:"source"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
	// Ref names the thing behind it: a ticket's key, a document, a version.
	Ref string `json:"ref,omitempty"`
}

// Sighting is a violation as one source sees it (ruling 1).
type Sighting struct {
	Format, Scanner, Artifact string
	ReportedID                string
	Severity                  Severity
	Suppressed                bool
	Reason                    string
	Locations                 []string
	URL                       string
	At                        time.Time
	File                      string
}

// AuditEntry is one change of a violation or of the workspace.
type AuditEntry struct {
	At time.Time
	By string
	// Source is where the change came from: console, command, import, jira,
	// policy, sync.
	Source        string
	Violation     ViolationID
	Subject       string
	Field         string
	Before, After string
}

// Actor is who makes a change and from where, for the audit.
type Actor struct {
	Name   string
	Source string
}

// hasFold reports whether s begins with the prefix, without case.
func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
