package model

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// VEXStatus is the state of a VEX decision in vexdesk's own words (domain:
// VEX; the same as Interlynk's and Jira's select options).
type VEXStatus string

// The VEX statuses. VEXNone: nobody has decided anything.
const (
	VEXNone        VEXStatus = ""
	VEXInTriage    VEXStatus = "in_triage"
	VEXAffected    VEXStatus = "affected"
	VEXNotAffected VEXStatus = "not_affected"
	VEXFixed       VEXStatus = "fixed"
)

// VEXStatuses returns the statuses that can be decided, in the order of work.
func VEXStatuses() []VEXStatus {
	return []VEXStatus{VEXInTriage, VEXAffected, VEXNotAffected, VEXFixed}
}

// Justifications returns the nine justifications of CycloneDX
// (impactAnalysisJustification in the 1.6 schema).
func Justifications() []string {
	return []string{"code_not_present", "code_not_reachable", "requires_configuration",
		"requires_dependency", "requires_environment", "protected_by_compiler",
		"protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control"}
}

// Responses returns the action responses of CycloneDX (analysis.response).
func Responses() []string {
	return []string{"can_not_fix", "will_not_fix", "update", "rollback", "workaround_available"}
}

// Qualifiers refine a status: false_positive goes with not_affected and
// pedigree with fixed ("resolved_with_pedigree").
const (
	QualifierFalsePositive = "false_positive"
	QualifierPedigree      = "with_pedigree"
)

// Assessment is the VEX record of a violation. The zero value is "no
// decision". Notes are internal and never leave in an export.
type Assessment struct {
	Status        VEXStatus
	Qualifier     string
	Justification string
	Response      string
	Impact        string
	Notes         string
	Action        string
	// ReviewBy is the day on which the decision goes back to triage.
	ReviewBy time.Time
}

// IsZero reports whether nothing was decided or written.
func (a Assessment) IsZero() bool { return a == Assessment{} }

// VEXField names a field of an assessment as commands and the audit do.
type VEXField string

// The fields of an assessment.
const (
	FieldStatus        VEXField = "status"
	FieldQualifier     VEXField = "qualifier"
	FieldJustification VEXField = "justification"
	FieldResponse      VEXField = "response"
	FieldImpact        VEXField = "impact"
	FieldNotes         VEXField = "notes"
	FieldAction        VEXField = "action"
	FieldReviewBy      VEXField = "review_by"
)

// VEXFields returns all fields in the order in which screens show them.
func VEXFields() []VEXField {
	return []VEXField{FieldStatus, FieldQualifier, FieldJustification, FieldResponse,
		FieldImpact, FieldNotes, FieldAction, FieldReviewBy}
}

// Words is the vocabulary of a field, nil where it has none.
func (f VEXField) Words() []string {
	switch f {
	case FieldStatus:
		return statusWords()
	case FieldQualifier:
		return []string{QualifierFalsePositive, QualifierPedigree}
	case FieldJustification:
		return Justifications()
	case FieldResponse:
		return Responses()
	case FieldImpact, FieldNotes, FieldAction, FieldReviewBy:
	}
	return nil
}

// Label is a value of the field as people read it: the words of a vocabulary
// have spaces there, as in "not affected".
func (f VEXField) Label(value string) string {
	if f.Words() == nil {
		return value
	}
	return strings.ReplaceAll(value, "_", " ")
}

// Get returns a field as text; dates are ISO days, absent is empty.
func (a Assessment) Get(f VEXField) string {
	switch f {
	case FieldStatus:
		return string(a.Status)
	case FieldQualifier:
		return a.Qualifier
	case FieldJustification:
		return a.Justification
	case FieldResponse:
		return a.Response
	case FieldImpact:
		return a.Impact
	case FieldNotes:
		return a.Notes
	case FieldAction:
		return a.Action
	case FieldReviewBy:
		if a.ReviewBy.IsZero() {
			return ""
		}
		return a.ReviewBy.UTC().Format(time.DateOnly)
	}
	return ""
}

// Change sets several fields as [Assessment.Set] does.
func (a *Assessment) Change(fields map[VEXField]string) error {
	for f, value := range fields {
		if err := a.Set(f, value); err != nil {
			return err
		}
	}
	return nil
}

// Set changes a field from text, refusing words outside the vocabulary.
// "none" and the empty text clear a field (ruling 26).
func (a *Assessment) Set(f VEXField, value string) error {
	value = CleanText(value)
	if strings.EqualFold(value, "none") && f != FieldImpact && f != FieldNotes && f != FieldAction {
		value = ""
	}
	switch f {
	case FieldStatus:
		return setWord((*string)(&a.Status), f, value)
	case FieldQualifier:
		return setWord(&a.Qualifier, f, value)
	case FieldJustification:
		return setWord(&a.Justification, f, value)
	case FieldResponse:
		return setWord(&a.Response, f, value)
	case FieldImpact:
		a.Impact = value
	case FieldNotes:
		a.Notes = value
	case FieldAction:
		a.Action = value
	case FieldReviewBy:
		if value == "" {
			a.ReviewBy = time.Time{}
			return nil
		}
		day, err := time.Parse(time.DateOnly, value)
		if err != nil {
			return fmt.Errorf("review date %q is not a date: write it as 2026-11-22", value)
		}
		a.ReviewBy = day
	default:
		return fmt.Errorf("%q is not a VEX field: use status, qualifier, justification, response, impact, notes, action or review_by", f)
	}
	return nil
}

func statusWords() []string {
	var words []string
	for _, s := range VEXStatuses() {
		words = append(words, string(s))
	}
	return words
}

func setWord(to *string, f VEXField, value string) error {
	if value == "" {
		*to = ""
		return nil
	}
	word := strings.ToLower(strings.ReplaceAll(value, " ", "_"))
	for _, a := range f.Words() {
		if a == word {
			*to = word
			return nil
		}
	}
	return fmt.Errorf("%q is not a VEX %s: use %s, or none to clear it", value, f, strings.Join(f.Words(), ", "))
}

// Validate says what an export would refuse: not_affected needs a
// justification or an impact statement, affected an action statement or a
// response (OpenVEX specification, status requirements; CSAF 2.0 section 4.5).
// While editing it is a warning only.
func (a Assessment) Validate() error {
	var all []error
	switch {
	case a.Status == VEXNotAffected && a.Justification == "" && a.Impact == "":
		all = append(all, errors.New("not_affected needs a justification or an impact statement"))
	case a.Status == VEXAffected && a.Action == "" && a.Response == "":
		all = append(all, errors.New("affected needs an action statement or a response"))
	}
	if a.Qualifier == QualifierFalsePositive && a.Status != VEXNotAffected {
		all = append(all, errors.New("the qualifier false_positive goes with not_affected"))
	}
	if a.Qualifier == QualifierPedigree && a.Status != VEXFixed {
		all = append(all, errors.New("the qualifier with_pedigree goes with fixed"))
	}
	return errors.Join(all...)
}
