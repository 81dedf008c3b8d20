package list

import (
	"example.com/vexdesk/ui/widget"
)

// bare reports whether there is nothing at all to be listed: heads of columns
// and a pane would only be in the way of what is taught.
func (l *List) bare() bool {
	return l.problem == nil && l.window.Filter == nil && len(l.rows.lines) == 0 && l.hints.Loaded && l.hints.Open == 0
}

// viewEmpty teaches: what to do so that something stands here.
func (l *List) viewEmpty() []string {
	t := l.env.Theme
	say := func(head string, lines ...string) []string {
		out := []string{"", "   " + t.Strong.Of(head), ""}
		for _, line := range lines {
			out = append(out, widget.Cut("   "+line, l.width-1, t.Glyphs.Ellipsis))
		}
		return out
	}
	cmd := t.Accent.Of
	switch {
	case l.problem != nil:
		return say("The list could not be read.", l.problem.Error(), "", cmd("vexdesk doctor")+"  checks the database and says what to do")
	case l.busy && l.total < 0:
		return nil
	case l.window.Filter != nil:
		return say("Nothing matches this filter.", l.nearMisses()...)
	case l.hints.Loaded && l.hints.Open == 0:
		lines := []string{
			"Import what a scanner has written (Trivy, Grype, CycloneDX, Xray):", "",
			"   " + cmd("vexdesk import report.json") + "      in a shell, or " + cmd(l.env.Keys.Key("import.file")) + " here", "",
		}
		if l.hints.Connections == 0 {
			lines = append(lines, "Then connect Jira, so that tickets can be made of what you find:", "",
				"   "+cmd(l.env.Keys.Key("go.setup"))+" here sets up connections and profiles", "")
		}
		return say("There are no open violations yet.", append(lines, t.Dim.Of("No report at hand?  vexdesk demo  shows it all on a simulated Jira."))...)
	}
	return nil
}

// nearMisses says which part of the filter excludes most.
func (l *List) nearMisses() []string {
	t := l.env.Theme
	lines := []string{}
	for _, w := range l.without {
		if w.count > 0 {
			lines = append(lines, "without  "+t.Strong.Of(w.part)+"  "+widget.Plural(w.count, "violation")+" would match")
		}
	}
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	return append(lines, t.Dim.Of("esc lets go of the filter, / changes it"))
}
