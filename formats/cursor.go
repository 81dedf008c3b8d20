package formats

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonOptions: duplicate names are refused (which of two values counts would
// be a guess, and tools guess differently); invalid UTF-8 is read as U+FFFD.
func jsonOptions() []jsontext.Options {
	return []jsontext.Options{jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(true)}
}

// cursor walks a JSON document as a stream. It is strict about the structure
// around the entries; what is inside of an entry is read leniently, by value.
type cursor struct {
	d  *jsontext.Decoder
	in *input
	// read is what was read last.
	read document
}

func newCursor(in *input) *cursor {
	c := &cursor{d: jsontext.NewDecoder(in, jsonOptions()...), in: in, read: document{mended: &mended{}}}
	in.unread = func() (int64, []byte) { return c.offset(), c.d.UnreadBuffer() }
	return c
}

// offset is where the cursor stands in the text.
func (c *cursor) offset() int64 { return c.d.InputOffset() + c.in.taken.bytes }

// begin notes where an entry begins, for Limits.Entry.
func (c *cursor) begin() { c.in.mark = c.offset() }

// kind returns the kind of the next value.
func (c *cursor) kind() jsontext.Kind {
	c.begin()
	return c.d.PeekKind()
}

// object calls member for each name of the object that comes next; member has
// to consume the value. null counts as an empty object.
func (c *cursor) object(member func(name string) error) error {
	ok, err := c.open(jsontext.KindBeginObject, "an object")
	if !ok || err != nil {
		return err
	}
	for c.kind() == jsontext.KindString {
		name, err := c.d.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err = c.d.ReadToken()
	return err
}

// list calls element before each element of the list that comes next; element
// has to consume it. null counts as an empty list.
func (c *cursor) list(element func() error) error {
	ok, err := c.open(jsontext.KindBeginArray, "a list")
	if !ok || err != nil {
		return err
	}
	for k := c.kind(); k != jsontext.KindEndArray && k != jsontext.KindInvalid; k = c.kind() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err = c.d.ReadToken()
	return err
}

// open consumes the beginning of an object or list; false for null.
func (c *cursor) open(want jsontext.Kind, article string) (bool, error) {
	got := c.kind()
	if got != want && got != jsontext.KindNull && got != jsontext.KindInvalid {
		return false, c.wrongType(got, article)
	}
	_, err := c.d.ReadToken()
	return got == want, err
}

// entry reads the next value, which has to be an object. It is valid until the
// cursor moves.
func (c *cursor) entry() (value, error) {
	if k := c.kind(); k != jsontext.KindBeginObject && k != jsontext.KindInvalid {
		return value{}, c.wrongType(k, "an object")
	}
	return c.value()
}

// value reads whatever comes next. It is valid until the cursor moves.
func (c *cursor) value() (value, error) {
	c.begin()
	text, err := c.d.ReadValue()
	if err != nil {
		return value{}, err
	}
	c.read.clear()
	return c.read.add(text), nil
}

// skip passes over the next value without holding it.
func (c *cursor) skip() error {
	depth := c.d.StackDepth()
	for {
		c.begin()
		if _, err := c.d.ReadToken(); err != nil {
			return err
		}
		if c.d.StackDepth() <= depth {
			return nil
		}
	}
}

// end makes sure that nothing follows the document.
func (c *cursor) end() error {
	_, err := c.d.ReadToken()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if c.in.err != nil {
		return c.in.err
	}
	return &Error{Err: ErrTrailing, Offset: c.offset(), Hint: "one file has to hold one report"}
}

func (c *cursor) wrongType(got jsontext.Kind, want string) error {
	return &Error{Offset: c.offset() + 1, Path: c.next(),
		Err: fmt.Errorf("%w: %s was expected, and there is %s", ErrWrongType, want, kindName(got))}
}

// next points to the value that comes next. The decoder points to the one that
// it has read, which in a list is the one before.
func (c *cursor) next() string {
	p := string(c.d.StackPointer())
	if kind, n := c.d.StackIndex(c.d.StackDepth()); kind == jsontext.KindBeginArray {
		if n > 0 {
			p, _, _ = cutLast(p, "/")
		}
		p += "/" + strconv.FormatInt(n, 10)
	}
	return c.in.taken.pointer(p)
}

func kindName(k jsontext.Kind) string {
	switch k {
	case jsontext.KindBeginObject:
		return "an object"
	case jsontext.KindBeginArray:
		return "a list"
	case jsontext.KindString:
		return "a text"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindNull:
		return "null"
	}
	return "true or false"
}
