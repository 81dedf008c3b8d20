package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// crowd is more violations than any window holds.
func crowd(d *desk) {
	d.connects()
	var many []model.Finding
	for i := range 1250 {
		many = append(many, finding(fmt.Sprintf("CVE-2025-%05d", 10000+i), model.SeverityHigh, fmt.Sprintf("lib%04d", i), "1.0", ""))
	}
	d.imports("monolith", "7", many...)
}

func TestMovingThroughMoreThanIsHeld(t *testing.T) {
	d := sit(t, 120, 40, crowd)
	d.onCursor("CVE-2025-10000").sees("1 of 1,250")
	d.press("j", "j", "k").onCursor("CVE-2025-10001").sees("2 of 1,250")
	d.press("G").onCursor("CVE-2025-11249").sees("1,250 of 1,250")
	d.press("k").onCursor("CVE-2025-11248").sees("1,249 of 1,250")
	d.press("g", "g").onCursor("CVE-2025-10000").sees("1 of 1,250")
	d.press("ctrl-d", "ctrl-u").onCursor("CVE-2025-10000")
	d.press("L").press("H").onCursor("CVE-2025-10000")
	for range 70 {
		d.press("ctrl-f")
	}
	d.onCursor("CVE-2025-11249")
	for range 12 {
		d.press("pgup")
	}
	place := 1250 - 12*d.root.list.PageHeight()
	d.onCursor(fmt.Sprintf("CVE-2025-%05d", 9999+place)).sees(widget.Count(place) + " of 1,250")
	if held := d.root.list.Held(); held > 1100 {
		t.Errorf("the list holds %d lines after a walk through it: pages behind should be let go", held)
	}
}

func TestTypedAheadKeysAllCount(t *testing.T) {
	d := sit(t, 120, 40, crowd)
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jjjjj")})
	d.onCursor("CVE-2025-10005")
}

// TestTypedAheadKeysAreForTheScreenThatAKeyOpens presses keys faster than
// commands are carried out.
func TestTypedAheadKeysAreForTheScreenThatAKeyOpens(t *testing.T) {
	d := sit(t, 120, 40, sample)
	_, opens := d.root.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("s")})
	_, types := d.root.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("issue")})
	_, chooses := d.root.Update(tea.KeyMsg{Type: tea.KeyEnter})
	for _, cmd := range []tea.Cmd{opens, types, chooses} {
		d.run(cmd)
	}
	d.sees("ISSUE▲").onCursor("CVE-2011-3374").seesNot("Sort by")
}

// TestTypedAheadKeysAreForTheRowsThatAFilterBrings: not for those that stand
// there until it has been read.
func TestTypedAheadKeysAreForTheRowsThatAFilterBrings(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("/", "glib")
	_, finds := d.root.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("c")})
	for _, key := range []tea.KeyMsg{{Type: tea.KeyEnter}, {Type: tea.KeyRunes, Runes: []rune("e")}, {Type: tea.KeyRunes, Runes: []rune("i")}, {Type: tea.KeyEnter}} {
		d.send(key)
	}
	d.seesNot("VEX decision").run(finds)
	d.changed().sees("Stored on 1 violation").press("esc", "z").sees("taken back on 1 violation")
	history, err := d.store.History(t.Context(), 6, 10)
	d.must(err)
	if len(history) < 2 || history[0].Field != "status" {
		t.Errorf("it was not the one that was found: %+v", history)
	}
}

// TestADialogThatOpensByItselfTakesNoKeyAtFirst: what was typed meanwhile was
// not meant for it.
func TestADialogThatOpensByItselfTakesNoKeyAtFirst(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("b", "product", "enter").sees("By product")
	d.press("e", "n", "enter").sees("VEX decision for 60 violations").seesNot("Stored") // it was read from the store first
	d.press("esc").seesNot("VEX decision")
}

func TestUnfinishedChordIsDropped(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("j", "g", "j").onCursor("CVE-2023-44487")
}

func TestFilterAsYouType(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("j", "j").onCursor("CVE-2023-44487")
	d.press("/", "glibc").sees("1 of 67", "CVE-2023-4911").seesNot("zlib1g")
	d.press("esc").onCursor("CVE-2023-44487").sees("67 open", "zlib1g")
	d.press("/", "product:gateway severity:high", "enter").sees("15 of 67", "product:gateway severity:high").seesNot("glibc")
	d.press("esc").sees("67 open")
}

