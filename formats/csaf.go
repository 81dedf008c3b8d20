package formats

import (
	"strings"

	"example.com/vexdesk/model"
)

// CSAF 2.0 and 2.1 (OASIS, Common Security Advisory Framework): advisories and
// VEX documents of vendors. For each vulnerability product_status lists
// products under a status; these are decisions, so nothing is found by them.

func csafReader() reader {
	return reader{name: "csaf", json: isCSAF, readJSON: readCSAF}
}

func isCSAF(s *shape) bool {
	document := s.at("document")
	return s.isObject() && document.isObject() && (document.has("csaf_version") ||
		document.has("tracking") && s.hasAny("product_tree", "vulnerabilities"))
}

// csaf is one reading of a document.
type csaf struct {
	*parser
	publisher, id string
	products      csafProducts
	sawProducts   bool
	sawDocument   bool
	// waiting are statements that came before what they refer to.
	waiting []csafStatement
}

// csafStatement is a statement with what it refers to by id.
type csafStatement struct {
	model.Statement
	product string
	status  model.VEXStatus
	details *csafDetails
}

func readCSAF(p *parser) error {
	c := &csaf{parser: p, products: newCSAFProducts()}
	p.report.Scanner, p.report.Variant, p.report.Decisions = "csaf", "CSAF", true
	err := p.json.object(func(name string) error {
		switch name {
		case "document":
			v, err := p.json.value()
			c.document(v)
			c.sawDocument = true
			return err
		case "product_tree":
			c.sawProducts = true
			return c.products.read(p.json)
		case "vulnerabilities":
			return p.json.entries(c.vulnerability)
		}
		return p.json.skip()
	})
	if err != nil {
		return err
	}
	for _, s := range c.waiting {
		if err := c.resolve(s); err != nil {
			return err
		}
	}
	return nil
}

func (c *csaf) document(v value) {
	r := c.report
	tracking := v.field("tracking")
	c.publisher, c.id = v.field("publisher").field("name").text(), tracking.field("id").text()
	r.Variant = strings.Join(nonEmpty("CSAF "+v.field("csaf_version").text(), v.field("category").text()), ", ")
	r.Artifact, r.Created = c.id, tracking.field("current_release_date").time()
}

// csafStatus is a list of product_status and what it means (domain: VEX).
type csafStatus struct {
	name   string
	status model.VEXStatus
}

// csafStatuses are in the order of what wins where a product is in several:
// affected, so that nothing is hidden by a mistake.
func csafStatuses() []csafStatus {
	return []csafStatus{
		{"known_affected", model.VEXAffected}, {"first_affected", model.VEXAffected}, {"last_affected", model.VEXAffected},
		{"under_investigation", model.VEXInTriage},
		{"known_not_affected", model.VEXNotAffected},
		{"fixed", model.VEXFixed}, {"first_fixed", model.VEXFixed}, {"recommended", model.VEXFixed},
	}
}

// vulnerability reads a vulnerability and makes a statement of each product in
// each of its lists.
func (c *csaf) vulnerability(v value) error {
	ids := csafIDs(v)
	details := readCSAFDetails(v)
	lists := v.field("product_status")
	stated := make(map[string]bool)
	for _, each := range csafStatuses() {
		for _, product := range lists.field(each.name).texts() {
			c.count()
			s := csafStatement{product: product, status: each.status, details: details,
				Statement: model.Statement{IDs: ids, Reference: product, Status: each.name}}
			s.Severity = details.severity[product]
			c.tell(s.Severity, first(ids), product, "")
			if stated[product] {
				c.note("kept the first status of products that have several (affected before under investigation, not affected, fixed)")
				continue
			}
			stated[product] = true
			if err := c.hand(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// csafIDs returns the CVE, else the first other id; further ids are aliases
// only where they are CVE or GHSA ids.
func csafIDs(v value) []string {
	own := v.field("cve").text()
	var more []string
	for each := range v.field("ids").items() {
		id := each.field("text").text()
		if own == "" {
			own = id
		}
		if isCVE(id) || isGHSA(id) {
			more = append(more, id)
		}
	}
	return nonEmpty(append([]string{own}, more...)...)
}

func (c *csaf) hand(s csafStatement) error {
	if !c.sawProducts || !c.sawDocument {
		c.waiting = append(c.waiting, s)
		return nil
	}
	return c.resolve(s)
}

// resolve finds the product of a statement and what is addressed to it.
func (c *csaf) resolve(s csafStatement) error {
	s.details.complete(&s.Statement, s.status, c.products.groupsOf(s.product))
	s.Author, s.Document, s.At = c.publisher, c.id, c.report.Created
	var found bool
	if s.Product, s.Component, found = c.products.find(s.product); !found {
		c.note("kept products that the document does not describe")
	}
	return c.state(&s.Statement)
}
