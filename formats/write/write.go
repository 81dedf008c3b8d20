// Package write turns violations and the decisions about them into documents
// for others: VEX documents that the ecosystem's tools take (OpenVEX,
// CycloneDX, CSAF) and reports for people and scripts (HTML, CSV, JSON).
//
// What a format cannot say is never lost in silence: Document returns what was
// left out and what was said with less, by reason. Internal notes are never
// written (ruling 25).
package write

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// The formats that Document writes.
const (
	FormatOpenVEX   = "openvex"
	FormatCycloneDX = "cyclonedx-vex"
	FormatCSAF      = "csaf-vex"
	FormatCSV       = "csv"
	FormatJSON      = "json"
	FormatHTML      = "html"
)

// Formats returns the names of all formats.
func Formats() []string {
	return []string{FormatOpenVEX, FormatCycloneDX, FormatCSAF, FormatCSV, FormatJSON, FormatHTML}
}

// ErrUnknownFormat is returned for a name that is none of Formats.
var ErrUnknownFormat = errors.New("there is no such format to export")

// ErrNothing is returned where a VEX document would hold no statement, which
// the formats forbid. The Report says why each violation was left out; nothing
// has been written.
var ErrNothing = errors.New("there is no decision that can be exported")

// Violations yields what is to be exported, each with its assessment and
// tickets. An error ends the export.
type Violations = iter.Seq2[*model.Violation, error]

// Meta is what a document says about itself.
type Meta struct {
	// Product and Version are what the document is about; empty where it
	// covers several. They name the document, they do not select violations.
	Product, Version string
	// Author is who states, Namespace the author's address on the web
	// (CSAF: publisher.namespace).
	Author, Namespace string
	// ID is the document's own id and stays the same from version to version:
	// an IRI. Empty: one that follows from author, product and format.
	ID string
	// Scope is the query behind the export, for people.
	Scope string
	// Components: decisions are stated about the packages themselves, whatever
	// holds them, and not about the product. Scanners of folders know no product.
	// OpenVEX and CSAF only.
	Components bool
	// BOM is the bill of materials of the product: a CycloneDX document refers
	// to its components there. nil: it lists the components itself.
	BOM *model.BOM
	// Tool names the program and its version.
	Tool string
	// Now is when the document is made.
	Now time.Time
	// Revise is asked for the document's history once its content is known
	// by its digest, so that a version goes up exactly when the content
	// changes. nil: this is the first version.
	Revise func(id, digest string) (Revision, error)
}

// Revision is the history of a document: when each of its versions was made,
// the oldest first. The document's version is their number.
type Revision struct{ Made []time.Time }

// Number is the version, from 1.
func (r Revision) Number() int { return len(r.Made) }

// Report tells what became of the violations.
type Report struct {
	// Format and ID name the document, Revised its version; 0 for formats
	// without one.
	Format, ID string
	Revised    int
	// Written counts violations in the document.
	Written int
	// Left are violations that are not in the document, Lost those of which
	// it says less than we know. Both by reason, in order of appearance.
	Left, Lost []Remark
	// Warnings are sentences about the document as a whole.
	Warnings []string

	lost map[loss]bool
}

// loss is a violation and a reason: an issue of several CVEs is stated for each
// of them, and loses the same each time.
type loss struct {
	id     model.ViolationID
	reason string
}

// Remark is a reason and the violations it is true of.
type Remark struct {
	Reason string
	Count  int
	// IDs are the first few of them.
	IDs []model.ViolationID
}

// remarkIDs is how many ids a remark keeps.
const remarkIDs = 10

func remark(to []Remark, id model.ViolationID, reason string) []Remark {
	for i := range to {
		if to[i].Reason != reason {
			continue
		}
		to[i].Count++
		if len(to[i].IDs) < remarkIDs {
			to[i].IDs = append(to[i].IDs, id)
		}
		return to
	}
	return append(to, Remark{Reason: reason, Count: 1, IDs: []model.ViolationID{id}})
}

func (r *Report) leave(id model.ViolationID, reason string) { r.Left = remark(r.Left, id, reason) }

func (r *Report) lose(id model.ViolationID, reason string) {
	if r.lost == nil {
		r.lost = make(map[loss]bool)
	}
	if l := (loss{id, reason}); !r.lost[l] {
		r.lost[l] = true
		r.Lost = remark(r.Lost, id, reason)
	}
}

// Document writes the violations to w in a format. CSV, JSON and HTML take
// every violation and any number of them; VEX documents take decisions about
// vulnerabilities that are valid (model.Assessment.Validate) and are built in
// memory. The Report is returned with ErrNothing, too.
func Document(ctx context.Context, w io.Writer, format string, meta Meta, violations Violations) (*Report, error) {
	r := &Report{Format: format}
	if meta.Components {
		r.Warnings = append(r.Warnings, "the decisions are stated about the components themselves: they will hide findings in whatever product has them")
	}
	if meta.Author == "" {
		meta.Author = "Unknown author"
		r.Warnings = append(r.Warnings, "the document names no author: 'vexdesk settings set export.author' says who states it")
	}
	switch format {
	case FormatCSV:
		return r, writeCSV(ctx, w, r, violations)
	case FormatJSON:
		return r, writeJSON(ctx, w, meta, r, violations)
	case FormatHTML:
		return r, writeHTML(ctx, w, meta, r, violations)
	case FormatOpenVEX:
		return r, writeVEX(ctx, w, meta, r, violations, openVEX)
	case FormatCycloneDX:
		return r, writeVEX(ctx, w, meta, r, violations, cycloneDX)
	case FormatCSAF:
		return r, writeVEX(ctx, w, meta, r, violations, csafVEX)
	}
	return r, fmt.Errorf("%w: %q is none of %s", ErrUnknownFormat, format, strings.Join(Formats(), ", "))
}

// each calls visit for every violation and counts those that were written.
func (r *Report) each(ctx context.Context, violations Violations, visit func(*model.Violation) error) error {
	for v, err := range violations {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = visit(v)
		}
		if err != nil {
			return err
		}
		r.Written++
	}
	return nil
}

// IsVEX reports whether a format is a VEX document, which takes decisions only.
func IsVEX(format string) bool {
	return slices.Contains([]string{FormatOpenVEX, FormatCycloneDX, FormatCSAF}, format)
}
