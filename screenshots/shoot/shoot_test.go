package main

import (
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/screenshots/picture"
)

const patience = 10 * time.Second

func needTmux(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("NOT TESTED: tmux is missing; tools/install-tmux.sh installs it")
	}
}

func TestPlayPressesKeysAndTakesTheScreen(t *testing.T) {
	needTmux(t)
	s := shot{
		cols: 30, rows: 6, theme: "light", env: []string{"NO_COLOR=1"},
		steps: []step{{wait: "ready"}, {keys: append(typed("a-b"), "Enter"), wait: "got <a-b>"}},
	}
	program := `printf '\033[1mready\033[0m %s %s\n' "$NO_COLOR" "$COLORFGBG"; read x; printf '\033[31;44mgot <%s>   \033[0m' "$x"; read x`
	screen, err := s.play(t.Context(), t.TempDir(), []string{"sh", "-c", program}, patience)
	if err != nil {
		t.Fatal(err)
	}
	rows := picture.Parse(screen, 30, 6).Rows
	if text := textOf(rows[0]); text != "ready 1 0;15" || !rows[0][0].Style.Bold {
		t.Errorf("first line: %q (bold %v), want a bold start and the environment of a light terminal", text, rows[0][0].Style.Bold)
	}
	if rows[2][11].Style.Background == nil {
		t.Errorf("the coloured blanks at the end of a line are lost: %+v", rows[2][11])
	}
}

func textOf(row []picture.Cell) string {
	var b strings.Builder
	for _, cell := range row {
		b.WriteString(cell.Text)
	}
	return strings.TrimRight(b.String(), " ")
}

func TestPlayTellsWhatWasOnTheScreen(t *testing.T) {
	needTmux(t)
	s := shot{cols: 60, rows: 6, theme: "dark", steps: []step{{wait: "never shown"}}}

	_, err := s.play(t.Context(), t.TempDir(), []string{"sh", "-c", "echo cannot open the store; exit 1"}, patience)
	if !errors.Is(err, errProgramEnded) || !strings.Contains(err.Error(), "cannot open the store") {
		t.Errorf("a program that fails: %v", err)
	}
	_, err = s.play(t.Context(), t.TempDir(), []string{"sh", "-c", "echo something else; read x"}, time.Second)
	if err == nil || !strings.Contains(err.Error(), "never shown") || !strings.Contains(err.Error(), "something else") {
		t.Errorf("a wait in vain: %v", err)
	}
}

func TestShotsAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range shots() {
		if seen[s.name] {
			t.Errorf("%s: two pictures of this name", s.name)
		}
		seen[s.name] = true
		if _, err := picture.ThemeNamed(s.theme); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		for _, step := range s.steps {
			if _, err := regexp.Compile(step.wait); err != nil || step.wait == "" {
				t.Errorf("%s: waits for %q: %v", s.name, step.wait, err)
			}
		}
	}
	if _, err := choose(shots(), []string{"list", "no such picture"}); err == nil {
		t.Error("an unknown picture was accepted")
	}
}
