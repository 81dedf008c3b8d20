// Package list is the main screen: the violations as a window over the
// database, the filter bar, marks, and the detail of the violation under the
// cursor.
package list

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/list/detail"
	"example.com/vexdesk/ui/widget"
)

// List is the main screen.
type List struct {
	env   *widget.Env
	store Store

	window  storage.Window
	view    string // name of the saved view that the window comes from
	views   []model.View
	rows    rows
	columns []placed
	total   int // what the filter matches, -1 while not known
	without []excluded
	problem error // why the list could not be read

	marks    marks
	ranging  bool
	anchor   model.ViolationID // where the range began
	held     bool              // a form is open: nothing may move
	selected model.ViolationID // stays the cursor's violation, whatever moves

	bar    bar
	detail *detail.Detail
	// followAt is when the detail follows the cursor: when it has come to rest.
	followAt time.Time

	ctx    context.Context
	cancel context.CancelFunc
	gen    int
	shown  int  // the generation that the rows are of
	busy   bool // a page is on its way
	stale  bool // the store changed and what is held was not read again
	behind bool // rows were read again in place, their order was not

	width, height int
	handlers      keys.Handlers
	hints         Hints
	primed        tea.Cmd // what followed from the first page
}

// Hints are what an empty list teaches with; the root knows them.
type Hints struct {
	Loaded      bool
	Open        int
	Connections int
	Profiles    int
}

const (
	rest = 80 * time.Millisecond // the cursor has come to rest
	tint = 2 * time.Second       // how long a changed row carries its sign
)

// New makes the screen; Start begins to read.
func New(env *widget.Env, store Store) *List {
	l := &List{env: env, store: store, total: -1, detail: detail.New(env, store)}
	l.rows.height = 1
	l.ctx = env.Context
	l.handlers = l.actions()
	return l
}

// Start reads the first page, and then the rest.
func (l *List) Start() tea.Cmd {
	page := l.primed
	if page == nil {
		page = l.load(first, 0)
	}
	l.primed = nil
	return tea.Batch(page, l.count(), l.loadViews())
}

// SetHints tells what an empty list can teach.
func (l *List) SetHints(h Hints) { l.hints = h }

// Freeze keeps the rows where they are while a form is open over them.
func (l *List) Freeze(on bool) tea.Cmd {
	l.held = on
	return l.thaw()
}

// thaw catches up with the order once nothing keeps the rows in place.
func (l *List) thaw() tea.Cmd {
	if l.frozen() || !l.behind {
		return nil
	}
	l.behind = false
	return l.refresh()
}

func (l *List) frozen() bool { return l.held || l.ranging }

// Total is what the filter matches, -1 while it is not known.
func (l *List) Total() int { return l.total }

// Filter is the text of the filter in use, empty for none.
func (l *List) Filter() string { return l.bar.text }

// Filtered reports whether a filter is set.
func (l *List) Filtered() bool { return l.window.Filter != nil }

// Current is the row under the cursor, nil where there is none.
func (l *List) Current() *model.Row {
	if line := l.rows.current(); line != nil {
		return &line.Row
	}
	return nil
}

// Reading reports that the rows of another filter or order stand there still,
// of which none is meant by a key that is pressed now.
func (l *List) Reading() bool { return l.shown != l.gen && l.problem == nil }

// NeedsRow says why there is no violation to do something with, empty where
// there is one.
func (l *List) NeedsRow() string {
	switch {
	case l.Reading():
		return "the list is still being read"
	case l.shown != l.gen:
		return "the list could not be read"
	case l.Current() == nil:
		return "there is no violation under the cursor"
	}
	return ""
}

// Chosen are the violations that an action is about: the range and the marks,
// else the one under the cursor.
func (l *List) Chosen() []model.ViolationID {
	if l.ranging {
		l.markRange()
	}
	if l.marks.Count() > 0 {
		return l.marks.IDs()
	}
	if row := l.Current(); row != nil {
		return []model.ViolationID{row.ID}
	}
	return nil
}

// Unmark lets go of range and marks, after an action took them.
func (l *List) Unmark() {
	l.ranging = false
	l.marks.Clear()
}

// Scopes implements [widget.Screen].
func (l *List) Scopes() []keys.Scope {
	switch {
	case l.bar.editing:
		return []keys.Scope{keys.Filter, keys.Always}
	case l.detail.Whole():
		return []keys.Scope{keys.Detail, keys.Move, keys.Global, keys.Always}
	}
	return []keys.Scope{keys.List, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (l *List) Handlers() keys.Handlers { return l.handlers }

// Update implements [widget.Screen].
func (l *List) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if l.bar.editing {
			return l.typed(msg)
		}
	case pageMsg:
		return l.gotPage(msg)
	case countMsg:
		return l.gotCount(msg)
	case rowsMsg:
		return l.gotRows(msg)
	case matchMsg:
		return l.gotMatch(msg)
	case excludesMsg:
		if msg.gen == l.gen {
			l.without = msg.without
		}
	case viewsMsg:
		return l.gotViews(msg)
	case completionsMsg:
		l.gotCompletions(msg)
	case widget.Changed:
		return tea.Batch(l.detail.Refresh(), l.refresh())
	case widget.Tick:
		return l.tick(msg.Now)
	default:
		return l.detail.Update(msg)
	}
	return nil
}

func (l *List) tick(now time.Time) tea.Cmd {
	for i := range l.rows.lines {
		if at := l.rows.lines[i].changed; !at.IsZero() && now.Sub(at) >= tint {
			l.rows.lines[i].changed = time.Time{}
		}
	}
	if !l.followAt.IsZero() && !now.Before(l.followAt) {
		l.followAt = time.Time{}
		return l.show()
	}
	return nil
}

// Deadline implements [widget.Screen].
func (l *List) Deadline() time.Time {
	next := l.followAt
	for i := range l.rows.lines {
		if at := l.rows.lines[i].changed; !at.IsZero() {
			next = widget.Earliest(next, at.Add(tint))
		}
	}
	return next
}

// moved is called after every movement of the cursor: the detail follows when
// it has come to rest.
func (l *List) moved() tea.Cmd {
	row := l.Current()
	if row == nil {
		l.selected = 0
		l.detail.Clear()
		return nil
	}
	l.selected = row.ID
	if l.detail.Shows(row.ID) {
		l.followAt = time.Time{}
		return nil
	}
	if l.detail.Empty() {
		return l.show()
	}
	l.followAt = l.env.Now().Add(rest)
	return nil
}

// show makes the detail show the violation under the cursor.
func (l *List) show() tea.Cmd {
	if row := l.Current(); row != nil {
		return l.detail.Show(*row)
	}
	return nil
}

// sortedBy is the order in use; none means the worst severity first.
func (l *List) sortedBy() []query.SortKey {
	if len(l.window.Sort) == 0 {
		return []query.SortKey{{Key: query.KeySeverity}}
	}
	return l.window.Sort
}

// CloseDetail leaves the detail where it is a screen of its own, and reports
// whether it was.
func (l *List) CloseDetail() bool {
	was := l.detail.Whole()
	l.detail.SetWhole(false)
	l.layout()
	return was
}

// Prime reads the first page at once: the first frame is then a whole one.
func (l *List) Prime() {
	if l.rows.height < 2 {
		l.rows.height = 50
	}
	if msg := l.load(first, 0)(); msg != nil {
		l.primed = l.Update(msg)
	}
}

// PageHeight is how many rows are in sight, Held how many are in memory.
func (l *List) PageHeight() int { return l.rows.height }

// Held is the counterpart of PageHeight.
func (l *List) Held() int { return len(l.rows.lines) }