func TestFilterDoesNotGoBlankOnTheWay(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("/")
	for _, r := range "severity:low" {
		d.press(string(r)).sees("CVE-").seesNot("Nothing matches")
	}
	d.sees("16 of 67")
}

func TestMistakeIsShownWithItsPlace(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("/", "fix:yes sevrity:high").sees("did you mean severity?")
	lines := strings.Split(d.screen(), "\n")
	if at := strings.IndexRune(lines[2], '^'); at != len(" / fix:yes ") {
		t.Errorf("the mistake is pointed at in column %d:\n%s\n%s", at, lines[1], lines[2])
	}
	d.press("enter").sees("enter keep") // a mistake cannot be kept
	for range "sevrity:high" {
		d.press("backspace")
	}
	d.press("enter").sees("fix:yes").seesNot("^")
}

func TestCompletion(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("/", "prod").sees("product:")
	d.press("tab").sees("payments-api", "gateway")
	d.press("tab").sees("product:gateway")
	d.press("tab").sees("product:payments-api").sees("7 of 67")
	d.press("shift-tab", "enter").sees("60 of 67")
}

func TestNothingMatchesSaysWhy(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("/", "product:gateway severity:critical", "enter").
		sees("Nothing matches this filter", "without  product:gateway  2 violations", "without  severity:critical  60 violations")
	d.press("esc").sees("67 open")
}

func TestMarksRangeAndEsc(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("space", "space").sees("2 marked").onCursor("CVE-2023-44487")
	d.press("v", "j", "j").sees("5 marked", "┃").press("v").sees("5 marked").seesNot("┃")
	d.press("s").sees("Sort by").press("esc").sees("5 marked")
	d.press("v", "j", "esc").sees("5 marked").press("esc").seesNot("marked")
	d.press("/", "severity:low", "enter", "*").sees("16 marked")
	d.press("esc").sees("severity:low").seesNot("16 marked  ").press("esc").sees("67 open")
}

func TestMarkAllReachesBeyondTheWindow(t *testing.T) {
	d := sit(t, 120, 40, crowd)
	d.press("*").sees("1,250 marked")
	d.press("space").sees("1,249 marked")
	d.press("esc").seesNot("1,249 marked")
}

func TestSorting(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press(">").sees("ISSUE▲").onCursor("CVE-2011-3374")
	d.press("s", "issue", "enter").sees("ISSUE▼").onCursor("GHSA-jfh8")
	d.press("<").sees("SEVERITY▼").onCursor("CVE-2024-3094")
}

func TestViews(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("1").sees("view: needs ticket", "20 of 67").press("1").seesNot("view:").sees("67 open")
	d.press("9").sees("no saved view 9")
	d.press("V").sees("fixable").press("down", "enter").sees("view: fixable")
}

// A view begins at its first violation, and letting go of it stays there, also
// for one who presses the second key before the rows of the first have come.
func TestViewsForQuickFingers(t *testing.T) {
	d := sit(t, 120, 40, ticketed)
	d.press("1").sees("view: needs ticket").onCursor("CVE-2022-37434")
	d.store.before = func() {
		d.store.before = nil
		d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{'2'}})
	}
	d.press("2").seesNot("view:").sees("67 open").onCursor("CVE-2024-3094")
}

func TestDetailFollowsAtRest(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.sees("CVE-2024-3094 in xz-utils")
	d.press("j")
	d.sees("CVE-2024-3094 in xz-utils").later(100 * time.Millisecond).sees("CVE-2022-37434 in zlib1g")
	d.press("tab").sees("There is no ticket").press("tab").sees("Nothing has been decided").press("shift-tab", "shift-tab").sees("CVSS 9.8")
}

func TestDetailIsAScreenOfItsOwnWhereNarrow(t *testing.T) {
	d := sit(t, 80, 24, sample)
	d.seesNot("Overview").press("enter").sees("Overview", "CVSS 9.8").press("q").seesNot("Overview")
	d.press("enter", "tab", "tab", "tab").sees("seen by trivy").press("-").onCursor("CVE-2024-3094")
	if d.quit {
		t.Error("- quit the console")
	}
}

func TestHelpRunsWhatIsChosen(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("?", "saved views").sees("saved views: choose").press("enter").sees("fixable")
	d.press("esc", "?", "address").sees("no ticket in Jira yet").press("enter").sees("warning").sees("Help")
	d.press("esc", ":", "connections", "enter").sees("acme-cloud", "Connections and profiles")
	d.press("q").sees("COMPONENT")
}

