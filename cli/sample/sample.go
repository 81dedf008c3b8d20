// Package sample makes the workspace of the demo: a few hundred violations of
// six products with several versions, the same ones every time. The
// vulnerabilities are real ones told in our own words, the products are not.
package sample

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	gocvss31 "github.com/pandatix/go-cvss/31"

	"example.com/vexdesk/model"
)

//go:embed catalogue.txt
var catalogue string

// Report is one report of the sample and when it is to have been imported.
type Report struct {
	model.Report
	File     string
	At       time.Time
	Findings []model.Finding
}

// Reports makes the reports of the sample, the oldest first, as seen from now.
func Reports(now time.Time) ([]Report, error) {
	stacks, err := readCatalogue(catalogue)
	if err != nil {
		return nil, err
	}
	var out []Report
	for _, p := range products {
		for _, v := range p.versions {
			r := Report{File: fmt.Sprintf("%s-%s.json", p.name, v.name), At: now.AddDate(0, 0, -v.days)}
			r.Report = model.Report{Format: p.scanner, Variant: "sample", Scanner: p.scanner, Artifact: p.name, Product: p.name, Version: v.name, Resource: p.resource, Created: r.At}
			for _, stack := range p.stacks {
				issues := stacks[stack]
				r.Findings = append(r.Findings, issues[:max(0, len(issues)-v.mended)]...)
			}
			for _, c := range compliance[p.name] {
				r.Findings = append(r.Findings, c.finding())
			}
			r.Entries = len(r.Findings)
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Report) int { return a.At.Compare(b.At) })
	return out, nil
}

// fields of a line of the catalogue.
const (
	fieldStack = iota
	fieldID
	fieldAlias
	fieldCVSS
	fieldEPSS
	fieldKEV
	fieldPURL
	fieldVersion
	fieldFix
	fieldTitle
	fieldCount
)

// readCatalogue reads the findings of each stack, in the order of the file.
func readCatalogue(text string) (map[string][]model.Finding, error) {
	stacks := map[string][]model.Finding{}
	for n, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "|")
		if len(fields) != fieldCount {
			return nil, fmt.Errorf("the catalogue of the sample, line %d: %d fields instead of %d", n+1, len(fields), fieldCount)
		}
		f, err := finding(fields)
		if err != nil {
			return nil, fmt.Errorf("the catalogue of the sample, line %d: %w", n+1, err)
		}
		stacks[fields[fieldStack]] = append(stacks[fields[fieldStack]], f)
	}
	return stacks, nil
}

func finding(fields []string) (model.Finding, error) {
	epss, err := strconv.ParseFloat(fields[fieldEPSS], 64)
	if err != nil {
		return model.Finding{}, err
	}
	id := fields[fieldID]
	exploited := fields[fieldKEV] == "K"
	percentile := 1 - (1-epss)*(1-epss)*0.4 // a plausible one: the sample needs no more
	f := model.Finding{
		Type: model.Security, ID: id, Title: fields[fieldTitle], Component: component(fields[fieldPURL], fields[fieldVersion]),
		EPSS: &epss, EPSSPercentile: &percentile, KEV: &exploited,
		Description: fields[fieldTitle] + ". This entry belongs to the sample of vexdesk: the vulnerability is real, its description here is short, and no product is meant.",
		References:  []string{"https://nvd.nist.gov/vuln/detail/" + id},
		Locations:   []string{"usr/lib/" + fields[fieldPURL][strings.LastIndexByte(fields[fieldPURL], '/')+1:]},
	}
	if alias := fields[fieldAlias]; alias != "" {
		f.Aliases = []string{alias}
		f.References = append(f.References, "https://github.com/advisories/"+alias)
	}
	if fix := fields[fieldFix]; fix != "" {
		f.FixVersions = strings.Split(fix, ", ")
	}
	return f, rate(&f, fields[fieldCVSS])
}

// metrics are the base metrics of CVSS v3.1 in the order of the catalogue.
var metrics = [...]string{"AV", "AC", "PR", "UI", "S", "C", "I", "A"}

// rate reads a vector in short form, or a severity in words.
func rate(f *model.Finding, text string) error {
	if len(text) != len(metrics) || strings.ToUpper(text) != text {
		severity, err := model.ParseSeverity(text)
		f.Severity, f.Ratings = severity, []model.Rating{{Source: "vendor", Severity: severity}}
		return err
	}
	vector := "CVSS:3.1"
	for i, name := range metrics {
		vector += "/" + name + ":" + text[i:i+1]
	}
	parsed, err := gocvss31.ParseVector(vector)
	if err != nil {
		return fmt.Errorf("%s: %w", vector, err)
	}
	score := parsed.BaseScore()
	f.Severity, f.SeveritySource = model.SeverityOfScore(score), "nvd"
	f.Ratings = []model.Rating{{Source: "nvd", Method: "CVSSv3.1", Vector: vector, Score: &score, Severity: f.Severity}}
	return nil
}

// component makes a component of a package URL without scheme and version.
func component(path, version string) model.Component {
	kind, rest, _ := strings.Cut(path, "/")
	name := strings.ReplaceAll(rest, "%40", "@")
	switch kind {
	case "maven":
		name = strings.ReplaceAll(name, "/", ":")
	case "deb", "apk":
		name = name[strings.IndexByte(name, '/')+1:]
	}
	return model.Component{PURL: "pkg:" + path + "@" + strings.ReplaceAll(version, "+", "%2B"), Type: kind, Name: name, Version: version}
}

func (r risk) finding() model.Finding {
	f := model.Finding{Type: r.kind, ID: r.license, Severity: r.severity, Component: component(r.component, r.version)}
	if r.kind == model.License {
		f.Title = "Licence " + r.license + " is not on the list of allowed ones"
		f.Component.Licenses = []string{r.license}
		f.Policies = []string{"licences"}
		return f
	}
	f.Key = "operational_risk"
	f.Title = "No longer maintained, or far behind its newest release"
	return f
}
