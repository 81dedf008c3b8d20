package paint

import (
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// What Bubble Tea writes to enter and leave the alternate screen, and what is
// added there: a character that turns out too wide must not wrap.
const (
	altOn   = "\x1b[?1049h"
	altOff  = "\x1b[?1049l"
	wrapOff = "\x1b[?7l"
	wrapOn  = "\x1b[?7h"
)

// output stands between Bubble Tea and the terminal, and owns the engine.
//
// Bubble Tea v1.3.10 sends its own frames by Write and its control sequences
// by io.WriteString, thus WriteString. While the alternate screen is on the
// frames are dropped, since the painter draws; the sequences always pass, and
// tell what the screen shows afterwards. The distinction is a habit of that
// version, which a test pins. It does not embed *os.File, whose ReadFrom would
// go round it.
type output struct {
	file *os.File // also handed to child programs
	now  func() time.Time

	mu      sync.Mutex
	engine  *engine
	sink    io.Writer // file, or what a test puts in its place
	mouse   bool      // clicks and the wheel are reported
	alt     bool      // the alternate screen is on
	entered bool      // it was switched on since entries were last asked for
}

func newOutput(file *os.File, links bool) *output {
	return &output{file: file, sink: file, engine: newEngine(links), now: time.Now}
}

// Read, Close and Fd make the output a term.File, which Bubble Tea asks for
// the size. The file stays its owner's to close.
func (o *output) Read(p []byte) (int, error) { return o.file.Read(p) }

// Close does nothing.
func (o *output) Close() error { return nil }

// Fd is the terminal's file descriptor.
func (o *output) Fd() uintptr { return o.file.Fd() }

// Write takes a frame of Bubble Tea's own renderer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.alt {
		return len(p), nil
	}
	o.engine.forget()
	return o.sink.Write(p)
}

// WriteString takes a control sequence of Bubble Tea.
func (o *output) WriteString(s string) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := s
	switch s {
	case ansi.ResetModeMouseButtonEvent, ansi.ResetModeMouseAnyEvent, ansi.ResetModeMouseExtSgr:
		if !o.mouse {
			return len(s), nil // there is nothing to switch off
		}
	case altOn:
		o.alt, o.entered = true, true
		o.engine.forget()
		out += wrapOff
	case altOff:
		o.alt = false
		o.engine.forget()
		out = wrapOn + out
	case ansi.EraseEntireScreen:
		o.engine.cleared()
	case ansi.CursorHomePosition:
		o.engine.at, o.engine.lost = point{}, false
	case ansi.ShowCursor:
		o.engine.shown = true
	case ansi.HideCursor:
		o.engine.shown = false
	default:
		if !strings.HasPrefix(s, "\x1b[?") && !strings.HasPrefix(s, "\x1b]") {
			o.engine.forget()
		}
	}
	if _, err := io.WriteString(o.sink, out); err != nil {
		return 0, err
	}
	return len(s), nil
}

// paint makes the terminal show a frame, and says how many bytes that took
// and how long the terminal took to accept them.
func (o *output) paint(view string, cursor *point) (n int, took time.Duration, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.alt {
		return 0, 0, nil
	}
	b := o.engine.frame(view, cursor)
	if len(b) == 0 {
		return 0, 0, nil
	}
	start := o.now()
	n, err = o.sink.Write(b)
	if err != nil {
		o.engine.forget()
	}
	return n, o.now().Sub(start), err
}

// raw sends a sequence between two frames.
func (o *output) raw(seq string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.alt {
		return nil
	}
	_, err := io.WriteString(o.sink, seq)
	return err
}

func (o *output) resize(width, height int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.engine.resize(width, height)
}

func (o *output) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.engine.forget()
}

// reentered says whether the alternate screen was switched on since the last
// call.
func (o *output) reentered() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.entered
	o.entered = false
	return was
}
