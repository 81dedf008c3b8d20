package main

import (
	"fmt"
	"slices"
	"strings"
)

// A shot is one picture: the program in a terminal of a certain kind, what is
// pressed, and what must be on the screen before it is taken.
type shot struct {
	name       string
	cols, rows int
	theme      string   // dark or light: the terminal's, told to the program by COLORFGBG
	env        []string // further variables, as NAME=value
	empty      bool     // in a new workspace, not in the sample
	steps      []step
}

// A step sends keys, in tmux's names, and waits for a text that only the
// answer to them shows: a regular expression. It sends them again where the
// screen may not have taken them yet.
type step struct {
	keys  []string
	wait  string
	again bool
}

// screen is what is shown, at every size and in every theme.
type screen struct {
	name  string
	steps []step
	empty bool
}

// shots is the list of the pictures: every screen, dark and light, at both
// sizes, and one without colours. Each starts on a fresh sample workspace.
func shots() []shot {
	var all []shot
	for _, s := range screens() {
		for _, theme := range []string{"dark", "light"} {
			for _, size := range [][2]int{{80, 24}, {120, 40}} {
				all = append(all, shot{name: fmt.Sprintf("%s-%s-%dx%d", s.name, theme, size[0], size[1]), cols: size[0], rows: size[1], theme: theme, steps: s.steps, empty: s.empty})
			}
		}
	}
	mark := press("✓(?s:.*)✓(?s:.*)✓", "Space", "Space", "Space")
	return append(all, shot{name: "list-no-color", cols: 120, rows: 40, theme: "dark", env: []string{"NO_COLOR=1"}, steps: []step{list(), mark}})
}

// list waits for the counts, the head of the list and a row.
func list() step { return step{wait: `critical(?s:.*)SEVERITY(?s:.*)(CVE|GHSA)-`} }

func press(wait string, keys ...string) step { return step{keys: keys, wait: wait} }

// screens is every screen of the console and the way to it from the list.
func screens() []screen {
	to := func(name string, steps ...step) screen {
		return screen{name: name, steps: append([]step{list()}, steps...)}
	}
	begin := func(name string, steps ...step) screen {
		return screen{name: name, steps: append([]step{{wait: `There are no open violations yet`}}, steps...), empty: true}
	}
	filter := func(text, wait string) step {
		return press(wait, append(append([]string{"/"}, typed(text)...), "Enter")...)
	}
	sent := []step{
		filter("kev:yes", `kev:yes(?s:.*)CVE-`), press(`marked`, "*"), press(`Plan(?s:.*)create`, "C"),
		{keys: []string{"Enter"}, wait: `esc goes back to the list`, again: true}, // a plan takes none in its first moments
	}
	back := press(`SEC-\d+|PAY-\d+`, "Escape")
	return []screen{
		to("list"),
		to("tickets", append(slices.Clone(sent), back, press(`1 of 13(?s:.*)space.*mark`, "g", "g"))...),
		to("detail", press(`Overview`, "Enter")),
		to("filter", press(`severity:>=high fix:yes`, append([]string{"/"}, typed("severity:>=high fix:yes")...)...)),
		to("groups", press(`Group by`, "b"), press(`By component(?s:.*)groups`, "Down", "Enter")),
		to("views", press(`Saved views(?s:.*)kev:yes`, "V")),
		to("dashboard", press(`Components with the most\s+\S(?s:.*)\d`, "D"), press(`Dashboard(?s:.*)over a year +\d`, "j")),
		to("create", press(`this comes to`, "c")),
		to("plan", filter("severity:critical ticket:none", `\d+ of \d+ `), press(`marked`, "*"), press(`carries this out`, "C")),
		to("progress", sent...),
		to("update", append(slices.Clone(sent), back, press(`(?i)update (PAY|SEC)-|Comment`, "u"))...),
		to("vex", press(`VEX decision`, "j", "e"), press(`needs a justification`, "n")),
		to("activity", append(slices.Clone(sent), back, press(`Activity(?s:.*)done`, "A"))...),
		to("conflicts", press(`Conflicts   \d(?s:.*)CVE-2024-3094(?s:.*)agreed before`, "X")),
		to("import", press(`enter imports 3 files`, append([]string{"i"}, typed("scans")...)...), press(`3 of 3 files`, "Enter")),
		to("connections", press(`Connections and profiles(?s:.*)security`, "T")),
		to("provision", press(`Set Jira up(?s:.*)completed`, "J")),
		to("products", press(`edge-agent(?s:.*)in step`, "P")),
		to("policies", press(`all findings(?s:.*)release blockers`, "W")),
		to("watches", press(`all findings`, "W"), press(`everything(?s:.*)what ships`, "Tab")),
		to("help", press(`Help`, "?")),
		to("commands", press(`Commands`, ":")),
		begin("empty"),
		begin("connect", press(`There is no connection`, "T"), press(`Connect Jira`, "n"), press(`acme`, typed("acme")...)),
	}
}

// typed returns a text as keys.
func typed(text string) []string { return strings.Split(text, "") }
