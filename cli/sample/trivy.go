package sample

import (
	"encoding/json"
	"strings"

	"example.com/vexdesk/model"
)

// Next is the name and the text of a report that is not in the workspace yet:
// the scan of a new version, as Trivy writes it, to be imported by hand.
func Next() (name string, text []byte, err error) {
	stacks, err := readCatalogue(catalogue)
	if err != nil {
		return "", nil, err
	}
	type cvss struct {
		Vector string  `json:"V3Vector"`
		Score  float64 `json:"V3Score"`
	}
	type vulnerability struct {
		ID         string            `json:"VulnerabilityID"`
		Package    string            `json:"PkgName"`
		Identifier map[string]string `json:"PkgIdentifier"`
		Installed  string            `json:"InstalledVersion"`
		Fixed      string            `json:"FixedVersion,omitempty"`
		Severity   string            `json:"Severity"`
		Title      string            `json:"Title"`
		Text       string            `json:"Description"`
		References []string          `json:"References"`
		CVSS       map[string]cvss   `json:"CVSS,omitempty"`
	}
	type result struct {
		Target          string          `json:"Target"`
		Class           string          `json:"Class"`
		Vulnerabilities []vulnerability `json:"Vulnerabilities"`
	}
	results := []result{{Target: "app/payments-api.jar", Class: "lang-pkgs"}, {Target: "payments-api (debian 11.7)", Class: "os-pkgs"}}
	for i, stack := range []string{"java", "debian"} {
		for _, f := range stacks[stack][2:] {
			v := vulnerability{ID: f.ID, Package: f.Component.Name, Identifier: map[string]string{"PURL": f.Component.PURL}, Installed: f.Component.Version,
				Fixed: strings.Join(f.FixVersions, ", "), Severity: strings.ToUpper(f.Severity.String()), Title: f.Title, Text: f.Description, References: f.References}
			if r := f.Ratings[0]; r.Score != nil {
				v.CVSS = map[string]cvss{"nvd": {r.Vector, *r.Score}}
			}
			results[i].Vulnerabilities = append(results[i].Vulnerabilities, v)
		}
	}
	text, err = json.MarshalIndent(map[string]any{
		"SchemaVersion": 2, "ArtifactName": "payments-api:4.3", "ArtifactType": "container_image", "Results": results,
	}, "", " ")
	return "payments-api-4.3.json", text, err
}

// Settings are the ticketing settings of a sample product.
func Settings() (product string, project string, profile model.Profile) {
	return "payments-api", "PAY", model.Profile{
		Name: "security", Project: "SEC", IssueType: model.VexdeskType, Labels: []string{"vexdesk"},
		Fields: map[string]string{
			"Severity":         `{{if or (eq .Severity "unknown") (eq .Severity "info")}}low{{else}}{{.Severity}}{{end}}`,
			"CVSS Score":       `{{.CVSSv3Score}}`,
			"Affected Package": `{{.ImpactedComponent}}`,
		},
	}
}
