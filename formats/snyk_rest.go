package formats

import (
	"iter"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// The REST API's issues (apidocs.snyk.io, "Issues", JSON:API). The project of
// an issue is known by its id only.

func isSnykREST(s *shape) bool {
	return s.isObject() && s.has("jsonapi") && s.isList("data") &&
		(s.at("data").has("attributes") || strings.Contains(s.at("links", "self").value(), "/issues"))
}

func (s *snyk) readREST() error {
	s.report.Variant = "REST issues"
	return s.json.object(func(name string) error {
		if name == "data" {
			return s.json.entries(s.restIssue)
		}
		return s.json.skip()
	})
}

// restIssue reads one issue.
func (s *snyk) restIssue(v value) error {
	s.count()
	a := v.field("attributes")
	kind := a.field("type").text()
	if kind != "package_vulnerability" && kind != "license" {
		s.note("skipped issues of source code and configuration")
		return nil
	}
	project := v.field("relationships").field("scan_item").field("data").field("id").text()
	for c := range restComponents(a) {
		f := restFinding(a)
		f.Component, f.ExternalID, f.Locations = c, v.field("id").text(), nonEmpty(project)
		s.tell(f.Severity, f.ID, c.Name, c.Version)
		if kind == "license" {
			f.Type = model.License
		}
		if a.field("status").text() == "resolved" {
			s.note("skipped issues that Snyk calls resolved")
			continue
		}
		// SNYK-PYTHON-PILLOW-6219984 names the ecosystem.
		if parts := strings.Split(f.ID, "-"); f.Component.PURL == "" && len(parts) > 2 {
			f.Component.PURL = buildPURL(parts[1], c.Name, c.Version)
			f.Component.Type = ecosystemType(parts[1])
		}
		if err := s.add(f); err != nil {
			return err
		}
	}
	return nil
}

// restComponents yields the packages of an issue, each once.
func restComponents(a value) iter.Seq[model.Component] {
	return func(yield func(model.Component) bool) {
		var seen []string
		for coordinate := range a.field("coordinates").items() {
			for r := range coordinate.field("representations").items() {
				d, p := r.field("dependency"), r.field("package")
				c := model.Component{Name: d.field("package_name").text(), Version: d.field("package_version").text()}
				if c.Name == "" {
					c = model.Component{Name: p.field("name").text(), Version: p.field("version").text(), PURL: p.field("url").text()}
				}
				key := c.Name + "@" + c.Version
				if c.Name == "" || slices.Contains(seen, key) {
					continue
				}
				seen = append(seen, key)
				if !yield(c) {
					return
				}
			}
		}
	}
}

// restFinding is what an issue says, without a component.
func restFinding(a value) *model.Finding {
	f := &model.Finding{
		ID:          a.field("key").text(),
		Title:       a.field("title").text(),
		Description: a.field("description").text(),
		Severity:    model.ReportSeverity(a.field("effective_severity_level").text()),
	}
	var ids []string
	for p := range a.field("problems").items() {
		ids = append(ids, p.field("id").text())
		if f.URL == "" {
			f.URL = webAddress(p.field("url").text())
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return strings.HasPrefix(id, "CWE-") })
	relate(f, ids...)
	for r := range a.field("severities").items() {
		f.Ratings = appendRating(f.Ratings, strings.ToLower(r.field("source").text()), cvssMethod(r.field("version").text()),
			r.field("vector").text(), r.field("score").number())
	}
	if ignored := a.field("ignored").truth(); ignored != nil && *ignored {
		f.Suppressed, f.SuppressReason = true, "ignored in Snyk"
	}
	return f
}
