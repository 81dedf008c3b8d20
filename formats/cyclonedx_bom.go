package formats

import (
	"context"
	"errors"
	"io"
	"slices"

	"example.com/vexdesk/model"
)

// ErrNoSerial is returned for a bill of materials that nothing can refer to.
var ErrNoSerial = errors.New("the bill of materials has no serial number, without which nothing can refer to it")

// ReadBOM reads how the components of a CycloneDX bill of materials are
// referred to. Of the options it takes Name and Limits. Errors are those of Read,
// and ErrNoSerial.
func ReadBOM(ctx context.Context, r io.Reader, o Options) (*model.BOM, error) {
	o.Limits = o.Limits.withDefaults()
	in, err := openInput(ctx, r, o.Limits)
	if err != nil {
		return nil, place(err, in, o, "cyclonedx")
	}
	defer in.close()
	c := newCycloneDX(&parser{interner: newInterner(), in: in, limits: o.Limits, report: &model.Report{},
		emit: func(*model.Finding) error { return nil }, tell: func(model.Severity, string, string, string) {}})
	if err := c.readDocument(); err != nil {
		return nil, place(err, in, o, "cyclonedx")
	}
	if c.serial == "" {
		return nil, place(&Error{Err: ErrNoSerial, Hint: "make it again with a tool that gives it one"}, in, o, "cyclonedx")
	}
	bom := &model.BOM{Serial: c.serial, Version: max(c.version, 1), Refs: make(map[string][]string)}
	for ref, each := range c.components {
		if each.PURL != "" {
			key := model.ComponentKey(each)
			bom.Refs[key] = append(bom.Refs[key], ref)
		}
	}
	for _, refs := range bom.Refs {
		slices.Sort(refs)
	}
	return bom, nil
}

// readDocument reads the whole document in the encoding that it has.
func (c *cycloneDX) readDocument() error {
	s, err := recognise(c.in)
	switch {
	case err != nil:
		return err
	case s.isXML && isCycloneDXXML(s.root):
		c.xml = newXMLCursor(c.in)
		return c.readXML()
	case !s.isXML && isCycloneDXJSON(s):
		c.json = newCursor(c.in)
		if err := c.readJSON(); err != nil {
			return err
		}
		return c.json.end()
	}
	return notRecognised(s, "cyclonedx")
}
