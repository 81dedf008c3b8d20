package model

import (
	"strings"
	"testing"
)

func TestOnlyWordsOfTheVocabularyAreTaken(t *testing.T) {
	var a Assessment
	for field, value := range map[VEXField]string{FieldStatus: "Not Affected", FieldQualifier: "false_positive", FieldJustification: "CODE_NOT_PRESENT", FieldResponse: "will_not_fix", FieldReviewBy: "2026-12-01"} {
		if err := a.Set(field, value); err != nil {
			t.Fatal(err)
		}
	}
	if a.Status != VEXNotAffected || a.Justification != "code_not_present" || a.Get(FieldReviewBy) != "2026-12-01" {
		t.Errorf("%+v", a)
	}
	for field, value := range map[VEXField]string{FieldStatus: "exploitable", FieldJustification: "because", FieldReviewBy: "soon", "colour": "red"} {
		before := a
		if err := a.Set(field, value); err == nil || !strings.Contains(err.Error(), value) && field != "colour" {
			t.Errorf("%s=%q: %v", field, value, err)
		}
		if a != before {
			t.Errorf("a refused %s changed the record", field)
		}
	}
}

func TestNoneAndTheEmptyTextClear(t *testing.T) {
	a := Assessment{Status: VEXFixed, Impact: "none"}
	for _, f := range []VEXField{FieldStatus, FieldReviewBy} {
		if err := a.Set(f, "none"); err != nil {
			t.Fatal(err)
		}
	}
	if a.Status != VEXNone {
		t.Error("none clears a status")
	}
	if err := a.Set(FieldImpact, "none"); err != nil || a.Impact != "none" {
		t.Error("in a text, none is a word like any other")
	}
	if err := a.Set(FieldImpact, ""); err != nil || a.Impact != "" {
		t.Error("the empty text clears a text")
	}
}

func TestValiditySaysWhatAnExportWouldRefuse(t *testing.T) {
	for want, a := range map[string]Assessment{
		"":                             {Status: VEXInTriage},
		"justification or an impact":   {Status: VEXNotAffected},
		"action statement or a respon": {Status: VEXAffected},
		"goes with not_affected":       {Status: VEXFixed, Qualifier: QualifierFalsePositive},
		"goes with fixed":              {Status: VEXInTriage, Qualifier: QualifierPedigree},
	} {
		err := a.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: %v, want %q", a, err, want)
		}
	}
	if err := (Assessment{Status: VEXNotAffected, Impact: "not shipped"}).Validate(); err != nil {
		t.Error(err)
	}
}
