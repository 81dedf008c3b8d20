package formats

import (
	"path"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// OpenVEX 0.0.1 to 0.2.0 (openvex/spec, OPENVEX-SPEC.md): statements about
// vulnerabilities in products and their subcomponents. They are decisions, so
// nothing is found by them.

func openVEXReader() reader {
	return reader{name: "openvex", json: isOpenVEX, readJSON: readOpenVEX}
}

func isOpenVEX(s *shape) bool {
	if !s.isObject() {
		return false
	}
	if context := s.at("@context"); context != nil {
		return strings.Contains(context.value(), "openvex")
	}
	return s.isList("statements") && s.at("statements").has("vulnerability") && s.at("statements").has("status")
}

// openVEX is one reading of a document.
type openVEX struct {
	*parser
	author, id string
	at         time.Time
	// waiting are statements that came before what they inherit from the
	// document.
	waiting []*model.Statement
}

func readOpenVEX(p *parser) error {
	o := &openVEX{parser: p}
	p.report.Decisions = true
	err := p.json.object(func(name string) error {
		switch name {
		case "statements":
			return p.json.entries(o.statement)
		case "@context", "@id", "id", "author", "timestamp", "tooling":
			v, err := p.json.value()
			switch name {
			case "@context":
				_, version, _ := cutLast(v.text(), "/")
				p.report.Variant = "OpenVEX " + strings.TrimPrefix(version, "v")
			case "@id", "id":
				o.id = v.text()
			case "author":
				o.author = v.text()
			case "timestamp":
				o.at = v.time()
			default:
				p.report.Scanner = v.text()
			}
			return err
		}
		return p.json.skip()
	})
	if err != nil {
		return err
	}
	p.report.Created, p.report.Artifact = o.at, o.id
	if p.report.Scanner == "" {
		p.report.Scanner = "openvex"
	}
	return o.finish()
}

// finish hands on what waited.
func (o *openVEX) finish() error {
	for _, s := range o.waiting {
		if err := o.inherit(s); err != nil {
			return err
		}
	}
	o.waiting = nil
	return nil
}

func (o *openVEX) inherit(s *model.Statement) error {
	s.Author, s.Document = o.author, o.id
	if s.At.IsZero() {
		s.At = o.at
	}
	return o.state(s)
}

// statement reads a statement and splits it by product and subcomponent.
func (o *openVEX) statement(v value) error {
	o.count()
	s := openVEXStatement(v)
	older := v.field("subcomponents") // 0.0.x: of the statement
	targets := 0
	for product := range v.field("products").items() {
		parts := product.field("subcomponents")
		if parts.kind() == 0 {
			parts = older
		}
		for _, target := range openVEXTargets(product, parts) {
			targets++
			each := s
			each.Product, each.Component, each.Reference = target.product, target.component, target.reference
			subject := each.Subject()
			o.tell(model.SeverityUnknown, first(each.IDs), model.Coordinate(subject), subject.Version)
			if err := o.hand(&each); err != nil {
				return err
			}
		}
	}
	if targets == 0 {
		o.note("skipped statements without a product")
	}
	return nil
}

// hand passes a statement on, or keeps it until the document has told its
// author, id and time.
func (o *openVEX) hand(s *model.Statement) error {
	if o.author == "" || o.id == "" || o.at.IsZero() {
		o.waiting = append(o.waiting, s)
		return nil
	}
	if err := o.finish(); err != nil {
		return err
	}
	return o.inherit(s)
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// openVEXStatement reads all but the products. In 0.0.x the vulnerability is a
// text.
func openVEXStatement(v value) model.Statement {
	var s model.Statement
	var notes string
	for name, each := range v.fields() {
		switch string(name) {
		case "vulnerability":
			own := nonEmpty(each.text(), each.field("name").text())
			if id := each.field("@id").text(); len(own) == 0 && id != "" {
				own = nonEmpty(path.Base(id))
			}
			s.IDs = nonEmpty(append(own, each.field("aliases").texts()...)...)
		case "status":
			s.Status = each.text()
		case "justification":
			s.Justification = each.text()
		case "impact_statement":
			s.Assessment.Impact = each.text()
		case "action_statement":
			s.Assessment.Action = each.text()
		case "status_notes":
			notes = each.text()
		case "timestamp":
			s.At = each.time()
		}
	}
	a := &s.Assessment
	switch s.Status {
	case "not_affected":
		a.Status, a.Justification = model.VEXNotAffected, justificationOf(s.Justification)
	case "affected":
		a.Status = model.VEXAffected
	case "fixed":
		a.Status = model.VEXFixed
	case "under_investigation":
		a.Status = model.VEXInTriage
	}
	applyNative(a, notes)
	return s
}

// openVEXTarget is a product, or one of its components.
type openVEXTarget struct {
	product, component model.Component
	reference          string
}

// openVEXTargets lists what a statement's product stands for. In 0.0.x it is a
// text.
func openVEXTargets(product, parts value) []openVEXTarget {
	reference, c := openVEXComponent(product)
	var all []openVEXTarget
	for part := range parts.items() {
		id, component := openVEXComponent(part)
		all = append(all, openVEXTarget{product: c, component: component, reference: id})
	}
	if len(all) == 0 && reference != "" {
		all = append(all, openVEXTarget{product: c, reference: reference})
	}
	return all
}

func openVEXComponent(v value) (id string, c model.Component) {
	identifiers := v.field("identifiers")
	all := nonEmpty(v.text(), v.field("@id").text(), identifiers.field("purl").text(), identifiers.field("cpe23").text(), identifiers.field("cpe22").text())
	id = first(all)
	return id, referenced(id, identifiers.field("purl").text())
}
