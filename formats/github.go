package formats

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/vexdesk/model"
)

// GitHub's Dependabot alerts: the REST API's list (docs.github.com, "REST API
// endpoints for Dependabot alerts") and answers of the GraphQL API that hold
// vulnerabilityAlerts, at whatever depth the query put them.

func gitHubReader() reader {
	return reader{name: "github", json: isGitHub, readJSON: readGitHub}
}

func isGitHub(s *shape) bool {
	if s.kind == jsontext.KindBeginArray {
		return s.has("security_advisory") && s.has("security_vulnerability")
	}
	data := s.at("data")
	for _, root := range [...]string{"repository", "search", "organization", "viewer", "user", "enterprise"} {
		if data.isObject() && data.at(root).isObject() {
			return true
		}
	}
	return false
}

// gitHub is one reading of alerts.
type gitHub struct {
	*parser
	artifacts artifacts
	// repository is the one whose alerts are being read.
	repository string
}

func readGitHub(p *parser) error {
	g := &gitHub{parser: p}
	p.report.Scanner = "dependabot"
	var err error
	if p.json.kind() == jsontext.KindBeginArray {
		p.report.Variant = "REST alerts"
		err = p.json.entries(g.alert)
	} else {
		p.report.Variant = "GraphQL alerts"
		err = g.walk()
	}
	if err != nil {
		return err
	}
	g.artifacts.describe(p)
	return nil
}

// walk looks for alerts in objects and lists; an object's name is that of the
// repository for the alerts that follow in it.
func (g *gitHub) walk() error {
	switch g.json.kind() {
	case jsontext.KindBeginObject:
		around := g.repository
		defer func() { g.repository = around }()
		return g.json.object(func(name string) error {
			switch name {
			case "vulnerabilityAlerts":
				return g.json.object(g.alerts)
			case "name", "nameWithOwner":
				v, err := g.json.value()
				g.repository = v.text()
				return err
			}
			return g.walk()
		})
	case jsontext.KindBeginArray:
		return g.json.list(g.walk)
	}
	return g.json.skip()
}

// alerts reads a connection of the GraphQL API, which has nodes or edges.
func (g *gitHub) alerts(name string) error {
	switch name {
	case "nodes":
		return g.json.entries(g.alert)
	case "edges":
		return g.json.entries(func(v value) error { return g.alert(v.field("node")) })
	}
	return g.json.skip()
}

// alert reads one alert. The two APIs have the same parts under names of two
// styles.
func (g *gitHub) alert(v value) error {
	g.count()
	issue := either(v, "securityVulnerability", "security_vulnerability")
	advisory := either(v, "security_advisory", "securityAdvisory")
	if advisory.kind() == 0 {
		advisory = issue.field("advisory")
	}
	f := gitHubAdvisory(advisory)
	f.ExternalID, f.URL = v.field("number").text(), webAddress(either(v, "html_url", "permalink").text())
	if severity := model.ReportSeverity(issue.field("severity").text()); severity != model.SeverityUnknown {
		f.Severity = severity
	}
	patched := either(issue, "firstPatchedVersion", "first_patched_version")
	f.FixVersions = nonEmpty(patched.field("identifier").text())
	about := issue.field("package")
	if about.kind() == 0 {
		about = v.field("dependency").field("package")
	}
	f.Component = gitHubPackage(about, v)
	f.Locations = nonEmpty(gitHubManifest(v))
	repository := v.field("repository").field("full_name").text()
	if repository == "" {
		repository = g.repository
	}
	g.artifacts.add(repository, "", resourceRepository)
	g.tell(f.Severity, f.ID, f.Component.Name, f.Component.Version)
	switch state := strings.ToLower(v.field("state").text()); {
	case state == "fixed":
		g.note("skipped alerts that GitHub calls fixed")
		return nil
	case strings.HasSuffix(state, "dismissed"), !isZeroText(either(v, "dismissedAt", "dismissed_at")):
		f.Suppressed = true
		reason := either(v, "dismissReason", "dismissed_reason").text()
		comment := either(v, "dismissComment", "dismissed_comment").text()
		f.SuppressReason = strings.Join(nonEmpty("dismissed on GitHub", reason, comment), ": ")
	}
	return g.add(f)
}

// either returns the member with the one name or the other.
func either(v value, one, other string) value {
	if each := v.field(one); each.kind() != 0 {
		return each
	}
	return v.field(other)
}

func isZeroText(v value) bool { return v.text() == "" }

// gitHubAdvisory reads the advisory. Its first identifier is the GHSA id.
func gitHubAdvisory(v value) *model.Finding {
	f := &model.Finding{
		Title:       v.field("summary").text(),
		Description: v.field("description").text(),
		Severity:    model.ReportSeverity(v.field("severity").text()),
		ID:          either(v, "ghsa_id", "ghsaId").text(),
	}
	var ids, addresses []string
	for each := range v.field("identifiers").items() {
		ids = append(ids, each.field("value").text())
	}
	if ids = nonEmpty(append(ids, v.field("cve_id").text())...); f.ID == "" && len(ids) > 0 {
		f.ID = ids[0]
	}
	relate(f, ids...)
	for each := range v.field("references").items() {
		addresses = append(addresses, each.field("url").text())
	}
	f.References = webAddresses(addresses...)
	severities := either(v, "cvss_severities", "cvssSeverities")
	for _, cvss := range [...]value{either(severities, "cvss_v4", "cvssV4"), either(severities, "cvss_v3", "cvssV3"), v.field("cvss")} {
		vector, score := either(cvss, "vector_string", "vectorString").text(), cvss.field("score").number()
		if vector == "" || len(f.Ratings) > 0 && f.Ratings[len(f.Ratings)-1].Vector == vector {
			continue
		}
		f.Ratings = appendRating(f.Ratings, "ghsa", "", vector, score)
	}
	for each := range v.field("epss").items() {
		f.EPSS, f.EPSSPercentile = each.field("percentage").number(), each.field("percentile").number()
	}
	return f
}

// gitHubPackage reads the package. Alerts do not tell the installed version,
// but a requirement may fix it to one.
func gitHubPackage(about, alert value) model.Component {
	kind := about.field("ecosystem").text()
	c := model.Component{Name: about.field("name").text(), Type: ecosystemType(kind)}
	if exact, ok := strings.CutPrefix(alert.field("vulnerableRequirements").text(), "= "); ok {
		c.Version = exact
	}
	c.PURL = buildPURL(kind, c.Name, c.Version)
	return c
}

func gitHubManifest(v value) string {
	if path := v.field("dependency").field("manifest_path").text(); path != "" {
		return path
	}
	return either(v, "vulnerableManifestPath", "vulnerableManifestFilename").text()
}
