package formats

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/vexdesk/model"
)

// What can be wrong with a file; an *Error wraps one of these, or a cause from
// below.
var (
	ErrEmpty         = errors.New("the file is empty")
	ErrNotRecognised = errors.New("the format was not recognised")
	ErrUnknownFormat = errors.New("there is no such format")
	ErrTruncated     = errors.New("the file ends in the middle of the report")
	ErrTrailing      = errors.New("there is more text after the end of the report")
	ErrSyntax        = errors.New("the text is malformed")
	ErrWrongType     = errors.New("the report does not have the structure of its format")
	ErrTooLarge      = errors.New("the file exceeds a limit")
	ErrScanFailed    = errors.New("the file holds no report but the error of a scanner that failed")
)

// Error says in one sentence which file could not be read, where and why.
type Error struct {
	// File is Options.Name, Format the reader's name or empty.
	File, Format string
	// Offset is the place in bytes of the (unpacked, UTF-8) text, Line the
	// same as a line; -1 and 0 where there is none, or only one line.
	Offset int64
	Line   int
	// Path is the place as a JSON pointer (RFC 6901) or XML element path.
	Path string
	// Err is the cause, Hint what to do about it.
	Err  error
	Hint string
}

// Error returns "file: format report, place: cause; hint".
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(model.Clean(e.File) + ": ")
	}
	var where []string
	if e.Format != "" {
		where = append(where, e.Format+" report")
	}
	if e.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", e.Line))
	} else if e.Offset > 0 {
		where = append(where, fmt.Sprintf("byte %d", e.Offset))
	}
	if e.Path != "" {
		where = append(where, "at "+model.CutRunes(model.Clean(e.Path), 160))
	}
	if len(where) > 0 {
		b.WriteString(strings.Join(where, ", ") + ": ")
	}
	b.WriteString(model.CutRunes(model.Clean(e.Err.Error()), 300))
	if e.Hint != "" {
		b.WriteString("; " + model.CutRunes(model.Clean(e.Hint), 300))
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// passOn marks an error that is not the file's: of Emit, or of the context.
type passOn struct{ err error }

func (e passOn) Error() string { return e.err.Error() }

// quote makes outside text fit for a message.
func quote(s string) string { return fmt.Sprintf("%q", model.CutRunes(model.Clean(s), 60)) }

// place turns whatever ended a reading into the error that Read returns.
func place(err error, in *input, o Options, format string) error {
	var own passOn
	if errors.As(err, &own) {
		return own.err
	}
	if in != nil && in.err != nil {
		err = in.err // the cause, which the decoders wrap or replace
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var e *Error
	if !errors.As(err, &e) {
		e = diagnose(err)
		if in != nil && e.Offset > 0 {
			e.Offset, e.Path = e.Offset+in.taken.bytes, in.taken.pointer(e.Path)
		}
	}
	e.File = o.Name
	if e.Format == "" {
		e.Format = format
	}
	if in != nil && e.Offset > 0 && e.Line == 0 {
		e.Line = in.lineAt(e.Offset)
	}
	return e
}

// diagnose reads the errors of the decoders.
func diagnose(err error) *Error {
	var syntactic *jsontext.SyntacticError
	var xmlSyntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntactic):
		e := &Error{Offset: syntactic.ByteOffset, Path: string(syntactic.JSONPointer)}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			e.Err, e.Hint = ErrTruncated, "make the report again"
			return e
		}
		if syntactic.Err != nil && syntactic.Err.Error() == "exceeded max depth" { // jsontext exports no name for it
			e.Err, e.Hint = fmt.Errorf("%w: its elements are nested deeper than %d", ErrTooLarge, maxDepth), "no report of a scanner is; look at the file at this place"
			return e
		}
		e.Err = fmt.Errorf("%w: %w", ErrSyntax, syntactic.Err)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			e.Hint = "the same name must not stand twice in one object, since only one of them could be read"
		}
		return e
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Err: ErrTruncated, Hint: "make the report again"}
	case errors.As(err, &xmlSyntax):
		if xmlSyntax.Msg == "unexpected EOF" {
			return &Error{Err: ErrTruncated, Line: xmlSyntax.Line, Hint: "make the report again"}
		}
		return &Error{Err: fmt.Errorf("%w: %s", ErrSyntax, xmlSyntax.Msg), Line: xmlSyntax.Line}
	}
	return &Error{Err: err}
}

// scanFailed is the error for what a scanner wrote instead of a report.
func scanFailed(message string) error {
	return &Error{Err: fmt.Errorf("%w: %s", ErrScanFailed, message), Hint: "mend the cause and scan again"}
}

// noText explains what begins neither like JSON nor like XML.
func noText(head []byte) error {
	e := &Error{Err: ErrNotRecognised}
	for _, known := range [...]struct{ begin, hint string }{
		{"PK\x03\x04", "this is a ZIP archive: unpack it and import the report that is in it"},
		{"\xfd7zXZ\x00", "this is packed with xz: unpack it first, or pack it with gzip or zstd"},
		{"BZh", "this is packed with bzip2: unpack it first, or pack it with gzip or zstd"},
		{"\x1f\x8b", "it is packed twice: unpack it first"},
		{"\x28\xb5\x2f\xfd", "it is packed twice: unpack it first"},
		{"%PDF-", "this is a PDF document: fetch the report as JSON"},
	} {
		if strings.HasPrefix(string(head), known.begin) {
			e.Hint = known.hint
			return e
		}
	}
	switch begin := strings.TrimLeft(string(head[:min(len(head), 64)]), " \t\r\n"); {
	case begin == "":
		e.Hint = "it begins with white space and nothing else"
	case begin[0] < ' ':
		e.Hint = fmt.Sprintf("it is no text: it begins with the byte 0x%02x", begin[0])
	default:
		e.Hint = "it is neither JSON nor XML; known formats: " + strings.Join(Names(), ", ")
	}
	return e
}

// notRecognised explains why no reader took the document.
func notRecognised(s *shape, forced string) error {
	e := &Error{Err: ErrNotRecognised}
	if forced != "" {
		e.Err = fmt.Errorf("%w as the one that was asked for", ErrNotRecognised)
	}
	known := strings.Join(Names(), ", ")
	switch {
	case s.has("@graph") && strings.Contains(s.at("@context").value(), "spdx"):
		e.Format, e.Hint = "spdx", "SPDX 3 is not read: scan the document with a scanner and import its report"
	case s.isXML && strings.EqualFold(s.root.Local, "html"):
		e.Hint = "this is an HTML page, perhaps of a login or an error; fetch the report itself"
	case s.isXML:
		e.Hint = fmt.Sprintf("its root element is %s; known formats: %s", quote(s.root.Local), known)
	case s.isEmptyList():
		e.Hint = "an empty list can be of several formats: name it with --format (" + known + ")"
	case len(s.keys) > 0:
		e.Hint = fmt.Sprintf("it is JSON with %s; known formats: %s", s.names(4), known)
	default:
		e.Hint = "known formats: " + known
	}
	return e
}
