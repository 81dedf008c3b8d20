package detail

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

const labelWidth = 14

// facts lays out labels and values, values wrapped beside their label; pairs
// without a value are left out.
func facts(t *theme.Theme, width int, pairs ...[2]string) []string {
	var out []string
	for _, p := range pairs {
		for i, line := range widget.Wrap(p[1], width-labelWidth-3) {
			label := ""
			if i == 0 {
				label = p[0]
			}
			out = append(out, " "+t.Dim.Of(widget.Fit(label, labelWidth, ""))+" "+line)
		}
	}
	return out
}

func indent(lines []string) []string {
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines
}

func (d *Detail) overview(t *theme.Theme, width int) []string {
	v := d.v
	out := indent(widget.Wrap(v.Title, width-2))
	for i := range out {
		out[i] = t.Strong.Of(out[i])
	}
	if len(out) > 0 {
		out = append(out, "")
	}
	out = append(out, facts(t, width,
		[2]string{"risk", d.risk(width - labelWidth - 3)},
		[2]string{"priority", v.WhyHere()},
		[2]string{"fix", orWords(v.Fix, "no fixed version is known")},
		[2]string{"state", d.state()},
		[2]string{"also known as", strings.Join(without(v.Aliases, v.Issue), ", ")},
		[2]string{"CVEs", strings.Join(without(v.CVEs, v.Issue), ", ")},
		[2]string{"package", v.PURL},
		[2]string{"licenses", strings.Join(v.Licenses, ", ")},
		[2]string{"watches", strings.Join(v.Watches, ", ")},
		[2]string{"policies", strings.Join(v.Policies, ", ")},
		[2]string{"elsewhere", elsewhere(v.Elsewhere)},
	)...)
	if v.Description != "" && v.Description != v.Title {
		out = append(append(out, ""), indent(widget.Wrap(v.Description, width-2))...)
	}
	return out
}

// risk is CVSS, EPSS and KEV, beside each other as far as there is room.
func (d *Detail) risk(width int) string {
	v := d.v
	var parts []string
	if v.CVSS >= 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("CVSS %.1f  %s", v.CVSS, v.CVSSVector)))
	}
	if v.EPSS >= 0 {
		text := fmt.Sprintf("EPSS %.1f%%", v.EPSS*100)
		if v.EPSSPercentile >= 0 {
			text += fmt.Sprintf(", above %.0f%% of all", min(v.EPSSPercentile*100, 99))
		}
		parts = append(parts, text)
	}
	if v.KEV {
		text := "known to be exploited (KEV)"
		if v.KEVDue != "" {
			text += ", due " + v.KEVDue
		}
		parts = append(parts, text)
	}
	switch v.Applicable {
	case "yes":
		parts = append(parts, "applicable here, says the scanner")
	case "no":
		parts = append(parts, "not applicable here, says the scanner")
	}
	text, line := "", ""
	for _, part := range parts {
		switch both := line + "   " + part; {
		case line == "":
			line = part
		case widget.Width(both) <= width:
			line = both
		default:
			text, line = text+line+"\n", part
		}
	}
	return text + line
}

func (d *Detail) state() string {
	v := d.v
	text := v.State.String()
	if v.IgnoreReason != "" {
		text += ": " + v.IgnoreReason
	}
	if !v.FirstSeen.IsZero() {
		text += ", first seen " + v.FirstSeen.Local().Format(time.DateOnly) + " (" + widget.Ago(v.FirstSeen, d.env.Now()) + ")"
	}
	return text
}

func elsewhere(n int) string {
	if n == 0 {
		return ""
	}
	return "the same in " + widget.Plural(n, "other violation")
}

func (d *Detail) tickets(t *theme.Theme, width int) []string {
	if len(d.v.AllTickets) == 0 {
		return []string{" There is no ticket for this violation.  " + t.Accent.Of(d.env.Keys.Key("ticket.create")) + "  creates one."}
	}
	var out []string
	for i := range d.v.AllTickets {
		ticket := &d.v.AllTickets[i]
		lead := "  "
		if ticket.Leading && len(d.v.AllTickets) > 1 {
			lead = t.Accent.Of("* ")
		}
		key := ticket.Key
		if key == "" {
			key = "(no key yet)"
		}
		line := " " + lead + t.Strong.Of(widget.Fit(key, 12, t.Glyphs.Ellipsis)) + " " + widget.Fit(ticket.ShownStatus(), 16, t.Glyphs.Ellipsis) + " " +
			t.Dim.Of("in "+ticket.Connection+", status "+widget.Ago(ticket.Refreshed, d.env.Now()))
		out = append(out, line)
		if ticket.Summary != "" {
			out = append(out, "   "+widget.Cut(ticket.Summary, width-4, t.Glyphs.Ellipsis))
		}
		if ticket.Problem != "" {
			for _, line := range widget.Wrap(ticket.Problem, width-5) {
				out = append(out, "   "+t.Warn.Of(line))
			}
		}
		if ticket.URL != "" {
			out = append(out, "   "+t.Link.Of(widget.Cut(ticket.URL, width-4, t.Glyphs.Ellipsis)))
		}
	}
	return out
}

func (d *Detail) vex(t *theme.Theme, width int) []string {
	return append(d.decision(t, width), d.waiting(t, width)...)
}

