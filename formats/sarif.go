package formats

import (
	"net/url"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): runs of
// tools, each with rules and results. It is made for places in source code, so
// a result's component is the package that the tool names in a way of its own
// (sarif_package.go), else the file.

func sarifReader() reader {
	return reader{name: "sarif", json: isSARIF, readJSON: readSARIF}
}

func isSARIF(s *shape) bool {
	if !s.isObject() || !s.isList("runs") {
		return false
	}
	return strings.HasPrefix(s.at("version").value(), "2.") || strings.Contains(s.at("$schema").value(), "sarif") ||
		s.at("runs").has("tool")
}

// sarif is one reading of a log.
type sarif struct {
	*parser
	artifacts artifacts
	run       sarifRun
}

// sarifRun is the run being read.
type sarifRun struct {
	tool    string
	sawTool bool
	// rules by id, byIndex by tool component and index.
	rules   map[string]*sarifRule
	byIndex map[[2]int]*sarifRule
	files   []string
	waiting []*sarifResult
	subject sarifSubject
}

// sarifSubject is what a run says about what was scanned.
type sarifSubject struct{ image, repository, folder string }

// driver is the index of the tool's own component among its extensions.
const driver = -1

func readSARIF(p *parser) error {
	s := &sarif{parser: p}
	err := p.json.object(func(name string) error {
		if name == "runs" {
			return p.json.list(s.readRun)
		}
		return p.json.skip()
	})
	if err != nil {
		return err
	}
	s.artifacts.describe(p)
	return nil
}

// readRun reads a run. Results that come before what they refer to wait for
// its end.
func (s *sarif) readRun() error {
	s.run = sarifRun{rules: make(map[string]*sarifRule), byIndex: make(map[[2]int]*sarifRule)}
	if err := s.json.object(s.member); err != nil {
		return err
	}
	for _, r := range s.run.waiting {
		if err := s.result(r); err != nil {
			return err
		}
	}
	s.artifacts.add(s.run.subject.split())
	return nil
}

func (s *sarif) member(name string) error {
	switch name {
	case "results":
		return s.json.entries(func(v value) error {
			s.count()
			r := s.readResult(v)
			if !s.run.sawTool || r.needsFile() {
				s.run.waiting = append(s.run.waiting, r)
				return nil
			}
			return s.result(r)
		})
	case "artifacts":
		return s.json.entries(func(v value) error {
			s.run.files = append(s.run.files, v.field("location").field("uri").text())
			return nil
		})
	case "tool", "properties", "versionControlProvenance", "invocations", "automationDetails":
		v, err := s.json.value()
		if err != nil {
			return err
		}
		if name == "tool" {
			s.tool(v)
		} else {
			s.run.subject.set(name, v)
		}
		return nil
	}
	return s.json.skip()
}

// tool reads the tool and the rules of its driver and extensions.
func (s *sarif) tool(v value) {
	s.run.sawTool = true
	own := v.field("driver")
	s.run.tool = own.field("name").text()
	if s.report.Scanner == "" {
		s.report.Scanner = strings.ToLower(s.run.tool)
		s.report.Variant = s.run.tool
	}
	s.addRules(driver, own)
	i := 0
	for extension := range v.field("extensions").items() {
		s.addRules(i, extension)
		i++
	}
}

func (s *sarif) addRules(component int, v value) {
	i := 0
	for each := range v.field("rules").items() {
		rule := readSARIFRule(each)
		s.run.byIndex[[2]int{component, i}] = rule
		if s.run.rules[rule.id] == nil {
			s.run.rules[rule.id] = rule
		}
		i++
	}
}

// set reads what a run says about its subject.
func (u *sarifSubject) set(name string, v value) {
	switch name {
	case "properties":
		u.image = v.field("imageName").text() // Trivy
	case "automationDetails":
		// Snyk: "Snyk/Container/docker-image|name/0/time"
		if _, rest, ok := strings.Cut(v.field("id").text(), imagePrefix); ok {
			if front, _, ok := cutLast(rest, "/"); ok {
				u.image, _, _ = cutLast(front, "/")
			}
		}
	case "versionControlProvenance":
		for each := range v.items() {
			u.repository = each.field("repositoryUri").text()
		}
	case "invocations":
		for each := range v.items() {
			u.folder = each.field("workingDirectory").field("uri").text()
		}
	}
}

