package model

import (
	"slices"
	"time"
)

// VexdeskType is the name of the issue type that provisioning makes (I2).
const VexdeskType = "VexdeskVuln"

// The steps of provisioning (I2).
const (
	StepIssueType        = "issue type"
	StepTypeScheme       = "issue type scheme"
	StepFields           = "custom fields"
	StepWorkflow         = "workflow"
	StepWorkflowScheme   = "workflow scheme"
	StepScreen           = "screen with fields"
	StepScreenScheme     = "screen scheme"
	StepTypeScreenScheme = "issue type screen scheme"
)

// ProvisionSteps returns the steps in their order.
func ProvisionSteps() []string {
	return []string{StepIssueType, StepTypeScheme, StepFields, StepWorkflow, StepWorkflowScheme, StepScreen, StepScreenScheme, StepTypeScreenScheme}
}

// ProvisionStep is where a step of provisioning stands.
type ProvisionStep struct {
	Name  string `json:"name"`
	State string `json:"state"` // pending, in_progress, completed or failed
	Error string `json:"error"`
}

// States of a step.
const (
	StepPending   = "pending"
	StepRunning   = "in_progress"
	StepCompleted = "completed"
	StepFailed    = "failed"
)

// SchemeChange is what associating a project does to one of its schemes.
type SchemeChange struct {
	// Kind is issue type scheme, issue type screen scheme or workflow scheme.
	Kind     string `json:"kind"`
	Scheme   string `json:"scheme"`
	SchemeID string `json:"scheme_id"`
	// Action is one of the Scheme… words, with Reason.
	Action string `json:"action"`
	Reason string `json:"reason"`
	// SharedWith are the keys of the other projects that use the scheme, as far
	// as the account sees them.
	SharedWith []string `json:"shared_with"`
}

// What happens to a scheme.
const (
	SchemeAppend = "append"
	SchemeCopy   = "copy"
	SchemeNone   = "none"
)

// Association is the plan of bringing the issue type into a project (I3,
// ruling 30).
type Association struct {
	Project   string         `json:"project"`
	ProjectID string         `json:"project_id"`
	Changes   []SchemeChange `json:"changes"`
}

// Count is how many schemes change.
func (a *Association) Count() (n int) {
	for _, c := range a.Changes {
		if c.Action != SchemeNone {
			n++
		}
	}
	return n
}

// Touched are the keys of the other projects whose schemes change as well.
func (a *Association) Touched() []string {
	var keys []string
	for _, c := range a.Changes {
		if c.Action == SchemeAppend {
			keys = append(keys, c.SharedWith...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Covers reports whether doing b is within what a says: a person who agreed to
// a agreed to b. What b need not change any more was done already.
func (a *Association) Covers(b *Association) bool {
	if a.Project != b.Project || len(a.Changes) != len(b.Changes) {
		return false
	}
	for i, c := range b.Changes {
		was := a.Changes[i]
		if c.Action != SchemeNone && (c.Action != was.Action || c.SchemeID != was.SchemeID || !slices.Equal(c.SharedWith, was.SharedWith)) {
			return false
		}
	}
	return true
}

// Proof is what createmeta shows an account of the issue type in a project:
// the only proof that counts, because only it tells what that account can
// write (ruling 30).
type Proof struct {
	Project   string   `json:"project"`
	IssueType bool     `json:"issue_type"`
	Fields    []string `json:"fields"`
	Missing   []string `json:"missing"`
}

// OK reports whether tickets can be made with all their fields.
func (p *Proof) OK() bool { return p.IssueType && len(p.Missing) == 0 }

// ProvisionKind is what is asked of provisioning.
type ProvisionKind string

// The kinds of requests.
const (
	// ProvisionSetUp runs the eight steps.
	ProvisionSetUp ProvisionKind = "set_up"
	// ProvisionLook finds out what associating a project would change.
	ProvisionLook ProvisionKind = "look"
	// ProvisionAssociate changes the project's schemes as the plan says, and
	// proves it.
	ProvisionAssociate ProvisionKind = "associate"
	// ProvisionProve looks at the create screen alone.
	ProvisionProve ProvisionKind = "prove"
)

// ProvisionRequest is an intention of an administrator, which sync carries
// out.
type ProvisionRequest struct {
	ID           int64
	ConnectionID int64
	Kind         ProvisionKind
	// Project, Clone and CheckAs (the name of the connection whose account is
	// to create tickets; empty for the same) belong to all but ProvisionSetUp.
	Project string
	Clone   bool
	CheckAs string
	// Plan is what the person agreed to (ProvisionAssociate), or what was found
	// (ProvisionLook).
	Plan *Association
	// Proof is what came of it.
	Proof *Proof
	State ProvisionState
	// Code is a word for why it failed, Error the sentence.
	Code, Error     string
	By              string
	Asked, Finished time.Time
}

// ProvisionState is where a request stands.
type ProvisionState string

// The states of a request.
const (
	ProvisionAsked   ProvisionState = "asked"
	ProvisionRunning ProvisionState = "running"
	ProvisionDone    ProvisionState = "done"
	ProvisionFailed  ProvisionState = "failed"
)

// Over reports whether nothing more will come of the request.
func (s ProvisionState) Over() bool { return s == ProvisionDone || s == ProvisionFailed }