func TestDisabledActionsSayWhy(t *testing.T) {
	d := sit(t, 120, 40, func(d *desk) { d.imports("lonely", "1", finding("CVE-2024-1", model.SeverityLow, "a", "1", "")) })
	d.press("c").sees("There is no Jira connection yet")
	d.press("o").sees("This violation has no ticket")
	d.press("!").sees("Messages", "no Jira connection").press("esc")
	d.later(time.Minute).seesNot("warning")
}

func TestReadOnlyChangesNothing(t *testing.T) {
	d := sit(t, 120, 40, sample, func(o *Options) { o.ReadOnly = true })
	d.sees("read only")
	before := d.screen()
	d.press("c", "C", "e", "z", "r", "R", "i")
	if d.screen() != before {
		t.Errorf("a key that changes something did something:\n%s", d.screen())
	}
	d.press("?", "ticket").seesNot("create tickets")
}

func TestRebinding(t *testing.T) {
	d := sit(t, 120, 40, sample, func(o *Options) {
		o.Keys = map[string][]string{"move.down": {"&", "down"}, "sort.menu": {"&"}}
	})
	d.sees("sort.menu keeps s").press("&").onCursor("CVE-2022-37434").press("j").onCursor("CVE-2022-37434")
}

func TestQuitting(t *testing.T) {
	for _, key := range []string{"q", "ctrl-c"} {
		d := sit(t, 120, 40, sample)
		d.press("?").press("ctrl-l")
		if d.quit {
			t.Fatal("something else quit")
		}
		d.press("esc", key)
		if !d.quit {
			t.Errorf("%s does not quit", key)
		}
	}
	for _, key := range []string{"c", "e", "/", "?"} {
		if d := sit(t, 120, 40, sample).press(key, "q", "ctrl-c"); !d.quit {
			t.Errorf("ctrl-c does not quit while %s is open", key)
		}
	}
}

func TestCopying(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("y").sees("Copied CVE-2024-3094 (OSC 52)")
	if !strings.Contains(fmt.Sprint(d.sent), "]52;c;") {
		t.Error("no OSC 52 was sent")
	}
}

func TestSmallScreenSaysSo(t *testing.T) {
	d := sit(t, 50, 10, sample)
	d.sees("needs 60x15").press("j").send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.onCursor("CVE-2022-37434")
}

// move says what Jira would answer for a ticket.
func (d *desk) status(key, status, category string) {
	d.t.Helper()
	tickets, err := d.store.Tickets(d.t.Context(), storage.TicketFilter{})
	d.must(err)
	for _, ticket := range tickets {
		if ticket.Key == key {
			_, err = d.store.SetStatuses(d.t.Context(), []storage.StatusNews{{ID: ticket.ID, State: model.TicketOpen, Key: key, Project: "SEC", Status: status, Category: category}})
			d.must(err)
		}
	}
}

// A message gives way to the next key once it could be read; a warning stays,
// and one that is longer than the screen is wide has more than one line.
func TestMessagesGiveWay(t *testing.T) {
	d := sit(t, 80, 24, sample).press("*").sees("67 violations marked")
	d.press("j").sees("67 violations marked").later(2 * time.Second).press("j").seesNot("violations marked").sees("space mark")
	d.send(toast.Msg{Level: toast.Warn, Text: strings.Repeat("one thing and another, ", 6) + "that is all"})
	d.sees("that is all").later(2 * time.Second).press("j").sees("that is all")
}

// TestTheLeastScreenShowsWhatMatters: what goes by itself makes room for what does not.
func TestTheLeastScreenShowsWhatMatters(t *testing.T) {
	d := sit(t, 60, 15, sample)
	d.disputes(1, 2)
	d.changed().later(time.Minute).sees("acme-cloud ●  4 conflicts", "▲18 high").seesNot("outbox")
	d.press("e").sees("Status", "Justification", "Impact", "not ready for export")
}

func TestWhatIsTheSameIsSaidOnce(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("s").sees("severity       the severity", "ticket.status  name of").press("esc")
	d.ticketed(1)
	d.press("u").later(time.Second).sees("Summary   CVE-2024-3094").seesNot("Summary then").press("esc")
	d.press("tab", "tab", "tab", "tab").sees("import").seesNot(" (import)")
}
