package keys

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Map says which action a key means in a scope.
type Map struct {
	actions map[string]Action
	order   []string
	byKey   map[Scope]map[string]string
}

// Bind makes the map from the table and a person's own bindings, by action
// id. What cannot be (an unknown action, a key that would do two things, a
// key that multiplexers own) is told in a sentence each and left at its
// default; the console starts all the same. readOnly leaves out every action
// that changes something.
func Bind(table []Action, own map[string][]string, readOnly bool) (*Map, []string) {
	m := &Map{actions: map[string]Action{}, byKey: map[Scope]map[string]string{}}
	for _, a := range table {
		if readOnly && a.Changes {
			continue
		}
		m.actions[a.ID] = a
		m.order = append(m.order, a.ID)
	}
	problems := m.rebind(table, own)
	for _, id := range m.order {
		a := m.actions[id]
		if m.byKey[a.Scope] == nil {
			m.byKey[a.Scope] = map[string]string{}
		}
		for _, key := range a.Keys {
			m.byKey[a.Scope][key] = id
		}
	}
	return m, problems
}

// rebind applies the bindings one action at a time, in a stable order, each
// only where it leaves every key with one meaning.
func (m *Map) rebind(table []Action, own map[string][]string) (problems []string) {
	ids := make([]string, 0, len(own))
	for id := range own {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	known := func(id string) bool { return slices.ContainsFunc(table, func(a Action) bool { return a.ID == id }) }
	for _, id := range ids {
		a, bound := m.actions[id]
		if !bound {
			if !known(id) {
				problems = append(problems, fmt.Sprintf("keys: there is no action %q; docs/keys.md names all", id))
			}
			continue
		}
		was := a
		a.Keys = nil
		for _, key := range own[id] {
			a.Keys = append(a.Keys, canonical(strings.TrimSpace(key)))
		}
		m.actions[id] = a
		if why := m.refuse(a); why != "" {
			problems = append(problems, fmt.Sprintf("keys: %s keeps %s: %s", id, strings.Join(was.Keys, " "), why))
			m.actions[id] = was
		}
	}
	return problems
}

// refuse says why an action may not have its keys.
func (m *Map) refuse(a Action) string {
	for _, key := range a.Keys {
		switch {
		case key == "":
			return "an empty key was given"
		case slices.Contains(taken(), key) || strings.HasPrefix(key, "alt-"):
			return key + " belongs to multiplexers, flow control or input methods"
		}
	}
	if clashes := m.clashes(a.ID); len(clashes) > 0 {
		return clashes[0]
	}
	if a.ID == "quit" && len(a.Keys) == 0 {
		return "there must be a way out"
	}
	return ""
}

// taken are the keys that never arrive, or not as themselves, in tmux, screen
// and terminals with flow control.
func taken() []string {
	return []string{"ctrl-a", "ctrl-b", "ctrl-s", "ctrl-q", "ctrl-h", "ctrl-i", "ctrl-m", "ctrl-j", "ctrl-@", "ctrl-space"}
}

// Clashes says of every key that does two things which they are.
func (m *Map) Clashes() []string { return m.clashes("") }

func (m *Map) clashes(only string) (found []string) {
	for _, stack := range Stacks() {
		owner := map[string]string{}
		for _, id := range m.order {
			a := m.actions[id]
			if !slices.Contains(stack, a.Scope) {
				continue
			}
			for _, key := range a.Keys {
				other, dup := owner[key]
				if dup && (only == "" || only == id || only == other) {
					found = append(found, fmt.Sprintf("%s would be both %s and %s (%s)", key, other, id, stack[0]))
				}
				owner[key] = id
			}
		}
		if only == "" || slices.Contains(stack, m.actions[only].Scope) {
			found = append(found, chordClashes(owner, only)...)
		}
	}
	return found
}

// chordClashes finds keys that are also the beginning of a chord.
func chordClashes(owner map[string]string, only string) (found []string) {
	for key, id := range owner {
		if !isChord(key) {
			continue
		}
		first := string([]rune(key)[:1])
		if other, single := owner[first]; single && (only == "" || only == id || only == other) {
			found = append(found, fmt.Sprintf("%s is %s and would begin %s (%s)", first, other, key, id))
		}
	}
	sort.Strings(found)
	return found
}

// Find looks a key up in the scopes, the first that knows it wins.
func (m *Map) Find(scopes []Scope, key string) (Action, bool) {
	for _, scope := range scopes {
		if id, ok := m.byKey[scope][key]; ok {
			return m.actions[id], true
		}
	}
	return Action{}, false
}

// Begins reports whether a key is the first of a chord in these scopes.
func (m *Map) Begins(scopes []Scope, key string) bool {
	if key == "" || isChord(key) {
		return false
	}
	for _, scope := range scopes {
		for bound := range m.byKey[scope] {
			if isChord(bound) && strings.HasPrefix(bound, key) {
				return true
			}
		}
	}
	return false
}

// Action returns an action by id, with the keys it has here.
func (m *Map) Action(id string) (Action, bool) {
	a, ok := m.actions[id]
	return a, ok
}

// Key is the first key of an action, empty where it has none.
func (m *Map) Key(id string) string {
	if a, ok := m.actions[id]; ok && len(a.Keys) > 0 {
		return a.Keys[0]
	}
	return ""
}

// In lists the actions of the scopes, in the table's order.
func (m *Map) In(scopes ...Scope) []Action {
	var in []Action
	for _, scope := range scopes {
		for _, id := range m.order {
			if a := m.actions[id]; a.Scope == scope {
				in = append(in, a)
			}
		}
	}
	return in
}
