// Package formats reads scanner reports, bills of materials and VEX documents
// into the model. A format is recognised by its content, never by the name of
// its file, and is read as a stream: what a reader holds at any moment is one
// entry, whatever the size of the file (CycloneDX also keeps an index of its
// components, which its vulnerabilities refer to).
//
// Every format is one reader; formats.go, input.go, shape.go, cursor.go and
// sink.go are what they share.
package formats

import (
	"cmp"
	"context"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// Options say how a report is to be read.
type Options struct {
	// Format forces a reader by its name (see Names); empty: by content.
	Format string
	// Name is the file's name as messages show it, "-" for standard input.
	Name string
	// Limits bound what a file may cost; zero fields take the defaults.
	Limits Limits
	// Statement takes the decisions of a VEX document that has no findings
	// (OpenVEX, CSAF). A statement is the receiver's to keep; an error ends
	// the reading and is returned as it is. nil: they are only counted.
	Statement func(*model.Statement) error
}

// Emit takes a finding. The finding is the receiver's to keep. An error ends
// the reading and is returned by Read as it is.
type Emit func(*model.Finding) error

// reader is one format.
type reader struct {
	name string
	// json reports whether the outline of a JSON document is this format.
	json func(*shape) bool
	// xml reports whether an XML document with this root is this format.
	xml func(xml.Name) bool
	// tags is the tag that a document of tags and values begins with.
	tags string
	// readJSON, readXML and readTags read the document, of which nothing has
	// been consumed yet.
	readJSON func(*parser) error
	readXML  func(*parser) error
	readTags func(*parser) error
}

// readers lists all formats; the first that accepts a document reads it.
func readers() []reader {
	return []reader{
		cycloneDXReader(),

		trivyReader(),
		grypeReader(),
		xrayReader(),
		osvReader(),
		snykReader(),
		npmReader(),
		govulncheckReader(),
		dependencyTrackReader(),
		gitHubReader(),
		trivyOperatorReader(),
		sarifReader(),
		openVEXReader(),
		csafReader(),
		spdxReader(),
	}
}

// Names returns the names of all readers, as Options.Format takes them.
func Names() []string {
	var names []string
	for _, r := range readers() {
		names = append(names, r.name)
	}
	slices.Sort(names)
	return names
}

// Read reads one report from r and hands each of its findings to emit. The
// report's own description of itself is returned at the end, since in some
// formats it stands behind the findings.
//
// gzip and zstd are unpacked, a byte order mark is dropped, UTF-16 (as Windows
// shells write it) is transcoded. r may be read by a goroutine of Read's own,
// which has ended when Read returns; emit is called by the caller's. When Read
// fails, what was emitted until then has to be thrown away. A failure of the
// file is an *Error; those of emit, of ctx and of r are passed on.
func Read(ctx context.Context, r io.Reader, o Options, emit Emit) (*model.Report, error) {
	told := newDistinct()
	report, err := read(ctx, r, o, emit, told.add)
	if err != nil {
		return nil, err
	}
	report.Findings = told.count()
	return report, nil
}

// read is Read without the count of findings that tell receives.
func read(ctx context.Context, r io.Reader, o Options, emit Emit, tell teller) (*model.Report, error) {
	o.Limits = o.Limits.withDefaults()
	in, err := openInput(ctx, r, o.Limits)
	if err != nil {
		return nil, place(err, in, o, "")
	}
	defer in.close()
	p := &parser{interner: newInterner(), in: in, limits: o.Limits, emit: emit, stated: o.Statement, tell: tell, report: &model.Report{}}
	format, err := p.run(o.Format)
	if err != nil {
		return nil, place(err, in, o, format)
	}
	p.report.Format = format
	p.finish()
	return p.report, nil
}

// run recognises the format and reads the document to its end.
func (p *parser) run(forced string) (format string, err error) {
	if forced != "" && !slices.Contains(Names(), forced) {
		return "", &Error{Err: ErrUnknownFormat, Hint: quote(forced) + " is none of " + strings.Join(Names(), ", ")}
	}
	s, err := recognise(p.in)
	if err != nil {
		return forced, cmp.Or(p.in.exceeds(), err)
	}
	p.shape = s
	for _, r := range readers() {
		if forced != "" && r.name != forced {
			continue
		}
		switch {
		case s.isXML && r.xml != nil && r.xml(s.root):
			p.xml = newXMLCursor(p.in)
			return r.name, r.readXML(p)
		case s.tag != "" && s.tag == r.tags:
			return r.name, r.readTags(p)
		case !s.isXML && s.tag == "" && r.json != nil && (r.json(s) || forced != "" && s.isEmptyList()):
			p.json = newCursor(p.in)
			if err := r.readJSON(p); err != nil {
				return r.name, err
			}
			return r.name, p.json.end()
		}
	}
	return forced, cmp.Or(p.in.exceeds(), notRecognised(s, forced))
}
