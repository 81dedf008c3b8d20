package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/widget"
)

// notch is how many lines the wheel scrolls at a time.
const notch = 3

// mouse takes a click or a turn of the wheel, for the screen with the focus:
// what lies behind a dialog is not reached. The mouse does nothing that a key
// does not.
func (r *Root) mouse(m tea.MouseMsg) tea.Cmd {
	_, dialog := r.focus().(widget.Dialog)
	if m.Action != tea.MouseActionPress || dialog && r.env.Now().Before(r.deaf) || r.width < leastWidth || r.height < leastHeight {
		return nil
	}
	x, y := m.X, m.Y-1 // below the head
	if d, ok := r.focus().(widget.Dialog); ok {
		left, top := r.dialogAt(d)
		width, _ := r.dialogSize(d)
		if x < left || x >= left+width+4 {
			return nil
		}
		x, y = x-left-2, y-top-1
	}
	r.chord, r.pressing = "", true
	defer func() { r.pressing = false }()
	switch m.Button {
	case tea.MouseButtonWheelUp:
		return r.atOnce(r.wheel(y, -1))
	case tea.MouseButtonWheelDown:
		return r.atOnce(r.wheel(y, +1))
	case tea.MouseButtonLeft:
		if s, ok := r.focus().(widget.Pointed); ok {
			return r.atOnce(s.Click(x, y))
		}
	}
	return nil
}

// wheel scrolls the part of the screen that line y lies in; a screen without
// parts of its own moves as by keys.
func (r *Root) wheel(y, by int) tea.Cmd {
	if s, ok := r.focus().(widget.Scrolled); ok {
		return s.Wheel(y, by*notch)
	}
	motion := map[bool]map[int]string{
		false: {-1: "move.up", +1: "move.down"},
		true:  {-1: "menu.up", +1: "menu.down"},
	}[r.focus().Scopes()[0] == keys.Picker][by]
	h, ok := r.focus().Handlers()[motion]
	if !ok {
		return nil
	}
	var cmds []tea.Cmd
	for range notch {
		cmds = append(cmds, h.Do(""))
	}
	return tea.Batch(cmds...)
}
