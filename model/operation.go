package model

import "time"

// OperationKind is what an operation of the outbox does in Jira.
type OperationKind string

// The kinds of operations.
const (
	OpCreate     OperationKind = "create"
	OpUpdate     OperationKind = "update"
	OpComment    OperationKind = "comment"
	OpFields     OperationKind = "fields"
	OpTransition OperationKind = "transition"
	OpLink       OperationKind = "link"
)

// OperationState is where an operation stands.
type OperationState string

// The states of an operation.
const (
	OpPending   OperationState = "pending"   // waits for its turn
	OpClaimed   OperationState = "claimed"   // taken by a syncer; no byte has left
	OpSent      OperationState = "sent"      // its first byte may have left
	OpUnknown   OperationState = "unknown"   // nobody knows whether Jira acted
	OpDone      OperationState = "done"      // Jira did it
	OpFailed    OperationState = "failed"    // refused; a person must mend something
	OpDiscarded OperationState = "discarded" // given up by a person
)

// operationMoves is the table of transitions: what may follow what.
var operationMoves = map[OperationState][]OperationState{
	OpPending: {OpClaimed, OpDiscarded},
	OpClaimed: {OpSent, OpPending, OpFailed, OpDone}, // done: there is nothing left to do
	OpSent:    {OpDone, OpFailed, OpPending, OpUnknown},
	OpUnknown: {OpDone, OpPending},
	OpFailed:  {OpPending, OpDiscarded},
}

// CanBecome reports whether an operation may go from s to next.
func (s OperationState) CanBecome(next OperationState) bool {
	for _, each := range operationMoves[s] {
		if each == next {
			return true
		}
	}
	return false
}

// OperationStates returns all states.
func OperationStates() []OperationState {
	return []OperationState{OpPending, OpClaimed, OpSent, OpUnknown, OpDone, OpFailed, OpDiscarded}
}

// Final reports whether nothing will happen to the operation by itself.
func (s OperationState) Final() bool {
	return s == OpDone || s == OpFailed || s == OpDiscarded
}

// Operation is an intention on its way to Jira.
type Operation struct {
	ID         string
	Kind       OperationKind
	State      OperationState
	Connection string
	Project    string
	TicketID   int64
	// JiraID and Key are the ticket's, empty until it exists.
	JiraID     string
	Key        string
	Violations []ViolationID
	Draft      TicketDraft
	Attempts   int
	NextTry    time.Time
	// Floor is the highest key number of the project that was known before the
	// operation was first sent (ruling 15).
	Floor int
	Sent  time.Time
	// ErrorCode is a word for programs, Error a sentence, ErrorFields Jira's
	// own messages by field.
	ErrorCode   string
	Error       string
	ErrorFields map[string]string
	Created     time.Time
	By          string
}
