package model

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanTakesTheSignsThatMoveACursorOrHide(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                             "plain",
		"  two   spaces ":                   "two spaces",
		"a\x1b[2Jb":                         "a [2Jb",
		"a\x9b31mb":                         "a 31mb",
		"a\u009b31mb":                       "a 31mb",
		"title\x1b]0;owned\x07end":          "title ]0;owned end",
		"evil\u202egpj.exe":                 "evilgpj.exe",
		"zero\u200bwidth\u200d\ufeff":       "zerowidth",
		"line\r\nbreak\u2028and\u0085more":  "line break and more",
		"tag\U000e0041\U000e007f":           "tag",
		"heart\ufe0f":                       "heart",
		"日本語 テキスト":                          "日本語 テキスト",
		"e\u0301":                           "e\u0301",
		"tab\tand\x00nul\x7f":               "tab and nul",
		string([]byte{'b', 'a', 'd', 0xff}): "bad\uFFFD",
	} {
		if in == "a\x9b31mb" {
			want = "a\uFFFD31mb" // a lone byte is no character
		}
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanTextKeepsLinesAndTabs(t *testing.T) {
	if got := CleanText("one\r\n\ttwo\rthree\x1b[0m\n"); got != "one\n\ttwo\nthree [0m" {
		t.Errorf("%q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "a\x1b[31m", "\u202e", "\xff\xfe", "x\u200by", "a  b", "\u0085"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, out := range map[string]string{"Clean": Clean(s), "CleanText": CleanText(s)} {
			if !utf8.ValidString(out) {
				t.Errorf("%s(%q) is not UTF-8: %q", name, s, out)
			}
			for _, r := range out {
				if unicode.IsControl(r) && (name == "Clean" || r != '\n' && r != '\t') || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) {
					t.Errorf("%s(%q) leaves %U", name, s, r)
				}
			}
		}
		if out := Clean(s); Clean(out) != out || strings.Contains(out, "  ") {
			t.Errorf("Clean is not done in one go: %q", out)
		}
	})
}

func TestCutRunesCountsRunes(t *testing.T) {
	if got := CutRunes("äöüß", 3); got != "äö…" {
		t.Error(got)
	}
	if got := CutRunes("äöü", 3); got != "äöü" {
		t.Error(got)
	}
}
