package main

import "strings"

// A shot is one picture: the program in a terminal of a certain kind, what is
// pressed, and what must be on the screen before it is taken.
type shot struct {
	name       string
	cols, rows int
	theme      string   // dark or light: the terminal's, told to the program by COLORFGBG
	env        []string // further variables, as NAME=value
	steps      []step
}

// A step sends keys, in tmux's names, and waits for a text that only the
// answer to them shows: a regular expression.
type step struct {
	keys []string
	wait string
}

// shots is the list of the pictures. Each starts on a fresh sample workspace.
func shots() []shot {
	// The list is up once its head and a row are there.
	list := step{wait: `SEVERITY(?s:.*)(CVE|GHSA)-`}
	mark := step{keys: []string{"Space", "Space", "Space"}, wait: `✓(?s:.*)✓(?s:.*)✓`}
	tickets := []step{
		list,
		{keys: append([]string{"/"}, append(typed("kev:yes"), "Enter")...), wait: `kev:yes(?s:.*)CVE-`},
		{keys: []string{"*"}, wait: `marked`},
		{keys: []string{"C"}, wait: `Plan(?s:.*)create`},
		// A plan takes no enter in its first moments: the next key is a second
		// one, pressed when the first has left the plan standing.
		{keys: []string{"Enter"}, wait: `enter carries this out|carried out`},
		{keys: []string{"Enter"}, wait: `carried out`},
		{keys: []string{"Escape"}, wait: `SEC-\d+|PAY-\d+`},
		{keys: []string{"Escape", "Escape"}, wait: `SEC-\d+|PAY-\d+`},
	}
	return []shot{
		{name: "tickets", cols: 120, rows: 40, theme: "dark", steps: tickets},
		{name: "list", cols: 120, rows: 40, theme: "dark", steps: []step{list}},
		{name: "list-80x24", cols: 80, rows: 24, theme: "dark", steps: []step{list}},
		{name: "list-light", cols: 120, rows: 40, theme: "light", steps: []step{list}},
		{name: "list-no-color", cols: 120, rows: 40, theme: "dark", env: []string{"NO_COLOR=1"}, steps: []step{list, mark}},
		{name: "detail-80x24", cols: 80, rows: 24, theme: "dark", steps: []step{list, {keys: []string{"Enter"}, wait: `Overview`}}},
		{name: "filter", cols: 120, rows: 40, theme: "dark", steps: []step{
			list, {keys: append([]string{"/"}, typed("severity:>=high fix:yes")...), wait: `severity:>=high fix:yes`},
		}},
		{name: "create", cols: 120, rows: 40, theme: "dark", steps: []step{list, {keys: []string{"c"}, wait: `Summary`}}},
		{name: "plan", cols: 120, rows: 40, theme: "dark", steps: []step{list, mark, {keys: []string{"C"}, wait: `(?i)plan`}}},
		{name: "help", cols: 120, rows: 40, theme: "dark", steps: []step{list, {keys: []string{"?"}, wait: `(?i)help`}}},
	}
}

// typed returns a text as keys.
func typed(text string) []string { return strings.Split(text, "") }
