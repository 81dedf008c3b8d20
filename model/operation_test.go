package model

import "testing"

// TestOperationTransitions spells the outbox's table out: what is not named
// here is forbidden.
func TestOperationTransitions(t *testing.T) {
	allowed := map[string]bool{
		"pending claimed": true, "pending discarded": true,
		"claimed sent": true, "claimed pending": true, "claimed failed": true, "claimed done": true,
		"sent done": true, "sent failed": true, "sent pending": true, "sent unknown": true,
		"unknown done": true, "unknown pending": true,
		"failed pending": true, "failed discarded": true,
	}
	for _, from := range OperationStates() {
		for _, to := range OperationStates() {
			if got := from.CanBecome(to); got != allowed[string(from)+" "+string(to)] {
				t.Errorf("%s to %s: %v", from, to, got)
			}
		}
	}
	// What was sent is never sent again without having been looked for: the way
	// from sent back to pending is for requests that Jira refused as a whole.
	if OpUnknown.CanBecome(OpSent) || OpSent.CanBecome(OpClaimed) {
		t.Error("an unknown outcome must be resolved first")
	}
}
