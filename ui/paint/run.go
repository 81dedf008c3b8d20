package paint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

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
// when ctx ends, tea.ErrProgramPanic after a panic, ErrNoTerminal, or what the
// terminal answered to a write. tea.Suspend suspends to the shell.
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
	p := &painter{
		inner: model, out: out, pace: newPacer(rate), now: out.now, mouse: o.Mouse,
		width: width, height: height,
	}
	// The frame rate is that of a ticker with nothing to draw: the least
	// there is.
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithOutput(out), tea.WithAltScreen(), tea.WithFPS(1)}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Mouse {
		opts = append(opts, tea.WithMouseCellMotion())
	}
	_, err = tea.NewProgram(p, opts...).Run()
	switch {
	case p.err != nil:
		return fmt.Errorf("writing to the terminal: %w", p.err)
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("the console was ended from outside: %w (%w)", context.Cause(ctx), err)
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

// Exec is a command that gives the terminal to a child program until that
// ends, and then sends what done makes of its error, which may be nil. A
// program that cannot be found is told at once, without leaving the screen.
//
// It stands in for tea.ExecProcess, under which a child would get a pipe for
// its standard output instead of the terminal.
func Exec(cmd *exec.Cmd, done tea.ExecCallback) tea.Cmd {
	if cmd.Err != nil {
		return func() tea.Msg {
			if done == nil {
				return nil
			}
			return done(cmd.Err)
		}
	}
	return tea.Exec(&child{cmd}, done)
}

// child is a program that runs on the terminal itself.
type child struct{ *exec.Cmd }

// SetStdin gives the child the terminal's input unless it has one.
func (c *child) SetStdin(r io.Reader) {
	if c.Stdin == nil {
		c.Stdin = r
	}
}

// SetStdout gives the child the terminal unless it has an output.
func (c *child) SetStdout(w io.Writer) {
	if c.Stdout == nil {
		c.Stdout = terminalOf(w)
	}
}

// SetStderr gives the child the program's standard error unless it has one.
func (c *child) SetStderr(w io.Writer) {
	if c.Stderr == nil {
		c.Stderr = terminalOf(w)
	}
}

func terminalOf(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return o.file
	}
	return w
}
