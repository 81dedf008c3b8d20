package list

import (
	"context"
	"errors"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// bar is the filter bar.
type bar struct {
	editing bool
	text    string // the filter in use, as it was typed
	editor  widget.Editor
	mistake *query.Error // in what is being typed
	// former is what esc gives back.
	former former

	proposals widget.Proposals
}

type former struct {
	window storage.Window
	text   string
	view   string
	cursor model.ViolationID
}

type completionsMsg struct {
	asked     int
	proposals []widget.Proposal
}

// edit begins to type a filter.
func (l *List) edit() tea.Cmd {
	b := &l.bar
	b.former = former{l.window, b.text, l.view, l.selected}
	b.editing, b.mistake = true, nil
	b.proposals.Clear()
	b.editor.Set(b.text)
	if b.text != "" {
		b.editor.Set(b.text + " ")
	}
	return l.propose()
}

// typed takes a key: the filter acts at once; while it holds a mistake the
// last good result stays.
func (l *List) typed(msg tea.KeyMsg) tea.Cmd {
	b := &l.bar
	before := b.editor.At()
	if !b.editor.Update(msg) {
		if b.editor.At() != before {
			b.proposals.Let()
			return l.propose()
		}
		return nil
	}
	b.proposals.Let()
	return tea.Batch(l.apply(false), l.propose())
}

// apply filters by what has been typed. A last word that may still become a
// key waits until it is one, or enter says that it is a word: the list does
// not go blank on the way to "severity:high".
func (l *List) apply(whole bool) tea.Cmd {
	b := &l.bar
	text := b.editor.Value()
	if !whole && b.editor.At() == len(text) {
		text = text[:len(text)-len(unfinishedKey(text))]
	}
	filter, err := query.Parse(text, l.env.Now())
	b.mistake = nil
	if err != nil {
		errors.As(err, &b.mistake)
		return nil
	}
	if filter.Expr == nil {
		filter = nil
	}
	if sameFilter(filter, l.window.Filter) {
		return nil
	}
	l.window.Filter, l.view, l.ranging = filter, "", false
	return tea.Batch(l.load(first, 0), l.count())
}

// unfinishedKey is the word at the end of a query, where a key begins so.
func unfinishedKey(text string) string {
	word := text[strings.LastIndexAny(text, " (-")+1:]
	for _, info := range query.Keys() {
		if word != "" && strings.HasPrefix(string(info.Key), strings.ToLower(word)) {
			return word
		}
	}
	return ""
}

func sameFilter(a, b *query.Query) bool {
	if a == nil || b == nil {
		return a == b
	}
	return query.Same(a.Expr, b.Expr)
}

// keep ends the typing with the filter in place.
func (l *List) keep() tea.Cmd {
	b := &l.bar
	cmd := l.apply(true)
	if b.mistake != nil {
		return nil // it is shown with its place
	}
	b.editing = false
	b.proposals.Clear()
	if l.window.Filter == nil {
		b.text = ""
	} else {
		b.text = trimmed(b.editor.Value())
	}
	return cmd
}

// restore gives back the filter that was there before.
func (l *List) restore() tea.Cmd {
	b := &l.bar
	b.editing, b.mistake = false, nil
	b.proposals.Clear()
	unchanged := sameFilter(l.window.Filter, b.former.window.Filter)
	l.window, b.text, l.view = b.former.window, b.former.text, b.former.view
	if unchanged {
		return nil
	}
	l.total = -1
	cmd := l.load(around, b.former.cursor)
	return tea.Batch(cmd, l.count())
}

// Show filters by a text that was not typed, and leaves the detail.
func (l *List) Show(text string) tea.Cmd {
	filter, err := query.Parse(text, l.env.Now())
	if err != nil {
		return toast.Failed("The list cannot be filtered by "+text, err)
	}
	l.CloseDetail()
	return l.setFilter(filter, text, false)
}

// setFilter puts a filter in place that was not typed. anchored keeps the
// cursor on its violation.
func (l *List) setFilter(filter *query.Query, text string, anchored bool) tea.Cmd {
	if filter != nil && filter.Expr == nil {
		filter = nil
	}
	l.window.Filter, l.bar.text, l.view, l.ranging = filter, trimmed(text), "", false
	place := first
	switch {
	case !anchored:
		l.selected = 0 // the next key may come before the rows do
	case l.selected != 0:
		place = around
	}
	cmd := l.load(place, l.selected)
	return tea.Batch(cmd, l.count())
}

// propose asks for ways to go on at the cursor. Values come from the store, so
// that the question is a command; only the answer to the newest one counts.
func (l *List) propose() tea.Cmd {
	b := &l.bar
	asked, text, at := b.proposals.Ask(), b.editor.Value(), b.editor.At()
	return l.env.Go(func(ctx context.Context) tea.Msg {
		return completionsMsg{asked, form.Completions(ctx, l.store, text, at)}
	})
}

const maxProposals = 8

func (l *List) gotCompletions(m completionsMsg) {
	if l.bar.editing {
		l.bar.proposals.Got(m.asked, m.proposals, l.bar.editor.Value())
	}
}

// complete puts the next proposal in place of the word under the cursor.
func (l *List) complete(by int) tea.Cmd {
	b := &l.bar
	if len(b.proposals.All) == 0 {
		return nil
	}
	_, only := b.proposals.Step(&b.editor, by)
	cmd := l.apply(false)
	if only { // nothing to choose among: go on with what follows
		return tea.Batch(cmd, l.propose())
	}
	return cmd
}
