package write

import (
	"bytes"
	"fmt"
	"time"

	"github.com/openvex/go-vex/pkg/vex"

	"example.com/vexdesk/model"
)

// openVEX builds an OpenVEX 0.2.0 document (openvex/spec, OPENVEX-SPEC.md):
// one statement for each vulnerability of a product and decision, with the
// components as subcomponents.
func openVEX(meta Meta, rev Revision, decisions []decision, r *Report) ([]byte, error) {
	issued, updated := rev.Made[0], rev.Made[rev.Number()-1]
	doc := vex.VEX{
		Metadata: vex.Metadata{Context: vex.ContextLocator(), ID: meta.ID, Author: meta.Author, Timestamp: &issued, Version: rev.Number(), Tooling: meta.Tool},
		// null is not a list
		Statements: []vex.Statement{},
	}
	if rev.Number() > 1 {
		doc.LastUpdated = &updated
	}
	for i := range decisions {
		d := &decisions[i]
		openVEXLosses(d, r)
		if i > 0 && d.component != (part{}) && togetherWith(&decisions[i-1], d) {
			last := &doc.Statements[len(doc.Statements)-1]
			last.Products[0].Subcomponents = append(last.Products[0].Subcomponents, vex.Subcomponent{Component: openVEXComponent(d.component)})
			if d.at.After(updatedAt(last)) {
				last.Timestamp = timeOf(d.at)
			}
			continue
		}
		s := openVEXStatement(d)
		if err := s.Validate(); err != nil {
			return nil, fmt.Errorf("violation %s makes an invalid OpenVEX statement: %w", d.violation.ID, err)
		}
		doc.Statements = append(doc.Statements, s)
	}
	var text bytes.Buffer
	if err := doc.ToJSON(&text); err != nil {
		return nil, fmt.Errorf("the OpenVEX document cannot be written: %w", err)
	}
	return text.Bytes(), nil
}

// togetherWith reports whether two neighbours are one statement.
func togetherWith(a, b *decision) bool {
	return a.name == b.name && a.product.ref() == b.product.ref() && a.assessment == b.assessment &&
		action(a.violation, a.assessment) == action(b.violation, b.assessment)
}

func openVEXStatement(d *decision) vex.Statement {
	a := d.assessment
	s := vex.Statement{
		Vulnerability: vex.Vulnerability{Name: vex.VulnerabilityID(d.name), Description: d.violation.Title},
		Timestamp:     timeOf(d.at),
		StatusNotes:   native(a),
		Products:      []vex.Product{{Component: openVEXComponent(d.product)}},
	}
	if _, page := source(d.name); page != "" {
		s.Vulnerability.ID = page
	}
	if d.component != (part{}) {
		s.Products[0].Subcomponents = []vex.Subcomponent{{Component: openVEXComponent(d.component)}}
	}
	for _, alias := range d.aliases {
		s.Vulnerability.Aliases = append(s.Vulnerability.Aliases, vex.VulnerabilityID(alias))
	}
	switch a.Status {
	case model.VEXInTriage:
		s.Status = vex.StatusUnderInvestigation
	case model.VEXAffected:
		s.Status, s.ActionStatement = vex.StatusAffected, action(d.violation, a)
	case model.VEXFixed:
		s.Status = vex.StatusFixed
	case model.VEXNotAffected:
		word, _ := label(a.Justification)
		s.Status, s.Justification, s.ImpactStatement = vex.StatusNotAffected, vex.Justification(word), a.Impact
		if word == "" && a.Impact == "" {
			s.ImpactStatement = reason(a.Justification)
		}
	}
	return s
}

// openVEXLosses notes what stands in the notes of a status instead of a field
// of its own.
func openVEXLosses(d *decision, r *Report) {
	a, id := d.assessment, d.violation.ID
	if word, exact := label(a.Justification); a.Justification != "" && !exact {
		nearest := "has no word in OpenVEX and is an impact statement there"
		if word != "" {
			nearest = "is " + word + " in OpenVEX"
		}
		r.lose(id, fmt.Sprintf("the justification %s %s; our word stands in status_notes", a.Justification, nearest))
	}
	if a.Response != "" {
		r.lose(id, "OpenVEX has no responses: it is said in the action statement, and our word stands in status_notes")
	}
	if a.Qualifier != "" {
		r.lose(id, fmt.Sprintf("OpenVEX has no word for %s: it stands in status_notes", a.Qualifier))
	}
}

func openVEXComponent(p part) vex.Component {
	c := vex.Component{ID: p.ref()}
	if p.purl != "" {
		c.Identifiers = map[vex.IdentifierType]string{vex.PURL: p.purl}
	}
	return c
}

// timeOf is nil where nobody noted the time; the document's holds then.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func updatedAt(s *vex.Statement) time.Time {
	if s.Timestamp == nil {
		return time.Time{}
	}
	return *s.Timestamp
}
