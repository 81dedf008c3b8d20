package term

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/pkg/browser"
)

var (
	// ErrNoBrowser means that no browser can open a window here, for instance
	// on a remote host: show the address and copy it instead.
	ErrNoBrowser = errors.New("no browser can be opened here")
	// ErrNoAddress means that what should be opened is no web address.
	ErrNoAddress = errors.New("not a web address")
)

// Open shows a web address in the user's browser. It waits for the program
// that opens it, so it belongs into a command.
//
// On a remote host, and where there is no display, it starts nothing and
// returns ErrNoBrowser: the browser would open on the wrong machine, or a text
// browser would take the terminal.
func (c Capabilities) Open(address string) error {
	if !webAddress(address) {
		return fmt.Errorf("opening %q: %w", address, ErrNoAddress)
	}
	if c.Remote {
		return fmt.Errorf("this is a remote host: %w", ErrNoBrowser)
	}
	if !c.Display {
		return fmt.Errorf("there is no display: %w", ErrNoBrowser)
	}
	silence()
	if err := browser.OpenURL(address); err != nil {
		return fmt.Errorf("opening %s: %w (%w)", address, ErrNoBrowser, err)
	}
	return nil
}

// silence keeps what browsers print off the screen. The library holds its
// outputs in variables, which are set once.
var silence = sync.OnceFunc(func() {
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
})
