package term

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/muesli/termenv"
)

// Multiplexer is a program between ours and the real terminal.
type Multiplexer string

// The multiplexers that need to be known.
const (
	NoMultiplexer Multiplexer = ""
	Tmux          Multiplexer = "tmux"
	GNUScreen     Multiplexer = "screen"
)

// Names of the themes that Detect chooses from.
const (
	Dark  = "dark"
	Light = "light"
	None  = "none"
)

// remoteByteRate is the budget of a held key on a line of unknown speed, in
// bytes a second: lines scroll unhindered, pages do not pile up.
const remoteByteRate = 16 << 10

// Capabilities is what the terminal can be asked for.
type Capabilities struct {
	// Screen is whether a full-screen program can run; Why says why not, and
	// what to do instead.
	Screen bool
	Why    string
	// Profile is how many colours there are; Ascii stands for none.
	Profile termenv.Profile
	// Theme is the default one: Dark, Light, or None without colours.
	Theme string
	// Unicode is whether signs beyond ASCII can be shown.
	Unicode bool
	// Hyperlinks is whether OSC 8 is understood, or at least not shown.
	Hyperlinks bool
	// Multiplexer is what stands between.
	Multiplexer Multiplexer
	// Remote is whether the program runs at the far end of an SSH connection.
	Remote bool
	// Display is whether a browser could open a window here.
	Display bool
	// ByteRate is the output budget for paint.Options; 0 for its default.
	ByteRate int
}

// Detect reads the environment through getenv, which gives "" for what is not
// set. isTerminal says whether both input and output are terminals.
//
// NO_COLOR follows no-color.org: any value but an empty one. COLORTERM and the
// suffixes of TERM are read as termenv and ncurses do, COLORFGBG as rxvt sets
// it: its last field is the background's colour number.
func Detect(getenv func(string) string, isTerminal bool) Capabilities {
	name := getenv("TERM")
	c := Capabilities{
		Multiplexer: multiplexer(getenv, name),
		Remote:      getenv("SSH_CONNECTION") != "" || getenv("SSH_TTY") != "",
		Display:     display(getenv),
	}
	c.Profile = profile(getenv, name, c.Multiplexer)
	c.Theme = defaultTheme(getenv, c.Profile)
	c.Unicode = unicode(getenv) && !fewSigns(name)
	c.Screen, c.Why = fullScreen(name, isTerminal)
	c.Hyperlinks = c.Screen && c.Multiplexer != GNUScreen && !plain(name) && name != "linux"
	if c.Remote {
		c.ByteRate = remoteByteRate
	}
	return c
}

func multiplexer(getenv func(string) string, name string) Multiplexer {
	switch {
	case getenv("TMUX") != "" || strings.HasPrefix(name, "tmux"):
		return Tmux
	case getenv("STY") != "":
		return GNUScreen
	case strings.HasPrefix(name, "screen"):
		// Over SSH neither variable arrives. tmux says who it is in
		// TERM_PROGRAM where that was let through.
		if getenv("TERM_PROGRAM") == "tmux" {
			return Tmux
		}
		return GNUScreen
	}
	return NoMultiplexer
}

// plain says whether a terminal has no colours.
func plain(name string) bool {
	switch name {
	case "", "dumb", "unknown":
		return runtime.GOOS != "windows" || name != ""
	}
	return strings.HasPrefix(name, "vt1") || strings.HasPrefix(name, "vt2") || strings.HasSuffix(name, "-m") || strings.HasSuffix(name, "-mono")
}

func profile(getenv func(string) string, name string, mux Multiplexer) termenv.Profile {
	if getenv("NO_COLOR") != "" || plain(name) {
		return termenv.Ascii
	}
	if mux == GNUScreen {
		if strings.Contains(name, "256color") {
			return termenv.ANSI256
		}
		return termenv.ANSI
	}
	switch strings.ToLower(getenv("COLORTERM")) {
	case "truecolor", "24bit":
		return termenv.TrueColor
	}
	switch {
	case strings.HasSuffix(name, "-direct") || getenv("WT_SESSION") != "":
		return termenv.TrueColor
	case strings.Contains(name, "256color") || mux == Tmux:
		return termenv.ANSI256
	}
	return termenv.ANSI
}

func defaultTheme(getenv func(string) string, p termenv.Profile) string {
	if p == termenv.Ascii {
		return None
	}
	f := strings.Split(getenv("COLORFGBG"), ";")
	if bg, err := strconv.Atoi(f[len(f)-1]); err == nil && len(f) > 1 && (bg == 7 || bg >= 9 && bg <= 15) {
		return Light
	}
	return Dark
}

// unicode reads the character encoding from the locale, where the first of
// the three variables that is set counts (POSIX, 8.2).
func unicode(getenv func(string) string) bool {
	if runtime.GOOS == "windows" {
		return true
	}
	for _, k := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(k)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// fewSigns says whether a terminal lacks our signs whatever the locale: the font
// of the Linux console has 256 or 512 of them (console_codes(4), setfont(8)), and
// VT terminals and ANSI.SYS know no UTF-8.
func fewSigns(name string) bool {
	return name == "linux" || name == "ansi" || strings.HasPrefix(name, "vt1") || strings.HasPrefix(name, "vt2")
}

// display says whether there is something to open a window on.
func display(getenv func(string) string) bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "" || getenv("WSL_DISTRO_NAME") != ""
}

func fullScreen(name string, isTerminal bool) (ok bool, why string) {
	switch {
	case !isTerminal:
		return false, "standard input and output are not both a terminal; use the commands that print, such as list --json"
	case name == "dumb" || name == "unknown" || name == "" && runtime.GOOS != "windows":
		return false, "TERM is " + strconv.Quote(name) + ", a terminal that cannot move its cursor; set TERM to what you really have, or use the commands that print, such as list --json"
	}
	return true, ""
}
