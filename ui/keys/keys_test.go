package keys_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/keys"
)

var update = flag.Bool("update", false, "write docs/keys.md anew")

func TestNoKeyDoesTwoThings(t *testing.T) {
	m, problems := keys.Bind(keys.Table(), nil, false)
	for _, p := range append(problems, m.Clashes()...) {
		t.Error(p)
	}
}

func TestTableIsWhole(t *testing.T) {
	seen := map[string]bool{}
	groups := strings.Join(keys.Groups(), "\n")
	for _, a := range keys.Table() {
		switch {
		case seen[a.ID]:
			t.Errorf("%s stands twice in the table", a.ID)
		case a.Title == "" || len(a.Keys) == 0 || a.Scope == "":
			t.Errorf("%s lacks a title, a key or a scope", a.ID)
		case !strings.Contains(groups, a.Group) || a.Group == "":
			t.Errorf("%s is in no group of help", a.ID)
		}
		seen[a.ID] = true
	}
}

func TestPageIsInStep(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "keys.md")
	if *update {
		if err := os.WriteFile(file, []byte(keys.Page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != keys.Page() {
		t.Errorf("docs/keys.md is not what the table says (%v): go test ./ui/keys -update", err)
	}
}

func TestRebinding(t *testing.T) {
	for _, tc := range []struct {
		name    string
		own     map[string][]string
		scopes  []keys.Scope
		key, id string
		problem string
	}{
		{"one of two in use", map[string][]string{"ticket.create": {"f2", "T "}}, []keys.Scope{keys.List}, "c", "ticket.create", "T would be both"},
		{"moved", map[string][]string{"ticket.create": {"f2"}}, []keys.Scope{keys.List}, "f2", "ticket.create", ""},
		{"spelled as Bubble Tea does", map[string][]string{"move.half-down": {"ctrl+e"}}, []keys.Scope{keys.Move}, "ctrl-e", "move.half-down", ""},
		{"a key of tmux", map[string][]string{"help": {"ctrl-b"}}, []keys.Scope{keys.Global}, "?", "help", "multiplexers"},
		{"a key in use", map[string][]string{"help": {"j"}}, []keys.Scope{keys.Global}, "?", "help", "both"},
		{"the beginning of a chord", map[string][]string{"help": {"g"}}, []keys.Scope{keys.Global}, "?", "help", "begin gg"},
		{"no such action", map[string][]string{"dance": {"d"}}, []keys.Scope{keys.Global}, "?", "help", "no action"},
		{"no way out", map[string][]string{"quit": {}}, []keys.Scope{keys.Always}, "ctrl-c", "quit", "way out"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, problems := keys.Bind(keys.Table(), tc.own, false)
			a, _ := m.Find(tc.scopes, tc.key)
			if a.ID != tc.id {
				t.Errorf("%s means %q, want %q", tc.key, a.ID, tc.id)
			}
			told := strings.Join(problems, "\n")
			if tc.problem == "" && told != "" || !strings.Contains(told, tc.problem) {
				t.Errorf("told %q, want %q", told, tc.problem)
			}
		})
	}
}

func TestReadOnlyLeavesChangesOut(t *testing.T) {
	m, _ := keys.Bind(keys.Table(), nil, true)
	for _, a := range keys.Table() {
		if _, there := m.Action(a.ID); there == a.Changes {
			t.Errorf("%s: bound %v, changes something %v", a.ID, there, a.Changes)
		}
	}
}

func TestNames(t *testing.T) {
	for want, msg := range map[string]tea.KeyMsg{
		"space":     {Type: tea.KeySpace, Runes: []rune{' '}},
		"ctrl-d":    {Type: tea.KeyCtrlD},
		"pgdn":      {Type: tea.KeyPgDown},
		"shift-tab": {Type: tea.KeyShiftTab},
		"-":         {Type: tea.KeyRunes, Runes: []rune{'-'}},
		"G":         {Type: tea.KeyRunes, Runes: []rune{'G'}},
		"":          {Type: tea.KeyRunes, Runes: []rune("q"), Paste: true},
	} {
		if got := keys.Name(msg); got != want {
			t.Errorf("%v is named %q, want %q", msg, got, want)
		}
	}
	for _, second := range []tea.KeyType{tea.KeyEscape, tea.KeyCtrlC} {
		if both := keys.Split(tea.KeyMsg{Type: second, Alt: true}); len(both) != 2 || both[0].Type != tea.KeyEscape || both[1].Type != second || both[1].Alt {
			t.Errorf("an escape and another key are %v", both)
		}
	}
	if n := len(keys.Split(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jjk")})); n != 3 {
		t.Errorf("three keys typed ahead became %d", n)
	}
}
