package model

import (
	"slices"
	"strings"
	"testing"
)

func TestTheRunbookNamesWhatIsLeftToDoByHand(t *testing.T) {
	book := strings.Join(ProvisionRunbook(nil), "\n")
	for _, f := range JiraFields() {
		if !strings.Contains(book, f.Name) {
			t.Errorf("the runbook lacks %s", f.Name)
		}
	}
	if !strings.Contains(book, "not_affected") || !strings.Contains(book, VexdeskType) {
		t.Error(book)
	}
	rest := strings.Join(ProvisionRunbook([]ProvisionStep{{Name: StepIssueType, State: StepCompleted}, {Name: StepFields, State: StepCompleted}}), "\n")
	if strings.Contains(rest, "Add issue type") || strings.Contains(rest, "VEX Impact") || !strings.Contains(rest, "VEX Status, options") {
		t.Error(rest)
	}
}

func TestAPlanCoversNoMoreThanWasAgreedTo(t *testing.T) {
	agreed := Association{Project: "SEC", Changes: []SchemeChange{
		{SchemeID: "1", Action: SchemeAppend, SharedWith: []string{"PAY"}}, {SchemeID: "2", Action: SchemeAppend, SharedWith: []string{"OPS", "PAY"}}, {SchemeID: "3", Action: SchemeNone}}}
	if agreed.Count() != 2 || !slices.Equal(agreed.Touched(), []string{"OPS", "PAY"}) {
		t.Errorf("%d schemes, %v", agreed.Count(), agreed.Touched())
	}
	for name, c := range map[string]struct {
		change func(*Association)
		want   bool
	}{
		"the same":           {func(*Association) {}, true},
		"partly done":        {func(a *Association) { a.Changes[0].Action = SchemeNone }, true},
		"another project":    {func(a *Association) { a.Project = "OPS" }, false},
		"shared with more":   {func(a *Association) { a.Changes[0].SharedWith = []string{"NEW", "PAY"} }, false},
		"another scheme":     {func(a *Association) { a.Changes[1].SchemeID = "9" }, false},
		"more to be changed": {func(a *Association) { a.Changes[2].Action = SchemeAppend }, false},
		"copy for append":    {func(a *Association) { a.Changes[1].Action = SchemeCopy }, false},
	} {
		b := agreed
		b.Changes = slices.Clone(agreed.Changes)
		c.change(&b)
		if got := agreed.Covers(&b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
