package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one violation, whole, with its history",
		Args:  exactArgs("the id of a violation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseIDs(args)
			if err != nil {
				return err
			}
			s, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			v, err := s.Violation(cmd.Context(), ids[0])
			if err != nil {
				return err
			}
			history, err := s.History(cmd.Context(), v.ID, 0)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(toDetail(v, history))
			}
			_, err = fmt.Fprint(a.stdout, showText(v, history, a.width()))
			return err
		},
	}
}

// page is a text of labelled lines for people.
type page struct {
	strings.Builder
	width int // of the terminal, 0 for none
}

const labelWidth = 14

func (p *page) printf(format string, values ...any) { fmt.Fprintf(&p.Builder, format, values...) }

// line prints "label  value"; nothing for an empty value.
func (p *page) line(label, value string) {
	if value == "" {
		return
	}
	p.printf("%-*s  %s\n", labelWidth, label, p.wrap(value, labelWidth+2))
}

// wrap breaks a text at the terminal's width, later lines indented.
func (p *page) wrap(s string, indent int) string {
	if p.width > indent+20 {
		s = ansi.Wrap(s, p.width-indent, "")
	}
	return strings.ReplaceAll(s, "\n", "\n"+strings.Repeat(" ", indent))
}

func (p *page) section(title string) { p.printf("\n%s\n", title) }

func showText(v *model.Violation, history []model.AuditEntry, width int) string {
	p := &page{width: width}
	p.printf("%s  %s\n", v.Issue, p.wrap(v.Title, len(v.Issue)+2))
	p.line("id", v.ID.String())
	p.line("type", v.Type.String())
	p.line("severity", severityText(v))
	p.line("priority", v.WhyHere())
	p.line("state", v.State.String()+because(v.IgnoreReason))
	p.line("component", strings.TrimSpace(v.Component+" "+v.ComponentVersion))
	p.line("purl", v.PURL)
	p.line("product", strings.TrimSpace(v.Product+" "+v.ProductVersion))
	p.line("fix", orNone(v.Fix))
	p.line("also known as", strings.Join(except(v.Aliases, v.Issue), ", "))
	p.line("covers", strings.Join(v.CVEs, ", "))
	p.line("applicable", v.Applicable)
	p.line("first seen", day(v.FirstSeen))
	p.line("watches", strings.Join(v.Watches, ", "))
	p.line("policies", strings.Join(v.Policies, ", "))
	if v.Description != "" {
		p.printf("\n%s\n", p.wrap(v.Description, 0))
	}
	showVEX(p, v)
	showTickets(p, v)
	showRatings(p, v)
	showSightings(p, v)
	if len(v.References) > 0 {
		p.section("References")
		for _, r := range v.References {
			p.printf("  %s\n", r)
		}
	}
	p.section("History")
	for _, e := range history {
		p.printf("  %s  %s\n", e.At.UTC().Format("2006-01-02 15:04"), p.wrap(changeText(e), 20))
	}
	return p.String()
}

func severityText(v *model.Violation) string {
	parts := []string{v.Severity.String()}
	if v.CVSS >= 0 {
		parts = append(parts, strings.TrimSpace("CVSS "+score(v.CVSS)+" "+v.CVSSVector))
	}
	if v.EPSS >= 0 {
		epss := "EPSS " + percent(v.EPSS)
		if v.EPSSBefore >= 0 {
			before := "before"
			if v.EPSSBeforeDate != "" {
				before = "on " + v.EPSSBeforeDate
			}
			epss += " (" + percent(v.EPSSBefore) + " " + before + ")"
		}
		parts = append(parts, epss)
	}
	if v.KEV {
		known := "known exploited (CISA KEV)"
		if v.KEVDue != "" {
			known += ", due " + v.KEVDue
		}
		parts = append(parts, known)
	}
	return strings.Join(parts, ", ")
}

func showVEX(p *page, v *model.Violation) {
	if v.Assessment.IsZero() {
		return
	}
	p.section("VEX")
	for _, field := range model.VEXFields() {
		value := v.Assessment.Get(field)
		if by := v.Provenance[field].By; value != "" && by != "" {
			value += " (" + by + ", " + day(v.Provenance[field].At) + ")"
		}
		p.line("  "+string(field), value)
	}
	if err := v.Assessment.Validate(); err != nil {
		p.line("  incomplete", err.Error())
	}
}

func showTickets(p *page, v *model.Violation) {
	if len(v.AllTickets) == 0 {
		return
	}
	p.section("Tickets")
	for i := range v.AllTickets {
		t := &v.AllTickets[i]
		text := ticketText(t)
		for _, more := range []string{t.URL, t.Problem} {
			if more != "" {
				text += "  " + more
			}
		}
		p.printf("  %s\n", text)
	}
}

func showRatings(p *page, v *model.Violation) {
	if len(v.Ratings) == 0 {
		return
	}
	p.section("Ratings")
	for _, r := range v.Ratings {
		number := ""
		if r.Score != nil {
			number = score(*r.Score)
		}
		p.printf("  %s\n", strings.Join(strings.Fields(strings.Join([]string{r.Source, r.Method, number, r.Severity.String(), r.Vector}, " ")), " "))
	}
}

func showSightings(p *page, v *model.Violation) {
	p.section("Seen by")
	for _, s := range v.Sightings {
		text := strings.Join(strings.Fields(strings.Join([]string{s.Format, s.Scanner, s.Artifact}, " ")), " ")
		p.printf("  %s  %s in %s\n", day(s.At), text, s.File)
		for _, l := range s.Locations {
			p.printf("              %s\n", l)
		}
	}
}

func changeText(e model.AuditEntry) string {
	who := e.By
	if who == "" {
		who = e.Source
	} else {
		who += " (" + e.Source + ")"
	}
	return fmt.Sprintf("%s  %s: %s -> %s", who, e.Field, orNone(e.Before), orNone(e.After))
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

func except(list []string, one string) []string {
	var out []string
	for _, each := range list {
		if !strings.EqualFold(each, one) {
			out = append(out, each)
		}
	}
	return out
}
