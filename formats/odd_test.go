package formats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

// oddities are reports as nobody should write them and some do. Each is read
// for what it says, or refused with its format, place and cause.
var oddities = []struct{ name, text, want string }{
	{"trivy: ids in any case, with blanks", trivyEntry(`"VulnerabilityID":" cve-2030-1 ","VendorIDs":["ghsa-AAAA-bbbb-CCCC"],"PkgName":"p"`), "CVE-2030-1 [GHSA-aaaa-bbbb-cccc] p unknown"},
	{"trivy: what follows an id keeps its case", trivyEntry(`"VulnerabilityID":"CVE-2030-1-libBread","PkgName":"p"`), "CVE-2030-1-libBread p unknown"},
	{"trivy: vendor ids of two CVEs", trivyEntry(`"VulnerabilityID":"cve-2030-1","VendorIDs":["CVE-2030-2"],"PkgName":"p"`), "CVE-2030-1 covers [CVE-2030-1 CVE-2030-2] p unknown"},
	{"trivy: a severity in mixed case", trivyEntry(`"VulnerabilityID":"CVE-2030-1","PkgName":"p","Severity":" hIgH"`), "CVE-2030-1 p high"},
	{"trivy: a severity of its own", trivyEntry(`"VulnerabilityID":"CVE-2030-1","PkgName":"p","Severity":"SPICY"`), "CVE-2030-1 p unknown"},
	{"trivy: a severity that is a number", trivyEntry(`"VulnerabilityID":"CVE-2030-1","PkgName":"p","Severity":7`), "CVE-2030-1 p unknown"},
	{"trivy: nulls", trivyEntry(`"VulnerabilityID":"CVE-2030-1","PkgName":"p","CVSS":null,"References":null,"Layer":null,"PkgIdentifier":null,"FixedVersion":null`), "CVE-2030-1 p unknown"},
	{"trivy: numbers as texts and texts as numbers", trivyEntry(`"VulnerabilityID":"CVE-2030-1","PkgName":"p","InstalledVersion":1.20,"CVSS":{"nvd":{"V3Score":"9.8"}}`), "CVE-2030-1 p 1.20 unknown nvd 9.8"},
	{"trivy: one instead of a list", trivyEntry(`"VulnerabilityID":"CVE-2030-1","PkgName":"p","References":"https://a.example"`), "CVE-2030-1 p unknown https://a.example"},
	{"trivy: a list instead of one", trivyEntry(`"VulnerabilityID":["CVE-2030-1"],"PkgName":"p"`), "0 entries, skipped entries without an id"},
	{"trivy: null among the entries", `{"SchemaVersion":2,"ArtifactName":"a","Results":[{"Target":"t","Vulnerabilities":[null]}]}`,
		"trivy at /Results/0/Vulnerabilities/0: the report does not have the structure of its format"},
	{"trivy: a name twice", trivyEntry(`"VulnerabilityID":"CVE-2030-1","VulnerabilityID":"CVE-2030-2"`),
		"trivy at /Results/0/Vulnerabilities/0/VulnerabilityID: the text is malformed"},
	{"trivy: no results", `{"SchemaVersion":2,"ArtifactName":"a","Results":null}`, ""},
	{"trivy: results that are a text", `{"SchemaVersion":2,"ArtifactName":"a","Results":"none"}`, "trivy at /Results: the report does not have the structure of its format"},
	{"grype: an empty list of matches", `{"matches":[],"source":{"type":"image","target":{}},"descriptor":{"name":"grype"}}`, ""},
	{"grype: a severity that is null", grypeEntry(`"id":"cve-2030-1","severity":null`), "CVE-2030-1 p 1 unknown"},
	{"grype: a severity with blanks", grypeEntry(`"id":"CVE-2030-1","severity":" negligible "`), "CVE-2030-1 p 1 info"},
	{"grype: a score beyond ten", grypeEntry(`"id":"CVE-2030-1","severity":"Low","cvss":[{"version":"3.1","vector":"","metrics":{"baseScore":99}}]`), "CVE-2030-1 p 1 low"},
	{"xray: a CVE in lower case", `{"artifacts":[{"general":{"path":"a"},"issues":[{"issue_id":"XRAY-1","severity":"hIGH","issue_type":"security","cves":[{"cve":"cve-2030-1"}],"components":[{"component_id":"npm://p:1"}]}]}]}`,
		"XRAY-1 [CVE-2030-1] p 1 high"},
	{"xray: no component", `{"artifacts":[{"general":{"path":"a"},"issues":[{"issue_id":"XRAY-1","severity":"High","issue_type":"security","components":[]}]}]}`, "1 entries, skipped issues without a component"},
	{"osv: nothing was found", `{"results":null}`, ""},
	{"osv: ids in any case are one", `{"results":[{"source":{"path":"l"},"packages":[{"package":{"name":"p","version":"1","ecosystem":"npm"},"vulnerabilities":[{"id":"GHSA-AAAA-bbbb-cccc","aliases":["cve-2030-1"]}],"groups":[{"ids":["GHSA-AAAA-bbbb-cccc"],"aliases":["CVE-2030-1"]}]}]}]}`,
		"GHSA-aaaa-bbbb-cccc [CVE-2030-1] p 1 unknown"},
	{"cyclonedx: no ratings", `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"bom-ref":"a","type":"library","name":"p"}],"vulnerabilities":[{"id":"CVE-2030-1","ratings":null,"affects":[{"ref":"a"}]}]}`, "CVE-2030-1 p unknown"},
	{"cyclonedx: an affected component that is a text", `{"bomFormat":"CycloneDX","specVersion":"1.5","vulnerabilities":[{"id":"CVE-2030-1","affects":["pkg:npm/p@1"]}]}`, "CVE-2030-1 pkg:npm/p@1 unknown"},
	{"cyclonedx: an affected component that is nothing", `{"bomFormat":"CycloneDX","specVersion":"1.5","vulnerabilities":[{"id":"CVE-2030-1","affects":[{"ref":""}]}]}`, "1 entries, skipped vulnerabilities without an affected component"},
	{"cyclonedx: null behind an entry", `{"bomFormat":"CycloneDX","specVersion":"1.5","vulnerabilities":[{"id":"CVE-2030-1"},null]}`, "cyclonedx at /vulnerabilities/1: the report does not have the structure of its format"},
	{"cyclonedx: not a number", `{"bomFormat":"CycloneDX","specVersion":"1.5","vulnerabilities":[{"id":"CVE-2030-1","ratings":[{"score":NaN}]}]}`, "cyclonedx at /vulnerabilities/0/ratings/0/score: the text is malformed"},
	{"sarif: a level of its own", sarifEntry(`"ruleId":"CVE-2030-1","level":"Blocker","message":{"text":"m"}`), "CVE-2030-1 f unknown"},
	{"sarif: no results", `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":null}]}`, ""},
	{"snyk: a severity in upper case", `{"vulnerabilities":[{"id":"SNYK-1","severity":"CRITICAL","packageName":"p","version":"1","identifiers":{"CVE":["cve-2030-1"]}}],"packageManager":"npm","ok":false,"dependencyCount":1,"projectName":"x"}`,
		"SNYK-1 [CVE-2030-1] p 1 critical"},
	{"snyk: no package", `{"vulnerabilities":[{"id":"SNYK-1","severity":"low"}],"packageManager":"npm","ok":false,"dependencyCount":1,"projectName":"x"}`, "1 entries, skipped entries without a package"},
}

