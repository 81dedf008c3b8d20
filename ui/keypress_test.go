package ui

import "testing"

func TestACompletionIsOfTheWordThatWasTyped(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.burst("/", "prod", "tab", "pay", "tab", "enter").sees("product:payments-api", "7 of 67").seesNot("enter keep")
	// What was proposed for the word before is not taken either.
	d.press("/").burst("sev", "tab", "hi", "tab", "enter").sees("severity:high", "3 of 67")
	// In a form as well, where the same key leads to the next field otherwise.
	d.press("esc", "esc", "S", "worst", "tab", "tab").burst("sev", "tab", "cri", "tab").sees("severity:critical")
}
