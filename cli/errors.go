package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/formats/write"
	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
)

// The exit statuses of every command.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitPartly  = 3
	exitOffline = 4
)

// exitError is an error with the status that the program ends with.
type exitError struct {
	status int
	err    error
	// printed: the result on stdout tells of it already, so that no error
	// document follows (ruling 31).
	printed bool
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

var errInterrupted = errors.New("interrupted: what was not finished is unchanged")

// usage is a mistake in how a command was called.
func usage(format string, values ...any) error {
	return &exitError{status: exitUsage, err: fmt.Errorf(format, values...)}
}

// offline is a failure because nothing could be reached.
func offline(format string, values ...any) error {
	return &exitError{status: exitOffline, err: fmt.Errorf(format, values...)}
}

// partly ends a command whose printed result says what failed or is left.
func partly(format string, values ...any) error {
	return &exitError{status: exitPartly, err: fmt.Errorf(format, values...), printed: true}
}

// statusOf is the exit status for an error.
func statusOf(err error) int {
	var e *exitError
	var bad *query.Error
	var setting *storage.SettingError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &e):
		return e.status
	case errors.As(err, &bad), errors.As(err, &setting), errors.Is(err, model.ErrPolicy), errors.Is(err, model.ErrWatch):
		return exitUsage
	case errors.Is(err, jiraclient.ErrUnreachable):
		return exitOffline
	}
	return exitFailed
}

// codeOf is the word that programs tell errors apart by.
func codeOf(err error) string {
	var bad *query.Error
	var unreadable *formats.Error
	switch {
	case errors.As(err, &bad):
		return "query"
	case errors.As(err, &unreadable):
		return "format"
	case statusOf(err) == exitUsage:
		return "usage"
	case statusOf(err) == exitOffline:
		return "offline"
	}
	for _, known := range []struct {
		err  error
		code string
	}{
		{storage.ErrNotFound, "not_found"}, {storage.ErrExists, "exists"}, {storage.ErrChanged, "changed"}, {storage.ErrReadOnly, "read_only"},
		{storage.ErrConnectionsLocked, "locked"}, {storage.ErrNotOurs, "not_a_workspace"}, {storage.ErrNewer, "newer"},
		{storage.ErrDamaged, "damaged"}, {storage.ErrFull, "disk_full"}, {storage.ErrLocked, "busy"}, {storage.ErrUnwritable, "unwritable"},
		{storage.ErrNoProduct, "no_product"}, {storage.ErrOlderFeed, "older"}, {write.ErrNothing, "nothing_to_export"}, {jiraclient.ErrUnauthorized, "unauthorized"}, {jiraclient.ErrForbidden, "forbidden"},
		{jiraclient.ErrRateLimited, "rate_limited"}, {errInterrupted, "interrupted"}, {context.DeadlineExceeded, "timeout"},
	} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return "failed"
}

// hintOf is the advice that comes apart from the sentence, or "".
func hintOf(err error) string {
	var bad *query.Error
	if errors.As(err, &bad) {
		return bad.Hint
	}
	return jiraclient.HintOf(err)
}

// sentence is the error as one line, with its advice.
func sentence(err error) string {
	text := model.Clean(told(err))
	if hint := model.Clean(hintOf(err)); hint != "" && !strings.Contains(text, hint) {
		text += "; " + hint
	}
	return text
}

// told is the error's text; of errors that were joined each once.
func told(err error) string {
	var parts []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if line != "" && !slices.Contains(parts, line) {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, " | ")
}

type errorBody struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Hint    *string `json:"hint"`
}

// report tells of an error on stderr, and on stdout where JSON is asked for,
// and returns the exit status.
func (a *app) report(err error) int {
	if err == nil {
		return exitDone
	}
	status := statusOf(err)
	// Nobody is left to tell where these writes fail.
	_, _ = fmt.Fprintf(a.stderr, "vexdesk: %s\n", sentence(err))
	var e *exitError
	printed := errors.As(err, &e) && e.printed
	if a.json && !printed {
		body := errorBody{Code: codeOf(err), Message: model.Clean(told(err)), Hint: orNull(model.Clean(hintOf(err)))}
		_ = json.NewEncoder(a.stdout).Encode(map[string]errorBody{"error": body})
	}
	return status
}
