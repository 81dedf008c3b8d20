package list

import (
	"context"
	"errors"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
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

	proposals []query.Completion
	chosen    int    // which proposal tab has put in, -1 for none
	typed     string // the text before tab put a proposal in
	asked     int    // number of the newest question for proposals
}

type former struct {
	window storage.Window
	text   string
	view   string
	cursor model.ViolationID
}

type completionsMsg struct {
	asked     int
	proposals []query.Completion
}

// edit begins to type a filter.
func (l *List) edit() tea.Cmd {
	b := &l.bar
	b.former = former{l.window, b.text, l.view, l.selected}
	b.editing, b.mistake, b.proposals, b.chosen = true, nil, nil, -1
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
			b.chosen = -1
			return l.propose()
		}
		return nil
	}
	b.chosen = -1
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
	b.editing, b.proposals = false, nil
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
	b.editing, b.proposals, b.mistake = false, nil, nil
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
	if anchored && l.selected != 0 {
		place = around
	}
	cmd := l.load(place, l.selected)
	return tea.Batch(cmd, l.count())
}

// propose asks for ways to go on at the cursor. Values come from the store, so
// that the question is a command; only the answer to the newest one counts.
func (l *List) propose() tea.Cmd {
	b := &l.bar
	b.asked++
	asked, text, at := b.asked, b.editor.Value(), b.editor.At()
	return l.env.Go(func(ctx context.Context) tea.Msg {
		values := func(key query.Key, prefix string) []string {
			found, err := l.store.Suggest(ctx, string(key), prefix, maxProposals)
			if err != nil {
				return nil
			}
			return found
		}
		return completionsMsg{asked, query.Complete(text, at, values)}
	})
}

const maxProposals = 8

func (l *List) gotCompletions(m completionsMsg) {
	b := &l.bar
	if m.asked != b.asked || !b.editing || b.chosen >= 0 {
		return
	}
	b.proposals = m.proposals
	// A word that is whole already needs no proposal of itself.
	if len(b.proposals) == 1 && b.editor.Value()[b.proposals[0].Start:b.proposals[0].End] == b.proposals[0].Text {
		b.proposals = nil
	}
}

// complete puts the next proposal in place of the word under the cursor.
func (l *List) complete(by int) tea.Cmd {
	b := &l.bar
	n := len(b.proposals)
	if n == 0 {
		return nil
	}
	switch {
	case b.chosen >= 0:
		b.chosen = (b.chosen + by + n) % n
	default:
		b.typed, b.chosen = b.editor.Value(), 0
	}
	c := b.proposals[b.chosen]
	b.editor.Set(b.typed)
	b.editor.Replace(c.Start, c.End, c.Text)
	cmd := l.apply(false)
	if n == 1 { // nothing to choose among: go on with what follows
		b.chosen = -1
		return tea.Batch(cmd, l.propose())
	}
	return cmd
}
