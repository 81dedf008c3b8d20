package formats

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// xmlCursor walks an XML document as a stream. Document type declarations are
// refused, and with them entities: a report needs neither, and both are ways
// to make a parser read files or grow without end.
type xmlCursor struct {
	d    *xml.Decoder
	in   *input
	path []string
}

func newXMLCursor(in *input) *xmlCursor {
	c := &xmlCursor{d: xml.NewDecoder(in), in: in}
	c.d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		switch strings.ToLower(label) {
		case "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be": // UTF-16 has been transcoded
			return r, nil
		case "iso-8859-1", "latin1":
			return &latin1Reader{r: r}, nil
		}
		return nil, fmt.Errorf("the encoding %s is not supported: write the report in UTF-8", quote(label))
	}
	in.unread = nil // encoding/xml knows the line itself
	return c
}

// token returns the next element or end of one, or the end of the file.
func (c *xmlCursor) token() (xml.Token, error) {
	for {
		c.in.mark = c.d.InputOffset()
		t, err := c.d.Token()
		if err != nil {
			return nil, c.fail(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if len(c.path) >= maxDepth {
				return nil, c.fail(fmt.Errorf("%w: elements are nested more than %d deep", ErrTooLarge, maxDepth))
			}
			c.path = append(c.path, e.Name.Local)
			return e, nil
		case xml.EndElement:
			c.path = c.path[:len(c.path)-1]
			return e, nil
		case xml.Directive:
			return nil, c.fail(fmt.Errorf("%w: document type declarations and entities are refused", ErrSyntax))
		}
	}
}

// fail adds the place to an error; the end of the file stays io.EOF.
func (c *xmlCursor) fail(err error) error {
	if errors.Is(err, io.EOF) {
		return err
	}
	line, _ := c.d.InputPos()
	e := diagnose(err)
	if e.Line == 0 {
		e.Line = line
	}
	e.Offset = c.d.InputOffset()
	first := max(0, len(c.path)-8)
	e.Path = "/" + strings.Join(c.path[first:], "/")
	return e
}

// root returns the root element.
func (c *xmlCursor) root() (xml.StartElement, error) {
	t, err := c.token()
	if err != nil {
		return xml.StartElement{}, err
	}
	e, ok := t.(xml.StartElement)
	if !ok {
		return e, c.fail(fmt.Errorf("%w: there is no root element", ErrSyntax))
	}
	return e, nil
}

// children calls child for each element inside the one that has just begun;
// child has to consume it. The end of the element is consumed, too.
func (c *xmlCursor) children(child func(xml.StartElement) error) error {
	for {
		t, err := c.token()
		if err != nil {
			return err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		if err := child(e); err != nil {
			return err
		}
	}
}

// decode reads the element that has just begun into a struct.
func (c *xmlCursor) decode(into any, start xml.StartElement) error {
	if err := c.d.DecodeElement(into, &start); err != nil {
		return c.fail(err)
	}
	c.path = c.path[:len(c.path)-1]
	return nil
}

// text reads the text of the element that has just begun.
func (c *xmlCursor) text(start xml.StartElement) (string, error) {
	var s string
	err := c.decode(&s, start)
	return strings.TrimSpace(s), err
}

// skip passes over the element that has just begun.
func (c *xmlCursor) skip() error {
	return c.children(func(xml.StartElement) error { return c.skip() })
}

// end makes sure that nothing follows the root element.
func (c *xmlCursor) end() error {
	_, err := c.token()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.fail(fmt.Errorf("%w: a second root element", ErrTrailing))
}

// latin1Reader turns ISO 8859-1 into UTF-8.
type latin1Reader struct {
	r       io.Reader
	pending byte
	half    bool
}

// Read implements io.Reader.
func (l *latin1Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if l.half {
		l.half = false
		p[0] = l.pending
		return 1, nil
	}
	var one [1]byte
	if _, err := io.ReadFull(l.r, one[:]); err != nil {
		return 0, err
	}
	if one[0] < 0x80 {
		p[0] = one[0]
		return 1, nil
	}
	p[0], l.pending, l.half = 0xc0|one[0]>>6, 0x80|one[0]&0x3f, true
	return 1, nil
}
