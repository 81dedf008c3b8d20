package formats

import (
	"bytes"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// value is one JSON value of a document; the zero value is none. It is read
// leniently: a field of an unexpected type reads as absent, a number may be
// written as text and the other way round, and one value may stand where a list
// was expected.
type value struct {
	doc *document
	n   uint32
}

// kind is the first character of a value, 0 where there is none.
func (v value) kind() byte {
	if v.doc == nil {
		return 0
	}
	return v.doc.text[v.doc.nodes[v.n].from]
}

// raw is the value as it is written.
func (v value) raw() []byte {
	if v.doc == nil {
		return nil
	}
	n := &v.doc.nodes[v.n]
	return v.doc.text[n.from:n.to]
}

// fields yields the members of an object, and nothing for anything else.
// Names with escapes are yielded raw: none of those that readers know has any.
func (v value) fields() iter.Seq2[[]byte, value] {
	return func(yield func([]byte, value) bool) {
		if v.kind() != '{' {
			return
		}
		nodes := v.doc.nodes
		for n := v.n + 1; n < nodes[v.n].next; n = nodes[n+1].next {
			if !yield(v.doc.text[nodes[n].from+1:nodes[n].to-1], value{v.doc, n + 1}) {
				return
			}
		}
	}
}

// items yields the elements of a list. Another value than a list is yielded
// itself, null is not.
func (v value) items() iter.Seq[value] {
	return func(yield func(value) bool) {
		switch v.kind() {
		case 0, 'n':
		case '[':
			nodes := v.doc.nodes
			for n := v.n + 1; n < nodes[v.n].next; n = nodes[n].next {
				if !yield(value{v.doc, n}) {
					return
				}
			}
		default:
			yield(v)
		}
	}
}

// field returns the member of that name, none where there is none.
func (v value) field(name string) value {
	for n, each := range v.fields() {
		if string(n) == name {
			return each
		}
	}
	return value{}
}

// text returns a string's text (always valid UTF-8), a number or a truth value
// as written, and "" for anything else.
func (v value) text() string {
	switch v.kind() {
	case '"':
		node, text := &v.doc.nodes[v.n], ""
		if node.escaped {
			text = unescapeJSON(v.inner())
		} else {
			text = string(v.inner())
		}
		if node.ascii { // escapes are resolved to characters
			return text
		}
		return v.doc.valid(text)
	case 0, 'n', '{', '[':
		return ""
	}
	return string(v.raw())
}

// inner is what stands between a string's quotation marks.
func (v value) inner() []byte {
	raw := v.raw()
	return raw[1 : len(raw)-1]
}

// texts returns the texts of a list, empty ones left out.
func (v value) texts() []string {
	if len(v.raw()) < 3 {
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
	switch v.kind() {
	case 0, 'n', '{', '[':
		return nil
	}
	s := strings.TrimSpace(v.text())
	n, err := strconv.ParseFloat(s, 64)
	if math.IsInf(n, 0) && v.kind() != '"' && v.doc.mended != nil {
		v.doc.mended.huge = s
	}
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
