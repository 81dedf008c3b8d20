package write

import (
	"net/url"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// The words of CycloneDX, which are ours, in the vocabulary that OpenVEX and
// CSAF share (OpenVEX specification, "Status Justifications"; CSAF 2.0,
// 3.2.3.5), and in sentences.

// label returns the shared justification, exact where it says the same, and ""
// where the nearest one would say what is not true.
func label(justification string) (word string, exact bool) {
	switch justification {
	case "code_not_present":
		return "vulnerable_code_not_present", true
	case "code_not_reachable":
		return "vulnerable_code_not_in_execute_path", true
	case "protected_by_compiler", "protected_at_runtime", "protected_by_mitigating_control":
		return "inline_mitigations_already_exist", false
	}
	// requires_configuration, requires_dependency, requires_environment: tools
	// disagree on them. protected_at_perimeter: inline mitigations are defined
	// as built in, which the perimeter is not.
	return "", false
}

// reason puts a justification without a shared word into a sentence.
func reason(justification string) string {
	switch justification {
	case "requires_configuration":
		return "It can be exploited only in a configuration that is not used."
	case "requires_dependency":
		return "It can be exploited only with a dependency that is not present."
	case "requires_environment":
		return "It can be exploited only in an environment in which the product does not run."
	case "protected_at_perimeter":
		return "Attacks are stopped at the perimeter, before they reach the product."
	}
	return ""
}

// action is the action statement, made of the response where nobody wrote one.
func action(v *model.Violation, a model.Assessment) string {
	if a.Action != "" {
		return a.Action
	}
	switch a.Response {
	case "update":
		if v.Fix != "" {
			return "Update " + v.Component + " to " + v.Fix + "."
		}
		return "Update " + v.Component + " to a version with the fix."
	case "rollback":
		return "Roll back to a version without the vulnerability."
	case "workaround_available":
		return "Use the workaround that is available."
	case "will_not_fix":
		return "It will not be fixed."
	case "can_not_fix":
		return "It cannot be fixed."
	}
	return ""
}

// native is a note that keeps what the shared vocabulary has no word for; the
// reader of OpenVEX takes it back (formats: nativeNote).
func native(a model.Assessment) string {
	var words []string
	if _, exact := label(a.Justification); a.Justification != "" && !exact {
		words = append(words, "justification="+a.Justification)
	}
	if a.Response != "" {
		words = append(words, "response="+a.Response)
	}
	if a.Qualifier != "" {
		words = append(words, "qualifier="+a.Qualifier)
	}
	if len(words) == 0 {
		return ""
	}
	return "CycloneDX: " + strings.Join(words, " ")
}

// exploited says that a vulnerability is in CISA's catalogue.
func exploited(v *model.Violation) string {
	said := "It is known to be exploited (CISA KEV"
	if v.KEVAdded != "" {
		said += ", since " + v.KEVAdded
	}
	if v.KEVDue != "" {
		said += ", due " + v.KEVDue
	}
	if v.KEVRansomware {
		said += ", used by ransomware"
	}
	return said + ")."
}

// webPages are the addresses that can be opened.
func webPages(references []string) []string {
	return slices.DeleteFunc(slices.Clone(references), func(text string) bool {
		u, err := url.Parse(text)
		return err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == ""
	})
}

// source names who issues an id, as Dependency-Track's import requires it.
func source(id string) (name, url string) {
	switch {
	case strings.HasPrefix(id, "CVE-"):
		return "NVD", "https://nvd.nist.gov/vuln/detail/" + id
	case strings.HasPrefix(id, "GHSA-"):
		return "GITHUB", "https://github.com/advisories/" + id
	case strings.HasPrefix(id, "SNYK-"):
		return "SNYK", "https://security.snyk.io/vuln/" + id
	case strings.HasPrefix(id, "XRAY-"):
		return "XRAY", ""
	case strings.HasPrefix(id, "GO-"), strings.HasPrefix(id, "PYSEC-"), strings.HasPrefix(id, "RUSTSEC-"), strings.HasPrefix(id, "OSV-"):
		return "OSV", "https://osv.dev/vulnerability/" + id
	}
	return "INTERNAL", ""
}
