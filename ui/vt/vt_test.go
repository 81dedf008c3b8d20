package vt_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/vexdesk/ui/vt"
)

func screen(cols, rows int, input ...string) *vt.Screen {
	s := vt.New(cols, rows)
	for _, in := range input {
		_, _ = s.Write([]byte(in))
	}
	return s
}

func TestScreenShowsWhatATerminalWould(t *testing.T) {
	for _, c := range []struct {
		name, input, want string
		x, y              int
	}{
		{"text", "ab\r\ncd", "ab|cd||", 2, 1},
		{"line feed keeps the column", "ab\ncd", "ab|  cd||", 4, 1},
		{"autowrap waits for the next character", "abcdef", "abcdef|||", 5, 0},
		{"autowrap", "abcdefg", "abcdef|g||", 1, 1},
		{"no autowrap", "\x1b[?7labcdefgh", "abcdeh|||", 5, 0},
		{"a wide character does not fit", "abcde漢", "abcde|漢||", 2, 1},
		{"scrolling at the bottom", "1\r\n2\r\n3\r\n4\r\n5", "2|3|4|5", 1, 3},
		{"carriage return", "abc\rX", "Xbc|||", 1, 0},
		{"backspace", "abc\b\bX", "aXc|||", 2, 0},
		{"tab", "\x1b[4G\tX", "     X|||", 5, 0},
		{"CUP", "\x1b[3;2HX", "||\u0020X|", 2, 2},
		{"CUP beyond the edge", "\x1b[99;99HX", "|||     X", 5, 3},
		{"moves", "\x1b[2;2H\x1b[A\x1b[CX\x1b[2BY\x1b[3DZ", "  X||\u0020Z Y|", 2, 2},
		{"CHA and VPA", "\x1b[4GX\x1b[3dY", "   X||    Y|", 5, 2},
		{"EL to the right", "abcd\x1b[3G\x1b[K", "ab|||", 2, 0},
		{"EL to the left", "abcd\x1b[3G\x1b[1K", "   d|||", 2, 0},
		{"EL all", "abcd\x1b[2K", "|||", 4, 0},
		{"ED below", "a\r\nb\r\nc\x1b[2;1H\x1b[J", "a|||", 0, 1},
		{"ED above", "aa\r\nbb\r\ncc\x1b[2;1H\x1b[1J", "|\u0020b|cc|", 0, 1},
		{"ECH", "abcdef\x1b[2G\x1b[3X", "a   ef|||", 1, 0},
		{"ICH", "abcdef\x1b[2G\x1b[2@", "a  bcd|||", 1, 0},
		{"DCH", "abcdef\x1b[2G\x1b[2P", "adef|||", 1, 0},
		{"IL", "1\r\n2\r\n3\r\n4\x1b[2H\x1b[L", "1||2|3", 0, 1},
		{"DL", "1\r\n2\r\n3\r\n4\x1b[2H\x1b[M", "1|3|4|", 0, 1},
		{"SU and SD", "1\r\n2\r\n3\r\n4\x1b[2S\x1b[T", "|3|4|", 1, 3},
		{"margins and line feed", "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3H\n", "1|3||4", 0, 2},
		{"margins and RI", "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2H\x1bM", "1||2|4", 0, 1},
		{"margins reset home", "1\x1b[2;3r\x1b[3H\x1b[r", "1|||", 0, 0},
		{"a line feed below the margins", "\x1b[1;2r\x1b[4HX\n", "|||X", 1, 3},
		{"overwriting the right half of a wide character", "漢字\x1b[2GX", "\u0020X字|||", 2, 0},
		{"overwriting the left half", "漢字\x1b[1GX", "X 字|||", 1, 0},
		{"erasing half of one", "漢字\x1b[2G\x1b[K", "|||", 1, 0},
		{"combining marks", "e\u0301x", "e\u0301x|||", 2, 0},
		{"a mark in the last column", "abcdee\u0301\x1b[1GX", "Xbcdee\u0301|||", 1, 0},
		{"DECSC and DECRC", "ab\x1b7\r\ncd\x1b8X", "abX|cd||", 3, 0},
		{"the alternate screen", "ab\x1b[?1049hcd\x1b[?1049lX", "abX|||", 3, 0},
		{"invalid UTF-8", "a\xffb", "a\ufffdb|||", 3, 0},
		{"RIS", "abc\x1bcx", "x|||", 1, 0},
	} {
		for _, cut := range []int{0, 1, 3} { // whatever the pieces it arrives in
			s := vt.New(6, 4)
			for p := range slices.Chunk([]byte(c.input), max(cut, 1)) {
				if cut == 0 {
					break
				}
				_, _ = s.Write(p)
			}
			if cut == 0 {
				_, _ = s.Write([]byte(c.input))
			}
			if got := strings.ReplaceAll(s.String(), "\n", "|"); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
			if x, y, _ := s.Cursor(); x != c.x || y != c.y {
				t.Errorf("%s: cursor at %d,%d, want %d,%d", c.name, x, y, c.x, c.y)
			}
			if u := s.Unknown(); u != nil {
				t.Errorf("%s: unknown %q", c.name, u)
			}
		}
	}
}

