package paint

import (
	"runtime/debug"

	tea "github.com/charmbracelet/bubbletea"
)

// panicMsg is the panic of a command. Bubble Tea would print its stack on the
// alternate screen, where nobody could read it a moment later.
type panicMsg struct {
	value any
	stack []byte
}

// filter has SIGINT end the program by the way of quitting.
func (p *painter) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.InterruptMsg); ok {
		p.interrupted = true
		return tea.QuitMsg{}
	}
	return msg
}

// caught, deferred, keeps a panic for Run to tell of once the terminal is as
// it was, and has the program quit.
func (p *painter) caught(cmd *tea.Cmd) {
	value := recover()
	if value == nil {
		return
	}
	msg, ok := value.(panicMsg)
	if !ok {
		msg = panicMsg{value, debug.Stack()}
	}
	p.panicked = &msg
	*cmd = tea.Quit
}

// guarded is cmd, but its panic, and that of the commands it batches, becomes a
// message.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if value := recover(); value != nil {
				msg = panicMsg{value, debug.Stack()}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = guarded(c)
			}
		}
		return msg
	}
}
