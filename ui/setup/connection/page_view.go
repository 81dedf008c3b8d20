package connection

import (
	"fmt"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// State is how a connection stands, with its sign.
func State(t *theme.Theme, c *model.Connection) string {
	switch {
	case !c.BrokenSince.IsZero():
		return t.Bad.Of(t.Glyphs.Offline + " broken")
	case c.State == model.ConnectionDraft:
		return t.Warn.Of(t.Glyphs.Draft + " draft")
	}
	return t.Good.Of(t.Glyphs.Online + " active")
}

// View implements [widget.Screen].
func (p *Page) View() []string {
	t := p.Env.Theme
	var lines []string
	switch {
	case p.problem != nil:
		lines = p.paragraph(" ", t.Bad, p.problem.Error())
	case !p.read:
		lines = []string{" " + t.Dim.Of("reading …")}
	case p.now == nil:
		lines = []string{" The connection is not there any more."}
	default:
		lines = append([]string{" " + t.Strong.Of("Connection "+p.now.Name) + "   " + State(t, &p.now.Connection), ""}, p.facts()...)
		lines = append(lines, p.verification()...)
		lines = append(lines, p.leftToDo()...)
	}
	p.scroll.Resize(len(lines), p.height)
	return lines[p.scroll.Top:min(len(lines), p.scroll.Top+p.height)]
}

const labelWidth = 12

// fact is a labelled line, wrapped; nothing for an empty value.
func (p *Page) fact(label, value string) []string {
	if value == "" {
		return nil
	}
	t := p.Env.Theme
	var lines []string
	for i, line := range widget.Wrap(value, p.width-labelWidth-4) {
		name := widget.Spaces(labelWidth)
		if i == 0 {
			name = t.Dim.Of(widget.Fit(label, labelWidth, t.Glyphs.Ellipsis))
		}
		lines = append(lines, " "+name+" "+line)
	}
	return lines
}

func (p *Page) paragraph(indent string, pen theme.Pen, text string) []string {
	var lines []string
	for _, line := range widget.Wrap(text, p.width-len(indent)-2) {
		lines = append(lines, indent+pen.Of(line))
	}
	return lines
}

func (p *Page) facts() []string {
	c := &p.now.Connection
	kind := map[model.ConnectionType]string{model.Cloud: "Jira Cloud", model.DataCenter: "Jira Data Center"}[c.Type]
	way := map[model.AuthMethod]string{model.AuthBasic: "user and " + c.SecretWord(), model.AuthPAT: "personal access token",
		model.AuthOAuth2: "OAuth 2.0 (3LO)", model.AuthOAuth1: "OAuth 1.0a"}[c.Auth]
	retrieve := "retrieved"
	if !c.RetrieveTickets {
		retrieve = "not retrieved"
	}
	verified := widget.Ago(c.VerifiedAt, p.Env.Now())
	problem := c.Problem
	if p.verify || p.result != nil {
		problem = "" // the verification says it in full
	}
	lines := append(p.fact("address", c.URL), p.fact("jira", kind+", signs in with "+way)...)
	for _, f := range []struct{ label, value string }{
		{"user", c.User}, {"client id", c.ClientID}, {"consumer key", c.ConsumerKey}, {"ca file", c.CAFile}, {"cloud id", c.Options.CloudID},
		{"granted", strings.Join(c.Options.Granted, " ")}, {"statuses", retrieve}, {"verified", verified}, {"problem", problem},
	} {
		lines = append(lines, p.fact(f.label, f.value)...)
	}
	return append(lines, p.fact("in use by", widget.Plural(p.now.Use.Profiles, "profile")+", "+widget.Plural(p.now.Use.Tickets, "ticket"))...)
}

// verification is the panel of what signing in came to (I1, I13).
func (p *Page) verification() []string {
	t := p.Env.Theme
	head := []string{"", " " + t.Strong.Of("Verification")}
	switch {
	case p.verify:
		return append(head, " "+t.Accent.Of("signing in and checking the rights …"))
	case p.result == nil:
		return append(head, " "+t.Accent.Of(p.Env.Keys.Key("setup.verify"))+t.Dim.Of("  signs in and checks the rights"))
	}
	v := p.result
	verdict := t.Good.Of(t.Glyphs.Done + " passed")
	if p.failure != nil {
		verdict = t.Bad.Of(t.Glyphs.Failed + " does not pass")
	}
	lines := []string{"", head[1] + "   " + verdict}
	if a := v.Account; a != nil {
		lines = append(lines, p.fact("account", account(a.Name, a.ID, a.Type))...)
	}
	if s := v.Server; s != nil {
		lines = append(lines, p.fact("server", fmt.Sprintf("%s, %s (%s %s)", s.Title, s.URL, s.DeploymentType, s.Version))...)
	}
	lines = append(lines, p.rights(v)...)
	if len(v.Problems) == 0 && p.failure != nil {
		lines = append(lines, p.remark(t.Bad, t.Glyphs.Failed, sync.Reason(*v, p.failure), "")...)
	}
	for _, each := range v.Problems {
		lines = append(lines, p.remark(t.Bad, t.Glyphs.Failed, each.Message, each.Hint)...)
	}
	for _, each := range v.Notes {
		lines = append(lines, p.remark(t.Warn, t.Glyphs.Dot, each.Message, each.Hint)...)
	}
	return lines
}

func account(name, id, kind string) string {
	if kind == "" {
		return name + " (" + id + ")"
	}
	return name + " (" + id + ", " + kind + ")"
}

func (p *Page) rights(v *sync.Verification) []string {
	t := p.Env.Theme
	var lines []string
	for _, right := range v.Permissions {
		mark := t.Good.Of(t.Glyphs.Done + " held   ")
		if !right.OK && !right.Required {
			mark = t.Warn.Of(t.Glyphs.Missing + " missing")
		} else if !right.OK {
			mark = t.Bad.Of(t.Glyphs.Failed + " missing")
		}
		lines = append(lines, widget.Cut(" "+mark+"  "+widget.Fit(right.Name, 18, t.Glyphs.Ellipsis)+" "+t.Dim.Of("for "+right.NeededFor), p.width-1, t.Glyphs.Ellipsis))
	}
	return lines
}

// remark is a problem or a note, with what to do about it.
func (p *Page) remark(pen theme.Pen, sign, message, hint string) []string {
	t := p.Env.Theme
	lines := []string{""}
	for i, line := range widget.Wrap(model.Clean(message), p.width-6) {
		if i > 0 {
			sign = " "
		}
		lines = append(lines, " "+pen.Of(sign+" "+line))
	}
	for i, line := range widget.Wrap(model.Clean(hint), p.width-10) {
		lead := "to do: "
		if i > 0 {
			lead = "       "
		}
		lines = append(lines, "   "+t.Dim.Of(lead)+line)
	}
	return lines
}

// leftToDo are the steps before a consent can be asked for, and the key that
// Jira is given.
func (p *Page) leftToDo() []string {
	c := &p.now.Connection
	if !c.Auth.Consents() || c.State != model.ConnectionDraft && p.key == "" {
		return nil
	}
	t := p.Env.Theme
	var lines []string
	if c.State == model.ConnectionDraft {
		lines = append(lines, "", " "+t.Strong.Of("What is left to do"))
		steps := append(sync.OtherSide(*c), p.Env.Keys.Key("setup.authorize")+" here asks for the consent of a person")
		for i, step := range steps {
			for j, line := range widget.Wrap(step, p.width-6) {
				number := "   "
				if j == 0 {
					number = fmt.Sprintf("%d. ", i+1)
				}
				lines = append(lines, " "+number+line)
			}
		}
	}
	if p.key != "" {
		lines = append(lines, "", " "+t.Strong.Of("The public key for Jira")+"   "+t.Accent.Of(p.Env.Keys.Key("setup.key"))+t.Dim.Of(" copies it"))
		for line := range strings.SplitSeq(strings.TrimSpace(p.key), "\n") {
			lines = append(lines, " "+line)
		}
	}
	return lines
}
