package model_test

import (
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

var auditScreen = model.CreateScreen{
	{ID: "summary", Name: "Summary", Type: "string", Required: true},
	{ID: "labels", Name: "Labels", Type: "array", Items: "string"},
	{ID: "priority", Name: "Priority", Type: "priority", Options: []string{"Highest", "High", "Medium", "Low"}},
	{ID: "customfield_1", Name: "Audit Reference", Type: "string", Required: true},
	{ID: "customfield_2", Name: "Risk Category", Type: "option", Options: []string{"Legal", "Technical"}, Required: true},
	{ID: "customfield_3", Name: "Score", Type: "number"},
	{ID: "customfield_4", Name: "Due", Type: "date"},
	{ID: "customfield_5", Name: "Teams", Type: "array", Items: "option", Options: []string{"Red", "Blue"}},
	{ID: "customfield_6", Name: "Score", Type: "string"},
	{ID: "customfield_7", Name: "Sprint", Type: "json"},
	{ID: "customfield_8", Name: "Watchers", Type: "array", Items: "user"},
}

// TestWhyATypeIsNotOffered is X6: the required fields in the way, until the
// mapping fills them, by name or id.
func TestWhyATypeIsNotOffered(t *testing.T) {
	for _, tc := range []struct {
		fields map[string]string
		want   string
	}{
		{nil, "Audit Reference Risk Category"},
		{map[string]string{"audit reference": "A-1"}, "Risk Category"},
		{map[string]string{"customfield_1": "A-1", "Risk Category": "Legal"}, ""},
		{map[string]string{"customfield_1": "  ", "Risk Category": "Legal"}, "Audit Reference"},
	} {
		var names []string
		for _, f := range auditScreen.InTheWay(&model.Profile{Fields: tc.fields}) {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); got != tc.want {
			t.Errorf("with %v in the way: %q, want %q", tc.fields, got, tc.want)
		}
	}
}

// TestMisfitsAreToldBeforeATicket is X9: what can be known to be wrong.
func TestMisfitsAreToldBeforeATicket(t *testing.T) {
	for _, tc := range []struct{ field, template, want string }{
		{"Risk Category", "legal", ""},
		{"Risk Category", "{{.Severity}}", ""},
		{"Risk Category", "Enormous", "no option \"Enormous\": it has Legal, Technical"},
		{"customfield_3", "9.8", ""},
		{"customfield_3", "85%", ""},
		{"customfield_3", "many", "not a number"},
		{"Due", "2026-11-22", ""},
		{"Due", "soon", "not a date"},
		{"Teams", "red, Blue", ""},
		{"Teams", "red, green", "no option \"green\""},
		{"Score", "1", "two fields of the create screen"},
		{"Nowhere", "x", "not on the create screen"},
		{"Sprint", "x", "cannot be filled"},
		{"Watchers", "x", "a list of user"},
		{"Summary", "x", "by the profile itself"},
		{"Due", "", ""},
	} {
		got := auditScreen.Misfits(&model.Profile{Fields: map[string]string{tc.field: tc.template}})[tc.field]
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s = %q: %q, want %q", tc.field, tc.template, got, tc.want)
		}
	}
}

func TestWhatTheScreenHidesIsTold(t *testing.T) {
	p := &model.Profile{Labels: []string{"x"}}
	if got := strings.Join(auditScreen.LeftOut("Audit", p), "; "); !strings.Contains(got, "no priority Lowest") {
		t.Errorf("a missing priority is told as %q", got)
	}
	if got := strings.Join(auditScreen[:1].LeftOut("Audit", p), "; "); !strings.Contains(got, "hides the priority") || !strings.Contains(got, "hides labels") {
		t.Errorf("a bare screen is told as %q", got)
	}
	labels := model.CreateScreen{{ID: "labels", Name: "Labels", Type: "array", Items: "string", Required: true}}
	if labels.NoLabels(p) || !labels.NoLabels(&model.Profile{}) {
		t.Error("required labels are not told from those that are there")
	}
}
