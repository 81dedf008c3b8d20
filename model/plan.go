package model

import (
	"fmt"
	"sort"
	"strings"
)

// PlanAction is what a plan does with a line.
type PlanAction string

// The actions of a plan.
const (
	PlanCreate PlanAction = "create"
	PlanUpdate PlanAction = "update"
	PlanLink   PlanAction = "link"
	PlanSkip   PlanAction = "skip"
)

// PlanRequest is what a person or a policy asks for: tickets for these
// violations, in this way. Empty values follow the profile and the product.
type PlanRequest struct {
	IDs     []ViolationID
	Profile string
	Group   Grouping
	// UpdateExisting plans an update where a ticket exists, else a skip
	// (ruling 11).
	UpdateExisting bool
	Project        string
	IssueType      string
	Assignee       string
	Reporter       string
	Priority       string
	Epic           string
	Comment        string
	// Summary replaces the rendered summary of a plan with one ticket.
	Summary string
	// AddLabels and DropLabels change the profile's labels for these tickets.
	AddLabels, DropLabels []string
	// Components, when not empty, keeps only violations of these purls.
	Components []string
	// Decision is what is decided along with it, field by field: it is stored
	// in the VEX records of the violations that get a ticket (I5).
	Decision map[VEXField]string
}

// PlanLine is one ticket of a plan, or one violation that gets none.
type PlanLine struct {
	Action     PlanAction
	Violations []ViolationID
	// Reason says why a line is skipped, updated or linked.
	Reason string
	// DedupeKey is the key under which at most one living ticket exists.
	DedupeKey string
	// Ticket is the existing ticket of an update, link or skip, Seen are all that
	// the violations of a creation had when the plan was made.
	Ticket     *Ticket
	Seen       []int64
	Connection string
	ProfileID  int64
	Profile    string
	Draft      TicketDraft
	Severity   Severity
	Grouping   Grouping
	// NoProfile: skipped because no profile applies.
	NoProfile bool
	// Sources tells, per field of the draft, where its value comes from:
	// profile, product or request (ruling 12).
	Sources map[string]string
}

// Plan is what a request comes to. Nothing has happened yet.
type Plan struct {
	Lines []PlanLine
	// Decision is stored in the VEX records of all violations that are not
	// skipped, before their tickets are asked for.
	Decision map[VEXField]string
}

// Count returns how many lines have the action.
func (p *Plan) Count(a PlanAction) int {
	n := 0
	for i := range p.Lines {
		if p.Lines[i].Action == a {
			n++
		}
	}
	return n
}

// Unprofiled returns how many violations are skipped because no profile applies to
// them (ruling 12), and why that is for the first.
func (p *Plan) Unprofiled() (n int, why string) {
	for i := range p.Lines {
		if l := &p.Lines[i]; l.NoProfile {
			n += len(l.Violations)
			why = firstOf(why, l.Reason)
		}
	}
	return n, why
}

// Violations returns how many violations get a ticket by the plan.
func (p *Plan) Violations() int {
	n := 0
	for i := range p.Lines {
		if p.Lines[i].Action != PlanSkip {
			n += len(p.Lines[i].Violations)
		}
	}
	return n
}

// PlanViolation is what planning knows of a violation.
type PlanViolation struct {
	*Violation
	// Keys that survive a change of names.
	ProductID, VersionID, IssueID int64
	// Linked are the tickets the violation has, the newest first.
	Linked []Ticket
	// Settings are its product's.
	Settings Product
	// Profile is the one that applies (ruling 12); nil where none does, and
	// then ProfileProblem says why.
	Profile        *Profile
	ProfileProblem string
}

// Living finds the living ticket that holds a dedupe key in a connection and
// project, nil where there is none.
type Living func(connection, project, dedupeKey string) *Ticket

// DedupeKey is the key under which at most one living ticket exists in a
// connection and project (ruling 10).
func DedupeKey(v *PlanViolation, group Grouping, acrossVersions bool) string {
	switch group {
	case GroupVulnerability:
		return fmt.Sprintf("vuln/%d/%d", v.ProductID, v.IssueID)
	case GroupComponent:
		return fmt.Sprintf("comp/%d/%s/%s", v.ProductID, v.Coordinate, TargetVersion(v.Fix))
	}
	if acrossVersions {
		return fmt.Sprintf("any/%d/%d/%s", v.ProductID, v.IssueID, v.Coordinate)
	}
	return fmt.Sprintf("one/%d/%d/%d/%s", v.ProductID, v.VersionID, v.IssueID, v.Coordinate)
}

// TargetVersion is the version that an upgrade goes to: the first fix version
// as written, empty where there is no fix.
func TargetVersion(fix string) string {
	first, _, _ := strings.Cut(fix, ",")
	return strings.TrimSpace(first)
}

