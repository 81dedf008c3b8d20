package formats

import (
	"encoding/xml"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// CycloneDX (ECMA-424 and the schemas 1.2 to 1.7 of CycloneDX/specification):
// bills of materials with vulnerabilities, VEX and VDR documents, in JSON and
// XML. Entries are vulnerabilities; each gives one finding per component that
// it affects. An analysis is a decision, not a suppression.

func cycloneDXReader() reader {
	return reader{name: "cyclonedx", json: isCycloneDXJSON, readJSON: readCycloneDXJSON, xml: isCycloneDXXML, readXML: readCycloneDXXML}
}

func isCycloneDXJSON(s *shape) bool {
	if !s.isObject() {
		return false
	}
	if f := s.at("bomFormat"); f != nil {
		return strings.EqualFold(f.text, "CycloneDX")
	}
	if schema := s.at("$schema"); schema != nil && strings.Contains(schema.text, "cyclonedx") {
		return true
	}
	return s.has("specVersion") && s.hasAny("components", "vulnerabilities", "metadata")
}

func isCycloneDXXML(root xml.Name) bool {
	return root.Local == "bom" && (root.Space == "" || strings.Contains(root.Space, "cyclonedx.org"))
}

// cdxVulnerability is a vulnerability as both encodings give it.
type cdxVulnerability struct {
	id, source, url                   string
	description, detail               string
	recommendation, workaround        string
	references, advisories            []string
	ratings                           []model.Rating
	state, justification, stateDetail string
	responses                         []string
	affects                           []string
}

// cdxComponent is a component as both encodings give it.
type cdxComponent struct {
	kind, ref, group, name, version, purl string
	licenses                              []string
}

// component is how the model sees it: the group belongs to the name.
func (c cdxComponent) component() model.Component {
	name := c.name
	if c.group != "" {
		name = c.group + "/" + c.name
	}
	return model.Component{PURL: c.purl, Name: name, Version: c.version, Licenses: c.licenses}
}

// cycloneDX is one reading of a document.
type cycloneDX struct {
	*parser
	// serial and version identify the document to others.
	serial  string
	version int
	// components by bom-ref, or by purl where they have none.
	components map[string]model.Component
	// sawComponents and sawMetadata: the index is complete when both have
	// been read.
	sawComponents, sawMetadata bool
	// waiting are vulnerabilities that came before a component they refer to.
	waiting   []cdxVulnerability
	decisions cdxDecisions
}

func newCycloneDX(p *parser) *cycloneDX {
	p.report.Resource = resourceSBOM
	return &cycloneDX{parser: p, components: make(map[string]model.Component), decisions: newCDXDecisions()}
}

// index remembers a component for the references to it.
func (c *cycloneDX) index(each cdxComponent) {
	if ref := each.reference(); ref != "" {
		c.components[ref] = each.component()
	}
}

// reference is what a vulnerability calls the component.
func (c cdxComponent) reference() string {
	if c.ref == "" {
		return c.purl
	}
	return c.ref
}

// nests remembers what a component holds: each of several products of a VEX
// document nests its own.
func (c *cycloneDX) nests(outer cdxComponent, inner []string) {
	if len(inner) == 0 {
		return
	}
	c.decisions.outer = append(c.decisions.outer, outer.reference())
	for _, ref := range inner {
		c.decisions.products[ref] = outer.component()
	}
}

// about proposes product and version from metadata.component (ruling 5).
func (c *cycloneDX) about(subject cdxComponent) {
	r := c.report
	c.decisions.subject, c.decisions.subjectRef = subject.component(), subject.reference()
	if subject.name == "" {
		return
	}
	r.Artifact, r.Product, r.Version = subject.name, subject.name, subject.version
	if subject.version != "" {
		r.Artifact += "@" + subject.version
	}
	switch subject.kind {
	case "container":
		r.Resource = resourceImage
		if isArchive(subject.name) {
			r.Product = baseName(subject.name)
			return
		}
		name, tag := splitImage(subject.name)
		r.Product = name
		if tag != "" {
			r.Version = tag
		}
	case "file":
		r.Product = baseName(subject.name)
	}
}

// vulnerability counts an entry and hands its findings on, now or when the
// components it refers to are known.
func (c *cycloneDX) vulnerability(v cdxVulnerability) error {
	c.count()
	c.decisions.add(v)
	if len(v.affects) == 0 {
		c.note("skipped vulnerabilities without an affected component")
		return nil
	}
	if !c.sawComponents || !c.sawMetadata {
		for _, ref := range v.affects {
			if _, found := c.components[c.local(ref)]; !found && !isForeign(c.local(ref)) {
				c.waiting = append(c.waiting, v)
				return nil
			}
		}
	}
	return c.findings(v)
}

// finishDocument hands on what waited.
func (c *cycloneDX) finishDocument() error {
	for _, v := range c.waiting {
		if err := c.findings(v); err != nil {
			return err
		}
	}
	return c.stateDecisions()
}

// findings hands on one finding per affected component.
func (c *cycloneDX) findings(v cdxVulnerability) error {
	for _, ref := range nonEmpty(v.affects...) {
		f := v.finding()
		var found bool
		if f.Component, found = c.components[c.local(ref)]; !found {
			f.Component = unresolved(ref)
			c.note("kept references to components that the document does not hold")
		}
		f.Component.Licenses = slices.Clone(f.Component.Licenses)
		if err := c.add(f); err != nil {
			return err
		}
	}
	return nil
}

// linkPrefix begins a BOM-Link, a reference into another document
// (cyclonedx.org, "BOM-Link": urn:cdx:serial/version#bom-ref).
const linkPrefix = "urn:cdx:"

func isForeign(ref string) bool { return strings.HasPrefix(ref, linkPrefix) }

// local turns a BOM-Link into the document itself into its bom-ref.
func (c *cycloneDX) local(ref string) string {
	link, ok := strings.CutPrefix(ref, linkPrefix)
	if !ok || c.serial == "" {
		return ref
	}
	document, _, _ := strings.Cut(link, "/")
	if fragment := linked(ref); fragment != "" && strings.EqualFold(document, strings.TrimPrefix(c.serial, "urn:uuid:")) {
		return fragment
	}
	return ref
}

// linked is the bom-ref that a BOM-Link points to.
func linked(link string) string {
	_, fragment, _ := strings.Cut(link, "#")
	if plain, err := url.PathUnescape(fragment); err == nil {
		return plain
	}
	return fragment
}

// unresolved is a component of which only a reference is known. Where that is
// or holds a package URL, the component is the same as in other reports.
func unresolved(ref string) model.Component {
	purl := ref
	if isForeign(ref) {
		purl = linked(ref)
	}
	if !strings.HasPrefix(purl, "pkg:") {
		purl = ""
	}
	return model.Component{PURL: purl, Name: ref}
}

// finding is what the vulnerability says, without a component.
func (v *cdxVulnerability) finding() *model.Finding {
	f := &model.Finding{ID: v.id, URL: webAddress(v.url), Ratings: slices.Clone(v.ratings), References: webAddresses(v.advisories...)}
	relate(f, v.references...)
	f.Severity, f.SeveritySource = v.severity()
	texts := nonEmpty(v.description, v.detail)
	if v.recommendation != "" {
		texts = append(texts, "Recommendation: "+v.recommendation)
	}
	if v.workaround != "" {
		texts = append(texts, "Workaround: "+v.workaround)
	}
	f.Description = strings.Join(texts, "\n\n")
	f.Analysis = v.analysis()
	return f
}

// severity is the worst of the ratings, and who gave it.
func (v *cdxVulnerability) severity() (worst model.Severity, source string) {
	for _, r := range v.ratings {
		if r.Severity.Worse(worst) {
			worst, source = r.Severity, r.Source
		}
	}
	return worst, source
}

// analysis translates the decision; nil where there is none.
func (v *cdxVulnerability) analysis() *model.Assessment {
	return cdxAnalysis(v.state, v.justification, v.stateDetail, v.responses...)
}

// cdxAnalysis translates a decision in CycloneDX's words (domain: VEX); nil
// where there is none. detail is "why the component is not impacted" (schema
// 1.6, vulnerability.analysis.detail): the impact statement.
func cdxAnalysis(state, justification, detail string, responses ...string) *model.Assessment {
	a := model.Assessment{Impact: strings.TrimSpace(detail)}
	switch state {
	case "in_triage":
		a.Status = model.VEXInTriage
	case "exploitable":
		a.Status = model.VEXAffected
	case "not_affected":
		a.Status = model.VEXNotAffected
	case "false_positive":
		a.Status, a.Qualifier = model.VEXNotAffected, model.QualifierFalsePositive
	case "resolved":
		a.Status = model.VEXFixed
	case "resolved_with_pedigree":
		a.Status, a.Qualifier = model.VEXFixed, model.QualifierPedigree
	}
	// Words outside the vocabulary are left out: Set refuses them.
	_ = a.Set(model.FieldJustification, justification)
	for _, response := range responses {
		if a.Response == "" {
			_ = a.Set(model.FieldResponse, response)
		}
	}
	if a.IsZero() {
		return nil
	}
	return &a
}

// cdxRating makes a rating. Vectors may lack their prefix, which then follows
// from the method; a severity that is not given follows from the score.
func cdxRating(source, method, vector, severity string, score *float64) (model.Rating, bool) {
	switch method {
	case "CVSSv31":
		method = "CVSSv3.1"
	case "":
		method = "other"
	}
	if strings.HasPrefix(vector, "AV:") {
		switch method {
		case "CVSSv3":
			vector = "CVSS:3.0/" + vector
		case "CVSSv3.1":
			vector = "CVSS:3.1/" + vector
		case "CVSSv4":
			vector = "CVSS:4.0/" + vector
		}
	}
	r, ok := rating(source, method, vector, score)
	if severity != "" {
		r.Severity = model.ReportSeverity(severity)
	} else if r.Score != nil {
		r.Severity = model.SeverityOfScore(*r.Score)
	}
	return r, ok || r.Severity != model.SeverityUnknown
}

func (c *cycloneDX) created(timestamp string) {
	if at := parseTime(timestamp); at != (time.Time{}) {
		c.report.Created = at
	}
}
