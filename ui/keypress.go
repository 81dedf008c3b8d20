package ui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// unasked is how long a dialog that opens by itself takes no key: what is typed
// meanwhile was not meant for it.
const unasked = 300 * time.Millisecond

// pressed takes a key with all that it leads to at once, such as the screen
// that it opens: what was typed ahead is for that screen. Work that waits for
// the database is left as a command.
func (r *Root) pressed(msg tea.KeyMsg) tea.Cmd {
	if _, dialog := r.focus().(widget.Dialog); dialog && r.env.Now().Before(r.deaf) && keys.Name(msg) != "ctrl-c" {
		return nil
	}
	r.toast.Pressed()
	r.pressing = true
	defer func() { r.pressing = false }()
	return r.atOnce(r.key(msg))
}

// atOnce carries out the messages to the root among what a command brings.
func (r *Root) atOnce(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	switch msg := r.env.Look(cmd).(type) {
	case nil:
		return nil
	case widget.Later:
		return msg.Work
	case tea.BatchMsg:
		cmds := make([]tea.Cmd, len(msg))
		for i, each := range msg {
			cmds[i] = r.atOnce(each)
		}
		return tea.Batch(cmds...)
	case widget.Push, widget.Pop, widget.Replace, widget.ShowList, widget.Act, widget.Do, toast.Msg:
		return r.atOnce(r.take(msg))
	default:
		return widget.Send(msg)
	}
}

// key finds what a key means where the focus is. An unfinished chord is
// dropped, and the key acts as if it had not been there (ruling 36).
func (r *Root) key(msg tea.KeyMsg) tea.Cmd {
	name, scopes := keys.Name(msg), r.focus().Scopes()
	if len(r.ahead) > 0 {
		if name != "esc" && name != "ctrl-c" {
			r.ahead = append(r.ahead, func() tea.Cmd { return r.key(msg) })
			return nil
		}
		r.ahead = nil
	}
	chord := r.chord
	r.chord = ""
	if chord != "" {
		if a, ok := r.env.Keys.Find(scopes, chord+name); ok {
			return r.do(a.ID, chord+name)
		}
	}
	if a, ok := r.env.Keys.Find(scopes, name); ok {
		return r.do(a.ID, name)
	}
	if r.env.Keys.Begins(scopes, name) {
		r.chord = name
		return nil
	}
	return r.focus().Update(msg)
}

// handler finds who does an action: the screen with the focus, else the root.
func (r *Root) handler(id string) (keys.Handler, bool) {
	if h, ok := r.focus().Handlers()[id]; ok {
		return h, true
	}
	h, ok := r.handlers[id]
	return h, ok
}

// do runs an action, or says why it cannot be done now.
func (r *Root) do(id, key string) tea.Cmd {
	h, ok := r.handler(id)
	if !ok {
		return nil
	}
	wait := func(until func() bool) {
		r.awaits = until
		r.ahead = append(r.ahead, func() tea.Cmd { return r.do(id, key) })
	}
	switch reason := h.Reason(); {
	case h.Waits != nil && h.Waits():
		wait(h.Waits)
		return nil
	case reason != "" && r.focus() == widget.Screen(r.list) && r.list.Reading():
		wait(r.list.Reading)
		return nil
	case reason != "":
		r.toast.Add(toast.Msg{Level: toast.Warn, Text: strings.ToUpper(reason[:1]) + reason[1:] + "."})
		return nil
	}
	if r.ran != nil {
		r.ran(id, key)
	}
	return h.Do(key)
}

// catchUp presses the keys that were for what was still being read, such as the
// rows of a list; those that stood there until then were of another filter.
func (r *Root) catchUp() tea.Cmd {
	if len(r.ahead) == 0 || r.awaits() {
		return nil
	}
	ahead := r.ahead
	r.ahead, r.pressing = nil, true
	defer func() { r.pressing = false }()
	var cmds []tea.Cmd
	for i, press := range ahead {
		cmds = append(cmds, r.atOnce(press()))
		if len(r.ahead) > 0 { // what was pressed reads anew
			r.ahead = append(r.ahead, ahead[i+1:]...)
			break
		}
	}
	return tea.Batch(cmds...)
}
