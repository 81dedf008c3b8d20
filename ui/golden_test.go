package ui

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// golden compares a frame with the one that somebody looked at, and checks
// what holds for every frame.
func golden(t *testing.T, d *desk, name string) {
	t.Helper()
	frame := d.root.View()
	if d.blank != "" {
		frame = strings.ReplaceAll(frame, d.blank, "https://acme.example.net")
	}
	lines := strings.Split(frame, "\n")
	if len(lines) != d.root.height {
		t.Errorf("%s has %d lines, the screen %d", name, len(lines), d.root.height)
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w > d.root.width {
			t.Errorf("%s: line %d is %d cells wide, the screen %d: %q", name, i+1, w, d.root.width, ansi.Strip(line))
		}
	}
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(frame), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./ui -update writes it", err)
	}
	if string(want) != frame {
		t.Errorf("%s differs from %s (go test ./ui -update, then look at it):\n%s", name, file, ansi.Strip(frame))
	}
}

// TestGoldenFrames holds the screens at the sizes and themes that matter.
func TestGoldenFrames(t *testing.T) {
	sizes := []struct {
		name          string
		width, height int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}, {"200x50", 200, 50}}
	steps := []struct {
		name string
		do   func(d *desk)
	}{
		{"list", func(d *desk) { d.press("j", "space", "j", "space") }},
		{"filter", func(d *desk) { d.press("/", "severity:>=high ti") }},
		{"mistake", func(d *desk) { d.press("/", "severity:horrible") }},
		{"detail", func(d *desk) { d.press("enter") }},
		{"help", func(d *desk) { d.press("?") }},
		{"create", func(d *desk) { d.press("c") }},
		{"plan", func(d *desk) { d.press("j", "space", "space", "C").later(time.Second) }},
		{"vex", func(d *desk) { d.press("e", "right", "right", "right") }},
		{"setup", func(d *desk) { d.press("T") }},
		{"update", func(d *desk) { d.ticketed(3).press("u") }},
		{"products", func(d *desk) { d.press("P") }},
		{"product", func(d *desk) { d.press("P", "j", "enter") }},
		{"policies", func(d *desk) { d.press("W") }},
		{"policy", func(d *desk) { d.press("W", "n", "urgent", "tab", "tab", "tab", "tab", "severity:critical fix:") }},
		{"watch", func(d *desk) { d.press("W", "tab", "enter") }},
	}
	for _, size := range sizes {
		for _, theme := range []string{"dark", "none"} {
			for _, step := range steps {
				if size.width == 200 && step.name != "list" && step.name != "create" || theme == "dark" && size.width == 80 && step.name != "list" {
					continue
				}
				name := strings.Join([]string{step.name, size.name, theme}, "-")
				t.Run(name, func(t *testing.T) {
					d := sit(t, size.width, size.height, sample, func(o *Options) { o.Theme = theme })
					step.do(d)
					golden(t, d, name)
				})
			}
		}
	}
}

func TestGoldenThemes(t *testing.T) {
	for _, theme := range []string{"light", "high-contrast"} {
		d := sit(t, 120, 40, sample, func(o *Options) { o.Theme = theme })
		d.press("j", "space", "/", "sev")
		golden(t, d, "list-120x40-"+theme)
	}
	d := sit(t, 120, 40, sample, func(o *Options) { o.Theme, o.Env = "dark", environment(map[string]string{"TERM": "xterm"}) })
	golden(t, d, "list-120x40-dark-16")
}

func TestGoldenEmpty(t *testing.T) {
	golden(t, sit(t, 80, 24, nil), "empty-80x24-none")
	golden(t, sit(t, 120, 40, nil, func(o *Options) { o.Theme = "light" }), "empty-120x40-light")
}

func TestGoldenASCII(t *testing.T) {
	d := sit(t, 80, 24, sample, func(o *Options) { o.ASCII = true })
	d.press("space", "v", "j")
	golden(t, d, "list-80x24-ascii")
	if screen := d.screen(); strings.ContainsAny(screen, "▌✓─…▲▼●—│┌") {
		t.Errorf("--ascii draws other signs:\n%s", screen)
	}
}
