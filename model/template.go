package model

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"time"
)

// DefaultSummary and DefaultDescription are the built-in templates of a
// ticket; descriptions are Markdown.
const (
	DefaultSummary = `{{if eq .ViolationType "license"}}License {{.License}}{{else if eq .ViolationType "operational_risk"}}Operational risk{{else}}{{.VulnerabilityID}}{{end}}{{with .Title}}: {{.}}{{end}} in {{.ImpactedComponent}} ({{.Product}}{{with .ProductVersion}} {{.}}{{end}})`

	DefaultDescription = `**{{.VulnerabilityID}}** — {{.Severity}}{{with .CVSSv3Score}}, CVSS {{.}}{{end}}{{with .EPSS}}, EPSS {{.}}{{end}}{{if .KEV}}, known exploited (CISA KEV){{end}}

{{with .Description}}{{.}}

{{end}}| | |
| --- | --- |
| Product | {{.Product}} {{.ProductVersion}} |
| Type | {{.ViolationType}} |
{{with .Aliases}}| Also known as | {{.}} |
{{end}}{{with .CVSSv3Vector}}| CVSS vector | {{.}} |
{{end}}| Fix | {{if .FixAvailable}}{{.FixVersion}}{{else}}none known{{end}} |
{{with .VEXStatus}}| VEX status | {{.}} |
{{end}}| First seen | {{.FirstSeen}} |

{{if gt (len .Issues) 1}}**Issues**

{{range .Issues}}- {{.}}
{{end}}
{{end}}**Components**

{{range .Components}}- {{.}}
{{end}}{{with .References}}
**References**

{{range .}}- {{.}}
{{end}}{{end}}`
)

// Placeholders are the names that templates may use (domain: ticket
// placeholders), filled from one violation or from the group that shares a
// ticket.
type Placeholders struct {
	ImpactedArtifact, ImpactedComponent          string
	Components, Issues                           []string
	PackageType, VulnerabilityID, CVE, Aliases   string
	ViolationType, Severity, SeveritySource      string
	ResearchSeverity                             string
	CVSSv2Vector, CVSSv2Score                    string
	CVSSv2AccessComplexity, CVSSv2AttackVector   string
	CVSSv3Vector, CVSSv3Score                    string
	CVSSv3AttackComplexity, CVSSv3AttackVector   string
	CVSSv4Vector, CVSSv4Score                    string
	EPSS, EPSSPercentile                         string
	KEV                                          bool
	KEVDueDate, FixVersion                       string
	FixAvailable                                 bool
	Watch, Policy, Rule, License, Applicable     string
	Product, ProductVersion, Title, Description  string
	References                                   []string
	FirstSeen, VEXStatus, VEXJustification, Link string
}

// PlaceholderNames are the names of the placeholders, in alphabetical order.
func PlaceholderNames() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Placeholders]()) {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

// ParseTemplate checks a template: its syntax and, by filling it once with
// empty values, its names.
func ParseTemplate(name, text string) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the %s template cannot be read: %w", name, err)
	}
	if err := t.Execute(&bytes.Buffer{}, &Placeholders{}); err != nil {
		return nil, fmt.Errorf("the %s template uses what does not exist: %w", name, err)
	}
	return t, nil
}

// FillTemplate renders a template that ParseTemplate accepted.
func FillTemplate(t *template.Template, p *Placeholders) (string, error) {
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return "", fmt.Errorf("the %s template failed: %w", t.Name(), err)
	}
	return b.String(), nil
}

// Fill gathers the placeholders of the violations that share a ticket: the
// first gives the single values, all of them the components; the worst
// severity counts.
func Fill(members []*PlanViolation) *Placeholders {
	v := members[0]
	p := &Placeholders{
		ImpactedArtifact: v.Product, PackageType: v.Ecosystem, VulnerabilityID: v.Issue,
		Aliases: strings.Join(others(v.Aliases, v.Issue), ", "), ViolationType: v.Type.String(),
		Severity: v.Severity.String(), KEV: v.KEV, KEVDueDate: v.KEVDue, FixVersion: v.Fix,
		FixAvailable: v.Fix != "", Watch: strings.Join(v.Watches, ", "), Policy: strings.Join(v.Policies, ", "),
		Applicable: v.Applicable, Product: v.Product, ProductVersion: v.ProductVersion, Title: v.Title,
		Description: v.Description, References: v.References, FirstSeen: v.FirstSeen.UTC().Format(time.DateOnly),
		VEXStatus: string(v.Assessment.Status), VEXJustification: v.Assessment.Justification,
	}
	if v.Type == License {
		p.License = v.Issue
	}
	if hasFold(v.Issue, "CVE-") {
		p.CVE = v.Issue
	}
	if v.EPSS >= 0 {
		p.EPSS = fmt.Sprintf("%.1f%%", v.EPSS*100)
	}
	if v.EPSSPercentile >= 0 {
		p.EPSSPercentile = fmt.Sprintf("%.1f%%", v.EPSSPercentile*100)
	}
	p.fillRatings(v.Ratings)
	p.Issues = issuesOf(members)
	worst, seen := SeverityUnknown, map[string]bool{}
	for _, m := range members {
		if m.Severity.Worse(worst) {
			worst = m.Severity
			p.Severity = worst.String()
		}
		name := strings.TrimSpace(m.Component + " " + m.ComponentVersion)
		if !seen[name] {
			seen[name] = true
			p.Components = append(p.Components, name)
		}
	}
	p.ImpactedComponent = p.Components[0]
	if n := len(p.Components); n > 1 {
		p.ImpactedComponent = fmt.Sprintf("%s and %d more", p.Components[0], n-1)
	}
	return p
}

