package formats

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

// fewEntries is enough for the lane to open.
const fewEntries = 160

// TestFastLaneChangesNothing damages a long report in one place, and compares
// how its reading ends with what jsontext says of the whole text.
func TestFastLaneChangesNothing(t *testing.T) {
	whole, err := io.ReadAll(&bigReport{n: fewEntries})
	if err != nil {
		t.Fatal(err)
	}
	whole = append(whole, "\n "...)
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(len(whole)/3, len(whole)-1).Draw(t, "at")
		text := bytes.Clone(whole[:at])
		text = append(text, rapid.SampledFrom([]string{"", `"`, `\`, "{", "}", "[", "]", ",", ":", "0", "\x01", "\xff", `{"a":1,"a":2},`, `"\ud800":null,`, ` `, `,5`, `, [] `, `"é":0,`}).Draw(t, "text")...)
		if !rapid.Bool().Draw(t, "truncated") {
			text = append(text, whole[at+rapid.IntRange(0, 1).Draw(t, "without"):]...)
		}
		r := io.Reader(bytes.NewReader(text))
		if rapid.Bool().Draw(t, "pieces") {
			r = &pieces{text, 5000}
		}
		checkAgainstDecoder(t, text, r)
	})
}

// TestOddEntries are those that the decoder reads in the middle of a list.
func TestOddEntries(t *testing.T) {
	whole, err := io.ReadAll(&bigReport{n: fewEntries})
	if err != nil {
		t.Fatal(err)
	}
	for name, odd := range map[string]string{
		"long":    `"Extra":"` + strings.Repeat("long ", longestTaken/4) + `","VulnerabilityID":"CVE-2030-150"`,
		"deep":    `"Extra":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `,"VulnerabilityID":"CVE-2030-150"`,
		"escaped": `"\u0061":1,"VulnerabilityID":"CVE-2030-150"`,
		"spaced":  "\r\n \t\"a\" \n:\t1 , \"VulnerabilityID\":\"CVE-2030-300\"",
		"twice":   `"a":1,"a":2,"VulnerabilityID":"CVE-2030-150"`,
	} {
		t.Run(name, func(t *testing.T) {
			text := []byte(strings.Replace(string(whole), `"VulnerabilityID":"CVE-2030-150"`, odd, 1))
			checkAgainstDecoder(t, text, bytes.NewReader(text))
			checkAgainstDecoder(t, text, &pieces{text, 5000})
		})
	}
}

type fataler interface{ Fatalf(string, ...any) }

// checkAgainstDecoder reads a text of bigReport's from r.
func checkAgainstDecoder(t fataler, text []byte, r io.Reader) {
	want, n := decoded(text), 0
	report, err := Read(context.Background(), r, Options{}, func(*model.Finding) error { n++; return nil })
	var e *Error
	switch {
	case err == nil && want == "":
		if n < fewEntries-1 || n != report.Entries {
			t.Fatalf("%d findings of %d entries", n, report.Entries)
		}
	case errors.Is(err, ErrWrongType), errors.Is(err, ErrTrailing), errors.Is(err, ErrNotRecognised):
		// What jsontext does not judge.
	case !errors.As(err, &e):
		t.Fatalf("%v, and %q is wanted", err, want)
	default:
		if got := placed(e.Offset, e.Line, e.Path); got != want {
			t.Fatalf("%s, and %s is wanted: %v", got, want, err)
		}
	}
}

// placed tells a place down to the entry: inside of it jsontext's pointer
// depends on how the text came in.
func placed(offset int64, line int, path string) string {
	parts := strings.Split(path, "/")
	return fmt.Sprintf("byte %d, line %d, at %s", offset, line, strings.Join(parts[:min(len(parts), 5)], "/"))
}

// decoded is where jsontext finds a text to be malformed, "" where it does not.
func decoded(text []byte) string {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsonOptions()...)
	read := func() (err error) {
		// Entries are read whole, as the readers do: it tells on the place.
		if d.StackDepth() == 4 && d.PeekKind() == jsontext.KindBeginObject {
			_, err = d.ReadValue()
		} else {
			_, err = d.ReadToken()
		}
		return err
	}
	for {
		var malformed *jsontext.SyntacticError
		switch err := read(); {
		case errors.As(err, &malformed):
			line := 1 + bytes.Count(text[:malformed.ByteOffset], []byte{'\n'})
			return placed(malformed.ByteOffset, line, string(malformed.JSONPointer))
		case err != nil:
			return ""
		}
	}
}

// pieces is a reader of a text, a few bytes at a time.
type pieces struct {
	rest []byte
	most int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest[:min(len(p.rest), p.most)])
	p.rest = p.rest[n:]
	return n, nil
}