func trivyEntry(members string) string {
	return `{"SchemaVersion":2,"ArtifactName":"a","Results":[{"Target":"t","Vulnerabilities":[{` + members + `}]}]}`
}

func grypeEntry(members string) string {
	return `{"matches":[{"vulnerability":{` + members + `},"artifact":{"name":"p","version":"1"}}],"source":{"type":"image","target":{}},"descriptor":{"name":"grype"}}`
}

func sarifEntry(members string) string {
	return `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Trivy"}},"results":[{` + members + `,"locations":[{"physicalLocation":{"artifactLocation":{"uri":"f"}}}]}]}]}`
}

func TestOddReports(t *testing.T) {
	for _, tc := range oddities {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			report, err := Read(context.Background(), strings.NewReader(tc.text), Options{}, func(f *model.Finding) error {
				got = append(got, oddFinding(f))
				return nil
			})
			var refused *Error
			switch {
			case errors.As(err, &refused):
				got = append(got, fmt.Sprintf("%s at %s: %v", refused.Format, refused.Path, refused.Err))
			case err != nil:
				t.Fatal(err)
			case len(got) == 0 && len(report.Warnings) > 0:
				got = append(got, fmt.Sprintf("%d entries, %s", report.Entries, strings.Join(report.Warnings, "; ")))
			}
			if all := strings.Join(got, "\n"); all != tc.want && (tc.want == "" || !strings.HasPrefix(all, tc.want)) {
				t.Errorf("%s\nis read as %q, want %q", tc.text, all, tc.want)
			}
		})
	}
}

func oddFinding(f *model.Finding) string {
	words := []string{f.ID}
	if len(f.Aliases) > 0 {
		words = append(words, fmt.Sprint(f.Aliases))
	}
	if len(f.CVEs) > 0 {
		words = append(words, "covers", fmt.Sprint(f.CVEs))
	}
	words = append(words, nonEmpty(f.Component.Name, f.Component.Version)...)
	words = append(words, f.Severity.String())
	for _, r := range f.Ratings {
		if r.Score != nil {
			words = append(words, r.Source, fmt.Sprint(*r.Score))
		}
	}
	return strings.Join(append(words, f.References...), " ")
}
