package paint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"
)

const defaultByteRate = 256 << 10

// ErrNoTerminal is returned by Run when the output is not a terminal.
var ErrNoTerminal = errors.New("standard output is not a terminal; run the program in one, or use the commands that print")

// Options are what Run needs to know about the terminal.
type Options struct {
	// Input is where keys come from: standard input if nil, or the
	// controlling terminal where that is not one.
	Input io.Reader
	// Output is the terminal: standard output if nil.
	Output *os.File
	// ByteRate is how many bytes a second may be sent while a key is held,
	// after a burst. A line that carries less falls behind by what it buffers.
	// 0 stands for 256 KiB, which suits a local terminal.
	ByteRate int
	// Hyperlinks keeps the OSC 8 links of the View; they are dropped otherwise.
	Hyperlinks bool
	// Mouse reports clicks and the wheel, at the price of the terminal's own
	// selection.
	Mouse bool
}

// Run shows model on the terminal's alternate screen until it quits, and
// leaves the terminal as it was. It is the only way a program is started.
//
// A tea.QuitMsg and SIGTERM end it without error. The error wraps
// tea.ErrInterrupted after SIGINT, context.Cause(ctx) and tea.ErrProgramKilled
// when ctx ends, tea.ErrProgramPanic after a panic of the model or of a
// command, whose stack is printed, ErrNoTerminal, or what the terminal answered to a write.
// tea.Suspend suspends to the shell.
//
// All these ends take Bubble Tea's way of quitting: on the way of being killed
// it closes what its reader of keys still waits on.
func Run(ctx context.Context, model tea.Model, o Options) error {
	file := o.Output
	if file == nil {
		file = os.Stdout
	}
	if !term.IsTerminal(file.Fd()) {
		return ErrNoTerminal
	}
	width, height, err := term.GetSize(file.Fd())
	if err != nil {
		return fmt.Errorf("asking the terminal for its size: %w", err)
	}
	if width <= 0 || height <= 0 {
		width, height = 80, 24 // it does not know
	}
	rate := o.ByteRate
	if rate <= 0 {
		rate = defaultByteRate
	}
	out := newOutput(file, o.Hyperlinks)
	out.resize(width, height)
	out.mouse = o.Mouse
	p := &painter{
		inner: model, out: out, pace: newPacer(rate), now: out.now, mouse: o.Mouse,
		width: width, height: height,
	}
	// The frame rate is that of a ticker with nothing to draw: the least
	// there is.
	opts := []tea.ProgramOption{tea.WithOutput(out), tea.WithAltScreen(), tea.WithFPS(1), tea.WithFilter(p.filter)}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Mouse {
		opts = append(opts, tea.WithMouseCellMotion())
	}
	program := tea.NewProgram(p, opts...)
	defer context.AfterFunc(ctx, program.Quit)()
	_, err = program.Run()
	switch {
	case p.panicked != nil:
		_, _ = file.Write(p.panicked.stack) // first, for the last words are read first
		return fmt.Errorf("%w: %v", tea.ErrProgramPanic, p.panicked.value)
	case p.err != nil:
		return fmt.Errorf("writing to the terminal: %w", p.err)
	case ctx.Err() != nil:
		return fmt.Errorf("the console was ended from outside: %w (%w)", context.Cause(ctx), tea.ErrProgramKilled)
	case p.interrupted:
		return fmt.Errorf("the console ended early: %w", tea.ErrInterrupted)
	case err != nil:
		return fmt.Errorf("the console ended early: %w", err)
	}
	return nil
}

// Redraw is a command that has every cell written again, without erasing
// first, after something else wrote on the screen.
func Redraw() tea.Msg { return redrawMsg{} }

// Raw is a command that sends a sequence to the terminal between two frames,
// such as OSC 52 or a bell. The sequence must neither print nor move the
// cursor, and leave the pen alone. It is dropped while the program does not
// own the screen.
func Raw(seq string) tea.Cmd {
	return func() tea.Msg { return rawMsg(seq) }
}
