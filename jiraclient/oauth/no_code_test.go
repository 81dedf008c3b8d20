package oauth

import (
	"strings"
	"testing"
)

// Who presses enter at once has given no code, and is not told about addresses.
func TestNoCodeWasGiven(t *testing.T) {
	_, err := new(Handshake).ParseVerifier(" \n")
	if err == nil || !strings.Contains(err.Error(), "no code was given") {
		t.Fatalf("an empty line: %v", err)
	}
}
