package formats

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// document is a text and the JSON values (RFC 8259) found in it. It finds them
// in one pass, several times as fast as jsontext, and is in doubt rather than
// wrong: what it does not take for well formed is jsontext's to judge. It is
// used again and again.
type document struct {
	// text ends with sentinel zero bytes.
	text  []byte
	nodes []node
	// vetted tells that jsontext has found the text to be well formed: then
	// there is no doubt about nesting and names.
	vetted bool
	// stopped is where doubt arose: at the end of the text, where more of it
	// may help, or before.
	stopped int
	// names are those of the objects that are open.
	names []span
	// mended notes what reading its values changed; nil where nobody asks.
	mended *mended
}

// mended is what values were read as something else than they are.
type mended struct {
	// garbled: a text was not UTF-8.
	garbled bool
	// huge is a number beyond what can be held.
	huge string
}

// valid is a text as UTF-8 with U+FFFD in the place of what is none.
func (d *document) valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	if d.mended != nil {
		d.mended.garbled = true
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// node is a value's place in the text, as bytes from and to. The values inside
// of it follow, members of an object as name and value in turn; next is the
// first node that is no more inside.
type node struct {
	from, to, next uint32
	// escaped tells of a string that it holds escapes, ascii that it holds
	// nothing beyond ASCII.
	escaped, ascii bool
}

// span is a part of a text.
type span struct{ from, to int }

const (
	// sentinel is how many zero bytes stand behind a text, so that eight bytes
	// can be looked at together anywhere in it and every loop ends.
	sentinel = 8
	// mostNested and mostNames are how deep values may be nested and how many
	// names an object may have without doubt: many more than in real entries.
	mostNested, mostNames = 64, 256
)

// clear empties the document.
func (d *document) clear() { d.text, d.nodes = append(d.text[:0], zeros[:]...), d.nodes[:0] }

var zeros [sentinel]byte

// size is the length of the text.
func (d *document) size() int { return len(d.text) - sentinel }

// add appends a text that jsontext has found to be one value.
func (d *document) add(text []byte) value {
	from, n := d.size(), len(d.nodes)
	d.text = append(append(d.text[:from], text...), zeros[:]...)
	d.vetted = true
	if _, ok := d.value(from, 0); !ok {
		return value{}
	}
	return value{d, uint32(n)}
}

// open begins the node of a value.
func (d *document) open(from int) (n int) {
	d.nodes = append(d.nodes, node{from: uint32(from)})
	return len(d.nodes) - 1
}

// end ends the node of a value.
func (d *document) end(n, to int) (end int, ok bool) {
	d.nodes[n].to, d.nodes[n].next = uint32(to), uint32(len(d.nodes))
	return to, true
}

func (d *document) leaf(from, to int, escaped, ascii bool) (end int, ok bool) {
	d.nodes = append(d.nodes, node{uint32(from), uint32(to), uint32(len(d.nodes) + 1), escaped, ascii})
	return to, true
}

func (d *document) doubt(i int) (int, bool) {
	d.stopped = i
	return i, false
}

// value finds the value that begins at i, and returns where it ends.
func (d *document) value(i, depth int) (end int, ok bool) {
	switch d.text[i] {
	case '"':
		return d.str(i)
	case '{':
		return d.object(i, depth+1)
	case '[':
		return d.list(i, depth+1)
	case 't':
		return d.literal(i, "true")
	case 'f':
		return d.literal(i, "false")
	case 'n':
		return d.literal(i, "null")
	default:
		return d.number(i)
	}
}

func (d *document) object(i, depth int) (end int, ok bool) {
	if depth > mostNested && !d.vetted {
		return d.doubt(i)
	}
	n := d.open(i)
	first, seen := len(d.names), uint64(0)
	if i = d.space(i + 1); d.text[i] == '}' {
		return d.end(n, i+1)
	}
	for {
		if d.text[i] != '"' {
			return d.doubt(i)
		}
		from := i + 1
		if i, ok = d.str(i); !ok {
			return i, false
		}
		if !d.vetted {
			if seen, ok = d.name(span{from, i - 1}, first, seen); !ok {
				return d.doubt(from)
			}
		}
		if i = d.space(i); d.text[i] != ':' {
			return d.doubt(i)
		}
		if i, ok = d.value(d.space(i+1), depth); !ok {
			return i, false
		}
		switch i = d.space(i); d.text[i] {
		case ',':
			i = d.space(i + 1)
		case '}':
			d.names = d.names[:first]
			return d.end(n, i+1)
		default:
			return d.doubt(i)
		}
	}
}

func (d *document) list(i, depth int) (end int, ok bool) {
	if depth > mostNested && !d.vetted {
		return d.doubt(i)
	}
	n := d.open(i)
	if i = d.space(i + 1); d.text[i] == ']' {
		return d.end(n, i+1)
	}
	for {
		if i, ok = d.value(i, depth); !ok {
			return i, false
		}
		switch i = d.space(i); d.text[i] {
		case ',':
			i = d.space(i + 1)
		case ']':
			return d.end(n, i+1)
		default:
			return d.doubt(i)
		}
	}
}

// str finds a string. It may hold invalid UTF-8 and halves of surrogate pairs,
// which are read as U+FFFD.
func (d *document) str(from int) (end int, ok bool) {
	text, escaped, all := d.text, false, uint64(0)
	for i := from + 1; ; {
		word := binary.LittleEndian.Uint64(text[i:])
		found := special(word)
		if found == 0 {
			i, all = i+8, all|word
			continue
		}
		first := bits.TrailingZeros64(found) &^ 7
		all |= word & (1<<first - 1)
		switch i += first / 8; text[i] {
		case '"':
			return d.leaf(from, i+1, escaped, all&highs == 0)
		case '\\':
			escaped = true
			switch text[i+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i += 2
			case 'u':
				for n := 2; n < 6; n++ {
					if !isHex(text[i+n]) {
						return d.doubt(i + n)
					}
				}
				i += 6
			default:
				return d.doubt(i + 1)
			}
		default:
			return d.doubt(i)
		}
	}
}

// ones and highs are the lowest and the highest bit of each of eight bytes.
const ones, highs = 0x0101010101010101, 0x8080808080808080

// special marks quotation marks, backslashes and control characters among
// eight bytes; the lowest mark is true. (A byte of w below 128 is less than n
// where w-n borrows into its highest bit; what it borrows can only make marks
// above it false.)
func special(w uint64) uint64 {
	return (((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones) | (w - ones*' ')) &^ w & highs
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// name takes in the name found last, of a member of the object whose names
// begin at first; seen has a bit for each of them. Not ok where the name stands there
// already, or it takes more than comparing bytes to tell.
func (d *document) name(n span, first int, seen uint64) (uint64, bool) {
	text := d.text[n.from:n.to]
	word, ascii := binary.LittleEndian.Uint64(d.text[n.from:]), false
	switch {
	case len(text) < 8:
		word &= 1<<(8*len(text)) - 1
		ascii = word&highs == 0
	case len(text) <= 16:
		ascii = (word|binary.LittleEndian.Uint64(text[len(text)-8:]))&highs == 0
	}
	bit := uint64(1) << ((word ^ uint64(len(text))) * 0x9e3779b97f4a7c15 >> 58)
	if seen&bit != 0 {
		for _, other := range d.names[first:] {
			if string(d.text[other.from:other.to]) == string(text) {
				return seen, false
			}
		}
	}
	if d.nodes[len(d.nodes)-1].escaped || !ascii && !utf8.Valid(text) {
		return seen, false
	}
	d.names = append(d.names, n)
	return seen | bit, len(d.names)-first <= mostNames
}

func (d *document) literal(i int, want string) (end int, ok bool) {
	for n := range len(want) {
		if d.text[i+n] != want[n] {
			return d.doubt(i + n)
		}
	}
	return d.leaf(i, i+len(want), false, true)
}

func (d *document) number(from int) (end int, ok bool) {
	i := from
	if d.text[i] == '-' {
		i++
	}
	if d.text[i] == '0' {
		i++
	} else if i, ok = d.digits(i); !ok {
		return i, false
	}
	if d.text[i] == '.' {
		if i, ok = d.digits(i + 1); !ok {
			return i, false
		}
	}
	if d.text[i]|0x20 == 'e' {
		if i++; d.text[i] == '+' || d.text[i] == '-' {
			i++
		}
		if i, ok = d.digits(i); !ok {
			return i, false
		}
	}
	return d.leaf(from, i, false, true)
}

func (d *document) digits(i int) (end int, ok bool) {
	from := i
	for d.text[i] >= '0' && d.text[i] <= '9' {
		i++
	}
	if i == from {
		return d.doubt(i)
	}
	return i, true
}

func (d *document) space(i int) int {
	for {
		switch d.text[i] {
		case ' ':
			if binary.LittleEndian.Uint64(d.text[i:]) == ones*' ' {
				i += 7 // documents for people are indented
			}
			i++
		case '\n', '\r', '\t':
			i++
		default:
			return i
		}
	}
}
