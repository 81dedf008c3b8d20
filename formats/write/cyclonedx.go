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
	refs := cdxComponents(bom, decisions)
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
		affected := cdx.Affects{Ref: refs[refKey{d.product.ref(), d.component.ref()}]}
		if i > 0 && togetherWith(&decisions[i-1], d) {
			to := all[len(all)-1].Affects
			*to = append(*to, affected)
			continue
		}
		v := cdxVulnerability(d)
		v.BOMRef = fmt.Sprintf("vulnerability-%d", len(all)+1)
		v.Affects = &[]cdx.Affects{affected}
		all = append(all, v)
	}
	bom.Vulnerabilities = &all
	var text bytes.Buffer
	encoder := cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false)
	if err := encoder.EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return nil, fmt.Errorf("the CycloneDX document cannot be written: %w", err)
	}
	return text.Bytes(), nil
}

// serialNumber has to be a UUID; another id of the document becomes one.
func serialNumber(meta Meta) string {
	if strings.HasPrefix(meta.ID, "urn:uuid:") {
		return meta.ID
	}
	meta.Author += "\x00" + meta.ID
	return "urn:uuid:" + derivedUUID(FormatCycloneDX, meta)
}

type refKey struct{ product, component string }

// cdxComponents puts products and components into the document and returns
// their references. A single product is the document's subject; of several
// each nests its own.
func cdxComponents(bom *cdx.BOM, decisions []decision) map[refKey]string {
	refs := make(map[refKey]string)
	parts := make(map[string][]cdx.Component)
	var products []part
	for i := range decisions {
		d := &decisions[i]
		key := refKey{d.product.ref(), d.component.ref()}
		if _, known := parts[key.product]; !known {
			products = append(products, d.product)
			parts[key.product] = []cdx.Component{}
		}
		if refs[key] != "" {
			continue
		}
		refs[key] = fmt.Sprintf("component-%d", len(refs)+1)
		parts[key.product] = append(parts[key.product], cdx.Component{BOMRef: refs[key], Type: cdx.ComponentTypeLibrary,
			Name: d.component.name, Version: d.component.version, PackageURL: d.component.purl})
	}
	slices.SortFunc(products, func(a, b part) int { return strings.Compare(a.ref(), b.ref()) })
	bom.Metadata = &cdx.Metadata{}
	if len(products) == 1 {
		subject, own := cdxProduct(products[0], 1), parts[products[0].ref()]
		bom.Metadata.Component, bom.Components = &subject, &own
		return refs
	}
	all := make([]cdx.Component, 0, len(products))
	for i, p := range products {
		c, own := cdxProduct(p, i+1), parts[p.ref()]
		c.Components = &own
		all = append(all, c)
	}
	bom.Components = &all
	return refs
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
	v := cdx.Vulnerability{ID: d.name, Source: cdxSource(d.name), Description: d.violation.Title, Ratings: cdxRatings(d.violation)}
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
	case "CVSSv2", "CVSSv3", "CVSSv4":
		return cdx.ScoringMethod(method)
	case "CVSSv3.1":
		return cdx.ScoringMethodCVSSv31
	}
	return cdx.ScoringMethodOther
}
