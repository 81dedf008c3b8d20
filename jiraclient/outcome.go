package jiraclient

import "errors"

// Outcome says what is known about the effect of a request that ended in an
// error. Creating an issue twice or losing it hangs on this distinction.
type Outcome uint8

const (
	// Unknown means that a byte of the request may have left and no answer
	// settles what became of it: a time-out, a cut connection, a 5xx, an
	// unreadable answer. Ask Jira before sending again.
	Unknown Outcome = iota
	// NotSent means that no byte of the request left this machine.
	NotSent
	// Refused means that Jira answered with a 4xx, 429 included: it did not
	// happen.
	Refused
	// Done means success: there was no error.
	Done
)

// String names the outcome in lower case.
func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not sent"
	case Refused:
		return "refused"
	case Done:
		return "done"
	default:
		return "unknown"
	}
}

// OutcomeOf classifies the error of any call of this package. An error it does
// not recognise is Unknown, which is the careful answer.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Done
	}
	var known interface{ Outcome() Outcome }
	if errors.As(err, &known) {
		return known.Outcome()
	}
	return Unknown
}
