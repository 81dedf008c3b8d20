package form

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model/query"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// Suggester tells what values the store has for a key of the query language.
type Suggester interface {
	Suggest(ctx context.Context, key, prefix string, limit int) ([]string, error)
}

// mostValues is how many values of a key are proposed.
const mostValues = 8

// Completions proposes how a query can go on at the byte at.
func Completions(ctx context.Context, store Suggester, text string, at int) []widget.Proposal {
	values := func(key query.Key, prefix string) []string {
		found, err := store.Suggest(ctx, string(key), prefix, mostValues)
		if err != nil {
			return nil
		}
		return found
	}
	var all []widget.Proposal
	for _, c := range query.Complete(text, at, values) {
		all = append(all, widget.Proposal{Text: c.Text, Start: c.Start, End: c.End, Doc: c.Doc})
	}
	return all
}

// Query makes a field that takes a query: with completion by tab, and with
// what is wrong shown at its place.
func Query(env *widget.Env, store Suggester, name, label string) *Field {
	return &Field{Name: name, Label: label, Hint: "everything; or such as severity:>=high fix:yes",
		Propose: func(text string, at int) Question {
			return func(ctx context.Context) ([]widget.Proposal, error) { return Completions(ctx, store, text, at), nil }
		},
		Mistake: func(text string) (int, string) {
			_, err := query.Parse(text, env.Now())
			var wrong *query.Error
			switch {
			case errors.As(err, &wrong) && wrong.Hint != "":
				return wrong.Offset, wrong.Message + ": " + wrong.Hint
			case errors.As(err, &wrong):
				return wrong.Offset, wrong.Message
			}
			return 0, ""
		}}
}

type proposalsMsg struct {
	form  *Form
	field *Field
	asked int
	all   []widget.Proposal
	err   error
}

// propose asks for proposals for what is typed in a field. While a question is
// under way the next one waits for it: whoever types fast asks seldom.
func (f *Form) propose(field *Field) tea.Cmd {
	if field.Propose == nil {
		return nil
	}
	asked := field.proposals.Ask()
	if field.asking {
		return nil
	}
	question := field.Propose(field.editor.Value(), field.editor.At())
	if question == nil {
		field.proposals.Clear()
		return nil
	}
	field.asking = true
	return f.env.Go(func(ctx context.Context) tea.Msg {
		all, err := question(ctx)
		return proposalsMsg{f, field, asked, all, err}
	})
}

// Take takes the messages that answer the form's own questions; a screen whose
// fields propose gives it every message that it does not know.
func (f *Form) Take(msg tea.Msg) tea.Cmd {
	m, ok := msg.(proposalsMsg)
	if !ok || m.form != f {
		return nil
	}
	field := m.field
	field.asking, field.unanswered = false, ""
	if field != f.Focused() {
		field.proposals.Clear()
		return nil
	}
	if !field.proposals.Got(m.asked, m.all, field.editor.Value()) && field.proposals.Chosen < 0 {
		return f.propose(field)
	}
	if m.err != nil {
		field.unanswered = m.err.Error()
	}
	return nil
}

// complete puts the next proposal in, where there are any for what is typed;
// an empty field is left by the same key instead.
func (f *Form) complete(field *Field, by int) (done bool, cmd tea.Cmd) {
	if len(field.proposals.All) == 0 || field.proposals.Wait() || !field.completes() {
		return false, nil
	}
	taken, only := field.proposals.Step(&field.editor, by)
	field.value = taken.Value
	if only {
		field.proposals.All = nil
		if taken.Value == "" {
			cmd = f.propose(field)
		}
	}
	return true, tea.Batch(cmd, f.touched(field))
}

// Menu draws proposals as a box of at most most lines; all are equally wide.
func Menu(t *theme.Theme, p *widget.Proposals, most int) (box []string) {
	n := min(len(p.All), most)
	from := max(0, min(p.Chosen-n+1, len(p.All)-n))
	width, docs := 0, 0
	for _, c := range p.All[from : from+n] {
		width = max(width, widget.Width(c.Text))
		docs = max(docs, min(widget.Width(c.Doc), maxDoc))
	}
	width = min(width, 40)
	for i, c := range p.All[from : from+n] {
		box = append(box, proposal(t, c.Text, c.Doc, width, docs, from+i == p.Chosen))
	}
	return box
}

// MenuAt is the cell of the editor's text under which the menu belongs.
func MenuAt(p *widget.Proposals, text string) int {
	text = p.Typed(text)
	return widget.Width(text[:min(p.All[0].Start, len(text))])
}

const maxDoc = 46 // cells of a proposal's explanation

func proposal(t *theme.Theme, text, doc string, width, docs int, chosen bool) string {
	text, doc = " "+widget.Fit(text, width, t.Glyphs.Ellipsis)+" ", widget.Fit(doc, docs, t.Glyphs.Ellipsis)
	if docs > 0 {
		doc = " " + doc + " "
	}
	edge := t.Dim.Of(t.Glyphs.Side)
	if chosen {
		return edge + t.Chosen.Of(text+doc)
	}
	return edge + t.Popup.Of(text) + t.Aside.Of(doc)
}
