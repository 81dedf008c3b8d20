package paint

import (
	"runtime/debug"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/vexdesk/ui/vt"
)

// odd are texts over whose width terminals differ.
var odd = []string{"👩‍💻", "⚠️", "🇩🇪", "नि", "क्ष", "กำ", "😀", "👨‍👩‍👧‍👦", "👍🏽", "가", "ﷺ", "\u200b", "\u202e", "x\u0301\u0302\u0303"}

// straight checks that every cell whose width is sure stands in its column,
// and that nothing old shows beside one that is drawn too narrow.
func straight(t interface{ Errorf(string, ...any) }, e *engine, s *vt.Screen) {
	for y, l := range e.rows {
		for x := range e.width {
			c := l.at(x)
			got := s.Cell(x, y)
			if c.unsure && c.width > 0 || c.width == 0 && strings.Contains(l.at(x-1).text+" ", got.Text) {
				continue
			}
			if got.Text != c.text {
				t.Errorf("column %d of row %d shows %q, want %q: %q", x, y, got.Text, c.text, l.text)
				return
			}
		}
	}
}

// A character that the terminal gives another width than Lip Gloss does must
// not move anything else.
func TestOddWidthsMoveNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cols, rows := rapid.IntRange(1, 40).Draw(t, "cols"), rapid.IntRange(1, 6).Draw(t, "rows")
		e, s := newEngine(true), newScreen(cols, rows)
		e.resize(cols, rows)
		piece := rapid.SampledFrom(append(append([]string{}, words...), odd...))
		for range rapid.IntRange(5, 20).Draw(t, "frames") {
			view := strings.Join(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
				return strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
			}), 0, rows).Draw(t, "lines"), "\n")
			_, _ = s.Write(e.frame(view, nil))
			straight(t, e, s)
		}
	})
}

// FuzzHostileView paints whatever text a View could hold: nothing of it may
// do more than show characters and colours.
func FuzzHostileView(f *testing.F) {
	for _, seed := range []string{
		"plain", "\x1b[2J\x1b[Hgone", "\x1b]0;title\a\x1b]52;c;eA==\a", "\x1b[?1049l\x1b[31", "a\rb\bc\td\x00\x7f",
		"\x1bPq#0\x1b\\x\x1b_x", "\xff\xfe\xc3", "\u009b31m", "\x1b]8;;https://a/\x1b[2J\a", "\x1b]8;;" + strings.Repeat("a", 3000) + "\ax",
		"\x1b[38;5m\x1b[38;2;1;2m\x1b[999999999999m\x1b[;;;m\x1b[4:9m\x1b[38:2:1mx", strings.Repeat("\u0301", 500), "x" + strings.Repeat("\u0301", 500),
		"👩‍💻\n漢字\n\n\n\n\n\n\n\n\n\n", "\x1b[31;1mred\x1b[m" + strings.Repeat(" ", 200),
	} {
		f.Add(seed, "then\nthis")
		f.Add("this\nthen", seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		const cols, rows = 30, 6
		e, s := newEngine(true), newScreen(cols, rows)
		e.resize(cols, rows)
		s.ResetLog()
		for _, view := range []string{first, second, first} {
			_, _ = s.Write(e.frame(view, nil))
			straight(t, e, s)
		}
		if u := s.Unknown(); u != nil {
			t.Errorf("these reached the terminal: %q", u)
		}
		if s.Title() != "" || s.Clipboard() != "" || s.Bells() != 0 || s.AltScreen() || s.Pen() != (vt.Style{}) {
			t.Errorf("the terminal was changed: title %q, clipboard %q, pen %+v", s.Title(), s.Clipboard(), s.Pen())
		}
		if top, bottom := s.Margins(); top != 0 || bottom != rows-1 {
			t.Errorf("margins left at %d–%d", top, bottom)
		}
	})
}

// What the painter knows of Bubble Tea's habits holds for this version.
func TestBubbleTeaIsTheVersionWeKnow(t *testing.T) {
	const path, known = "github.com/charmbracelet/bubbletea", "v1.3.10"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("no build information")
	}
	for _, d := range info.Deps {
		if d.Path == path && d.Version != known {
			t.Errorf("Bubble Tea is %s, not %s: check output's assumptions before raising this", d.Version, known)
		}
	}
}

func TestPenChangesAreWhatTheTerminalUnderstands(t *testing.T) {
	draw := func(t *rapid.T, name string) pen {
		var p pen
		for _, s := range rapid.SliceOfN(rapid.SampledFrom(pens), 0, 6).Draw(t, name) {
			if params, ok := strings.CutPrefix(s, "\x1b["); ok {
				p.sgr(strings.TrimSuffix(params, "m"))
			}
		}
		return p
	}
	rapid.Check(t, func(t *rapid.T) {
		from, to := draw(t, "from"), draw(t, "to")
		s := vt.New(4, 1)
		write(s, string(appendPen(nil, pen{}, to))+"x\r")
		want := s.Cell(0, 0)
		s = vt.New(4, 1)
		b := string(appendPen(nil, pen{}, from)) + string(appendPen(nil, from, to))
		write(s, b+"x")
		if got := s.Cell(0, 0); got != want {
			t.Fatalf("%q gives %+v, want %+v", b, got, want)
		}
	})
}

func TestLinksAreKeptOnlyWhereAsked(t *testing.T) {
	const view = "\x1b]8;id=1;https://example.com/\x1b\\text\x1b]8;;\x1b\\ more"
	for _, links := range []bool{true, false} {
		e, s := newEngine(links), newScreen(20, 1)
		e.resize(20, 1)
		_, _ = s.Write(e.frame(view, nil))
		want := ""
		if links {
			want = "id=1;https://example.com/"
		}
		if got := s.Cell(0, 0).Style.Link; got != want || s.Line(0) != "text more" || s.Cell(5, 0).Style.Link != "" {
			t.Errorf("links %v: %q on %q", links, got, s.Line(0))
		}
	}
}
