package formats

import (
	"regexp"
	"strings"

	"example.com/vexdesk/model"
)

// SPDX 2.2 and 2.3 (spdx.github.io/spdx-spec, clause 7.21 and annex K.1), in JSON
// and as tags with values: packages with references to advisories and fixes.
// That is all that SPDX 2 has to say about vulnerabilities; each such reference
// is an entry. SPDX 3 is another format and is not read.

func spdxReader() reader {
	return reader{name: "spdx", json: isSPDX, readJSON: readSPDX, tags: "SPDXVersion", readTags: readSPDXTags}
}

func isSPDX(s *shape) bool {
	return s.isObject() && strings.HasPrefix(s.at("spdxVersion").value(), "SPDX-2")
}

// spdx is one reading of a document.
type spdx struct{ *parser }

func newSPDX(p *parser) *spdx {
	p.report.Resource, p.report.Scanner = resourceSBOM, "spdx"
	return &spdx{p}
}

// spdxPackage is a package as both encodings give it.
type spdxPackage struct {
	name, version, purl string
	licenses            []string
	// advisories and fixes are locators of references.
	advisories, fixes []string
}

func readSPDX(p *parser) error {
	s := newSPDX(p)
	err := p.json.object(func(name string) error {
		switch name {
		case "packages":
			return p.json.entries(func(v value) error { return s.packaged(spdxFromJSON(v)) })
		case "spdxVersion", "name", "creationInfo":
			v, err := p.json.value()
			switch name {
			case "spdxVersion":
				p.report.Variant = strings.Replace(v.text(), "-", " ", 1) + " JSON"
			case "name":
				s.about(v.text())
			default:
				p.report.Created = v.field("created").time()
				for creator := range v.field("creators").items() {
					s.createdBy(creator.text())
				}
			}
			return err
		}
		return p.json.skip()
	})
	if err != nil {
		return err
	}
	s.finishDocument()
	return nil
}

func spdxFromJSON(v value) *spdxPackage {
	p := &spdxPackage{name: v.field("name").text(), version: v.field("versionInfo").text()}
	p.license(v.field("licenseConcluded").text(), v.field("licenseDeclared").text())
	for ref := range v.field("externalRefs").items() {
		p.reference(ref.field("referenceCategory").text(), ref.field("referenceType").text(), ref.field("referenceLocator").text())
	}
	return p
}

// about proposes the document's name as the product: SPDX 2 does not say what
// it describes but by relationships between packages.
func (s *spdx) about(name string) {
	s.report.Artifact, s.report.Product = name, name
	if product, tag := splitImage(name); tag != "" {
		s.report.Product, s.report.Version = product, tag
	}
}

// createdBy takes the tool among the creators ("Tool: syft-1.50.0"), without its
// version: another one makes no other source.
func (s *spdx) createdBy(creator string) {
	tool, ok := strings.CutPrefix(creator, "Tool:")
	if !ok || s.report.Scanner != "spdx" {
		return
	}
	tool = strings.TrimSpace(tool)
	if name, version, ok := cutLast(tool, "-"); ok && strings.ContainsAny(version, "0123456789") {
		tool = name
	}
	s.report.Scanner = tool
}

// license takes the first expression that says something.
func (p *spdxPackage) license(expressions ...string) {
	for _, each := range expressions {
		if each != "" && each != "NOASSERTION" && each != "NONE" {
			p.licenses = []string{each}
			return
		}
	}
}

// reference takes an external reference. Categories are written with a hyphen
// or an underscore.
func (p *spdxPackage) reference(category, kind, locator string) {
	switch strings.ReplaceAll(strings.ToUpper(category), "_", "-") + " " + strings.ToLower(kind) {
	case "PACKAGE-MANAGER purl":
		p.purl = locator
	case "SECURITY advisory":
		p.advisories = append(p.advisories, locator)
	case "SECURITY fix":
		p.fixes = append(p.fixes, locator)
	}
}

// packaged hands on a finding for each issue that a package refers to.
func (s *spdx) packaged(p *spdxPackage) error {
	found := make(map[string]*model.Finding)
	var order []*model.Finding
	for i, locator := range append(p.advisories, p.fixes...) {
		if locator == "" {
			continue
		}
		s.count()
		id := issueIn(locator)
		f := found[id]
		if f == nil {
			f = &model.Finding{ID: id, Component: model.Component{PURL: p.purl, Name: p.name, Version: p.version, Licenses: p.licenses}}
			found[id], order = f, append(order, f)
		}
		if i < len(p.advisories) && f.URL == "" {
			f.URL = webAddress(locator)
		}
		f.References = webAddresses(append(f.References, locator)...)
	}
	for _, f := range order {
		if err := s.add(f); err != nil {
			return err
		}
	}
	return nil
}

// knownID is an id of a vulnerability within an address.
var knownID = regexp.MustCompile(`(?i)\b(CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3})\b`)

// issueIn is the id that an address names, else the address.
func issueIn(locator string) string {
	if id := knownID.FindString(locator); id != "" {
		return spell(id)
	}
	return locator
}

// finishDocument says what it means that there are no entries.
func (s *spdx) finishDocument() {
	if s.report.Entries == 0 {
		s.warn("the document lists packages and refers to no advisory: scan it with a scanner to find vulnerabilities")
	}
}
