package list

import (
	"slices"

	"example.com/vexdesk/model"
)

// marks is a set of violations, by id, that also holds a million of them
// without a map of a million.
type marks struct {
	all    []model.ViolationID // sorted: what "mark all" brought
	except map[model.ViolationID]bool
	added  []model.ViolationID // in the order of marking
	has    map[model.ViolationID]bool
}

// Has reports whether a violation is marked.
func (m *marks) Has(id model.ViolationID) bool {
	if m.has[id] {
		return true
	}
	_, found := slices.BinarySearch(m.all, id)
	return found && !m.except[id]
}

// Count is how many are marked.
func (m *marks) Count() int { return len(m.all) - len(m.except) + len(m.added) }

// Toggle marks or unmarks.
func (m *marks) Toggle(id model.ViolationID) {
	if m.Has(id) {
		m.remove(id)
	} else {
		m.Add(id)
	}
}

// Add marks a violation.
func (m *marks) Add(id model.ViolationID) {
	if m.Has(id) {
		return
	}
	if m.except[id] {
		delete(m.except, id)
		return
	}
	if m.has == nil {
		m.has = map[model.ViolationID]bool{}
	}
	m.has[id] = true
	m.added = append(m.added, id)
}

func (m *marks) remove(id model.ViolationID) {
	if m.has[id] {
		delete(m.has, id)
		m.added = slices.DeleteFunc(m.added, func(each model.ViolationID) bool { return each == id })
		return
	}
	if m.except == nil {
		m.except = map[model.ViolationID]bool{}
	}
	m.except[id] = true
}

// SetAll marks exactly these.
func (m *marks) SetAll(ids []model.ViolationID) {
	*m = marks{all: slices.Clone(ids)}
	slices.Sort(m.all)
}

// Clear lets go of all.
func (m *marks) Clear() { *m = marks{} }

// IDs lists the marked ones.
func (m *marks) IDs() []model.ViolationID {
	ids := make([]model.ViolationID, 0, m.Count())
	for _, id := range m.all {
		if !m.except[id] {
			ids = append(ids, id)
		}
	}
	return append(ids, m.added...)
}
