package ui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/paint"
	"example.com/vexdesk/ui/term"
	"example.com/vexdesk/ui/toast"
)

// copiedMsg brings what is to be sent to the terminal, and what to say.
type copiedMsg struct {
	sequence string
	say      toast.Msg
}

// copy puts text on the clipboard of the terminal where the person sits.
func (r *Root) copy(text, what string) tea.Cmd {
	return r.env.Go(func(ctx context.Context) tea.Msg {
		copied, err := r.caps.Copy(ctx, text)
		if err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not copied: " + err.Error()}
		}
		return copiedMsg{copied.Sequence, toast.Msg{Level: toast.Done, Text: "Copied " + what + " (" + copied.Via + ")"}}
	})
}

// browse opens an address in the browser; where there is none it is shown and
// copied.
func (r *Root) browse(address string) tea.Cmd {
	return r.env.Go(func(ctx context.Context) tea.Msg {
		err := r.caps.Open(address)
		if err == nil {
			return toast.Msg{Level: toast.Done, Text: "Opened " + address}
		}
		if !errors.Is(err, term.ErrNoBrowser) {
			return toast.Msg{Level: toast.Error, Text: err.Error()}
		}
		copied, err := r.caps.Copy(ctx, address)
		if err != nil {
			return toast.Msg{Level: toast.Info, Text: "There is no browser here; the address is " + address}
		}
		return copiedMsg{copied.Sequence, toast.Msg{Level: toast.Info, Text: "Copied (" + copied.Via + "), since there is no browser here: " + r.caps.Link(address, address)}}
	})
}

func (r *Root) gotCopied(m copiedMsg) tea.Cmd {
	r.toast.Add(m.say)
	if m.sequence == "" {
		return nil
	}
	return paint.Raw(m.sequence)
}
