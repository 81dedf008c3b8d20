// Package help shows the key table: searchable, every entry with its key, and
// with the reason where it cannot be done now. What is chosen is run.
package help

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/picker"
	"example.com/vexdesk/ui/widget"
)

// New makes the menu for a screen with the given scopes. With all it shows
// motions and the keys of forms and other screens, too; without, only what can
// be commanded from here. reason says why an action cannot be done now.
func New(env *widget.Env, title string, scopes []keys.Scope, all bool, reason func(id string) string) *picker.Picker {
	var items []picker.Item
	var ids []string
	for _, group := range keys.Groups() {
		for _, a := range env.Keys.In(everyScope()...) {
			here := slices.Contains(scopes, a.Scope)
			motion := a.Scope == keys.Move || a.ID == "palette"
			if a.Group != group || twice(a.ID, scopes) || !all && (motion || !here) {
				continue
			}
			item := picker.Item{Title: sentence(a), Note: strings.Join(shown(a.Keys), " "), Group: group, More: a.ID}
			if item.Reason = reason(a.ID); !here {
				item.Reason = "in: " + string(a.Scope)
			}
			items, ids = append(items, item), append(ids, a.ID)
		}
	}
	return picker.New(env, title, items, func(i int) tea.Cmd {
		return widget.Send(widget.Do{ID: ids[i]})
	})
}

// twice reports an action of the list that the detail or the groups have a
// copy of, or the other way round: one of them is enough.
func twice(id string, scopes []keys.Scope) bool {
	for _, copied := range []keys.Scope{keys.Detail, keys.Grouped} {
		prefix := string(copied) + "."
		here := slices.Contains(scopes, copied)
		original, isCopy := strings.CutPrefix(id, prefix)
		switch {
		case isCopy && !here && known(original):
			return true
		case here && known(prefix+id):
			return true
		}
	}
	return false
}

func known(id string) bool {
	return slices.ContainsFunc(keys.Table(), func(a keys.Action) bool { return a.ID == id })
}

func everyScope() []keys.Scope {
	var scopes []keys.Scope
	for _, stack := range keys.Stacks() {
		for _, s := range stack {
			if !slices.Contains(scopes, s) {
				scopes = append(scopes, s)
			}
		}
	}
	return scopes
}

func sentence(a keys.Action) string {
	if a.Dangerous {
		return a.Title + " (asks first)"
	}
	return a.Title
}

func shown(names []string) []string {
	if len(names) == 9 {
		return []string{names[0] + "…" + names[8]}
	}
	return names
}
