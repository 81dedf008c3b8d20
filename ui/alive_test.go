package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/vt"
)

// firstRow is the topmost violation on the screen.
func (d *desk) firstRow() string {
	for _, line := range strings.Split(d.screen(), "\n") {
		if at := strings.Index(line, "CVE-"); at >= 0 {
			return line[at : at+14]
		}
	}
	return ""
}

// TestTheScrollPositionStays: what comes in before the lines in sight moves
// none of them.
func TestTheScrollPositionStays(t *testing.T) {
	d := sit(t, 120, 40, crowd)
	d.press("ctrl-f", "ctrl-f", "j", "j", "j")
	first, cursor := d.firstRow(), d.cursorOn()
	var worse []model.Finding
	for i := range 30 {
		worse = append(worse, finding(fmt.Sprintf("CVE-2026-%04d", i+1), model.SeverityCritical, "openssl", "3.0", ""))
	}
	d.imports("another", "1", worse...)
	d.changed().later(time.Second).sees("1,280 open")
	if d.firstRow() != first || d.cursorOn() != cursor {
		t.Errorf("the screen begins with %s and the cursor is on %q; before it was %s and %q", d.firstRow(), d.cursorOn(), first, cursor)
	}
}

// TestAgesAge: what says how long ago something was goes on saying it right,
// and costs one frame whenever its words change.
func TestAgesAge(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.must(d.store.JobRan(t.Context(), "status", d.now, nil))
	d.changed().sees("synced now").later(61 * time.Second).sees("synced 1m ago").later(time.Hour).sees("synced 1h ago")
	sent := len(d.sent)
	d.later(time.Hour)
	if n := len(d.sent) - sent; n > 2 {
		t.Errorf("%d messages in an hour for one age", n)
	}
}

// TestNothingMovesOnceAnImportHasEnded: the progress is looked at while it
// runs, and not after.
func TestNothingMovesOnceAnImportHasEnded(t *testing.T) {
	d := sit(t, 120, 40, sample, importing(&reports{all: []string{"a.json"}}))
	d.press("i", "all", "enter").later(time.Minute)
	sent := len(d.sent)
	d.later(time.Hour)
	if n := len(d.sent) - sent; n > 0 {
		t.Errorf("%d messages after the import", n)
	}
}

// TestABackgroundChangeSendsItsCellsAlone: the status of a ticket changes in
// Jira, and little more than its cells goes over the line.
func TestABackgroundChangeSendsItsCellsAlone(t *testing.T) {
	d := sit(t, 120, 40, ticketed)
	c := atTerminal(t, d, 120, 40)
	c.expect("SEC-141 To Do; CVSS 9.8")
	c.Idle(100 * time.Millisecond)
	before, _ := c.Bytes()
	d.status("SEC-141", "In Review", model.CategoryInProgress)
	c.expect("SEC-141 In Review")
	after, _ := c.Bytes()
	if n := after - before; n > 120 { // the words, the sign of the change, their looks
		t.Errorf("%d bytes for the change of one cell", n)
	}
	c.press("v")
	c.expect("marked")
	// While a range is open nothing is put into another order.
	d.imports("another", "1", finding("CVE-2026-0001", model.SeverityCritical, "openssl", "3.0", ""))
	c.expect("68 open; not CVE-2026-0001")
	c.press("esc")
	c.expect("CVE-2026-0001")
	c.WaitUntil("the sign of the change to go", func(s *vt.Screen) bool { return !s.Contains("Δ") }, patience)
	c.press("ctrl-c")
	c.WaitExit(patience)
}
