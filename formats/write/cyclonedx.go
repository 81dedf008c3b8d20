package write

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"example.com/vexdesk/model"
)

// cycloneDX builds a CycloneDX 1.6 document (ECMA-424) of products, their
// components, and vulnerabilities with an analysis. Its words are ours, so
// that only the place of the action statement differs.
func cycloneDX(meta Meta, rev Revision, decisions []decision, r *Report) ([]byte, error) {
	bom := cdx.NewBOM()
	bom.SerialNumber, bom.Version = serialNumber(meta), rev.Number()
	refs, err := cdxReferences(bom, meta.BOM, decisions, r)
	if err != nil {
		return nil, err
	}
	bom.Metadata.Timestamp = rev.Made[rev.Number()-1].UTC().Format(time.RFC3339)
	bom.Metadata.Authors = &[]cdx.OrganizationalContact{{Name: meta.Author}}
	if meta.Tool != "" {
		bom.Metadata.Tools = &cdx.ToolsChoice{Components: &[]cdx.Component{{Type: cdx.ComponentTypeApplication, Name: meta.Tool}}}
	}
	var all []cdx.Vulnerability
	for i := range decisions {
		d := &decisions[i]
		if d.assessment.Action != "" {
			r.lose(d.violation.ID, "CycloneDX has no place for an action statement in the analysis: it is the vulnerability's recommendation")
		}
		var affected []cdx.Affects
		for _, ref := range refs[keyOf(d)] {
			affected = append(affected, cdx.Affects{Ref: ref})
		}
		if i > 0 && togetherWith(&decisions[i-1], d) {
			last := &all[len(all)-1]
			*last.Affects = append(*last.Affects, affected...)
			last.Properties = cdxProperties(last.Properties, d.violation)
			continue
		}
		v := cdxVulnerability(d)
		v.BOMRef = fmt.Sprintf("vulnerability-%d", len(all)+1)
		v.Affects = &affected
		all = append(all, v)
	}
	bom.Vulnerabilities = &all
	if n := severalTimes(all); n > 0 && meta.BOM != nil {
		r.Warnings = append(r.Warnings, fmt.Sprintf("several components have different decisions about the same vulnerability (%d): trivy heeds the last of each alone", n))
	}
	var text bytes.Buffer
	encoder := cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false)
	if err := encoder.EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return nil, fmt.Errorf("the CycloneDX document cannot be written: %w", err)
	}
	return text.Bytes(), nil
}

// severalTimes counts ids that stand there more than once; all is sorted.
func severalTimes(all []cdx.Vulnerability) (n int) {
	for i := 1; i < len(all); i++ {
		if all[i].ID == all[i-1].ID && (i == 1 || all[i-2].ID != all[i].ID) {
			n++
		}
	}
	return n
}

// serialNumber has to be a UUID; another id of the document becomes one.
func serialNumber(meta Meta) string {
	if strings.HasPrefix(meta.ID, "urn:uuid:") {
		return meta.ID
	}
	meta.Author += "\x00" + meta.ID
	return "urn:uuid:" + derivedUUID(FormatCycloneDX, meta)
}

// refKey is a component of a product.
type refKey struct{ product, component string }

func keyOf(d *decision) refKey { return refKey{d.product.ref(), d.component.ref()} }

// cdxReferences returns how vulnerabilities refer to components: by links into
// the bill of materials where it holds them, else within the document, whose
// products and components it lists.
func cdxReferences(bom *cdx.BOM, of *model.BOM, decisions []decision, r *Report) (map[refKey][]string, error) {
	refs, err := cdxLinks(of, decisions, r)
	if err != nil {
		return nil, err
	}
	parts := make(map[string][]cdx.Component)
	var products []part
	for i := range decisions {
		d := &decisions[i]
		key := keyOf(d)
		if _, known := parts[key.product]; !known {
			products = append(products, d.product)
			parts[key.product] = nil
		}
		if refs[key] != nil {
			continue
		}
		own := fmt.Sprintf("component-%d", len(refs)+1)
		refs[key] = []string{own}
		parts[key.product] = append(parts[key.product], cdx.Component{BOMRef: own, Type: cdx.ComponentTypeLibrary,
			Name: d.component.name, Version: d.component.version, PackageURL: d.component.purl, Licenses: cdxLicenses(d.violation.Licenses)})
	}
	slices.SortFunc(products, func(a, b part) int { return strings.Compare(a.ref(), b.ref()) })
	cdxList(bom, products, parts)
	return refs, nil
}

// cdxLinks are links into a bill of materials; what it does not hold has none.
func cdxLinks(of *model.BOM, decisions []decision, r *Report) (map[refKey][]string, error) {
	links := make(map[refKey][]string)
	if of == nil {
		return links, nil
	}
	for i := range decisions {
		d := &decisions[i]
		found := of.Refs[model.ComponentKey(model.Component{PURL: d.component.purl, Name: d.component.name, Version: d.component.version})]
		if len(found) == 0 {
			r.lose(d.violation.ID, "the bill of materials does not hold the component: the document names it itself, where scanners do not look")
		}
		if len(found) == 0 || links[keyOf(d)] != nil {
			continue
		}
		for _, ref := range found {
			link, err := cdx.NewBOMLink(of.Serial, of.Version, cdx.Component{BOMRef: ref})
			if err != nil {
				return nil, fmt.Errorf("the bill of materials %s cannot be referred to: %w", model.Clean(of.Serial), err)
			}
			links[keyOf(d)] = append(links[keyOf(d)], link.String())
		}
	}
	return links, nil
}

