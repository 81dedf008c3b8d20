package list

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// gotPage puts a page in its place.
func (l *List) gotPage(m pageMsg) tea.Cmd {
	if m.gen != l.gen || given(m.err) {
		return nil
	}
	l.busy = false
	if l.problem = m.err; m.err != nil {
		return toast.Failed("The list could not be read", m.err)
	}
	short := len(m.rows) < m.asked
	l.shown = m.gen
	switch m.where {
	case stay:
		return l.moved()
	case first:
		l.rows.replace(m.rows, true, short, 0, 0)
	case tail:
		base := -1
		if l.total >= 0 {
			base = max(0, l.total-len(m.rows))
		}
		l.rows.replace(m.rows, short, true, base, len(m.rows)-1)
	case around:
		base := -1
		if len(m.before) < m.behind {
			base = 0
		}
		l.rows.replace(append(m.before, m.rows...), base == 0, short, base, len(m.before))
		l.rows.top = max(0, l.rows.at-l.rows.height/2)
		l.rows.show()
	case behind:
		l.rows.append(m.rows, short)
	case infront:
		l.rows.prepend(m.rows, short)
	case again:
		return tea.Batch(l.settle(m), l.catchUp(), l.ahead())
	}
	return tea.Batch(l.moved(), l.catchUp(), l.ahead())
}

// catchUp reads again where the store changed while a page was on its way.
func (l *List) catchUp() tea.Cmd {
	if !l.stale || l.busy {
		return nil
	}
	return l.refresh()
}

// settle puts rows that were read again in place: the cursor stays on its
// violation and at its place on the screen.
func (l *List) settle(m pageMsg) tea.Cmd {
	if l.frozen() {
		l.behind = true
		return nil
	}
	old, r := l.rows.lines, &l.rows
	line := r.at - r.top
	lines := wrap(append(m.before, m.rows...))
	if l.walkedOff(lines, m.anchor) {
		return l.refresh()
	}
	base := -1
	switch {
	case len(m.before) < m.behind:
		base = 0
	case m.base >= 0:
		base = max(0, m.base-len(m.before))
	}
	adopt(lines, old, l.env.Now())
	r.lines, r.start, r.end = lines, len(m.before) < m.behind, len(m.rows) < m.asked
	r.base, r.top = base, len(m.before)
	at := r.index(l.selected)
	if at < 0 {
		r.at = r.top + line
		r.show()
		if l.selected != 0 && len(lines) > 0 {
			return l.find(l.selected)
		}
		return l.moved()
	}
	r.at = at
	r.top = at - line
	r.show()
	return nil
}

// walkedOff reports that the person scrolled away from the lines that were
// being read again.
func (l *List) walkedOff(lines []line, anchor storage.Cursor) bool {
	r := &l.rows
	if r.top >= len(r.lines) || r.lines[r.top].Cursor == anchor {
		return false
	}
	for i := range lines {
		if lines[i].ID == l.selected {
			return false
		}
	}
	return true
}

// find goes after a violation that is no longer among the lines held: it may
// have moved in the order, or left the list.
func (l *List) find(id model.ViolationID) tea.Cmd {
	gen, window := l.gen, l.window
	return l.env.GoIn(l.ctx, func(ctx context.Context) tea.Msg {
		m := l.surroundings(ctx, window, id, l.pageSize())
		if m.err != nil || !m.found {
			return pageMsg{gen: gen, where: stay, err: m.err}
		}
		m.gen = gen
		return m
	})
}

func (l *List) gotCount(m countMsg) tea.Cmd {
	if m.gen != l.gen || m.err != nil {
		return nil
	}
	l.total, l.without = m.n, nil
	if l.rows.end && len(l.rows.lines) > 0 {
		l.rows.base = max(0, m.n-len(l.rows.lines))
	}
	if m.n == 0 {
		return l.excludes()
	}
	return nil
}

// gotRows brings rows up to date where they stand.
func (l *List) gotRows(m rowsMsg) tea.Cmd {
	if m.gen != l.gen {
		return nil
	}
	l.busy = false
	l.behind = true
	now := l.env.Now()
	for i := range m.rows {
		at := l.rows.index(m.rows[i].ID)
		if at < 0 || sameRow(&l.rows.lines[at].Row, &m.rows[i]) {
			continue
		}
		l.rows.lines[at].Row = m.rows[i]
		l.rows.lines[at].drawn, l.rows.lines[at].changed = "", now
	}
	if l.stale {
		return l.catchUp()
	}
	return l.thaw() // what kept the rows in place may be gone by now
}

func (l *List) gotMatch(m matchMsg) tea.Cmd {
	if m.gen != l.gen {
		return nil
	}
	if m.err != nil {
		return toast.Failed("The matching violations could not be marked", m.err)
	}
	l.marks.SetAll(m.ids)
	return toast.Say(toast.Info, widget.Plural(len(m.ids), "violation")+" marked, esc lets go of them")
}
