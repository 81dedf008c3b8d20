package model

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawUrgency(t *rapid.T, label string) Urgency {
	return Urgency{
		KEV:        rapid.Bool().Draw(t, label+" kev"),
		EPSS:       rapid.SampledFrom([]float64{-1, 0, 0.0999, 0.1, 0.3, 0.4999, 0.5, 1}).Draw(t, label+" epss"),
		CVSS:       rapid.SampledFrom([]float64{-1, 0, 3.9, 4, 7.5, 9.8, 10}).Draw(t, label+" cvss"),
		Severity:   rapid.SampledFrom(Severities()).Draw(t, label+" severity"),
		Applicable: rapid.SampledFrom([]string{"", "no", "unknown", "yes"}).Draw(t, label+" applicable"),
		Fix:        rapid.Bool().Draw(t, label+" fix"),
		VEX:        rapid.SampledFrom([]VEXStatus{VEXNone, VEXInTriage, VEXAffected, VEXNotAffected, VEXFixed}).Draw(t, label+" vex"),
	}
}

// TestPriorityIsTheRule compares the number with the steps as they are told:
// the first step on which two violations differ decides.
func TestPriorityIsTheRule(t *testing.T) {
	steps := []struct {
		what string
		of   func(Urgency) int // the lower the sooner
	}{
		{"decided last", func(u Urgency) int { return number(u.VEX == VEXNotAffected || u.VEX == VEXFixed) }},
		{"not applicable", func(u Urgency) int {
			return number(u.Applicable == "no" && u.VEX != VEXNotAffected && u.VEX != VEXFixed)
		}},
		{"exploited", func(u Urgency) int { return number(!u.KEV) }},
		{"likely", func(u Urgency) int { return number(!u.KEV && u.EPSS < 0.5) }},
		{"severity of the rest", func(u Urgency) int {
			if u.KEV || u.EPSS >= 0.5 {
				return 0
			}
			return u.Severity.Rank()
		}},
		{"applicable", func(u Urgency) int { return number(u.Applicable != "yes") }},
		{"raised EPSS", func(u Urgency) int { return number(u.EPSS < 0.1) }},
		{"severity", func(u Urgency) int { return u.Severity.Rank() }},
		{"fix", func(u Urgency) int { return number(!u.Fix) }},
		{"CVSS", func(u Urgency) int { return -int(max(u.CVSS, -1)) + number(u.CVSS < 0) }},
	}
	rapid.Check(t, func(rt *rapid.T) {
		a, b := drawUrgency(rt, "a"), drawUrgency(rt, "b")
		want, decided := 0, "nothing"
		for _, s := range steps {
			if x, y := s.of(a), s.of(b); x != y {
				want, decided = x-y, s.what
				break
			}
		}
		got := a.Priority() - b.Priority()
		if (got < 0) != (want < 0) || (got > 0) != (want > 0) {
			rt.Fatalf("%+v has %d and %+v has %d, but %s decides", a, a.Priority(), b, b.Priority(), decided)
		}
	})
}

func TestWhyHere(t *testing.T) {
	for want, v := range map[string]Violation{
		"Among the first, since it is known to be exploited (KEV, due 2026-12-01); within that: found applicable, EPSS 97%, critical, a fix is there, CVSS 9.8.": {
			Row: Row{KEV: true, EPSS: 0.97, CVSS: 9.8, Severity: SeverityCritical, Fix: "1.2"}, KEVDue: "2026-12-01", Applicable: "yes"},
		"Near the top, since an attack within 30 days is likely (EPSS 62%); within that: medium, no fix is known, CVSS 5.0.": {
			Row: Row{EPSS: 0.62, CVSS: 5, Severity: SeverityMedium}},
		"By its severity, unknown; within that: no fix is known.": {Row: Row{EPSS: -1, CVSS: -1}},
		"Last, since it is decided (not affected); there by its severity, high; within that: no fix is known, CVSS 7.5.": {
			Row: Row{EPSS: 0, CVSS: 7.5, Severity: SeverityHigh, VEX: VEXNotAffected}},
		"Behind all that may apply, since the scanner's analysis found it not applicable; there among the first, since it is known to be exploited (KEV); within that: low, no fix is known.": {
			Row: Row{KEV: true, EPSS: -1, CVSS: -1, Severity: SeverityLow}, Applicable: "no"},
	} {
		if got := v.WhyHere(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if strings.Contains(v.WhyHere(), "_") {
			t.Errorf("a word of the machine: %s", v.WhyHere())
		}
	}
}
