package widget_test

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
	"pgregory.net/rapid"

	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

func none(t *testing.T) *theme.Theme {
	t.Helper()
	th, err := theme.New(theme.None, termenv.Ascii, false)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func TestFitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("abc 漢字한글éñ…กำ"))).Draw(t, "s")
		w := rapid.IntRange(0, 30).Draw(t, "w")
		if got := ansi.StringWidth(widget.Fit(s, w, "…")); got != w {
			t.Fatalf("Fit(%q, %d) is %d wide", s, w, got)
		}
		if got := ansi.StringWidth(widget.FitRight(s, w, "…")); got != w {
			t.Fatalf("FitRight(%q, %d) is %d wide", s, w, got)
		}
	})
}

func TestWrapStaysInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("abc de-f/漢字\n,"))).Draw(t, "s")
		w := rapid.IntRange(2, 20).Draw(t, "w")
		for _, line := range widget.Wrap(s, w) {
			if ansi.StringWidth(line) > w {
				t.Fatalf("Wrap(%q, %d) has the line %q", s, w, line)
			}
		}
	})
}

func TestWrapKeepsACommaWithItsWord(t *testing.T) {
	text := "It may let a remote person read memory, and stop the service; then, and there, again."
	for width := 8; width < 60; width++ {
		for _, line := range widget.Wrap(text, width) {
			if strings.HasPrefix(line, ",") || strings.HasPrefix(line, ";") || strings.HasPrefix(line, " ") {
				t.Errorf("at %d cells a line is %q", width, line)
			}
		}
	}
}

func TestNumbersAndAges(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1204: "1,204", 18233: "18,233", 1000000: "1,000,000", -1204: "-1,204"} {
		if got := widget.Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{0: "now", 59 * time.Second: "now", 2 * time.Minute: "2m ago", 3 * time.Hour: "3h ago", 72 * time.Hour: "3d ago"} {
		then := now.Add(-ago)
		if got := widget.Ago(then, now); got != want {
			t.Errorf("%v ago is shown as %q, want %q", ago, got, want)
		}
		next := widget.AgoChanges(then, now)
		if widget.Ago(then, next) == want || widget.Ago(then, next.Add(-time.Second)) != want {
			t.Errorf("the age of %v does not change just at %v", ago, next)
		}
	}
}

func TestEditor(t *testing.T) {
	runes := func(s string) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)} }
	key := func(k tea.KeyType) tea.KeyMsg { return tea.KeyMsg{Type: k} }
	for _, tc := range []struct {
		name  string
		lines bool
		keys  []tea.KeyMsg
		want  string
	}{
		{"typing", false, []tea.KeyMsg{runes("a"), runes("b")}, "ab"},
		{"backspace takes a whole character", false, []tea.KeyMsg{runes("né"), runes("é"), key(tea.KeyBackspace)}, "né"},
		{"word", false, []tea.KeyMsg{runes("one two"), key(tea.KeyCtrlW)}, "one "},
		{"to the start", false, []tea.KeyMsg{runes("one"), key(tea.KeyCtrlU)}, ""},
		{"in the middle", false, []tea.KeyMsg{runes("ac"), key(tea.KeyLeft), runes("b")}, "abc"},
		{"pasted lines become one", false, []tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune("a\nb\x1b[31m"), Paste: true}}, "a b [31m"},
		{"lines", true, []tea.KeyMsg{runes("a"), key(tea.KeyEnter), runes("b")}, "a\nb"},
		{"up and down", true, []tea.KeyMsg{runes("ab"), key(tea.KeyEnter), runes("cd"), key(tea.KeyUp), runes("x")}, "abx\ncd"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := widget.Editor{Lines: tc.lines}
			for _, k := range tc.keys {
				e.Update(k)
			}
			if e.Value() != tc.want {
				t.Errorf("got %q, want %q", e.Value(), tc.want)
			}
		})
	}
}