// split proposes product and version (ruling 5).
func (u sarifSubject) split() (name, version, resource string) {
	switch {
	case isArchive(u.image):
		return baseName(u.image), "", resourceImage
	case u.image != "":
		name, version = splitImage(u.image)
		return name, version, resourceImage
	case u.repository != "":
		return baseName(u.repository), "", resourceRepository
	}
	return baseName(u.folder), "", resourceArtifact
}

// result hands a result on as a finding.
func (s *sarif) result(r *sarifResult) error {
	rule := s.ruleOf(r)
	if r.message == "" {
		r.message = rule.say(r.messageID, r.arguments)
	}
	f := &model.Finding{ID: r.ruleID, ExternalID: r.ruleID, Title: rule.title, Description: rule.description, URL: webAddress(rule.url),
		Severity: r.severity(rule), Ratings: slices.Clone(rule.ratings), Locations: s.places(r)}
	if f.ID == "" {
		f.ID = rule.id
	}
	s.tell(f.Severity, orNone(f.ID), r.message, "")
	if r.absent {
		s.note("skipped results that are no problem (passed, or gone since the baseline)")
		return nil
	}
	if id := vulnerabilityID(f.ID); id != "" {
		f.ID = id
	}
	if f.ID == "" {
		f.Key = "message:" + model.CutRunes(r.message, 100)
	}
	relate(f, rule.aliases...)
	if f.Title == "" {
		f.Title, _, _ = strings.Cut(r.message, "\n")
	}
	if f.Description == "" {
		f.Description = r.message
	}
	f.Suppressed, f.SuppressReason = r.suppressed, r.suppressReason
	f.Component = s.fileComponent(r)
	s.describePackage(f, rule, r)
	return s.add(f)
}

// ruleOf finds the rule of a result; an unknown one is empty.
func (s *sarif) ruleOf(r *sarifResult) *sarifRule {
	if rule := s.run.byIndex[[2]int{r.ruleComponent, r.ruleIndex}]; rule != nil && r.ruleIndex >= 0 && (r.ruleID == "" || rule.id == r.ruleID) {
		return rule
	}
	// An id may go on behind a slash (SARIF, 3.52.4: hierarchical ids).
	for id := r.ruleID; id != ""; id, _, _ = cutLast(id, "/") {
		if rule := s.run.rules[id]; rule != nil {
			return rule
		}
		if !strings.Contains(id, "/") {
			break
		}
	}
	return &sarifRule{}
}

// orNone is how the corpus counts results without a rule.
func orNone(id string) string {
	if id == "" {
		return "None"
	}
	return id
}

// places lists where the result is, as file:line.
func (s *sarif) places(r *sarifResult) []string {
	var all []string
	for _, l := range r.locations[:min(len(r.locations), maxLocations)] {
		place := s.file(l)
		if place != "" && l.line != "" {
			place += ":" + l.line
		}
		all = append(all, place)
	}
	return nonEmpty(all...)
}

// file returns the path of a location, which may stand in the run's artifacts.
func (s *sarif) file(l sarifLocation) string {
	uri := l.uri
	if uri == "" && l.index >= 0 && l.index < len(s.run.files) {
		uri = s.run.files[l.index]
	}
	path, isFile := strings.CutPrefix(uri, "file://")
	if isFile {
		path = "/" + strings.TrimLeft(path, "/")
	}
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// fileComponent is the file of the first location, or the tool's subject
// where a result has no location.
func (s *sarif) fileComponent(r *sarifResult) model.Component {
	for _, l := range r.locations {
		if name := s.file(l); name != "" {
			return model.Component{Type: "generic", Name: name}
		}
	}
	if name, version, _ := s.run.subject.split(); name != "" {
		return model.Component{Type: "generic", Name: name, Version: version}
	}
	return model.Component{Type: "generic", Name: s.run.tool}
}

// needsFile reports whether a location is only an index into the artifacts.
func (r *sarifResult) needsFile() bool {
	return slices.ContainsFunc(r.locations, func(l sarifLocation) bool { return l.uri == "" && l.index >= 0 })
}
