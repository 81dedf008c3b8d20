package write

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// noNamespace stands where the author's address is not known: the schema
// demands one.
const noNamespace = "https://example.com"

// csafVEX builds a CSAF 2.0 document of the profile VEX (OASIS CSAF 2.0,
// section 4.5): a product tree in which components are parts of products, and
// for each vulnerability the parts by status.
func csafVEX(meta Meta, rev Revision, decisions []decision, r *Report) ([]byte, error) {
	if meta.Namespace == "" {
		meta.Namespace = noNamespace
		r.Warnings = append(r.Warnings, "the document names no address of its publisher; "+noNamespace+" stands in its place; 'vexdesk settings set export.namespace' sets it")
	}
	tree := newCSAFTree()
	doc := csafDocument{Document: csafDescribe(meta, rev)}
	for i := range decisions {
		d := &decisions[i]
		csafLosses(d, r)
		if i == 0 || decisions[i-1].name != d.name {
			doc.Vulnerabilities = append(doc.Vulnerabilities, csafNew(d))
		}
		v, id := &doc.Vulnerabilities[len(doc.Vulnerabilities)-1], tree.id(d)
		v.state(d, id)
		v.score(d, id)
		v.fix(d)
	}
	doc.ProductTree = tree.csafTree
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(doc); err != nil {
		return nil, fmt.Errorf("the CSAF document cannot be written: %w", err)
	}
	return text.Bytes(), nil
}

// csafDescribe says what the document is. Versions are integers, and all of
// them stand in the history (CSAF 2.0, 6.1.21).
func csafDescribe(meta Meta, rev Revision) csafAbout {
	about := csafAbout{Category: "csaf_vex", CSAFVersion: "2.0", Lang: "en", Title: "VEX of " + meta.subject(),
		Publisher: csafPublisher{Category: "vendor", Name: meta.Author, Namespace: meta.Namespace}}
	t := &about.Tracking
	t.ID, t.Status, t.Version = strings.TrimSpace(meta.ID), "final", strconv.Itoa(rev.Number())
	for i, at := range rev.Made {
		summary := "Changed decisions"
		if i == 0 {
			summary = "First version"
		}
		t.RevisionHistory = append(t.RevisionHistory, csafRevision{Date: at.UTC().Format(time.RFC3339), Number: strconv.Itoa(i + 1), Summary: summary})
	}
	t.InitialReleaseDate = t.RevisionHistory[0].Date
	t.CurrentReleaseDate = t.RevisionHistory[len(rev.Made)-1].Date
	if meta.Tool != "" {
		t.Generator = &csafGenerator{}
		t.Generator.Engine.Name = meta.Tool
	}
	return about
}

// subject names what a document is about, for people.
func (m Meta) subject() string {
	switch {
	case m.Product == "":
		return "several products"
	case m.Version == "":
		return m.Product
	}
	return m.Product + " " + m.Version
}

// csafParts numbers products and components as the document goes.
type csafParts struct {
	csafTree
	ids map[string]string
}

func newCSAFTree() *csafParts { return &csafParts{ids: make(map[string]string)} }

// id returns the product id of "component of product", which it puts into the
// tree when it is new.
func (t *csafParts) id(d *decision) string {
	if d.component == (part{}) {
		return t.part("C", d.product)
	}
	product, component := t.part("P", d.product), t.part("C", d.component)
	id := product + ":" + component
	if t.ids[id] == "" {
		t.ids[id] = id
		t.Relationships = append(t.Relationships, csafRelationship{Category: "default_component_of", ProductReference: component, RelatesTo: product,
			FullProductName: csafProduct{Name: d.component.title() + " as a component of " + d.product.title(), ProductID: id}})
	}
	return id
}

func (t *csafParts) part(prefix string, p part) string {
	key := prefix + p.ref()
	if id := t.ids[key]; id != "" {
		return id
	}
	id := fmt.Sprintf("%s%d", prefix, len(t.FullProductNames)+1)
	t.ids[key] = id
	product := csafProduct{Name: p.title(), ProductID: id}
	if csafPURL.MatchString(p.purl) {
		product.Helper = &csafHelper{PURL: p.purl}
	}
	t.FullProductNames = append(t.FullProductNames, product)
	return id
}

