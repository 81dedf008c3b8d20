package model

import (
	"fmt"
	"strings"
)

// The order "priority" puts first what needs attention first. It is a rule of
// steps, each of which decides among what the steps before it left equal:
//
//  1. what is decided as not affected or fixed comes last, and what the scanner's
//     analysis found not applicable before that;
//  2. known to be exploited (CISA's catalogue KEV) comes first, then what EPSS
//     thinks more likely than not to be attacked within 30 days, then the rest
//     by severity;
//  3. what the scanner's analysis found applicable, before the others;
//  4. an EPSS score of 10% or more, before the others;
//  5. the worst severity;
//  6. what has a fix, before what has none;
//  7. the highest CVSS score, in whole points.
//
// EPSS counts in two steps rather than by its value, so that its daily changes
// do not stir the list.
const (
	epssLikely = 0.5
	epssRaised = 0.1
)

// Urgency is what the priority of a violation follows from.
type Urgency struct {
	KEV bool
	// EPSS is 0..1 and CVSS 0..10; negative where unknown.
	EPSS, CVSS float64
	Severity   Severity
	// Applicable is yes, no, unknown or empty (Violation.Applicable).
	Applicable string
	Fix        bool
	VEX        VEXStatus
}

// Urgency is what this violation's priority follows from.
func (v *Violation) Urgency() Urgency {
	return Urgency{KEV: v.KEV, EPSS: v.EPSS, CVSS: v.CVSS, Severity: v.Severity, Applicable: v.Applicable, Fix: v.Fix != "", VEX: v.VEX}
}

// group is the first step: 0 for what is in question.
func (u *Urgency) group() int {
	switch {
	case u.VEX == VEXNotAffected || u.VEX == VEXFixed:
		return 2
	case u.Applicable == "no":
		return 1
	}
	return 0
}

// tier is the second step.
func (u *Urgency) tier() int {
	switch {
	case u.KEV:
		return 0
	case u.EPSS >= epssLikely:
		return 1
	}
	return 2 + u.Severity.Rank()
}

// Priority is the place in the order, the lowest first. The storage keeps it
// with each violation; a migration changes whenever it does.
func (u *Urgency) Priority() int {
	place := u.group()*8 + u.tier()
	place = place*2 + number(u.Applicable != "yes")
	place = place*2 + number(u.EPSS < epssRaised)
	place = place*8 + u.Severity.Rank()
	place = place*2 + number(!u.Fix)
	if u.CVSS < 0 {
		return place*16 + 11
	}
	return place*16 + 10 - int(min(u.CVSS, 10))
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// WhyHere explains a violation's place in the order "priority" in a sentence.
func (v *Violation) WhyHere() string {
	u := v.Urgency()
	var because string
	switch u.tier() {
	case 0:
		because = "among the first, since it is known to be exploited (KEV" + duePart(v.KEVDue) + ")"
	case 1:
		because = "near the top, since an attack within 30 days is likely (EPSS " + percentText(u.EPSS) + ")"
	default:
		because = "by its severity, " + u.Severity.String()
	}
	switch u.group() {
	case 1:
		because = "behind all that may apply, since the scanner's analysis found it not applicable; there " + because
	case 2:
		because = "last, since it is decided (" + strings.ReplaceAll(string(u.VEX), "_", " ") + "); there " + because
	}
	if rest := u.details(); len(rest) > 0 {
		because += "; within that: " + strings.Join(rest, ", ")
	}
	return strings.ToUpper(because[:1]) + because[1:] + "."
}

// details are what the later steps look at, in their order.
func (u *Urgency) details() []string {
	var parts []string
	if u.Applicable == "yes" {
		parts = append(parts, "found applicable")
	}
	if u.EPSS >= epssRaised && u.tier() != 1 {
		parts = append(parts, "EPSS "+percentText(u.EPSS))
	}
	if u.tier() < 2 {
		parts = append(parts, u.Severity.String())
	}
	if u.Fix {
		parts = append(parts, "a fix is there")
	} else {
		parts = append(parts, "no fix is known")
	}
	if u.CVSS >= 0 {
		parts = append(parts, fmt.Sprintf("CVSS %.1f", u.CVSS))
	}
	return parts
}

func duePart(due string) string {
	if due == "" {
		return ""
	}
	return ", due " + due
}

func percentText(x float64) string { return fmt.Sprintf("%.0f%%", x*100) }