// cdxList puts products with their components into the document. A single
// product is its subject; of several each nests its own.
func cdxList(bom *cdx.BOM, products []part, parts map[string][]cdx.Component) {
	bom.Metadata = &cdx.Metadata{}
	if len(products) == 1 {
		subject, own := cdxProduct(products[0], 1), parts[products[0].ref()]
		bom.Metadata.Component = &subject
		if len(own) > 0 {
			bom.Components = &own
		}
		return
	}
	all := make([]cdx.Component, 0, len(products))
	for i, p := range products {
		c, own := cdxProduct(p, i+1), parts[p.ref()]
		if len(own) > 0 {
			c.Components = &own
		}
		all = append(all, c)
	}
	bom.Components = &all
}

func cdxProduct(p part, n int) cdx.Component {
	c := cdx.Component{BOMRef: fmt.Sprintf("product-%d", n), Type: cdx.ComponentTypeApplication, Name: p.name, Version: p.version, PackageURL: p.purl}
	if p.resource == "image" {
		c.Type = cdx.ComponentTypeContainer
	}
	return c
}

func cdxVulnerability(d *decision) cdx.Vulnerability {
	a := d.assessment
	v := cdx.Vulnerability{ID: d.name, Source: cdxSource(d.name), Description: d.violation.Title, Detail: d.violation.Description,
		Ratings: cdxRatings(d.violation), Properties: cdxProperties(nil, d.violation)}
	if pages := webPages(d.violation.References); len(pages) > 0 {
		advisories := make([]cdx.Advisory, 0, len(pages))
		for _, page := range pages {
			advisories = append(advisories, cdx.Advisory{URL: page})
		}
		v.Advisories = &advisories
	}
	analysis := &cdx.VulnerabilityAnalysis{Justification: cdx.ImpactAnalysisJustification(a.Justification), Detail: a.Impact}
	if !d.at.IsZero() {
		analysis.LastUpdated = d.at.Format(time.RFC3339)
	}
	switch {
	case a.Status == model.VEXInTriage:
		analysis.State = cdx.IASInTriage
	case a.Status == model.VEXAffected:
		analysis.State = cdx.IASExploitable
		v.Recommendation = a.Action
	case a.Qualifier == model.QualifierFalsePositive:
		analysis.State = cdx.IASFalsePositive
	case a.Status == model.VEXNotAffected:
		analysis.State = cdx.IASNotAffected
	case a.Qualifier == model.QualifierPedigree:
		analysis.State = cdx.IASResolvedWithPedigree
	default:
		analysis.State = cdx.IASResolved
	}
	if a.Response != "" {
		analysis.Response = &[]cdx.ImpactAnalysisResponse{cdx.ImpactAnalysisResponse(a.Response)}
	}
	v.Analysis = analysis
	if len(d.aliases) > 0 {
		references := make([]cdx.VulnerabilityReference, 0, len(d.aliases))
		for _, alias := range d.aliases {
			references = append(references, cdx.VulnerabilityReference{ID: alias, Source: cdxSource(alias)})
		}
		v.References = &references
	}
	return v
}

// cdxProperties hold what the format has no member for, under names of ours,
// each once.
func cdxProperties(to *[]cdx.Property, v *model.Violation) *[]cdx.Property {
	if to == nil {
		to = &[]cdx.Property{}
	}
	add := func(name, value string) {
		if p := (cdx.Property{Name: "vexdesk:" + name, Value: value}); !slices.Contains(*to, p) {
			*to = append(*to, p)
		}
	}
	if v.KEV {
		add("kev", exploited(v))
	}
	if v.Fix != "" {
		add("fix", v.Component+": "+v.Fix)
	}
	if v.Applicable != "" {
		add("applicable", v.Component+": "+words(v.Applicable))
	}
	if len(*to) == 0 {
		return nil
	}
	return to
}

// cdxLicenses are names, since reports give them as they like.
func cdxLicenses(names []string) *cdx.Licenses {
	if len(names) == 0 {
		return nil
	}
	all := make(cdx.Licenses, 0, len(names))
	for _, name := range names {
		all = append(all, cdx.LicenseChoice{License: &cdx.License{Name: name}})
	}
	return &all
}

func cdxSource(id string) *cdx.Source {
	name, url := source(id)
	return &cdx.Source{Name: name, URL: url}
}

// cdxRatings are the ratings we know, or our severity alone.
func cdxRatings(v *model.Violation) *[]cdx.VulnerabilityRating {
	all := []cdx.VulnerabilityRating{}
	for _, each := range v.Ratings {
		r := cdx.VulnerabilityRating{Score: each.Score, Severity: cdxSeverity(each.Severity), Method: cdxMethod(each.Method), Vector: each.Vector}
		if each.Source != "" {
			r.Source = &cdx.Source{Name: each.Source}
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		all = append(all, cdx.VulnerabilityRating{Severity: cdxSeverity(v.Severity)})
	}
	return &all
}

func cdxSeverity(s model.Severity) cdx.Severity { return cdx.Severity(s.String()) }

func cdxMethod(method string) cdx.ScoringMethod {
	switch method {
	case "CVSSv2", "CVSSv3", "CVSSv4", "OWASP", "SSVC":
		return cdx.ScoringMethod(method)
	case "CVSSv3.1":
		return cdx.ScoringMethodCVSSv31
	}
	return cdx.ScoringMethodOther
}
