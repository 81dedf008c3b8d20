package cli

import (
	"encoding/json"
	"io"
	"os"
	"time"

	"github.com/charmbracelet/x/term"
)

// printJSON prints one JSON document on one line.
func (a *app) printJSON(v any) error { return writeJSON(a.stdout, v) }

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// orNull is nil for the empty string: absent is null (ruling 32).
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// timeOrNull writes a time as RFC 3339 in UTC, nil for none.
func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return orNull(t.UTC().Format(time.RFC3339))
}

// orEmpty makes a list that prints as [] rather than null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// terminal returns the file behind a stream if that is a terminal.
func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(f.Fd())
}

// width is how many columns stdout has, 0 where it is no terminal: then
// nothing is cut.
func (a *app) width() int {
	f, ok := terminal(a.stdout)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(f.Fd())
	if err != nil || columns <= 0 {
		return 80
	}
	return columns
}

// text is what a value that may be absent says.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