// issuesOf lists the issues of a group, each once, with severity and component.
func issuesOf(members []*PlanViolation) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range members {
		if !seen[m.Issue] {
			seen[m.Issue] = true
			out = append(out, fmt.Sprintf("%s (%s)", m.Issue, m.Severity))
		}
	}
	return out
}

// fillRatings takes the first rating of each CVSS generation, in the order in
// which the violation keeps them.
func (p *Placeholders) fillRatings(ratings []Rating) {
	for _, r := range ratings {
		score := ""
		if r.Score != nil {
			score = fmt.Sprintf("%.1f", *r.Score)
		}
		switch {
		case strings.HasPrefix(r.Method, "CVSSv2") && p.CVSSv2Vector+p.CVSSv2Score == "":
			p.CVSSv2Vector, p.CVSSv2Score = r.Vector, score
			p.CVSSv2AccessComplexity, p.CVSSv2AttackVector = metric(r.Vector, "AC"), metric(r.Vector, "AV")
		case strings.HasPrefix(r.Method, "CVSSv3") && p.CVSSv3Vector+p.CVSSv3Score == "":
			p.CVSSv3Vector, p.CVSSv3Score = r.Vector, score
			p.CVSSv3AttackComplexity, p.CVSSv3AttackVector = metric(r.Vector, "AC"), metric(r.Vector, "AV")
		case strings.HasPrefix(r.Method, "CVSSv4") && p.CVSSv4Vector+p.CVSSv4Score == "":
			p.CVSSv4Vector, p.CVSSv4Score = r.Vector, score
		}
		if p.SeveritySource == "" {
			p.SeveritySource = r.Source
		}
		if strings.EqualFold(r.Source, "jfrog") && p.ResearchSeverity == "" {
			p.ResearchSeverity = r.Severity.String()
		}
	}
}

// metric returns the value of one metric of a CVSS vector.
func metric(vector, name string) string {
	for _, part := range strings.Split(vector, "/") {
		if key, value, ok := strings.Cut(part, ":"); ok && key == name {
			return value
		}
	}
	return ""
}

func others(list []string, except string) []string {
	var out []string
	for _, each := range list {
		if !strings.EqualFold(each, except) {
			out = append(out, each)
		}
	}
	return out
}

// NewRenderer returns the Renderer of the product: it fills a line's draft
// from the templates and settings of the profile, the product and the request,
// the request winning over the product over the profile (ruling 12), and notes
// where each value came from. Each template is read once.
func NewRenderer() Renderer {
	templates := map[string]*template.Template{}
	fill := func(name, text string, values *Placeholders) (string, error) {
		t, ok := templates[name+"\x00"+text]
		if !ok {
			var err error
			if t, err = ParseTemplate(name, text); err != nil {
				return "", err
			}
			templates[name+"\x00"+text] = t
		}
		return FillTemplate(t, values)
	}
	return func(req *PlanRequest, members []*PlanViolation, line *PlanLine) error {
		return renderDraft(req, members, line, fill)
	}
}

func renderDraft(req *PlanRequest, members []*PlanViolation, line *PlanLine, fillText func(name, text string, values *Placeholders) (string, error)) error {
	v := members[0]
	profile := v.Profile
	line.Sources = map[string]string{}
	pick := func(field, request, product, fromProfile string) string {
		switch {
		case request != "":
			line.Sources[field] = "request"
			return request
		case product != "":
			line.Sources[field] = "product"
			return product
		case fromProfile != "":
			line.Sources[field] = "profile"
		}
		return fromProfile
	}
	values := Fill(members)
	summary, err := fillText("summary", firstOf(profile.Summary, DefaultSummary), values)
	if err != nil {
		return err
	}
	description, err := fillText("description", firstOf(profile.Description, DefaultDescription), values.markdown())
	if err != nil {
		return err
	}
	fields := make(map[string]string, len(profile.Fields))
	for field, text := range profile.Fields {
		if fields[field], err = fillText("field "+field, text, values); err != nil {
			return err
		}
	}
	line.Draft = TicketDraft{
		Project:     pick("project", req.Project, v.Settings.Project, profile.Project),
		IssueType:   pick("issue type", req.IssueType, v.Settings.IssueType, profile.IssueType),
		Summary:     CutRunes(Clean(firstOf(req.Summary, summary)), 255),
		Description: strings.TrimSpace(description),
		Labels:      mergeLabels(profile.Labels, req.AddLabels, req.DropLabels),
		Priority:    pick("priority", req.Priority, "", profile.Priority(line.Severity)),
		Assignee:    pick("assignee", req.Assignee, v.Settings.Assignee, ""),
		Reporter:    pick("reporter", req.Reporter, v.Settings.Reporter, ""),
		Epic:        pick("epic", req.Epic, v.Settings.Epic, ""),
		Fields:      fields,
		Comment:     CleanText(req.Comment),
	}
	return nil
}
