package paint

import (
	"errors"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// Cursorer is a model that shows the terminal's own cursor, for instance in a
// text input. Without it the cursor stays hidden, and a View draws its own.
type Cursorer interface {
	// Cursor is the cell of the cursor, from 0, 0 at the top left of the
	// View; show is false where it is hidden.
	Cursor() (x, y int, show bool)
}

// painter is the outer model: it runs the inner one and paints its View.
type painter struct {
	inner tea.Model
	out   *output
	pace  *pacer
	now   func() time.Time
	mouse bool

	width, height int
	known         bool // the next report of the same size tells nothing new
	dirty         bool // the inner model was updated since the last frame
	waiting       bool // a frameMsg is under way
	ticket        int  // and this is its number
	at            time.Time
	asked         time.Time // the last key, or the start
	err           error     // the terminal took no more output
	panicked      *panicMsg // the model or a command panicked: it is not run again
	interrupted   bool      // SIGINT
}

// frameMsg asks for the frame that was put off.
type frameMsg struct{ ticket int }

// rawMsg carries a sequence for the terminal.
type rawMsg string

// redrawMsg asks for every cell to be written again.
type redrawMsg struct{}

// Init starts the inner model with the size the terminal has, and paints.
func (p *painter) Init() (cmd tea.Cmd) {
	defer p.caught(&cmd)
	cmd = p.inner.Init()
	p.known = true
	p.out.reentered()
	size := p.update(tea.WindowSizeMsg{Width: p.width, Height: p.height})
	p.paint()
	p.asked = p.now()
	return guarded(tea.Batch(cmd, size))
}

// View is empty, since Update paints.
func (p *painter) View() string { return "" }

// Update runs the inner model and paints, or has the frame painted soon. Keys
// and the mouse are answered at once, other messages share frames.
func (p *painter) Update(msg tea.Msg) (self tea.Model, cmd tea.Cmd) {
	self = p
	defer p.caught(&cmd)
	if p.panicked != nil {
		return p, tea.Quit
	}
	again := p.returned()
	cmd, key := p.take(msg)
	return p, tea.Batch(again, guarded(cmd), p.schedule(key), p.quitOnError())
}

// returned notices that the screen was left and entered again, after which
// Bubble Tea does not switch the mouse on by itself.
func (p *painter) returned() tea.Cmd {
	if !p.out.reentered() {
		return nil
	}
	p.known, p.dirty = true, true
	if p.mouse {
		return tea.EnableMouseCellMotion
	}
	return nil
}

// take handles a message that is the painter's own and passes on the others.
// now says whether the user waits for the answer.
func (p *painter) take(msg tea.Msg) (cmd tea.Cmd, now bool) {
	switch msg := msg.(type) {
	case panicMsg:
		panic(msg)
	case frameMsg:
		if p.waiting && msg.ticket == p.ticket {
			p.waiting = false
			return nil, true
		}
		return nil, false
	case rawMsg:
		p.fail(p.out.raw(string(msg)))
		return nil, false
	case redrawMsg:
		p.out.forget()
		p.dirty = true
		return nil, true
	case tea.WindowSizeMsg:
		return p.resize(msg), true
	case tea.KeyMsg:
		p.asked = p.now()
		return p.keys(msg), true
	case tea.MouseMsg:
		return p.update(msg), true
	}
	return p.update(msg), false
}

// keys passes on a key. What was typed ahead reaches Bubble Tea in one read
// and becomes one message with many runes, which no key binding knows: it is
// taken apart again. What was pasted stays together.
func (p *painter) keys(msg tea.KeyMsg) tea.Cmd {
	if msg.Type != tea.KeyRunes || msg.Paste || len(msg.Runes) < 2 {
		return p.update(msg)
	}
	cmds := make([]tea.Cmd, len(msg.Runes))
	for i, r := range msg.Runes {
		cmds[i] = p.update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt})
	}
	return tea.Batch(cmds...)
}

func (p *painter) update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	p.inner, cmd = p.inner.Update(msg)
	p.dirty = true
	return cmd
}

// resize takes the size that the terminal reports. One that did not change may
// still mean that it changed twice, so everything is drawn again, but for the
// report that Bubble Tea makes by itself at start and after a pause.
// A terminal that does not know its size reports none.
func (p *painter) resize(msg tea.WindowSizeMsg) tea.Cmd {
	if msg.Width <= 0 || msg.Height <= 0 {
		return nil
	}
	same := msg.Width == p.width && msg.Height == p.height
	expected := p.known
	p.known = false
	if same {
		if !expected {
			p.out.forget()
		}
		p.dirty = true
		return nil
	}
	p.width, p.height = msg.Width, msg.Height
	p.out.resize(p.width, p.height)
	return p.update(msg)
}

// answering says whether a message comes so soon after a key, or the start, that
// it may well be what was asked for.
func (p *painter) answering(now time.Time) bool {
	return !p.asked.IsZero() && now.Sub(p.asked) < answer
}

// schedule paints if something changed and a frame is due, and otherwise sees
// to it that a message asks again when it is.
func (p *painter) schedule(key bool) tea.Cmd {
	if !p.dirty || p.err != nil {
		return nil
	}
	now := p.now()
	due := p.pace.due(now, key || p.answering(now))
	if !due.After(now) {
		if p.paint(); !p.dirty || p.err != nil {
			return nil
		}
		due = now.Add(otherGap) // the terminal was not ready
	}
	if p.waiting && !due.Before(p.at) {
		return nil
	}
	p.waiting, p.at = true, due
	p.ticket++
	ticket := p.ticket
	return tea.Tick(due.Sub(now), func(time.Time) tea.Msg { return frameMsg{ticket} })
}

func (p *painter) paint() {
	p.dirty, p.waiting = false, false
	var cursor *point
	if c, ok := p.inner.(Cursorer); ok {
		if x, y, show := c.Cursor(); show {
			cursor = &point{x, y}
		}
	}
	n, took, err := p.out.paint(p.inner.View(), cursor)
	if n > 0 {
		p.pace.painted(p.now(), n, took)
	}
	if errors.Is(err, syscall.EAGAIN) {
		p.dirty = true // another program made the terminal non-blocking
		return
	}
	p.fail(err)
}

func (p *painter) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// quitOnError ends a program whose terminal is gone.
func (p *painter) quitOnError() tea.Cmd {
	if p.err == nil {
		return nil
	}
	return tea.Quit
}
