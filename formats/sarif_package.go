package formats

import (
	"regexp"
	"strings"

	"example.com/vexdesk/model"
)

// How tools write a package into SARIF, which has no place for one.
var (
	// Grype: "A high vulnerability in apk package: libssl, version 1.1 was found at: …"
	inGrype = regexp.MustCompile(`in ([\w-]+) package: (\S+), version (\S+) was found`)
	// OSV-Scanner: "Package 'django@1.2' is vulnerable to 'CVE-…'"
	inOSV = regexp.MustCompile(`^Package '(.+)@([^@']+)' is vulnerable`)
	// Xray, in the rule: "[CVE-2020-8203] lodash 4.17.0", "[MIT] in lodash 4.17.0 (watch)"
	inXray = regexp.MustCompile(`\[([^\[\]]+)\] (?:in )?(\S+) (\S+)(?: \(.*\))?$`)
	// govulncheck: "Your code depends on 1 vulnerable module (stdlib), but …"
	inGo = regexp.MustCompile(`1 vulnerable module \(([^(), ]+)\)`)
	// cveIn and ghsaIn find ids in rule ids such as "CVE-2020-8203_lodash_4.17.0".
	cveIn  = regexp.MustCompile(`CVE-\d{4}-\d{4,}`)
	ghsaIn = regexp.MustCompile(`GHSA(-[0-9a-z]{4}){3}`)
)

// vulnerabilityID returns the one CVE or GHSA id that a rule's id has in it.
func vulnerabilityID(rule string) string {
	for _, pattern := range [...]*regexp.Regexp{cveIn, ghsaIn} {
		if all := nonEmpty(pattern.FindAllString(rule, 2)...); len(all) > 0 {
			if len(all) > 1 {
				return ""
			}
			return all[0]
		}
	}
	return ""
}

// describePackage puts the package that the tool names into the finding, and
// what else it says in its own way.
func (s *sarif) describePackage(f *model.Finding, rule *sarifRule, r *sarifResult) {
	tool := strings.ToLower(s.run.tool)
	switch {
	case strings.HasPrefix(r.message, "Package: "):
		trivyMessage(f, r.message)
	case strings.Contains(tool, "jfrog"):
		xrayResult(f, rule, r)
	case strings.HasPrefix(tool, "snyk"):
		for _, name := range r.names {
			if name, version, ok := cutLast(name, "@"); ok && name != "" {
				f.Component = model.Component{Name: name, Version: version}
				return
			}
		}
	case tool == "govulncheck":
		module := r.module
		if m := inGo.FindStringSubmatch(r.message); module == "" && m != nil {
			module = m[1]
		}
		if name, version, _ := strings.Cut(module, "@"); name != "" {
			f.Component = packageOf("go", name, version)
		}
	default:
		if m := inGrype.FindStringSubmatch(r.message); m != nil {
			f.Component = packageOf(m[1], m[2], m[3])
		} else if m := inOSV.FindStringSubmatch(r.message); m != nil {
			f.Component = model.Component{Name: m[1], Version: m[2]}
		}
	}
}

func packageOf(kind, name, version string) model.Component {
	return model.Component{Type: ecosystemType(kind), Name: name, Version: version, PURL: buildPURL(kind, name, version)}
}

// trivyMessage reads the lines "name: value" of Trivy's message.
func trivyMessage(f *model.Finding, message string) {
	var c model.Component
	for line := range strings.Lines(message) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "Package":
			c.Name = text
		case "Installed Version":
			c.Version = text
		case "Fixed Version":
			f.FixVersions = splitVersions(text)
		}
	}
	if c.Name != "" {
		f.Component = c
	}
}

// xrayResult reads what JFrog's command line puts into rule and properties.
func xrayResult(f *model.Finding, rule *sarifRule, r *sarifResult) {
	if m := inXray.FindStringSubmatch(rule.title); m != nil {
		f.Component = model.Component{Name: m[2], Version: m[3]}
		if r.properties["type"] == "license" {
			f.Type, f.ID, f.Component.Licenses = model.License, m[1], []string{m[1]}
		}
	}
	if fixed := r.properties["fixedVersion"]; fixed != "No fix available" {
		f.FixVersions = nonEmpty(fixed)
	}
	switch r.properties["applicability"] {
	case "Applicable":
		f.Applicable = "applicable"
	case "Not Applicable":
		f.Applicable = "not_applicable"
	}
	f.Watches = nonEmpty(r.properties["watch"])
	f.Policies = nonEmpty(strings.Split(r.properties["policies"], ",")...)
}
