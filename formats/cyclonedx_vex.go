package formats

import (
	"strings"

	"example.com/vexdesk/model"
)

// A CycloneDX document is a VEX document where it states decisions and lists no
// inventory (cyclonedx.org, "Vulnerability Exploitability eXchange"): every
// vulnerability has an analysis, and what components there are, are those that
// the analyses are about. A bill of materials with analyses in it stays a
// report, whose decisions come with its findings.

// maxCDXDecisions is how many vulnerabilities a VEX document has at most.
const maxCDXDecisions = 100_000

// cdxDecisions are what would be stated if the document is VEX.
type cdxDecisions struct {
	all []cdxVulnerability
	// undecided: a vulnerability had no analysis, or there are too many.
	undecided bool
	// subject is what the document is about, by reference.
	subject            model.Component
	subjectRef, author string
	// products are the components that nest others, by the reference of what
	// they nest; outer are their own references.
	products map[string]model.Component
	outer    []string
}

func newCDXDecisions() cdxDecisions {
	return cdxDecisions{products: map[string]model.Component{}}
}

func (d *cdxDecisions) add(v cdxVulnerability) {
	if d.undecided = d.undecided || v.analysis() == nil || len(d.all) == maxCDXDecisions; d.undecided {
		d.all = nil
		return
	}
	d.all = append(d.all, v)
}

// isVEX reports whether the document is one, and somebody wants its statements.
func (c *cycloneDX) isVEX() bool {
	d := &c.decisions
	if d.undecided || len(d.all) == 0 || c.stated == nil {
		return false
	}
	spoken := map[string]bool{d.subjectRef: true}
	for _, ref := range d.outer {
		spoken[ref] = true
	}
	for _, v := range d.all {
		for _, ref := range v.affects {
			spoken[c.local(ref)] = true
		}
	}
	for ref := range c.components {
		if !spoken[ref] {
			return false
		}
	}
	return true
}

// stateDecisions hands on a statement for each affected component. They are the
// document's findings, too.
func (c *cycloneDX) stateDecisions() error {
	if c.report.Decisions = c.isVEX(); !c.report.Decisions {
		return nil
	}
	for _, v := range c.decisions.all {
		for _, ref := range nonEmpty(v.affects...) {
			s := c.statement(v, ref)
			subject := s.Subject()
			severity, _ := v.severity()
			c.tell(severity, v.id, subject.Name, subject.Version)
			if err := c.state(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// statement is a decision about one component. The action statement has no
// place in the analysis: it is the recommendation.
func (c *cycloneDX) statement(v cdxVulnerability, ref string) *model.Statement {
	s := &model.Statement{IDs: nonEmpty(append([]string{v.id}, v.references...)...), Reference: ref, Status: v.state, Justification: v.justification,
		Assessment: *v.analysis(), At: c.report.Created, Author: c.decisions.author, Document: c.serial}
	s.Assessment.Action = strings.TrimSpace(v.recommendation)
	local := c.local(ref)
	component, found := c.components[local]
	product, nested := c.decisions.products[local]
	switch {
	case !found:
		s.Product, s.Component = c.subject(), unresolved(ref)
	case local == c.decisions.subjectRef:
		s.Product = c.subject()
	case nested && product.Name != c.decisions.subject.Name:
		s.Product, s.Component = product, component
	default:
		s.Product, s.Component = c.subject(), component
	}
	return s
}

// subject is what the document is about, by the names that its report would
// propose (ruling 5).
func (c *cycloneDX) subject() model.Component {
	subject := c.decisions.subject
	if subject.Name != "" {
		subject.Name, subject.Version = c.report.Product, c.report.Version
	}
	return subject
}
