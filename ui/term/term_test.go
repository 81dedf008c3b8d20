package term

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/muesli/termenv"
)

// env makes a getenv from "KEY=value" pairs.
func env(pairs ...string) func(string) string {
	return func(key string) string {
		for _, p := range pairs {
			if k, v, _ := strings.Cut(p, "="); k == key {
				return v
			}
		}
		return ""
	}
}

func TestColoursFollowTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		env   []string
		want  termenv.Profile
		theme string
	}{
		{[]string{"TERM=xterm-256color"}, termenv.ANSI256, Dark},
		{[]string{"TERM=xterm"}, termenv.ANSI, Dark},
		{[]string{"TERM=linux"}, termenv.ANSI, Dark},
		{[]string{"TERM=vt100"}, termenv.Ascii, None},
		{[]string{"TERM=dumb"}, termenv.Ascii, None},
		{[]string{"TERM=xterm-mono"}, termenv.Ascii, None},
		{[]string{"TERM=xterm", "COLORTERM=truecolor"}, termenv.TrueColor, Dark},
		{[]string{"TERM=xterm-direct"}, termenv.TrueColor, Dark},
		{[]string{"TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=1"}, termenv.Ascii, None},
		{[]string{"TERM=xterm-256color", "NO_COLOR="}, termenv.ANSI256, Dark},
		{[]string{"TERM=screen-256color"}, termenv.ANSI256, Dark},
		{[]string{"TERM=screen", "STY=1.host", "COLORTERM=truecolor"}, termenv.ANSI, Dark},
		{[]string{"TERM=screen", "TMUX=/tmp/x,1,0"}, termenv.ANSI256, Dark},
		{[]string{"TERM=tmux-256color", "COLORTERM=truecolor"}, termenv.TrueColor, Dark},
		{[]string{"TERM=xterm-256color", "COLORFGBG=0;15"}, termenv.ANSI256, Light},
		{[]string{"TERM=xterm-256color", "COLORFGBG=0;default;7"}, termenv.ANSI256, Light},
		{[]string{"TERM=xterm-256color", "COLORFGBG=15;0"}, termenv.ANSI256, Dark},
		{[]string{"TERM=xterm-256color", "COLORFGBG=15;8"}, termenv.ANSI256, Dark},
		{[]string{"TERM=xterm-256color", "COLORFGBG=nonsense"}, termenv.ANSI256, Dark},
	} {
		got := Detect(env(c.env...), true)
		if got.Profile != c.want || got.Theme != c.theme {
			t.Errorf("%v: profile %v, theme %s, want %v and %s", c.env, got.Profile, got.Theme, c.want, c.theme)
		}
	}
}

func TestSurroundingsFollowTheEnvironment(t *testing.T) {
	c := Detect(env("TERM=xterm-256color", "LANG=en_GB.UTF-8", "DISPLAY=:0"), true)
	if !c.Screen || !c.Unicode || !c.Hyperlinks || !c.Display || c.Remote || c.ByteRate != 0 || c.Multiplexer != NoMultiplexer {
		t.Errorf("a local terminal: %+v", c)
	}
	c = Detect(env("TERM=screen-256color", "TERM_PROGRAM=tmux", "SSH_CONNECTION=1.2.3.4 5 6.7.8.9 22", "LC_ALL=C", "LANG=en_GB.UTF-8"), true)
	if !c.Remote || c.Unicode || c.Multiplexer != Tmux || c.ByteRate == 0 {
		t.Errorf("tmux over SSH: %+v", c)
	}
	if c = Detect(env("TERM=screen"), true); c.Multiplexer != GNUScreen || c.Hyperlinks {
		t.Errorf("GNU screen: %+v", c)
	}
	if c = Detect(env("TERM=linux", "LANG=en_GB.UTF-8"), true); !c.Screen || c.Hyperlinks || c.Unicode {
		t.Errorf("the Linux console: %+v", c)
	}
	if c = Detect(env("TERM=vt220", "LANG=en_GB.UTF-8"), true); !c.Screen || c.Unicode {
		t.Errorf("a VT220: %+v", c)
	}
	for _, pairs := range [][]string{{"TERM=dumb"}, {}} {
		if c = Detect(env(pairs...), true); c.Screen || !strings.Contains(c.Why, "TERM") {
			t.Errorf("%v can run the console: %+v", pairs, c)
		}
	}
	if c = Detect(env("TERM=xterm"), false); c.Screen || c.Why == "" {
		t.Errorf("no terminal: %+v", c)
	}
}

func TestCopyKnowsItsLimitAndTheMultiplexer(t *testing.T) {
	ctx := context.Background()
	plain := Capabilities{}
	got, err := plain.Copy(ctx, "hello")
	if err != nil || got.Sequence != "\x1b]52;c;aGVsbG8=\a" || got.Via != "OSC 52" {
		t.Errorf("plain: %+v, %v", got, err)
	}
	got, err = plain.Copy(ctx, strings.Repeat("x", MaxCopy))
	if err != nil || len(got.Sequence) > 100_000 || got.Sequence == "" {
		t.Errorf("the longest text: %d bytes, %v", len(got.Sequence), err)
	}
	if _, err = plain.Copy(ctx, strings.Repeat("x", MaxCopy+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("one byte more: %v, want ErrTooLong", err)
	}
	screen := Capabilities{Multiplexer: GNUScreen}.ClipboardSequence("hello")
	if !strings.HasPrefix(screen, "\x1bP\x1b]52;c;") || !strings.HasSuffix(screen, "\x1b\\") {
		t.Errorf("GNU screen: %q", screen)
	}
	tmux := Capabilities{Multiplexer: Tmux}.ClipboardSequence("hello")
	if !strings.HasPrefix(tmux, "\x1b]52;c;aGVsbG8=\a") || !strings.Contains(tmux, "\x1bPtmux;") {
		t.Errorf("tmux: %q", tmux)
	}
	// A tmux that is not there is no reason to fail.
	t.Setenv("PATH", t.TempDir())
	if got, err = (Capabilities{Multiplexer: Tmux}).Copy(ctx, "hello"); err != nil || got.Via != "OSC 52" {
		t.Errorf("without a tmux program: %+v, %v", got, err)
	}
}

func TestLinksAreForWebAddressesOnly(t *testing.T) {
	c := Capabilities{Hyperlinks: true}
	if got, want := c.Link("https://example.com/a?b=c", "text"), "\x1b]8;;https://example.com/a?b=c\atext\x1b]8;;\a"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, bad := range []string{"", "javascript:alert(1)", "file:///etc/passwd", "https://", "https://a/\x1b]52;c;x\a", "https://a b", "https://ü.example"} {
		if got := c.Link(bad, "text"); got != "text" {
			t.Errorf("%q became %q", bad, got)
		}
	}
	if got := (Capabilities{}).Link("https://example.com", "text"); got != "text" {
		t.Errorf("without links: %q", got)
	}
}

func TestNoBrowserOpensWhereItWouldBeWrong(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // whatever happens, nothing can be started
	for _, c := range []Capabilities{{Remote: true, Display: true}, {}, {Display: true}} {
		if err := c.Open("https://example.com/"); !errors.Is(err, ErrNoBrowser) {
			t.Errorf("%+v: %v, want ErrNoBrowser", c, err)
		}
	}
	if err := (Capabilities{Display: true}).Open("file:///etc/passwd"); !errors.Is(err, ErrNoAddress) {
		t.Errorf("a file: %v, want ErrNoAddress", err)
	}
}