// MakePlan plans tickets: pure, deterministic, and such that no two lines
// create tickets with one dedupe key and that applying a plan and planning
// again creates nothing. render turns the violations of one ticket into its
// draft; living answers what exists.
func MakePlan(req PlanRequest, violations []PlanViolation, living Living, render Renderer) (Plan, error) {
	group := req.Group
	if group == "" {
		group = GroupViolation
	}
	plan := Plan{Decision: req.Decision}
	index := map[string]int{}
	for i := range violations {
		v := &violations[i]
		if reason := unplannable(v, &req); reason != "" {
			plan.skip(v, nil, reason)
			plan.Lines[len(plan.Lines)-1].NoProfile = v.Profile == nil && reason == v.ProfileProblem
			continue
		}
		project := firstOf(req.Project, v.Settings.Project, v.Profile.Project)
		key := DedupeKey(v, group, v.Profile.Dedupe)
		if line, ok := index[v.Profile.Connection+"\x00"+project+"\x00"+key]; ok {
			plan.Lines[line].add(v)
			continue
		}
		line := PlanLine{Action: PlanCreate, DedupeKey: key, Connection: v.Profile.Connection,
			ProfileID: v.Profile.ID, Profile: v.Profile.Name, Grouping: group, Severity: v.Severity,
			Violations: []ViolationID{v.ID}}
		line.Draft.Project = project
		line.settle(existing(v, living(line.Connection, project, key)), &req)
		index[line.Connection+"\x00"+project+"\x00"+key] = len(plan.Lines)
		plan.Lines = append(plan.Lines, line)
	}
	byID := make(map[ViolationID]*PlanViolation, len(violations))
	for i := range violations {
		byID[violations[i].ID] = &violations[i]
	}
	for i := range plan.Lines {
		line := &plan.Lines[i]
		if line.Action != PlanCreate && line.Action != PlanUpdate {
			continue
		}
		members := make([]*PlanViolation, len(line.Violations))
		for j, id := range line.Violations {
			members[j] = byID[id]
		}
		if err := render(&req, members, line); err != nil {
			return Plan{}, err
		}
	}
	return plan, nil
}

// Renderer fills the draft of a line from the violations that share it.
type Renderer func(req *PlanRequest, members []*PlanViolation, line *PlanLine) error

func unplannable(v *PlanViolation, req *PlanRequest) string {
	switch {
	case v.State == Ignored:
		return "it is ignored" + because(v.IgnoreReason)
	case v.State == Resolved:
		return "it is resolved: no source shows it any more"
	case v.Profile == nil:
		return v.ProfileProblem
	case len(req.Components) > 0 && !containsFold(req.Components, v.PURL) && !containsFold(req.Components, v.Coordinate) && !containsFold(req.Components, v.Component):
		return "its component is not among those chosen"
	}
	return ""
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// existing is the ticket that stands in the way of a new one: the holder of
// the dedupe key, else the leading ticket that the violation has already and
// that still exists or may exist.
func existing(v *PlanViolation, holder *Ticket) *Ticket {
	stands := func(t *Ticket) bool {
		return t.State != TicketDeleted && (t.Category != CategoryDone || v.Profile.OnSeenAgain != SeenAgainNew)
	}
	if holder != nil && stands(holder) {
		return holder
	}
	for i := range v.Linked {
		if t := &v.Linked[i]; stands(t) {
			return t
		}
	}
	return nil
}

// settle decides what happens to a line whose dedupe key or violation has a
// ticket already.
func (l *PlanLine) settle(t *Ticket, req *PlanRequest) {
	if t == nil {
		return
	}
	l.Ticket = t
	name := nameOf(t)
	switch {
	case req.UpdateExisting && t.Key != "":
		l.Action = PlanUpdate
		l.Reason = name + " exists and is brought up to date"
	case !linked(t, l.Violations[0]):
		l.Action = PlanLink
		l.Reason = name + " exists for the same thing"
	default:
		l.Action = PlanSkip
		l.Reason = name + " exists"
	}
}

// nameOf names a ticket that may not have its key yet.
func nameOf(t *Ticket) string {
	switch {
	case t.Key != "":
		return t.Key
	case t.State == TicketFailed:
		return "a request that was refused (retry or discard it in the outbox)"
	}
	return "a ticket that is " + t.ShownStatus()
}

func linked(t *Ticket, id ViolationID) bool {
	for _, v := range t.Violations {
		if v == id {
			return true
		}
	}
	return false
}

// add puts a further violation under a line that holds its dedupe key. One
// that lacks the link to an existing ticket turns a skip into a link.
func (l *PlanLine) add(v *PlanViolation) {
	if l.Action == PlanSkip && l.Ticket != nil && !linked(l.Ticket, v.ID) {
		l.Action = PlanLink
		l.Reason = nameOf(l.Ticket) + " exists for the same thing"
	}
	l.Violations = append(l.Violations, v.ID)
	if v.Severity.Worse(l.Severity) {
		l.Severity = v.Severity
	}
}

func (p *Plan) skip(v *PlanViolation, t *Ticket, reason string) {
	p.Lines = append(p.Lines, PlanLine{Action: PlanSkip, Violations: []ViolationID{v.ID}, Reason: reason, Ticket: t, Severity: v.Severity})
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func containsFold(list []string, s string) bool {
	for _, each := range list {
		if s != "" && strings.EqualFold(each, s) {
			return true
		}
	}
	return false
}

// mergeLabels returns the profile's labels with those of the request added
// and dropped, each once, in a stable order.
func mergeLabels(base, add, drop []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, label := range append(append([]string(nil), base...), add...) {
		if label == "" || seen[label] || containsFold(drop, label) {
			continue
		}
		seen[label] = true
		out = append(out, label)
	}
	sort.Strings(out)
	return out
}
