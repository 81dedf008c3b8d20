package list

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
	"pgregory.net/rapid"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/theme"
)

// whole is the list that a window is moved over: row i has the id i+1.
func whole(from, to int) []storage.Listed {
	var out []storage.Listed
	for i := from; i < to; i++ {
		out = append(out, storage.Listed{Row: model.Row{ID: model.ViolationID(i + 1)}})
	}
	return out
}

// serve answers what the window needs, as the store would.
func serve(r *rows, n, limit int) {
	for {
		switch first, last := int(r.lines[0].ID)-1, int(r.lines[len(r.lines)-1].ID); r.needs() {
		case +1:
			to := min(n, last+limit)
			r.append(whole(last, to), to-last < limit)
		case -1:
			from := max(0, first-limit)
			r.prepend(whole(from, first), first-from < limit)
		default:
			return
		}
	}
}

// TestWindowMovesAsTheWholeListWould: whatever is held and let go of, the
// cursor is where it would be if all rows were held.
func TestWindowMovesAsTheWholeListWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3000).Draw(t, "rows")
		limit := rapid.IntRange(100, 200).Draw(t, "page")
		r := &rows{height: rapid.IntRange(1, 40).Draw(t, "height")}
		r.replace(whole(0, min(n, limit)), true, n < limit, 0, 0)
		serve(r, n, limit)
		at := 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			by := rapid.IntRange(-400, 400).Draw(t, "by")
			at = max(0, min(n-1, at+by))
			r.move(by)
			serve(r, n, limit)
			if got := int(r.current().ID) - 1; got != at {
				t.Fatalf("after moving by %d the cursor is on row %d, want %d of %d (window %d from %d)", by, got, at, n, len(r.lines), r.base)
			}
			if r.place() != at+1 {
				t.Fatalf("the place of row %d is said to be %d", at, r.place())
			}
			if from, to := r.seen(); r.at < from || r.at >= to {
				t.Fatalf("the cursor %d is out of sight (%d to %d)", r.at, from, to)
			}
			if len(r.lines) > heldMost+2*limit {
				t.Fatalf("%d lines are held", len(r.lines))
			}
		}
	})
}

// TestMarksAreASet checks the compact set against a plain one.
func TestMarksAreASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m marks
		want := map[model.ViolationID]bool{}
		id := rapid.Custom(func(t *rapid.T) model.ViolationID { return model.ViolationID(rapid.IntRange(1, 12).Draw(t, "id")) })
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				all := rapid.SliceOfDistinct(id, func(v model.ViolationID) model.ViolationID { return v }).Draw(t, "all")
				m.SetAll(all)
				want = map[model.ViolationID]bool{}
				for _, each := range all {
					want[each] = true
				}
			case 1:
				m.Clear()
				want = map[model.ViolationID]bool{}
			case 2, 3:
				each := id.Draw(t, "add")
				m.Add(each)
				want[each] = true
			default:
				each := id.Draw(t, "toggle")
				m.Toggle(each)
				if want[each] = !want[each]; !want[each] {
					delete(want, each)
				}
			}
			if m.Count() != len(want) || len(m.IDs()) != len(want) {
				t.Fatalf("count %d, ids %v, want %v", m.Count(), m.IDs(), want)
			}
			for _, each := range m.IDs() {
				if !want[each] || !m.Has(each) {
					t.Fatalf("%d is marked and should not be", each)
				}
			}
		}
	})
}

// TestRowsNeverWrap: whatever a report says, a row stays on its line and the
// columns stay straight.
func TestRowsNeverWrap(t *testing.T) {
	th, err := theme.New(theme.Dark, termenv.ANSI256, false)
	if err != nil {
		t.Fatal(err)
	}
	text := rapid.StringOf(rapid.RuneFrom([]rune("abcdef-._/ 0123漢字한글กำéñ")))
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(60, 300).Draw(t, "width")
		shown := layout(width)
		r := model.Row{Issue: text.Draw(t, "issue"), Component: text.Draw(t, "component"), ComponentVersion: text.Draw(t, "version"),
			Product: text.Draw(t, "product"), ProductVersion: text.Draw(t, "pv"), Fix: text.Draw(t, "fix"),
			EPSS: rapid.Float64Range(-1, 1).Draw(t, "epss"), KEV: rapid.Bool().Draw(t, "kev"), VEX: model.VEXNotAffected,
			Ticket: &model.Ticket{Key: text.Draw(t, "key"), Status: text.Draw(t, "status"), State: model.TicketOpen}, Tickets: 3}
		line := draw(th, shown, &r)
		if w := gutter + ansi.StringWidth(line); w > width {
			t.Fatalf("the row is %d cells wide, the screen %d: %q", w, width, ansi.Strip(line))
		}
		// The last column begins where its head does.
		heads := ansi.Strip(head(th, shown, nil))
		at := strings.Index(heads, shown[len(shown)-1].head)
		cells := ansi.Strip(ansi.Cut(line, at-gutter, width))
		if cut := ansi.Truncate(strings.TrimSpace(r.Ticket.Key), 1, ""); shown[len(shown)-1].key == "ticket" && cut != "" && !strings.HasPrefix(strings.TrimSpace(cells), cut) {
			t.Fatalf("the ticket column begins with %q under %q:\n%s\n   %s", cells, shown[len(shown)-1].head, heads, ansi.Strip(line))
		}
	})
}

func TestColumnsGiveWayInOrder(t *testing.T) {
	had := map[string]bool{}
	var gone []string
	for width := 200; width >= 60; width-- {
		now := map[string]bool{}
		for _, c := range layout(width) {
			now[string(c.key)] = true
		}
		for key := range had {
			if !now[key] {
				gone = append(gone, key)
			}
		}
		had = now
	}
	if got := strings.Join(gone, " "); !strings.HasPrefix("epss version product fix vex ticket", got) || len(gone) < 4 {
		t.Errorf("columns left in the order %q", got)
	}
}

// TestAWideScreenCutsNothing: long names and versions are whole where there is
// room for them.
func TestAWideScreenCutsNothing(t *testing.T) {
	th, err := theme.New(theme.None, termenv.Ascii, false)
	if err != nil {
		t.Fatal(err)
	}
	r := model.Row{Issue: "GHSA-jfh8-c2jp-5v3q", Component: "org.springframework.security:spring-security-core", ComponentVersion: "1:1.2.11.dfsg-2+deb11u1",
		Product: "fraud-scoring-service-eu-west", ProductVersion: "2026.11.1", Fix: "1:1.2.11.dfsg-2+deb11u2"}
	if line := draw(th, layout(300), &r); strings.Contains(line, "…") {
		t.Errorf("cut at 300 columns: %s", line)
	}
}

func TestChangedRowsAreKnown(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	old, lines := wrap(whole(0, 3)), wrap(whole(0, 4))
	old[1].drawn, old[2].drawn = "kept", "old"
	lines[2].Ticket = &model.Ticket{Key: "SEC-1", Status: "Done"}
	if !adopt(lines, old, now) || !lines[2].changed.Equal(now) || lines[2].drawn != "" {
		t.Errorf("a changed row was not noticed: %+v", lines[2])
	}
	if lines[1].drawn != "kept" || !lines[1].changed.IsZero() || !lines[3].changed.IsZero() {
		t.Error("rows that did not change were drawn anew or marked")
	}
}
