package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/ptytest"
	"example.com/vexdesk/ui/vt"
)

// A script says in testdata/terminal what a person does at a real terminal and
// sees then, a line for each step:
//
//	given ticketed at 80x24, readonly
//	keys => text; text; not text; cursor text
//	meanwhile Jira says SEC-141 In Progress => SEC-141 In Progress
//
// A line that begins with # says what the following lines show. "given" begins
// the script: which workspace (givens), what terminal, and how the console is
// started: a word of childFlags, NAME=VALUE of the environment, or "each theme".
//
// Keys are named as in docs/keys.md, fg is the shell's; a key before … is pressed
// again and again until it is so; what stands in quotes is
// typed, with $JIRA, $EMAIL, $TOKEN and $CONSENT as the simulated Jira has them.
// "click" and "wheel down on" or "wheel up on" point at a text on the screen.
// "meanwhile" is what somebody else does (events). All that follows the arrow
// must be true at one time, however long that takes:
//
//	text            is on the screen, also in quotes
//	not text        is not
//	cursor text     the line with the cursor holds it
//	clip text       the terminal's clipboard is it
//	link text       some cell is a hyperlink (OSC 8) to it
//	mouse on        the terminal reports clicks and the wheel; mouse off
//	ended           the console has ended well
//
// And then, once that is so:
//
//	idle            nothing is sent any more, for longer than a question that
//	                was just asked takes no answer
//	silent          the same, for longer than anything in the console ticks
//	N bytes         the step has sent no more than that

// What is pointed at, with which button (xterm, "Mouse Tracking", SGR), and what
// switches that on or off.
var (
	pointing = regexp.MustCompile(`^(click|wheel down on|wheel up on) (.+)$`)
	buttons  = map[string]int{"click": 0, "wheel up on": 64, "wheel down on": 65}
	ofMouse  = regexp.MustCompile(`^\x1b\[\?(9|100[0-7]|1015|1016)[hl]$`)
)

// A script as it is read from its file.
type script struct {
	name          string
	given         string
	width, height int
	flags, env    []string
	steps         []step
}

type step struct {
	at         string // file and line
	does, sees string
}

var givenLine = regexp.MustCompile(`^given (.+?)(?: at (\d+)x(\d+))?((?:, [^,]+)*)$`)

// read reads the script of a file.
func read(t testing.TB, path string) script {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := script{name: strings.TrimSuffix(filepath.Base(path), ".txt"), width: 120, height: 40}
	for i, line := range strings.Split(string(text), "\n") {
		at := filepath.Base(path) + ":" + strconv.Itoa(i+1)
		does, sees, arrow := strings.Cut(line, "=>")
		switch given := givenLine.FindStringSubmatch(line); {
		case line == "" || strings.HasPrefix(line, "#"):
		case !arrow && given != nil && s.given == "":
			s.given = given[1]
			if given[2] != "" {
				s.width, _ = strconv.Atoi(given[2])
				s.height, _ = strconv.Atoi(given[3])
			}
			for _, word := range strings.Split(given[4], ", ")[1:] {
				if strings.Contains(word, "=") {
					s.env = append(s.env, word)
				} else {
					s.flags = append(s.flags, word)
				}
			}
		case !arrow || s.given == "" || strings.TrimSpace(sees) == "":
			t.Fatalf("%s: neither a step nor what is given: %q", at, line)
		default:
			s.steps = append(s.steps, step{at, strings.TrimSpace(does), strings.TrimSpace(sees)})
		}
	}
	if len(s.steps) == 0 {
		t.Fatalf("%s: a script without a step", path)
	}
	return s
}

// stage is where a script is played.
type stage struct {
	*terminal
	desk  *desk // of somebody else at the same workspace, in this process
	sim   *jiratest.Server
	trace string // the file in which the console notes what keys did
}

// play plays a script and looks whether the terminal is as it was afterwards.
func (s script) play(t *testing.T) *stage {
	t.Helper()
	setting, known := givens[s.given]
	if !known {
		t.Fatalf("%s: nobody knows what %q is: see givens", s.name, s.given)
	}
	g := &stage{desk: opens(t, setting.fill), trace: filepath.Join(t.TempDir(), "trace")}
	g.desk.now = time.Now()
	tickets, err := g.desk.store.Tickets(t.Context(), storage.TicketFilter{})
	g.desk.must(err)
	g.desk.made = len(tickets)
	if setting.with != nil {
		setting.with(g)
	}
	flags := childFlags + "=none " + strings.Join(s.flags, " ")
	g.terminal = atTerminal(t, g.desk, s.width, s.height, append([]string{flags, childTrace + "=" + g.trace}, s.env...)...)
	g.expect(" vexdesk ")
	for _, step := range s.steps {
		t.Logf("%s: %s => %s", step.at, step.does, step.sees)
		before, _ := g.Bytes()
		event, elsewhere := strings.CutPrefix(step.does, "meanwhile ")
		key, often := strings.CutSuffix(step.does, " …")
		pointed := pointing.FindStringSubmatch(step.does)
		switch {
		case pointed != nil:
			g.point(buttons[pointed[1]], pointed[2])
		case elsewhere:
			g.meanwhile(event)
		case often:
			g.pressUntil(key, step.sees)
		default:
			g.press(g.filled(step.does))
		}
		g.expect(g.filled(step.sees))
		g.rests(step.sees, before)
	}
	if strings.HasSuffix(s.steps[len(s.steps)-1].sees, "ended") {
		return g
	}
	g.press("ctrl-c")
	if state := g.WaitExit(patience); state.ExitCode() != 0 {
		t.Errorf("the console ended with %v:\n%s", state, g.Text())
	}
	g.Screen(func(v *vt.Screen) {
		asItWas(t, v)
		if asked := slices.ContainsFunc(v.RawControl(), ofMouse.MatchString); asked != slices.Contains(s.flags, "mouse") {
			t.Errorf("something was said to the terminal about the mouse: %v", asked)
		}
		if unknown := v.Unknown(); len(unknown) > 0 {
			t.Errorf("sent what no terminal knows: %q", unknown)
		}
	})
	return g
}

// filled puts in what the simulated Jira has.
func (g *stage) filled(names string) string {
	if g.sim == nil {
		return names
	}
	names = strings.NewReplacer("$JIRA", g.sim.URL, "$EMAIL", jiratest.AnalystEmail, "$TOKEN", jiratest.AnalystToken).Replace(names)
	if strings.Contains(names, "$CONSENT") {
		var address string
		g.Screen(func(s *vt.Screen) { address = s.Clipboard() })
		to, err := g.sim.Consent(jiratest.AnalystEmail, address)
		g.desk.must(err)
		names = strings.ReplaceAll(names, "$CONSENT", to)
	}
	return names
}

// atTerminal starts the console on the desk's workspace.
func atTerminal(t *testing.T, d *desk, cols, rows int, env ...string) *terminal {
	t.Helper()
	env = append([]string{childOf + "=" + d.store.Path(), "TERM=xterm-256color", "LANG=C.UTF-8", "SSH_CONNECTION=1 2 3 4"}, env...)
	return &terminal{ptytest.Start(t, ptytest.Config{Cols: cols, Rows: rows, Env: env}, os.Args[0]), t}
}
