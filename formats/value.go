package formats

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// value is one JSON value that jsontext has found to be well formed, without
// space around it. It is read leniently: a field of an unexpected type reads
// as absent, a number may be written as text and the other way round, and one
// value may stand where a list was expected.
type value []byte

// fields yields the members of an object, and nothing for anything else.
// Names with escapes are yielded raw: none of those that readers know has any.
func (v value) fields() iter.Seq2[[]byte, value] {
	return func(yield func([]byte, value) bool) {
		if len(v) == 0 || v[0] != '{' {
			return
		}
		rest := skipSpace(v[1:])
		for len(rest) > 0 && rest[0] == '"' {
			n := stringEnd(rest)
			name := rest[1 : n-1]
			rest = skipSpace(skipSpace(rest[n:])[1:]) // the colon
			n = valueEnd(rest)
			if !yield(name, rest[:n]) {
				return
			}
			rest = skipSpace(rest[n:])
			if len(rest) > 0 && rest[0] == ',' {
				rest = skipSpace(rest[1:])
			}
		}
	}
}

// items yields the elements of a list. Another value than a list is yielded
// itself, null is not.
func (v value) items() iter.Seq[value] {
	return func(yield func(value) bool) {
		if len(v) == 0 || v[0] == 'n' {
			return
		}
		if v[0] != '[' {
			yield(v)
			return
		}
		rest := skipSpace(v[1:])
		for len(rest) > 0 && rest[0] != ']' {
			n := valueEnd(rest)
			if !yield(rest[:n]) {
				return
			}
			rest = skipSpace(rest[n:])
			if len(rest) > 0 && rest[0] == ',' {
				rest = skipSpace(rest[1:])
			}
		}
	}
}

// field returns the member of that name, nil where there is none.
func (v value) field(name string) value {
	for n, each := range v.fields() {
		if string(n) == name {
			return each
		}
	}
	return nil
}

// text returns a string's text (always valid UTF-8), a number or a truth value
// as written, and "" for anything else.
func (v value) text() string {
	if len(v) == 0 {
		return ""
	}
	switch v[0] {
	case '"':
		inner := v[1 : len(v)-1]
		if bytes.IndexByte(inner, '\\') < 0 {
			return validText(string(inner))
		}
		return validText(unescapeJSON(inner))
	case 'n', '{', '[':
		return ""
	}
	return string(v)
}

// texts returns the texts of a list, empty ones left out.
func (v value) texts() []string {
	if len(v) < 3 {
		return nil
	}
	all := make([]string, 0, 8)
	for each := range v.items() {
		if s := each.text(); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// number returns a finite number, which may be written as text; nil otherwise.
func (v value) number() *float64 {
	if len(v) == 0 || v[0] == 'n' || v[0] == '{' || v[0] == '[' {
		return nil
	}
	s := strings.TrimSpace(v.text())
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return nil
	}
	return &n
}

// truth returns true or false, which may be written as text; nil otherwise.
func (v value) truth() *bool {
	switch strings.ToLower(v.text()) {
	case "true":
		yes := true
		return &yes
	case "false":
		no := false
		return &no
	}
	return nil
}

// time returns a date and time of RFC 3339, zero where it is none.
func (v value) time() time.Time { return parseTime(v.text()) }

func parseTime(s string) time.Time {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// unescapeJSON resolves the escapes of a string (RFC 8259, section 7). Half a
// surrogate pair becomes U+FFFD.
func unescapeJSON(b []byte) string {
	var plain strings.Builder
	plain.Grow(len(b))
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 || i+1 >= len(b) {
			plain.Write(b)
			return plain.String()
		}
		plain.Write(b[:i])
		c := b[i+1]
		b = b[i+2:]
		switch c {
		case 'n':
			plain.WriteByte('\n')
		case 't':
			plain.WriteByte('\t')
		case 'r':
			plain.WriteByte('\r')
		case 'b':
			plain.WriteByte('\b')
		case 'f':
			plain.WriteByte('\f')
		case 'u':
			r := hexRune(b)
			b = b[min(4, len(b)):]
			if utf16.IsSurrogate(r) && bytes.HasPrefix(b, []byte(`\u`)) {
				if pair := utf16.DecodeRune(r, hexRune(b[2:])); pair != utf8.RuneError {
					r, b = pair, b[6:]
				}
			}
			plain.WriteRune(r) // half a pair is written as U+FFFD
		default: // the character itself: " \ /
			plain.WriteByte(c)
		}
	}
}

// hexRune reads the four digits of an escape.
func hexRune(b []byte) rune {
	n, err := strconv.ParseUint(string(b[:min(4, len(b))]), 16, 32)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func skipSpace(b []byte) []byte {
	for i, c := range b {
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return b[i:]
		}
	}
	return nil
}

// stringEnd returns the length of the string that b begins with. Most strings
// are short: eight bytes are looked at together, which costs less than a call
// of the search that is best for long ones.
func stringEnd(b []byte) int {
	i := 1
	for near := min(len(b)-8, 72); i <= near; {
		at := quoteOrEscape(binary.LittleEndian.Uint64(b[i:]))
		if at == 8 {
			i += 8
			continue
		}
		if i += at; b[i] == '"' {
			return i + 1
		}
		i += 2
	}
	for i < len(b) {
		next := bytes.IndexByte(b[i:], '"')
		if next < 0 {
			break
		}
		escape := bytes.IndexByte(b[i:i+next], '\\')
		if escape < 0 {
			return i + next + 1
		}
		i += escape + 2
	}
	return len(b)
}

// quoteOrEscape returns the index of the first quotation mark or backslash
// among eight bytes, 8 where there is none (a byte of w is zero where the
// lowest set bit of (w-ones)&^w&highs is in it).
func quoteOrEscape(w uint64) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, escape := w^ones*'"', w^ones*'\\'
	return bits.TrailingZeros64(((quote-ones)&^quote|(escape-ones)&^escape)&highs) / 8
}

// valueEnd returns the length of the value that b begins with.
func valueEnd(b []byte) int {
	switch b[0] {
	case '"':
		return stringEnd(b)
	case '{', '[':
		return compositeEnd(b)
	}
	for i, c := range b {
		switch c {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return len(b)
}

func compositeEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}
