package profile

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/widget"
)

// offer is what Jira offers for the connection and the project of the form.
type offer struct {
	asked    int // number of the newest question
	asking   bool
	projects []model.JiraProject
	project  string // whose types these are
	types    []model.JiraType
	at       time.Time
	problem  string // why it could not be asked
}

type offerMsg struct {
	owner *Form
	asked int
	offer offer
}

func (o *offer) has(project string) bool {
	return slices.ContainsFunc(o.projects, func(p model.JiraProject) bool { return p.Key == project })
}

func (f *Form) cannotAsk() string {
	switch {
	case f.Jira == nil:
		return "this console cannot ask Jira"
	case f.form.Value("connection") == "":
		return "there is no connection to ask"
	}
	return ""
}

// ask asks what there is, as long as it is not older than oldest: the projects,
// and the issue types once the project is one of them.
func (f *Form) ask(oldest time.Duration) tea.Cmd {
	connection, project := f.form.Value("connection"), strings.TrimSpace(f.form.Value("project"))
	if f.cannotAsk() != "" {
		return nil
	}
	f.offer.asked++
	f.offer.asking = true
	asked, jira := f.offer.asked, f.Jira
	return f.Env.Go(func(ctx context.Context) tea.Msg {
		o := offer{asked: asked}
		var err error
		if o.projects, o.at, err = jira.Projects(ctx, connection, oldest); o.has(project) {
			var terr error
			if o.types, o.at, terr = jira.Types(ctx, connection, project, oldest); len(o.types) > 0 {
				o.project = project
			}
			if err == nil {
				err = terr
			}
		}
		if err != nil {
			o.problem = sync.Sentence(err)
		}
		return offerMsg{f, asked, o}
	})
}

func (f *Form) gotOffer(m offerMsg) tea.Cmd {
	if m.asked != f.offer.asked {
		return nil
	}
	f.offer = m.offer
	f.arrangeTypes()
	f.arrangeRows(f.mapping())
	f.arrangePriorities()
	return nil
}

// arrangeTypes lists the issue types, and of those that are not offered why (X6).
func (f *Form) arrangeTypes() {
	field := f.form.Field("type")
	if f.offer.project == "" || f.offer.project != strings.TrimSpace(f.form.Value("project")) {
		asText(field)
		return
	}
	p := f.profile()
	var options []form.Option
	for _, t := range f.offer.types {
		title := t.Name
		if inTheWay(t.Fields, &p) != "" {
			title += "   not offered"
		}
		options = append(options, form.Option{Value: t.Name, Title: title})
	}
	asChoice(field, options, "choose one")
}

// arrangePriorities lists the priorities of the create screen.
func (f *Form) arrangePriorities() {
	var names []string
	if screen, known := f.screen(); known {
		if field, err := screen.Named("priority"); err == nil {
			names = field.Options
		}
	}
	for _, s := range model.Severities() {
		field := f.form.Field(priorityField(s))
		if len(names) == 0 {
			asText(field)
			continue
		}
		options := append([]form.Option{{Title: "as usual: " + model.DefaultPriority(s)}}, form.Words(names...)...)
		asChoice(field, options, "")
	}
}

// asText lets a field be typed, with the value that was chosen.
func asText(field *form.Field) {
	if field.Kind == form.Choice {
		value := field.Value()
		field.Kind = form.Text
		field.Set(value)
	}
}

// asChoice makes a field a choice among options. A value that is none of them
// stays, as one more; without a value there is first what none is called.
func asChoice(field *form.Field, options []form.Option, none string) {
	value := field.Value()
	field.Kind = form.Choice
	matches := func(o form.Option) bool { return strings.EqualFold(o.Value, value) }
	switch i := slices.IndexFunc(options, matches); {
	case i >= 0:
		value = options[i].Value
	case value == "":
		options = append([]form.Option{{Title: none}}, options...)
	default:
		options = append([]form.Option{{Value: value, Title: value + "   not in Jira"}}, options...)
	}
	field.SetOptions(options)
	field.Set(value)
}

// proposeProjects finds projects by key or name; those whose key begins with
// what is typed come first.
func (f *Form) proposeProjects(text string, _ int) form.Question {
	if f.cannotAsk() != "" {
		return nil
	}
	connection, typed := f.form.Value("connection"), strings.ToLower(strings.TrimSpace(text))
	return func(ctx context.Context) ([]widget.Proposal, error) {
		all, _, err := f.Jira.Projects(ctx, connection, sync.MetadataAge)
		var out, named []widget.Proposal
		for _, p := range all {
			doc := p.Name
			if p.TeamManaged {
				doc += ", team-managed"
			}
			proposal := widget.Proposal{Text: p.Key, End: len(text), Doc: doc}
			switch {
			case strings.HasPrefix(strings.ToLower(p.Key), typed):
				out = append(out, proposal)
			case strings.Contains(strings.ToLower(p.Name), typed):
				named = append(named, proposal)
			}
		}
		return append(out, named...), err
	}
}
