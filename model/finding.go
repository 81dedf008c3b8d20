package model

import "time"

// ViolationType tells what kind of issue a violation is about.
type ViolationType uint8

// The violation types.
const (
	Security ViolationType = iota
	License
	OperationalRisk
)

var violationTypeNames = [...]string{"security", "license", "operational_risk"}

// String returns the word that commands and queries use.
func (t ViolationType) String() string {
	if int(t) < len(violationTypeNames) {
		return violationTypeNames[t]
	}
	return violationTypeNames[0]
}

// ViolationTypes returns all violation types.
func ViolationTypes() []ViolationType { return []ViolationType{Security, License, OperationalRisk} }

// Report is what a report says about itself, known when it was read to its
// end: formats differ in whether it stands before or behind the findings.
type Report struct {
	// Format names the reader: "trivy", "grype", "cyclonedx", "xray".
	Format string
	// Variant names the layout within the format, for messages.
	Variant string
	// Scanner names the tool and, where given, not its version: an upgrade of
	// the scanner is not another source.
	Scanner string
	// Artifact names what was scanned, as the report does.
	Artifact string
	// Product and Version are the report's own proposal (ruling 5); empty
	// where the report has none.
	Product, Version string
	// Resource is the product's type: build, artifact, repository,
	// release_bundle, image or sbom. Empty: not told.
	Resource string
	// Created is when the report was made; zero where not told.
	Created time.Time
	// Entries counts the raw entries of the report (ruling 2).
	Entries int
	// Findings counts the findings (ruling 2) in formats that count them by
	// something else than the id, package and version of what was emitted, or
	// that emit statements only; 0 elsewhere.
	Findings int
	// Decisions: the document states decisions about what others found
	// (Options.Statement), and is no report of its own.
	Decisions bool
	// Warnings are sentences about what was skipped or adapted.
	Warnings []string
}

// Finding is one statement of a report: this issue, in this component. It is
// what readers emit; texts need not be cleaned, NewFinding in the store's
// import path does it once.
type Finding struct {
	Type ViolationType
	// ID is the issue as the report names it (CVE, GHSA, XRAY-1, a licence's
	// SPDX id); empty where the report names none: see Key.
	ID string
	// Key stands in for an absent ID and must be stable from scan to scan,
	// such as "summary:" and the beginning of the summary.
	Key string
	// CVEs are those that an issue of the source covers where it covers more
	// than one: they are not aliases of each other.
	CVEs []string
	// Aliases are further ids of the same issue, certain ones only.
	Aliases   []string
	Component Component
	Severity  Severity
	// SeveritySource names who rated, e.g. "nvd", "redhat".
	SeveritySource string
	Ratings        []Rating
	Title          string
	Description    string
	References     []string
	// FixVersions are versions with the fix, as written by the report.
	FixVersions    []string
	EPSS           *float64
	EPSSPercentile *float64
	KEV            *bool
	KEVDue         string
	// Applicable is contextual analysis: "applicable", "not_applicable" or "".
	Applicable string
	// Locations are paths, layers or targets where the component was found.
	Locations []string
	// Watches and Policies are those that the report says matched.
	Watches, Policies []string
	// Risk is what an operational-risk report says of the component.
	Risk *ComponentRisk
	// Suppressed findings are imported as ignored, with the reason.
	Suppressed     bool
	SuppressReason string
	// Analysis is a VEX decision carried by the report (CycloneDX analysis).
	Analysis *Assessment
	// ExternalID and URL are the source's own name and page for the entry.
	ExternalID, URL string
}

// Component is a package as found.
type Component struct {
	// PURL is the package URL as the report gives it, empty where it has none.
	PURL string
	// Type is the purl type or ecosystem ("npm", "deb", "maven", "golang").
	Type string
	// Name is the plain package name as the report writes it (for Maven
	// "group:artifact").
	Name    string
	Version string
	// Licenses are SPDX ids or names, as given.
	Licenses []string
}

// Rating is one judgement of an issue's severity.
type Rating struct {
	Source   string   `json:"source,omitempty"`
	Method   string   `json:"method,omitempty"` // CVSSv2, CVSSv3, CVSSv3.1, CVSSv4, other
	Vector   string   `json:"vector,omitempty"`
	Score    *float64 `json:"score,omitempty"`
	Severity Severity `json:"severity,omitempty"`
}

// Identity returns what identifies the finding's issue in its report: its id, or
// the stand-in key.
func (f *Finding) Identity() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Key
}
