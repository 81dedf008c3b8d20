package formats

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/vexdesk/model"
)

// OSV-Scanner's JSON (google/osv-scanner, pkg/models; the records follow the
// OSV schema, ossf.github.io/osv-schema): results by source, packages in them,
// and for each package its vulnerability records and the groups of records
// that are one issue.

func osvReader() reader {
	return reader{name: "osv-scanner", json: isOSV, readJSON: readOSV}
}

func isOSV(s *shape) bool {
	if !s.isObject() || !s.isList("results") {
		return false
	}
	results := s.at("results")
	return results.has("packages") || s.has("experimental_config") && results.first != jsontext.KindBeginObject ||
		results.kind == jsontext.KindNull && len(s.keys) == 1 // nothing was found
}

// osv is one reading of an OSV-Scanner report.
type osv struct {
	*parser
	// path is the source being read.
	path string
}

func readOSV(p *parser) error {
	o := &osv{parser: p}
	p.report.Scanner, p.report.Variant = "osv-scanner", "results"
	return p.json.object(func(name string) error {
		if name == "results" {
			return p.json.list(o.result)
		}
		return p.json.skip()
	})
}

func (o *osv) result() error {
	o.path = ""
	return o.json.object(func(name string) error {
		switch name {
		case "source":
			v, err := o.json.value()
			o.path = v.field("path").text()
			return err
		case "packages":
			return o.json.entries(o.pkg)
		}
		return o.json.skip()
	})
}

// pkg reads a package with its records.
func (o *osv) pkg(v value) error {
	about := v.field("package")
	c := model.Component{Name: about.field("name").text(), Version: about.field("version").text()}
	if c.Version == "" {
		c.Version = about.field("commit").text()
	}
	if c.Name == "" && c.Version != "" {
		c.Name = baseName(o.path) // a repository at a commit
	}
	ecosystem, _, _ := strings.Cut(about.field("ecosystem").text(), ":") // "Debian:12"
	c.PURL = buildPURL(ecosystem, c.Name, c.Version)
	c.Type = ecosystemType(ecosystem)
	c.Licenses = nonEmpty(v.field("licenses").texts()...)
	groups := osvGroups(v.field("groups"))
	for record := range v.field("vulnerabilities").items() {
		o.count()
		f := osvFinding(record, c)
		groups[f.ID].complete(f)
		f.Locations = nonEmpty(o.path)
		if err := o.add(f); err != nil {
			return err
		}
	}
	for license := range v.field("license_violations").items() {
		id := license.text()
		f := &model.Finding{Type: model.License, ID: id, Component: c, Locations: nonEmpty(o.path)}
		f.Component.Licenses = nonEmpty(id)
		if err := o.add(f); err != nil {
			return err
		}
	}
	return nil
}

// osvGroup is what the scanner found out about the records of one issue.
type osvGroup struct {
	ids         []string
	maxSeverity *float64
	// called by record: whether call analysis found the code in use.
	called map[string]bool
}

// osvGroups indexes the groups by the ids of their records.
func osvGroups(v value) map[string]*osvGroup {
	index := make(map[string]*osvGroup)
	for each := range v.items() {
		g := &osvGroup{maxSeverity: each.field("max_severity").number(), called: make(map[string]bool)}
		records := each.field("ids").texts()
		g.ids = append(append(g.ids, records...), each.field("aliases").texts()...)
		for id, analysis := range each.field("experimental_analysis").fields() {
			if called := analysis.field("called").truth(); called != nil {
				g.called[string(id)] = *called
			}
		}
		for _, id := range records {
			index[id] = g
		}
	}
	return index
}

// complete adds what the group knows; a nil group knows nothing.
func (g *osvGroup) complete(f *model.Finding) {
	if g == nil {
		return
	}
	relate(f, g.ids...)
	if f.Severity == model.SeverityUnknown && g.maxSeverity != nil {
		f.Severity = model.SeverityOfScore(*g.maxSeverity)
	}
	if called, known := g.called[f.ID]; known {
		f.Applicable = "not_applicable"
		if called {
			f.Applicable = "applicable"
		}
	}
}

// osvFinding reads one record.
func osvFinding(v value, c model.Component) *model.Finding {
	f := &model.Finding{Component: c}
	var aliases, addresses []string
	for name, each := range v.fields() {
		switch string(name) {
		case "id":
			f.ID = each.text()
		case "aliases":
			aliases = each.texts()
		case "summary":
			f.Title = each.text()
		case "details":
			f.Description = each.text()
		case "severity":
			for s := range each.items() {
				if vector := s.field("score").text(); strings.Contains(vector, ":") {
					f.Ratings = appendRating(f.Ratings, "osv", "", vector, nil)
				}
			}
		case "affected":
			f.FixVersions = osvFixes(each, c.Name)
		case "references":
			for r := range each.items() {
				addresses = append(addresses, r.field("url").text())
			}
		case "database_specific":
			f.Severity = model.ReportSeverity(each.field("severity").text())
			f.URL = webAddress(each.field("url").text())
		}
	}
	relate(f, aliases...)
	f.References = webAddresses(addresses...)
	return f
}

// osvFixes returns the versions and commits with the fix, in the record's
// order; a record may be about other packages, too.
func osvFixes(affected value, name string) []string {
	var fixes []string
	for a := range affected.items() {
		if about := a.field("package").field("name").text(); about != "" && !strings.EqualFold(about, name) {
			continue
		}
		for r := range a.field("ranges").items() {
			for event := range r.field("events").items() {
				fixes = append(fixes, event.field("fixed").text())
			}
		}
	}
	return nonEmpty(fixes...)
}
