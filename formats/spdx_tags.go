package formats

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// SPDX as tags with values (spec 2.3, clause 4.4): a line each, texts over
// several lines between <text> and </text>, comments behind #.

// firstTag returns the tag that a text begins with, "" where it is no such text.
func firstTag(head []byte) string {
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		tag, _, _ := bytes.Cut(line, []byte(":"))
		return string(tag)
	}
	return ""
}

// tagLines reads tags with their values.
type tagLines struct {
	lines *bufio.Reader
	in    *input
	line  int
}

// next returns the next tag; io.EOF behind the last one.
func (t *tagLines) next() (tag, value string, err error) {
	for {
		line, err := t.read()
		if err != nil {
			return "", "", err
		}
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		tag, value, ok := strings.Cut(line, ":")
		if !ok {
			return "", "", &Error{Line: t.line, Err: fmt.Errorf("%w: a tag and its value were expected", ErrSyntax)}
		}
		if value = strings.TrimSpace(value); !strings.HasPrefix(value, "<text>") {
			return tag, value, nil
		}
		value, err = t.text(value)
		return tag, value, err
	}
}

// text reads on to the end of a text.
func (t *tagLines) text(begin string) (string, error) {
	var whole strings.Builder
	whole.WriteString(begin)
	for more := begin; !strings.Contains(more, "</text>"); {
		var err error
		if more, err = t.read(); errors.Is(err, io.EOF) {
			return "", &Error{Line: t.line, Err: ErrTruncated, Hint: "make the report again"}
		} else if err != nil {
			return "", err
		}
		if whole.Len()+len(more) > int(t.in.limits.Entry) {
			return "", &Error{Line: t.line, Err: fmt.Errorf("%w: one text has more than %d MiB", ErrTooLarge, t.in.limits.Entry>>20)}
		}
		whole.WriteString(more)
	}
	inner, _, _ := strings.Cut(strings.TrimPrefix(whole.String(), "<text>"), "</text>")
	return inner, nil
}

// read returns a line, which Limits.Entry bounds.
func (t *tagLines) read() (string, error) {
	t.in.mark = t.in.delivered - int64(t.lines.Buffered())
	line, err := t.lines.ReadString('\n')
	if line == "" && err != nil {
		return "", err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	t.line++
	return strings.ToValidUTF8(line, "\uFFFD"), nil
}

func readSPDXTags(p *parser) error {
	s, t := newSPDX(p), &tagLines{lines: bufio.NewReader(p.in), in: p.in}
	var current *spdxPackage
	flush := func() error {
		if current == nil {
			return nil
		}
		return s.packaged(current)
	}
	for {
		tag, value, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if tag == "PackageName" {
			if err := flush(); err != nil {
				return err
			}
			current = &spdxPackage{name: value}
			continue
		}
		if current == nil {
			s.described(tag, value)
			continue
		}
		current.tagged(tag, value)
	}
	if err := flush(); err != nil {
		return err
	}
	s.finishDocument()
	return nil
}

// described takes what stands before the packages.
func (s *spdx) described(tag, value string) {
	switch tag {
	case "SPDXVersion":
		s.report.Variant = strings.Replace(value, "-", " ", 1) + " tags"
	case "DocumentName":
		s.about(value)
	case "Created":
		s.report.Created = parseTime(value)
	case "Creator":
		s.createdBy(value)
	}
}

func (p *spdxPackage) tagged(tag, value string) {
	switch tag {
	case "PackageVersion":
		p.version = value
	case "PackageLicenseConcluded", "PackageLicenseDeclared":
		if len(p.licenses) == 0 {
			p.license(value)
		}
	case "ExternalRef":
		if parts := strings.Fields(value); len(parts) >= 3 {
			p.reference(parts[0], parts[1], parts[2])
		}
	}
}