// TestEditorDrawsWhatIsPasted: tabs as cells that the layout counts, and a line
// of any length without going through it once for each of its characters,
// which takes minutes here.
func TestEditorDrawsWhatIsPasted(t *testing.T) {
	e := widget.Editor{Lines: true}
	paste := func(text string) { e.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true}) }
	paste("a\tb\nc\td")
	for i, line := range e.View(none(t), 20, 5, true) {
		if strings.Contains(line, "\t") || !strings.HasPrefix(line, []string{"a    b", "c    d"}[i]) {
			t.Errorf("line %d is drawn as %q", i, line)
		}
	}
	e.Set("")
	paste(strings.Repeat("日本é", 30_000))
	if line := e.View(none(t), 20, 5, true)[0]; ansi.StringWidth(line) > 20 || !strings.HasPrefix(line, "…") {
		t.Errorf("a long line is drawn as %q", line)
	}
}

func TestEditorKeepsItsCursorInSight(t *testing.T) {
	th := none(t)
	rapid.Check(t, func(t *rapid.T) {
		e := widget.Editor{}
		e.Set(rapid.StringOf(rapid.RuneFrom([]rune("abc漢 "))).Draw(t, "text"))
		for range rapid.IntRange(0, 30).Draw(t, "left") {
			e.Update(tea.KeyMsg{Type: tea.KeyLeft})
		}
		w := rapid.IntRange(6, 20).Draw(t, "width")
		line := e.View(th, w, 1, true)[0]
		if ansi.StringWidth(line) > w || !strings.Contains(line, "\x1b[7m") {
			t.Fatalf("%q is drawn as %q in %d cells", e.Value(), line, w)
		}
	})
}

func TestBoxOverFrame(t *testing.T) {
	th := none(t)
	frame := []string{"\x1b[1mbold text that is long\x1b[0m", "漢字漢字漢字漢字漢字", "short"}
	box := widget.Box(th, "Title", []string{"in"}, 14, 1)
	for _, line := range box {
		if w := ansi.StringWidth(line); w != 14 {
			t.Errorf("%q is %d wide, want 14", ansi.Strip(line), w)
		}
	}
	widget.Over(frame, box, 3, 0, 24)
	for _, line := range frame {
		if w := ansi.StringWidth(line); w != 24 {
			t.Errorf("%q is %d wide, want 24", ansi.Strip(line), w)
		}
	}
	if !strings.Contains(ansi.Strip(frame[0]), "┌─ Title ────┐") {
		t.Errorf("no title in %q", ansi.Strip(frame[0]))
	}
}

func TestCutNameKeepsWhatTellsApart(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int
		want  string
	}{
		{"xz-utils", 14, "xz-utils"},
		{"a-name-without-parts", 10, "a-name-wi…"},
		{"org.apache.logging.log4j:log4j-core", 16, "…:log4j-core"},
		{"com.fasterxml.jackson.core:jackson-databind", 14, "…kson-databind"},
		{"github.com/golang-jwt/jwt/v4", 18, "…golang-jwt/jwt/v4"},
		{"registry.example/日志框架", 8, "…志框架"},
	} {
		got := widget.CutName(c.name, c.width, "…")
		if got != c.want || ansi.StringWidth(got) > c.width {
			t.Errorf("%q in %d cells is %q (%d), want %q", c.name, c.width, got, ansi.StringWidth(got), c.want)
		}
	}
}

func TestWrapToSaysThatThereIsMore(t *testing.T) {
	if got := widget.WrapTo("one two three four", 9, 2, "…"); len(got) != 2 || got[1] != "three …" {
		t.Errorf("%q", got)
	}
	if got := widget.WrapTo("one two", 9, 2, "…"); len(got) != 1 || got[0] != "one two" {
		t.Errorf("%q", got)
	}
	if got := widget.WrapTo("123456789 123456789 1", 9, 2, "…"); got[1] != "12345678…" {
		t.Errorf("%q", got)
	}
}