// waiting says which fields do not go to Jira yet (ruling 22).
func (d *Detail) waiting(t *theme.Theme, width int) []string {
	if len(d.mixed) == 0 {
		return nil
	}
	names := make([]string, len(d.mixed))
	for i, field := range d.mixed {
		names[i] = strings.ReplaceAll(string(field), "_", " ")
	}
	text := fmt.Sprintf("mixed: %s. The violations of %s differ there; Jira gets these fields once they agree.", strings.Join(names, ", "), d.v.Ticket.Key)
	out := []string{""}
	for _, line := range widget.Wrap(text, width-2) {
		out = append(out, " "+t.Warn.Of(line))
	}
	return out
}

func (d *Detail) decision(t *theme.Theme, width int) []string {
	a := d.v.Assessment
	if a.IsZero() {
		hint := " Nothing has been decided.  " + t.Accent.Of(d.env.Keys.Key("vex.edit")) + "  opens the decision."
		if d.v.Offered {
			return []string{hint, " Another version of this product offers its decision.  " + t.Accent.Of(d.env.Keys.Key("vex.accept")) + "  takes it."}
		}
		return []string{hint}
	}
	var out []string
	for _, field := range model.VEXFields() {
		value := a.Get(field)
		if value == "" {
			continue
		}
		out = append(out, facts(t, width, [2]string{strings.ReplaceAll(string(field), "_", " "), field.Label(value)})...)
		if p, ok := d.v.Provenance[field]; ok {
			out[len(out)-1] = widget.Edges(out[len(out)-1], t.Dim.Of(provenance(p, d.env.Now())), width, t.Glyphs.Ellipsis)
		}
	}
	if err := a.Validate(); err != nil {
		out = append(out, "")
		for _, line := range strings.Split(err.Error(), "\n") {
			out = append(out, " "+t.Warn.Of("not ready for export: "+strings.ReplaceAll(line, "_", " ")))
		}
	}
	return out
}

func provenance(p model.Provenance, now time.Time) string {
	parts := []string{p.Source}
	for _, s := range []string{p.By, p.Ref} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(append(parts, widget.Ago(p.At, now)), ", ")
}

func (d *Detail) whereabouts(t *theme.Theme, width int) []string {
	v := d.v
	out := facts(t, width,
		[2]string{"component", v.Component + " " + v.ComponentVersion},
		[2]string{"ecosystem", v.Ecosystem},
		[2]string{"product", v.Product + " " + v.ProductVersion + " (" + v.Resource + ")"},
	)
	for _, s := range v.Sightings {
		source := s.Format
		if s.Scanner != "" && s.Scanner != s.Format {
			source += " (" + s.Scanner + ")"
		}
		head := "seen by " + source
		if s.ReportedID != "" && s.ReportedID != v.Issue {
			head += " as " + s.ReportedID
		}
		out = append(out, "", " "+t.Strong.Of(head)+t.Dim.Of("  "+s.Severity.String()+", "+widget.Ago(s.At, d.env.Now())))
		out = append(out, facts(t, width, [2]string{"artifact", s.Artifact}, [2]string{"suppressed", s.Reason}, [2]string{"file", s.File})...)
		for i, place := range s.Locations {
			label := ""
			if i == 0 {
				label = "found in"
			}
			out = append(out, facts(t, width, [2]string{label, place})...)
		}
	}
	return out
}

func (d *Detail) past(t *theme.Theme, width int) []string {
	if len(d.history) == 0 {
		return []string{" " + t.Dim.Of("Nothing has been changed yet.")}
	}
	var out []string
	for _, e := range d.history {
		what := strings.ReplaceAll(e.Field, "_", " ")
		if what == "" {
			what = e.Subject
		}
		change := "   " + what + "  "
		label := model.VEXField(e.Field).Label
		switch {
		case e.Before != "" && e.After != "":
			change += label(e.Before) + " " + arrow(t) + " " + label(e.After)
		case e.After != "":
			change += label(e.After)
		default:
			change += "cleared, was " + label(e.Before)
		}
		who := " " + e.At.Local().Format("2006-01-02 15:04") + "  " + by(e.By, e.Source)
		for i, line := range widget.Wrap(strings.TrimSpace(change), width-46) {
			if i > 0 {
				who = ""
			}
			out = append(out, t.Dim.Of(widget.Fit(who, 44, t.Glyphs.Ellipsis))+" "+line)
		}
	}
	return out
}

// by is who changed something and by what: nobody is behind what sync does.
func by(who, source string) string {
	if who == "" {
		return source
	}
	return who + " (" + source + ")"
}

func arrow(t *theme.Theme) string {
	if t.Glyphs.Ellipsis == "…" {
		return "→"
	}
	return "->"
}

func (d *Detail) references(t *theme.Theme, width int) []string {
	if len(d.v.References) == 0 {
		return []string{" " + t.Dim.Of("The reports name no references.")}
	}
	var out []string
	for _, ref := range d.v.References {
		for _, line := range widget.Wrap(ref, width-2) {
			out = append(out, " "+t.Link.Of(line))
		}
	}
	return out
}

func orWords(value, instead string) string {
	if value == "" {
		return instead
	}
	return value
}

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == one })
}
