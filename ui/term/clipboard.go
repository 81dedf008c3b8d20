package term

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/aymanbagabas/go-osc52/v2"
)

// MaxCopy is how many bytes OSC 52 may carry: in base64 and with its frame
// that makes the 100,000 bytes at which terminals cut (xterm, hterm).
const MaxCopy = 74_994

// ErrTooLong is what errors.Is finds when a text is longer than MaxCopy.
var ErrTooLong = errors.New("too long for the clipboard")

// tmuxPatience bounds how long a tmux server is waited for.
const tmuxPatience = 2 * time.Second

// Copied says how a text got onto the clipboard.
type Copied struct {
	// Sequence is to be sent to the terminal with paint.Raw; empty where that
	// is not needed.
	Sequence string
	// Via names the way, for the message to the user: "OSC 52" or "tmux". A
	// terminal does not say whether it accepted OSC 52.
	Via string
}

// Copy brings text to the clipboard of the terminal the user sits at, across
// SSH and multiplexers. Inside tmux it hands the text to the tmux server,
// which by default ignores OSC 52 from programs; that may wait for the server,
// so it belongs into a command.
func (c Capabilities) Copy(ctx context.Context, text string) (Copied, error) {
	if len(text) > MaxCopy {
		return Copied{}, fmt.Errorf("copying %d bytes: %w, which takes %d; copy less, or export to a file", len(text), ErrTooLong, MaxCopy)
	}
	if c.Multiplexer == Tmux && tmuxLoad(ctx, text) == nil {
		return Copied{Via: "tmux"}, nil
	}
	return Copied{Sequence: c.ClipboardSequence(text), Via: "OSC 52"}, nil
}

// ClipboardSequence is OSC 52 for text, wrapped so that it passes through the
// multiplexer, or empty if the text is longer than MaxCopy. In tmux it comes
// twice: plain for set-clipboard, wrapped for allow-passthrough.
func (c Capabilities) ClipboardSequence(text string) string {
	s := osc52.New(text).Limit(MaxCopy)
	switch c.Multiplexer {
	case Tmux:
		return s.String() + s.Tmux().String()
	case GNUScreen:
		return s.Screen().String()
	}
	return s.String()
}

// tmuxLoad gives text to the tmux server that TMUX names, for its own buffer
// and for the terminal's clipboard.
func tmuxLoad(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, tmuxPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tmux", "load-buffer", "-w", "-")
	cmd.Stdin = strings.NewReader(text)
	return cmd.Run()
}
