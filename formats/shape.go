package formats

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// shape is the outline of the beginning of a document: enough to tell formats
// apart, whatever the order of their keys.
type shape struct {
	// kind is '{', '[', '"', '0', 't', 'f', 'n', or 0 where the text ended.
	kind jsontext.Kind
	// text is a string's or number's value, cut.
	text string
	// keys are the members of an object; of a list they are the members of
	// its first element. order has their names as they came.
	keys  map[string]*shape
	order []string
	// first is the kind of a list's first element, ']' for an empty list.
	first jsontext.Kind
	// tag is what a text of tags and values begins with; the rest is empty.
	tag string
	// isXML: root is the root element; the rest is empty.
	isXML bool
	root  xml.Name
}

// outlineDepth is how deep an outline goes: two levels of objects below the
// root and the lists around them.
const outlineDepth = 3

// lookAhead are the sizes of the beginning that are tried in turn: what cannot
// be told from 8 MiB is not recognised.
var lookAhead = [...]int{64 << 10, 1 << 20, 8 << 20}

// recognise outlines the beginning of the input. It looks further only while
// no reader accepts what was seen.
func recognise(in *input) (*shape, error) {
	for i, size := range lookAhead {
		head, whole, err := in.look(size)
		if err != nil {
			return nil, err
		}
		trimmed := bytes.TrimLeft(head, " \t\r\n")
		switch {
		case len(trimmed) == 0 && whole:
			return nil, &Error{Err: ErrEmpty, Hint: "the scan may have failed; make the report again"}
		case len(trimmed) == 0 && i < len(lookAhead)-1:
			continue
		case len(trimmed) > 0 && trimmed[0] == '<':
			return outlineXML(head)
		case slices.ContainsFunc(readers(), func(r reader) bool { return r.tags != "" && r.tags == firstTag(head) }):
			return &shape{tag: firstTag(head)}, nil
		}
		s := outlineJSON(jsontext.NewDecoder(bytes.NewReader(head), jsonOptions()...), outlineDepth)
		if s.kind == jsontext.KindInvalid {
			return nil, noText(head)
		}
		if s.accepted() {
			return s, nil
		}
		if whole || i == len(lookAhead)-1 {
			return s, wellFormed(head, whole)
		}
	}
	return &shape{}, nil
}

// wellFormed finds the mistake in a text that no reader accepts: a broken file
// should be called broken rather than unknown.
func wellFormed(head []byte, whole bool) error {
	d := jsontext.NewDecoder(bytes.NewReader(head), jsonOptions()...)
	err := d.SkipValue()
	if err == nil || !whole && errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	e := diagnose(err)
	if e.Offset > 0 && e.Offset <= int64(len(head)) {
		e.Line = 1 + bytes.Count(head[:e.Offset], []byte{'\n'})
	}
	e.Format = formatOf(head)
	return e
}

// formatOf names the format of a text in which names stand twice.
func formatOf(head []byte) string {
	return outlineJSON(jsontext.NewDecoder(bytes.NewReader(head), append(jsonOptions(), jsontext.AllowDuplicateNames(true))...), outlineDepth).format()
}

// accepted reports whether some reader knows the shape.
func (s *shape) accepted() bool { return s.format() != "" }

// format names the reader that takes a JSON document of this shape.
func (s *shape) format() string {
	for _, r := range readers() {
		if r.json != nil && r.json(s) {
			return r.name
		}
	}
	return ""
}

// outlineXML finds the root element.
func outlineXML(head []byte) (*shape, error) {
	s := &shape{isXML: true}
	d := xml.NewDecoder(bytes.NewReader(head))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		t, err := d.RawToken()
		if err != nil {
			return nil, &Error{Err: ErrNotRecognised, Hint: "it begins like XML and has no root element"}
		}
		if start, ok := t.(xml.StartElement); ok {
			s.root = start.Name
			for _, a := range start.Attr {
				// RawToken leaves prefixes as they are: find what the root's means.
				if a.Name.Local == "xmlns" && a.Name.Space == "" && start.Name.Space == "" ||
					a.Name.Space == "xmlns" && a.Name.Local == start.Name.Space && start.Name.Space != "" {
					s.root.Space = a.Value
				}
			}
			return s, nil
		}
	}
}

// outlineJSON reads one value; where the text ends, so does the outline.
func outlineJSON(d *jsontext.Decoder, depth int) *shape {
	s := &shape{kind: d.PeekKind()}
	switch s.kind {
	case jsontext.KindBeginObject:
		if depth == 0 {
			_ = d.SkipValue()
			return s
		}
		outlineMembers(d, s, depth)
	case jsontext.KindBeginArray:
		outlineList(d, s, depth)
	case jsontext.KindInvalid:
	default:
		if t, err := d.ReadToken(); err == nil && (s.kind == '"' || s.kind == '0') {
			s.text = t.String()
			s.text = s.text[:min(len(s.text), 200)]
		}
	}
	return s
}

func outlineMembers(d *jsontext.Decoder, s *shape, depth int) {
	if _, err := d.ReadToken(); err != nil {
		return
	}
	s.keys = make(map[string]*shape)
	for d.PeekKind() == jsontext.KindString {
		t, err := d.ReadToken()
		if err != nil {
			return
		}
		name := t.String()
		s.keys[name] = outlineJSON(d, depth-1)
		s.order = append(s.order, name)
	}
	_, _ = d.ReadToken()
}

func outlineList(d *jsontext.Decoder, s *shape, depth int) {
	if _, err := d.ReadToken(); err != nil {
		return
	}
	s.first = d.PeekKind()
	if s.first == jsontext.KindBeginObject {
		first := outlineJSON(d, depth)
		s.keys, s.order = first.keys, first.order
	}
	for k := d.PeekKind(); k != jsontext.KindEndArray && k != jsontext.KindInvalid; k = d.PeekKind() {
		if d.SkipValue() != nil {
			return
		}
	}
	_, _ = d.ReadToken()
}

// at follows names into the shape; nil where there is nothing.
func (s *shape) at(names ...string) *shape {
	for _, name := range names {
		if s == nil {
			return nil
		}
		s = s.keys[name]
	}
	return s
}

// value returns the text of a string or number, "" for nothing.
func (s *shape) value() string {
	if s == nil {
		return ""
	}
	return s.text
}

func (s *shape) has(name string) bool { return s.at(name) != nil }

// hasAny reports whether at least one of the names is there.
func (s *shape) hasAny(names ...string) bool { return slices.ContainsFunc(names, s.has) }

// isList reports whether there is a list under name; null counts, since many
// tools write it for an empty one.
func (s *shape) isList(name string) bool {
	e := s.at(name)
	return e != nil && (e.kind == jsontext.KindBeginArray || e.kind == jsontext.KindNull)
}

func (s *shape) isObject() bool { return s != nil && s.kind == jsontext.KindBeginObject }

func (s *shape) isEmptyList() bool {
	return s != nil && s.kind == jsontext.KindBeginArray && s.first == jsontext.KindEndArray
}

// names quotes the first n names for a message.
func (s *shape) names(n int) string {
	var quoted []string
	for _, name := range s.order[:min(n, len(s.order))] {
		quoted = append(quoted, quote(name))
	}
	return strings.Join(quoted, ", ")
}
