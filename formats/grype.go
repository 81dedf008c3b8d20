package formats

import (
	"strings"

	"example.com/vexdesk/model"
)

// Grype's JSON (anchore/grype, grype/presenter/models): matches, what was
// ignored by rules or VEX documents, the source and the tool's descriptor, in
// any order.

func grypeReader() reader {
	return reader{name: "grype", json: isGrype, readJSON: readGrype}
}

func isGrype(s *shape) bool {
	if !s.isObject() || !s.isList("matches") {
		return false
	}
	if name := s.at("descriptor", "name"); name != nil {
		return strings.EqualFold(name.text, "grype")
	}
	m := s.at("matches")
	return m.has("vulnerability") && m.has("artifact") || s.has("source") && s.has("distro")
}

// grype is one reading of a Grype report.
type grype struct{ *parser }

func readGrype(p *parser) error {
	g := grype{p}
	p.report.Scanner, p.report.Variant = "grype", "matches"
	return p.json.object(func(name string) error {
		switch name {
		case "matches":
			return p.json.entries(func(v value) error {
				p.count()
				return p.add(g.finding(v))
			})
		case "ignoredMatches":
			return p.json.entries(g.ignored)
		case "source", "descriptor":
			v, err := p.json.value()
			if name == "source" {
				g.source(v)
			} else {
				p.report.Created = v.field("timestamp").time()
			}
			return err
		}
		return p.json.skip()
	})
}

// source proposes product and version (ruling 5).
func (g grype) source(v value) {
	r := g.report
	target := v.field("target")
	kind := v.field("type").text()
	if target.kind() == '"' {
		r.Artifact = target.text()
		r.Product, r.Resource = baseName(r.Artifact), resourceArtifact
		if strings.Contains(kind, "sbom") {
			r.Resource = resourceSBOM
		}
		if r.Product == "" {
			r.Resource = ""
		}
		return
	}
	r.Artifact = target.field("userInput").text()
	if r.Artifact == "" {
		return
	}
	reference := r.Artifact
	if isArchive(reference) {
		if tags := target.field("tags").texts(); len(tags) > 0 {
			reference = tags[0]
		}
	}
	// A scheme says where the image came from, as in "docker:alpine:3.20".
	for _, scheme := range [...]string{"docker:", "podman:", "registry:", "docker-archive:", "oci-archive:", "oci-dir:", "singularity:"} {
		reference = strings.TrimPrefix(reference, scheme)
	}
	r.Resource = resourceImage
	r.Product, r.Version = splitImage(reference)
	if isArchive(reference) {
		r.Product, r.Version = baseName(reference), ""
	}
	if r.Version == "" {
		r.Version = target.field("manifestDigest").text()
	}
}

// grypeIssue is a vulnerability or a related one.
type grypeIssue struct {
	id, description, dataSource string
	namespace                   string
	ratings                     []model.Rating
	urls                        []string
	epss, percentile            *float64
	kev                         *bool
	kevDue                      string
	severity                    model.Severity
	fixes                       []string
}

// finding reads one match.
func (g grype) finding(v value) *model.Finding {
	f := &model.Finding{}
	var own grypeIssue
	var related []grypeIssue
	for name, each := range v.fields() {
		switch string(name) {
		case "vulnerability":
			own = readGrypeIssue(each)
		case "relatedVulnerabilities":
			for item := range each.items() {
				related = append(related, readGrypeIssue(item))
			}
		case "artifact":
			grypeArtifact(f, each)
		}
	}
	f.ID, f.Severity, f.SeveritySource = own.id, own.severity, own.namespace
	f.FixVersions, f.URL = own.fixes, webAddress(own.dataSource)
	var ids []string
	var addresses []string
	for _, issue := range append([]grypeIssue{own}, related...) {
		ids = append(ids, issue.id)
		if f.Description == "" {
			f.Description = issue.description
		}
		f.Ratings = appendNew(f.Ratings, issue.ratings)
		addresses = append(append(addresses, issue.dataSource), issue.urls...)
		if f.EPSS == nil {
			f.EPSS, f.EPSSPercentile = issue.epss, issue.percentile
		}
		if f.KEV == nil {
			f.KEV, f.KEVDue = issue.kev, issue.kevDue
		}
	}
	relate(f, ids...)
	f.References = webAddresses(addresses...)
	return f
}

