package profile

import (
	"context"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/widget"
)

// preview is the ticket of a real violation, as the form says now.
type preview struct {
	asked int
	line  model.PlanLine
	has   bool
	err   error
	known bool
}

type previewMsg struct {
	owner *Form
	asked int
	line  model.PlanLine
	has   bool
	err   error
}

func (p *preview) got(m previewMsg) {
	if m.asked == p.asked {
		p.line, p.has, p.err, p.known = m.line, m.has, m.err, true
	}
}

// fillPreview fills the templates anew.
func (f *Form) fillPreview() tea.Cmd {
	f.preview.asked++
	asked, p := f.preview.asked, f.profile()
	return f.Env.Go(func(ctx context.Context) tea.Msg {
		line, has, err := f.Store.PreviewTicket(ctx, p)
		return previewMsg{f, asked, line, has, err}
	})
}

const previewFrom = 100 // columns from which the preview stands beside the form

func (f *Form) formWidth() int {
	if f.width >= previewFrom {
		return f.width * 11 / 20
	}
	return f.width - 1
}

func (f *Form) formHeight() int {
	if f.width >= previewFrom {
		return f.height - 4
	}
	return max(6, f.height-10)
}

// Resize implements [widget.Screen].
func (f *Form) Resize(width, height int) {
	f.width, f.height = width, height
	f.form.Resize(f.formWidth(), f.formHeight())
}

// View implements [widget.Screen].
func (f *Form) View() []string {
	t := f.Env.Theme
	title := "New profile"
	if f.before.ID != 0 {
		title = "Profile " + f.before.Name
	}
	lines := []string{" " + t.Strong.Of(title), ""}
	fields := f.form.View()
	if f.width < previewFrom {
		lines = append(lines, fields...)
		for len(lines) < f.formHeight()+2 {
			lines = append(lines, "")
		}
		lines = append(lines, " "+t.Dim.Of(strings.Repeat(t.Glyphs.Rule, f.width-2)))
		for _, line := range f.shown(f.width-3, f.height-len(lines)-1) {
			lines = append(lines, " "+line)
		}
	} else {
		shown := f.shown(f.width-f.formWidth()-4, f.formHeight())
		for i := range f.formHeight() {
			left, right := "", ""
			if i < len(fields) {
				left = fields[i]
			}
			if i < len(shown) {
				right = shown[i]
			}
			lines = append(lines, widget.Fit(left, f.formWidth(), t.Glyphs.Ellipsis)+" "+t.Dim.Of(t.Glyphs.Side)+" "+right)
		}
	}
	for len(lines) < f.height-1 {
		lines = append(lines, "")
	}
	return append(lines[:f.height-1], " "+f.standing())
}

// shown is the ticket of the first violation of the list.
func (f *Form) shown(width, height int) []string {
	t := f.Env.Theme
	switch p := &f.preview; {
	case p.err != nil:
		return widget.Wrap("the ticket shows here once the templates can be filled", width)
	case !p.known:
		return nil
	case !p.has:
		return []string{t.Dim.Of("there is no violation yet to preview a ticket of")}
	}
	d := &f.preview.line.Draft
	lines := []string{t.Dim.Of("The ticket of the first violation, as it would be")}
	for _, line := range widget.Wrap(d.Summary, width) {
		lines = append(lines, t.Strong.Of(line))
	}
	lines = append(lines, t.Dim.Of("priority ")+d.Priority+t.Dim.Of("   labels ")+orElse(strings.Join(d.Labels, " "), "none"))
	for _, name := range slices.Sorted(maps.Keys(d.Fields)) {
		lines = append(lines, widget.Wrap(t.Dim.Of(name)+" "+d.Fields[name], width)...)
	}
	lines = append(append(lines, ""), widget.Markdown(t, d.Description, width)...)
	if len(lines) > height {
		lines = append(lines[:max(1, height-1)], t.Dim.Of(t.Glyphs.Ellipsis))
	}
	return lines
}

// standing says what Jira was asked, and what enter leads to.
func (f *Form) standing() string {
	t := f.Env.Theme
	o := &f.offer
	switch {
	case f.problem != nil:
		return t.Bad.Of(f.problem.Error())
	case f.busy:
		return t.Accent.Of("asking Jira whether it can make tickets …")
	case o.asking:
		return t.Accent.Of("asking Jira what there is …")
	case o.problem != "":
		return t.Warn.Of(widget.Cut("Jira could not be asked: "+o.problem, f.width-2, t.Glyphs.Ellipsis))
	case o.at.IsZero():
		return t.Dim.Of("enter checks it against Jira and stores it")
	}
	return t.Dim.Of("what Jira offers was asked " + widget.Ago(o.at, f.Env.Now()) + "; enter checks the profile and stores it")
}
