package model

import (
	"slices"
	"strings"
)

// Names that the runbook and provisioning share.
const (
	ProvisionedScreen       = "Vexdesk screen"
	ProvisionedScreenScheme = "Vexdesk screen scheme"
)

// jiraKindWords are the names of kinds of fields in Jira Data Center's
// administration.
var jiraKindWords = map[JiraFieldKind]string{JiraLine: "Text Field (single line)", JiraParagraph: "Text Field (multi-line), wiki style renderer",
	JiraSelect: "Select List (single choice)", JiraNumber: "Number Field", JiraURL: "URL Field"}

// ProvisionRunbook is what an administrator of Jira Data Center does by hand,
// because its API makes neither screens nor select options nor workflows. What
// the steps show as completed over the API is left out.
func ProvisionRunbook(steps []ProvisionStep) []string {
	done := func(name string) bool {
		return slices.ContainsFunc(steps, func(s ProvisionStep) bool { return s.Name == name && s.State == StepCompleted })
	}
	var lines []string
	if done(StepIssueType) {
		lines = append(lines, "1. Done: the issue type "+VexdeskType+" is there.")
	} else {
		lines = append(lines, "1. Issues > Issue types > Add issue type: "+VexdeskType+", a standard issue type.")
	}
	lines = append(lines, "2. Issues > Issue type schemes: add "+VexdeskType+" to the scheme of each project that is to have it.")
	if done(StepFields) {
		lines = append(lines, "3. Issues > Custom fields: the fields are there; give these selects their options:")
	} else {
		lines = append(lines, "3. Issues > Custom fields > Add custom field, each for all issue types and projects:")
	}
	for _, f := range JiraFields() {
		line := "     " + f.Name
		if !done(StepFields) {
			line += ": " + jiraKindWords[f.Kind]
		} else if len(f.Options) == 0 {
			continue
		}
		if len(f.Options) > 0 {
			line += ", options " + strings.Join(f.Options, ", ")
		}
		lines = append(lines, line)
	}
	return append(lines,
		"4. Issues > Workflows: the project's own workflow serves; nothing is to be made.",
		"5. Issues > Workflow schemes: nothing is to be changed.",
		"6. Issues > Screens > Add screen: "+ProvisionedScreen+", with Summary, Description, Labels, Priority, Assignee, Reporter and the fields of step 3.",
		"7. Issues > Screen schemes > Add: "+ProvisionedScreenScheme+", with that screen for all operations.",
		"8. Issues > Issue type screen schemes: in the scheme of each project, map "+VexdeskType+" to "+ProvisionedScreenScheme+".",
		"Then prove it: vexdesk provision associate --connection NAME --project KEY",
	)
}