// appendNew appends the ratings that are not there yet: a related
// vulnerability often repeats those of the match.
func appendNew(to, more []model.Rating) []model.Rating {
	for _, r := range more {
		known := false
		for _, each := range to {
			if each.Source == r.Source && each.Vector == r.Vector && each.Method == r.Method {
				known = true
				break
			}
		}
		if !known {
			to = append(to, r)
		}
	}
	return to
}

func readGrypeIssue(v value) grypeIssue {
	var i grypeIssue
	for name, each := range v.fields() {
		switch string(name) {
		case "id":
			i.id = each.text()
		case "dataSource":
			i.dataSource = each.text()
		case "namespace":
			i.namespace = each.text()
		case "severity":
			i.severity = model.ReportSeverity(each.text())
		case "description":
			i.description = each.text()
		case "urls", "links":
			i.urls = each.texts()
		case "cvss":
			for c := range each.items() {
				i.ratings = appendRating(i.ratings, c.field("source").text(), cvssMethod(c.field("version").text()),
					c.field("vector").text(), c.field("metrics").field("baseScore").number())
			}
		case "cvssV2", "cvssV3": // before schema 3
			i.ratings = appendRating(i.ratings, "", cvssMethod(string(name[5:])), each.field("vector").text(), each.field("baseScore").number())
		case "fix":
			i.fixes = nonEmpty(each.field("versions").texts()...)
		case "fixedInVersion": // before schema 3
			i.fixes = nonEmpty(each.text())
		case "epss":
			i.readEPSS(each)
		case "knownExploited":
			i.readKEV(each)
		}
	}
	for n := range i.ratings {
		if i.ratings[n].Source == "" {
			i.ratings[n].Source = i.namespace
		}
	}
	return i
}

// readEPSS takes the highest of the scores, which are per CVE.
func (i *grypeIssue) readEPSS(v value) {
	for each := range v.items() {
		score := each.field("epss").number()
		if score != nil && (i.epss == nil || *score > *i.epss) {
			i.epss, i.percentile = score, each.field("percentile").number()
		}
	}
}

func (i *grypeIssue) readKEV(v value) {
	for each := range v.items() {
		yes := true
		i.kev = &yes
		i.kevDue = each.field("dueDate").text()
	}
}

// grypeArtifact reads the package.
func grypeArtifact(f *model.Finding, v value) {
	c := &f.Component
	var kind string
	for name, each := range v.fields() {
		switch string(name) {
		case "name":
			c.Name = each.text()
		case "version":
			c.Version = each.text()
		case "type":
			kind = each.text()
		case "purl":
			c.PURL = each.text()
		case "licenses":
			for l := range each.items() {
				c.Licenses = append(c.Licenses, grypeLicense(l))
			}
		case "locations":
			for l := range each.items() {
				path := l.field("path").text()
				if path == "" {
					path = l.text() // in old schemas a location is a text
				}
				f.Locations = append(f.Locations, path)
			}
		}
	}
	c.Licenses = nonEmpty(c.Licenses...)
	f.Locations = nonEmpty(f.Locations...)
	f.Locations = f.Locations[:min(len(f.Locations), maxLocations)]
	if c.PURL == "" {
		c.PURL = buildPURL(kind, c.Name, c.Version)
		c.Type = ecosystemType(kind)
	}
}

func grypeLicense(v value) string {
	if v.kind() == '{' {
		if expression := v.field("spdxExpression").text(); expression != "" {
			return expression
		}
		return v.field("value").text()
	}
	return v.text()
}

// ignored reads a match that rules or VEX documents took out. It is no entry.
func (g grype) ignored(v value) error {
	f := g.finding(v)
	f.Suppressed = true
	for rule := range v.field("appliedIgnoreRules").items() {
		var parts []string
		for _, name := range [...]string{"vex-status", "vex-justification", "reason", "fix-state"} {
			parts = append(parts, rule.field(name).text())
		}
		if f.SuppressReason = strings.Join(nonEmpty(parts...), ": "); f.SuppressReason != "" {
			break
		}
	}
	if f.SuppressReason == "" {
		f.SuppressReason = "an ignore rule of the scan"
	}
	return g.add(f)
}
