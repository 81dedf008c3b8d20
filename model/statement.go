package model

import "time"

// Statement is a VEX decision as a document of its own states it (OpenVEX,
// CSAF): this vulnerability, in this component of this product, has this
// status. It creates no violation; it is laid over those that are there.
type Statement struct {
	// IDs name the vulnerability: the document's own first, then its aliases.
	IDs []string
	// Product is what the statement is about, Component the package in it. A
	// zero Component means the product itself, which may then be the package:
	// see Subject.
	Product, Component Component
	// Reference is the document's own name of product or component: a package
	// URL, any other identifier, or CSAF's product id.
	Reference string
	// Status and Justification are the document's own words.
	Status, Justification string
	// Assessment is the decision in our words; a justification that ours have
	// no equal for is the nearest that holds.
	Assessment Assessment
	// Severity is the document's rating for this product, unknown for none.
	Severity Severity
	// At is when it was stated; where the statement has no time of its own,
	// the document's. A later statement about the same holds over an earlier.
	At time.Time
	// Author and Document say whose statement it is and in which document.
	Author, Document string
}

// Subject is the package that the decision is about.
func (s *Statement) Subject() Component {
	if s.Component.PURL == "" && s.Component.Name == "" {
		return s.Product
	}
	return s.Component
}
