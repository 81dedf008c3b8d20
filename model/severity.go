package model

import (
	"fmt"
	"strings"
)

// Severity is how bad an issue is. The zero value is SeverityUnknown: a
// severity that nobody stated is unknown, which is a level of its own and is
// never read as info (ruling 6).
type Severity uint8

// The severities. Rank gives their order.
const (
	SeverityUnknown Severity = iota
	SeverityCritical
	SeverityHigh
	SeverityMedium
	SeverityLow
	SeverityInfo
)

// Severities lists all severities, the worst first, unknown after low.
var severities = [...]Severity{SeverityCritical, SeverityHigh, SeverityMedium, SeverityLow, SeverityUnknown, SeverityInfo}

// Severities returns all severities, the worst first and unknown after low.
func Severities() []Severity { return append([]Severity(nil), severities[:]...) }

var severityNames = [...]string{"unknown", "critical", "high", "medium", "low", "info"}

// String returns the lower-case word that commands and queries use.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return severityNames[0]
}

// Rank orders severities: 0 is critical, 5 is info, and unknown (4) stands
// after low. It is also the number the store keeps.
func (s Severity) Rank() int {
	for rank, each := range severities {
		if each == s {
			return rank
		}
	}
	return 4
}

// SeverityOfRank is the inverse of Rank; ranks outside 0..5 are unknown.
func SeverityOfRank(rank int) Severity {
	if rank < 0 || rank >= len(severities) {
		return SeverityUnknown
	}
	return severities[rank]
}

// Worse reports whether s is worse than t. Unknown is never worse than a
// stated severity: it says nothing.
func (s Severity) Worse(t Severity) bool {
	if s == SeverityUnknown {
		return false
	}
	return t == SeverityUnknown || s.Rank() < t.Rank()
}

// WorstSeverity returns the worst of the given severities, unknown for none.
func WorstSeverity(all ...Severity) Severity {
	worst := SeverityUnknown
	for _, s := range all {
		if s.Worse(worst) {
			worst = s
		}
	}
	return worst
}

// ReportSeverity reads the severity words that scanners and platforms write:
// important and major count as high, moderate as medium, minor as low,
// negligible, none, information and informational as info. Anything else,
// including nothing, is unknown.
func ReportSeverity(word string) Severity {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "critical":
		return SeverityCritical
	case "high", "important", "major", "error":
		return SeverityHigh
	case "medium", "moderate", "warning":
		return SeverityMedium
	case "low", "minor", "note":
		return SeverityLow
	case "info", "information", "informational", "negligible", "none":
		return SeverityInfo
	}
	return SeverityUnknown
}

// ParseSeverity reads one of vexdesk's own six words, as queries and settings
// write them.
func ParseSeverity(word string) (Severity, error) {
	for s, name := range severityNames {
		if strings.EqualFold(word, name) {
			return Severity(s), nil
		}
	}
	return SeverityUnknown, fmt.Errorf("%q is not a severity: use critical, high, medium, low, unknown or info", word)
}

// SeverityOfScore is the qualitative band of a CVSS v3 or v4 base score
// (CVSS v3.1 specification, section 5): 0 is info, 0.1 to 3.9 low, 4.0 to 6.9
// medium, 7.0 to 8.9 high, 9.0 to 10 critical. A negative score is unknown.
func SeverityOfScore(score float64) Severity {
	switch {
	case score < 0:
		return SeverityUnknown
	case score == 0:
		return SeverityInfo
	case score < 4:
		return SeverityLow
	case score < 7:
		return SeverityMedium
	case score < 9:
		return SeverityHigh
	}
	return SeverityCritical
}