// Patterns of the schema.
var (
	csafPURL = regexp.MustCompile(`^pkg:[A-Za-z.\-+][A-Za-z0-9.\-+]*/.+`)
	csafCVE  = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`)
)

// csafNew is a vulnerability without products.
func csafNew(d *decision) csafVulnerability {
	v := csafVulnerability{Title: d.violation.Title}
	for _, id := range append([]string{d.name}, d.aliases...) {
		if v.CVE == "" && csafCVE.MatchString(id) {
			v.CVE = id
			continue
		}
		system, _ := source(id)
		v.IDs = append(v.IDs, csafID{SystemName: system, Text: id})
	}
	text := d.violation.Description
	if text == "" {
		text = d.violation.Title
	}
	if text == "" {
		text = "See " + d.name + "."
	}
	v.Notes = []csafNote{{Category: "description", Title: "Description", Text: text}}
	for _, url := range webPages(d.violation.References) {
		v.References = append(v.References, csafReference{Category: "external", Summary: url, URL: url})
	}
	if d.violation.KEV {
		v.Threats = append(v.Threats, csafRemark{Category: "exploit_status", Details: exploited(d.violation)})
	}
	return v
}

// fix notes which version of a component holds the fix, whatever was decided.
func (v *csafVulnerability) fix(d *decision) {
	if d.violation.Fix == "" {
		return
	}
	const title = "Versions with the fix"
	text := d.violation.Component + ": " + d.violation.Fix
	last := &v.Notes[len(v.Notes)-1]
	switch {
	case last.Title != title:
		v.Notes = append(v.Notes, csafNote{Category: "other", Title: title, Text: text})
	case !slices.Contains(strings.Split(last.Text, "\n"), text):
		last.Text += "\n" + text
	}
}

// state adds the decision about a part. A part that is not affected needs a
// flag or an impact statement, one that is affected a remediation (CSAF 2.0,
// 4.5).
func (v *csafVulnerability) state(d *decision, id string) {
	a := d.assessment
	switch a.Status {
	case model.VEXInTriage:
		v.ProductStatus.UnderInvestigation = append(v.ProductStatus.UnderInvestigation, id)
	case model.VEXFixed:
		v.ProductStatus.Fixed = append(v.ProductStatus.Fixed, id)
	case model.VEXAffected:
		v.ProductStatus.KnownAffected = append(v.ProductStatus.KnownAffected, id)
		v.Remediations = address(v.Remediations, remedy(a.Response), action(d.violation, a), id)
	case model.VEXNotAffected:
		v.ProductStatus.KnownNotAffected = append(v.ProductStatus.KnownNotAffected, id)
		word, _ := label(a.Justification)
		if word != "" {
			v.flag(word, id)
		}
		impact := a.Impact
		if impact == "" && word == "" {
			impact = reason(a.Justification)
		}
		if impact != "" {
			v.Threats = address(v.Threats, "impact", impact, id)
		}
	}
}

func (v *csafVulnerability) flag(word, id string) {
	for i := range v.Flags {
		if v.Flags[i].Label == word {
			v.Flags[i].ProductIDs = append(v.Flags[i].ProductIDs, id)
			return
		}
	}
	v.Flags = append(v.Flags, csafFlag{Label: word, ProductIDs: []string{id}})
}

// address adds a product to the remark that says the same.
func address(to []csafRemark, category, details, id string) []csafRemark {
	for i := range to {
		if to[i].Category == category && to[i].Details == details {
			to[i].ProductIDs = append(to[i].ProductIDs, id)
			return to
		}
	}
	return append(to, csafRemark{Category: category, Details: details, ProductIDs: []string{id}})
}

// remedy is the category of a response (CSAF 2.0, 3.2.3.12). What one should
// do without saying what kind of thing it is counts as a mitigation.
func remedy(response string) string {
	switch response {
	case "update":
		return "vendor_fix"
	case "workaround_available":
		return "workaround"
	case "will_not_fix":
		return "no_fix_planned"
	case "can_not_fix":
		return "none_available"
	}
	return "mitigation"
}

func csafLosses(d *decision, r *Report) {
	a, id := d.assessment, d.violation.ID
	if word, exact := label(a.Justification); a.Justification != "" && !exact {
		if word == "" {
			r.lose(id, fmt.Sprintf("the justification %s has no word in CSAF and is an impact statement there", a.Justification))
		} else {
			r.lose(id, fmt.Sprintf("the justification %s is %s in CSAF", a.Justification, word))
		}
	}
	if a.Qualifier != "" {
		r.lose(id, fmt.Sprintf("CSAF has no word for %s", a.Qualifier))
	}
	if a.Response == "rollback" {
		r.lose(id, "CSAF has no roll-back: it is a mitigation there")
	}
	scoreLosses(d, r)
}
