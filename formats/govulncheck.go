package formats

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/vexdesk/model"
)

// govulncheck -json (golang.org/x/vuln, internal/govulncheck: Message) writes
// messages one after another: the configuration, records of the vulnerability
// database, and findings, of which one vulnerability has several: for the
// module, for the package and for each symbol that is called. Some tools wrap
// the messages in a list. Before version 1 there was a single object.

func govulncheckReader() reader {
	return reader{name: "govulncheck", json: isGovulncheck, readJSON: readGovulncheck}
}

func isGovulncheck(s *shape) bool {
	for _, message := range [...]string{"config", "SBOM", "progress", "osv", "finding"} {
		if len(s.order) == 1 && s.at(message).isObject() {
			return s.at(message).hasAny("protocol_version", "scanner_name", "go_version", "modules", "message", "schema_version", "affected", "trace")
		}
	}
	return isLegacyGovulncheck(s)
}

func isLegacyGovulncheck(s *shape) bool {
	return s.isObject() && s.isList("Vulns") && s.hasAny("Calls", "Imports", "Requires", "Modules")
}

// The levels of a finding, the strongest last.
const (
	levelModule = iota + 1
	levelPackage
	levelSymbol
)

// goKey is what findings are grouped by.
type goKey struct{ id, module, version string }

// goFinding is a group of findings.
type goFinding struct {
	goKey
	level     int
	fixed     string
	locations []string
}

// govulncheck is one reading of a report. It keeps the records, which findings
// refer to, and the groups, which are complete at the end only.
type govulncheck struct {
	*parser
	scanLevel string
	records   map[string]*model.Finding
	groups    map[goKey]*goFinding
	order     []*goFinding
}

func readGovulncheck(p *parser) error {
	g := &govulncheck{parser: p, records: make(map[string]*model.Finding), groups: make(map[goKey]*goFinding)}
	p.report.Scanner = "govulncheck"
	if err := g.read(); err != nil {
		return err
	}
	for _, group := range g.order {
		if err := g.add(g.finding(group)); err != nil {
			return err
		}
	}
	return nil
}

func (g *govulncheck) read() error {
	switch {
	case isLegacyGovulncheck(g.shape):
		g.report.Variant = "legacy"
		return g.json.object(func(name string) error {
			if name == "Vulns" {
				return g.json.entries(g.legacy)
			}
			return g.json.skip()
		})
	case g.json.kind() == jsontext.KindBeginArray:
		g.report.Variant = "list of messages"
		return g.json.list(g.message)
	}
	g.report.Variant = "stream of messages"
	for g.json.kind() == jsontext.KindBeginObject {
		if err := g.message(); err != nil {
			return err
		}
	}
	return nil
}

func (g *govulncheck) message() error {
	return g.json.object(func(name string) error {
		switch name {
		case "config", "osv", "finding", "SBOM":
			v, err := g.json.value()
			if err != nil {
				return err
			}
			switch name {
			case "config":
				g.scanLevel = v.field("scan_level").text()
			case "osv":
				g.record(v)
			case "finding":
				g.count()
				g.trace(v)
			default:
				g.about(v)
			}
			return nil
		}
		return g.json.skip()
	})
}

// about proposes the product: the main module is the first root of the SBOM.
func (g *govulncheck) about(v value) {
	roots := v.field("roots").texts()
	for m := range v.field("modules").items() {
		path, version := m.field("path").text(), m.field("version").text()
		if len(roots) > 0 && (path == roots[0] || strings.HasPrefix(roots[0], path+"/")) {
			r := g.report
			r.Artifact, r.Product, r.Version, r.Resource = path, path, version, resourceRepository
			return
		}
	}
}

// record keeps what the database says about a vulnerability.
func (g *govulncheck) record(v value) {
	f := osvFinding(v, model.Component{})
	f.FixVersions = nil // those of the finding's own module stand there
	f.URL = webAddress(v.field("database_specific").field("url").text())
	if f.Title == "" {
		f.Title, _, _ = strings.Cut(f.Description, ". ")
	}
	g.records[f.ID] = f
}

// trace groups one finding. The first frame is the vulnerable one.
func (g *govulncheck) trace(v value) {
	var frames []value
	for frame := range v.field("trace").items() {
		frames = append(frames, frame)
	}
	if len(frames) == 0 {
		g.note("skipped findings without a trace")
		return
	}
	first := frames[0]
	level := levelModule
	switch {
	case first.field("function").text() != "":
		level = levelSymbol
	case first.field("package").text() != "":
		level = levelPackage
	}
	group := g.group(goKey{v.field("osv").text(), first.field("module").text(), first.field("version").text()})
	group.level = max(group.level, level)
	if group.fixed == "" {
		group.fixed = v.field("fixed_version").text()
	}
	group.at(goPlace(frames))
}

func (g *govulncheck) group(k goKey) *goFinding {
	group := g.groups[k]
	if group == nil {
		group = &goFinding{goKey: k}
		g.groups[k] = group
		g.order = append(g.order, group)
	}
	return group
}

// at adds a place, as long as there are not too many.
func (f *goFinding) at(place string) {
	if place != "" && len(f.locations) < maxLocations {
		f.locations = append(f.locations, place)
	}
}

// goPlace puts a trace into words: the symbol, and where our own code, which
// the last frame shows, comes to it.
func goPlace(frames []value) string {
	first, last := frames[0], frames[len(frames)-1]
	symbol := strings.Join(nonEmpty(first.field("package").text(), strings.TrimPrefix(first.field("receiver").text(), "*"), first.field("function").text()), ".")
	if position := last.field("position"); len(frames) > 1 && position.kind() != 0 {
		return fmt.Sprintf("%s, called from %s:%s", symbol, position.field("filename").text(), position.field("line").text())
	}
	return symbol
}

// finding makes a finding of a group and its record.
func (g *govulncheck) finding(group *goFinding) *model.Finding {
	f := &model.Finding{ID: group.id}
	if record := g.records[group.id]; record != nil {
		c := *record
		f = &c
	}
	f.Component = model.Component{Type: "golang", Name: group.module, Version: group.version,
		PURL: buildPURL("go", group.module, group.version)}
	f.FixVersions = nonEmpty(group.fixed)
	f.Locations = nonEmpty(group.locations...)
	switch {
	case group.level == levelSymbol:
		f.Applicable = "applicable"
	case g.scanLevel == "symbol" || g.scanLevel == "package" && group.level == levelModule:
		f.Applicable = "not_applicable" // it was looked for and not found
	}
	return f
}

// legacy reads an element of Vulns: a vulnerable symbol, with the number of
// the call that reaches it, 0 for none.
func (g *govulncheck) legacy(v value) error {
	g.count()
	record := v.field("OSV")
	id := record.field("id").text()
	if g.records[id] == nil {
		g.record(record)
	}
	group := g.group(goKey{id: id, module: v.field("ModPath").text()})
	level := levelModule
	switch {
	case isSet(v.field("CallSink")):
		level = levelSymbol
	case isSet(v.field("ImportSink")):
		level = levelPackage
	}
	g.scanLevel = "symbol"
	group.level = max(group.level, level)
	group.at(strings.Join(nonEmpty(v.field("PkgPath").text(), v.field("Symbol").text()), "."))
	return nil
}

func isSet(v value) bool {
	n := v.number()
	return n != nil && *n != 0
}
