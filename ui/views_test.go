package ui

import (
	"testing"
	"time"
)

func TestTheFilterIsSavedUnderANameAndNumber(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("/", "severity:low", "enter", "s", "issue", "enter").press("S").sees("Save the filter", "severity:low", "Number  3")
	d.press("enter").sees("needs a name").press("small ones", "tab", "left", "left", "enter").sees("small ones is saved as number 1")
	d.changed().press("esc", "1").sees("view: small ones", "16 of 67").press("2").sees("view: needs ticket")
	d.press("V").sees("small ones", "needs ticket", "fixable")
}

func TestViewsAreRenamedReorderedAndRemoved(t *testing.T) {
	d := sit(t, 80, 24, sample)
	d.press("V", "j", "e").sees("View fixable", "fix:yes")
	d.press(" now", "tab", "tab", " sevrity:high", "enter").sees("unknown key")
	for range "sevrity:high" {
		d.press("backspace")
	}
	d.press("severity:high", "enter").sees("fixable now is saved").changed().sees("fix:yes severity:high")
	d.press("<").changed().sees("  1  fixable now", "  2  needs ticket").onCursor("fixable now")
	d.press("j", "x").sees("This removes 1 saved view, needs ticket").press("x").changed().sees("  2  needs ticket") // typed ahead
	d.later(time.Second).press("x").sees("is removed").changed().seesNot("  2  needs ticket")
	d.press("enter").sees("view: fixable now", "fix:yes severity:high").press("2").sees("there is no saved view 2")
	d.press("V", "x").later(time.Second).press("x").changed().sees("There are no saved views", "saves the list's present filter")
}

func TestViewsReadOnly(t *testing.T) {
	d := sit(t, 80, 24, sample, func(o *Options) { o.ReadOnly = true })
	d.press("V", "S", "e", "x", ">").sees("Saved views", "  1  needs ticket").seesNot("edit")
	d.press("enter").sees("view: needs ticket")
}

func TestGoldenViews(t *testing.T) {
	d := sit(t, 80, 24, sample)
	golden(t, d.press("V", "j"), "views-80x24-none")
	golden(t, d.press("e"), "views-edit-80x24-none")
	golden(t, sit(t, 120, 40, sample, func(o *Options) { o.Theme = "light" }).press("V"), "views-120x40-light")
}

// What is typed faster than proposals come does not leave the field without any.
func TestProposalsAfterTypingFast(t *testing.T) {
	d := sit(t, 120, 40, sample).press("S", "worst", "tab", "tab").burst("sever")
	d.press("tab").sees("severity:")
	d.burst("cri").press("tab").sees("severity:critical")
}