func TestCellsHaveTheStyleTheyWereWrittenWith(t *testing.T) {
	red := vt.Color{Kind: 16, Value: 1}
	for _, c := range []struct {
		input string
		want  vt.Style
	}{
		{"\x1b[31mx", vt.Style{FG: red}},
		{"\x1b[41;1mx", vt.Style{BG: red, Bold: true}},
		{"\x1b[91mx", vt.Style{FG: vt.Color{Kind: 16, Value: 9}}},
		{"\x1b[1;2;3;4;5;6;7;8;9;53mx", vt.Style{Bold: true, Faint: true, Italic: true, Underline: 1, Blink: true, RapidBlink: true, Reverse: true, Conceal: true, Strike: true, Overline: true}},
		{"\x1b[1;3;4;7;9m\x1b[22;23;24;27;29mx", vt.Style{}},
		{"\x1b[1;31mx\x1b[m", vt.Style{FG: red, Bold: true}},
		{"\x1b[38;5;200;1mx", vt.Style{FG: vt.Color{Kind: 255, Value: 200}, Bold: true}},
		{"\x1b[48;2;1;2;3mx", vt.Style{BG: vt.Color{Kind: 24, Value: 0x010203}}},
		{"\x1b[38:2::1:2:3;4:3mx", vt.Style{FG: vt.Color{Kind: 24, Value: 0x010203}, Underline: 3}},
		{"\x1b[58;5;9mx", vt.Style{UnderlineColor: vt.Color{Kind: 255, Value: 9}}},
		{"\x1b]8;id=1;https://a/\ax", vt.Style{Link: "id=1;https://a/"}},
		{"\x1b]8;;https://a/\a\x1b]8;;\ax", vt.Style{}},
		{"\x1b[41m\x1b[K", vt.Style{BG: red}},
		{"\x1b[41;1;4m\x1b[2J", vt.Style{BG: red}},
	} {
		s := screen(4, 2, c.input)
		if got := s.Cell(0, 0).Style; got != c.want {
			t.Errorf("%q gives %+v, want %+v", c.input, got, c.want)
		}
		if u := s.Unknown(); u != nil {
			t.Errorf("%q: unknown %q", c.input, u)
		}
	}
}

