package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// progress tells on stderr, if that is a terminal, how far an import is.
type progress struct {
	out   *os.File // nil: nobody watches
	now   func() time.Time
	what  string
	bytes int64
	shown time.Time
	// watch, where set, is told which file is read and how far.
	watch func(i int, bytes int64)
	at    int
}

// progressEvery is how often the line is drawn again.
const progressEvery = 100 * time.Millisecond

func (a *app) newProgress() *progress {
	p := &progress{now: a.now}
	if f, ok := terminal(a.stderr); ok && !a.json && a.getenv("TERM") != "dumb" {
		p.out = f
	}
	return p
}

func (p *progress) begin(i, of int, name string) {
	p.what, p.bytes, p.shown = fmt.Sprintf("reading %d of %d  %s", i, of, name), 0, time.Time{}
	if p.at = i - 1; p.watch != nil {
		p.watch(p.at, 0)
	}
}

// reader counts what is read through it.
func (p *progress) reader(r io.Reader) io.Reader {
	if p.out == nil && p.watch == nil {
		return r
	}
	return progressReader{r, p}
}

type progressReader struct {
	io.Reader
	p *progress
}

// Read passes on and counts.
func (r progressReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.p.bytes += int64(n)
	if r.p.watch != nil {
		r.p.watch(r.p.at, r.p.bytes)
	}
	if r.p.out != nil {
		r.p.draw()
	}
	return n, err
}

// taking tells that the file is read and goes into the workspace.
func (p *progress) taking() {
	if p.out != nil {
		p.what, p.shown = "taking in"+strings.TrimPrefix(p.what, "reading"), time.Time{}
		p.draw()
	}
}

func (p *progress) draw() {
	now := p.now()
	if now.Sub(p.shown) < progressEvery {
		return
	}
	p.shown = now
	line := fmt.Sprintf("%s  %.1f MB", p.what, float64(p.bytes)/1e6)
	if columns, _, err := term.GetSize(p.out.Fd()); err == nil {
		line = ansi.Truncate(line, columns-1, "…")
	}
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", line) // a lost line of progress is no loss
}

func (p *progress) clear() {
	if p.out != nil && !p.shown.IsZero() {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// plural is "1 file", "2 files".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
