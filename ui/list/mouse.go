package list

import tea "github.com/charmbracelet/bubbletea"

// rowsAt is the line in which the rows begin, under filter and head.
const rowsAt = 2

// Click implements [widget.Pointed]: a row gets the cursor, a tab of the detail
// is opened.
func (l *List) Click(x, y int) tea.Cmd {
	switch {
	case l.detail.Whole():
		return l.detail.Click(x, y)
	case l.paned() && y >= l.paneAt():
		return l.detail.Click(x, y-l.paneAt())
	case l.bar.editing || l.Reading() || y < rowsAt:
		return nil
	}
	if from, to := l.rows.seen(); from+y-rowsAt < to {
		l.rows.move(from + y - rowsAt - l.rows.at)
		return tea.Batch(l.moved(), l.ahead())
	}
	return nil
}

// Wheel implements [widget.Scrolled]: the list, or the detail where the pointer
// is on it.
func (l *List) Wheel(y, by int) tea.Cmd {
	if l.detail.Whole() || l.paned() && y >= l.paneAt() {
		l.detail.Scroll(by)
		return nil
	}
	l.rows.page(by)
	return tea.Batch(l.moved(), l.ahead())
}

// paneAt is the line in which the pane begins, under the rows and the rule.
func (l *List) paneAt() int { return rowsAt + l.rows.height + 1 }