func TestWhatAProgramAsksForIsKept(t *testing.T) {
	s := screen(20, 3, "\x1b]2;the title\a\x1b]52;c;aGVsbG8=\x1b\\\a\x1b[?25l\x1b[?2004h\x1b[?1002h\x1b[2;3r")
	if s.Title() != "the title" || s.Clipboard() != "hello" || s.Bells() != 1 {
		t.Errorf("title %q, clipboard %q, %d bells", s.Title(), s.Clipboard(), s.Bells())
	}
	if _, _, visible := s.Cursor(); visible || !s.Mode(2004) || !s.Mode(1002) || s.Mode(1049) || !s.Mode(7) {
		t.Error("modes are wrong")
	}
	if top, bottom := s.Margins(); top != 1 || bottom != 2 {
		t.Errorf("margins %d–%d", top, bottom)
	}
	want := []string{"\x1b]2;the title\a", "\x1b]52;c;aGVsbG8=\x1b\\", "\a", "\x1b[?25l", "\x1b[?2004h", "\x1b[?1002h", "\x1b[2;3r"}
	if got := s.RawControl(); !slices.Equal(got, want) {
		t.Errorf("log %q, want %q", got, want)
	}
}

func TestWhatIsNotImplementedIsListed(t *testing.T) {
	in := []string{"\x1b[5b", "\x1b[?9999h", "\x1b[c", "\x1bPq\x1b\\", "\x1b]11;?\a", "\x1b[99m", "\x1b#8", "\u009b"}
	s := screen(20, 3, in...)
	if got := s.Unknown(); !slices.Equal(got, in) {
		t.Errorf("listed %q, want %q", got, in)
	}
	if s.ResetLog(); s.Unknown() != nil || s.RawControl() != nil {
		t.Error("the log was not emptied")
	}
}

func TestResizeCutsAndKeepsTheRest(t *testing.T) {
	s := screen(6, 3, "abcde漢\r\nxyz")
	s.Resize(3, 2)
	if got := s.String(); got != "abc\n漢" {
		t.Errorf("smaller: %q", got)
	}
	s.Resize(1, 3)
	if got := s.String(); got != "a\n\n" {
		t.Errorf("a wide character cut in half: %q", got)
	}
	if c, r := s.Size(); c != 1 || r != 3 {
		t.Errorf("size %dx%d", c, r)
	}
}

func TestDiffNamesTheCellsThatLookDifferent(t *testing.T) {
	a, b := screen(4, 1, "ab\x1b[31m "), screen(4, 1, "aX ")
	if d := a.Diff(b, 5); len(d) != 1 || !strings.Contains(d[0], "column 1 of row 0") {
		t.Errorf("got %q", d)
	}
	if d := a.Diff(screen(5, 1), 5); len(d) != 1 {
		t.Errorf("another size: %q", d)
	}
}

// FuzzWrite: no input panics, breaks a wide character in two, or depends on
// the pieces it comes in.
func FuzzWrite(f *testing.F) {
	for _, seed := range []string{
		"text\r\n\x1b[31mred\x1b[m", "漢字\x1b[2G\x1b[P\x1b[@\x1b[3X", "\x1b[2;3r\n\n\n\x1bM\x1bM\x1b[9L\x1b[9M\x1b[99S\x1b[99T",
		"\x1b[?7l\x1b[?1049h漢漢漢漢漢漢\x1b[?1049l\x1b7\x1b8\x1bc", "\x1b[99999999999999999999C\x1b[;;;;H\x1b[38m\x1b[38;5m\x1b[:::m", "\x1b]8;;x", "e\u0301\u0301\x00\x7f\xff",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, in []byte, cut uint8) {
		whole, pieces := screen(7, 4, string(in)), vt.New(7, 4)
		for p := range slices.Chunk(in, int(cut)+1) {
			_, _ = pieces.Write(p)
		}
		if d := pieces.Diff(whole, 2); d != nil {
			t.Errorf("in pieces: %v", d)
		}
		whole.Resize(5, 3)
		for y := range 3 {
			for x := range 5 {
				c, next := whole.Cell(x, y), whole.Cell(x+1, y)
				if c.Width == 2 && (next.Width != 0 || x == 4) || c.Width == 0 && whole.Cell(x-1, y).Width != 2 {
					t.Errorf("half a wide character in column %d of %q", x, whole.Line(y))
				}
			}
		}
	})
}
