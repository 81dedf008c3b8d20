package list

import (
	"context"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/list/groups"
	"example.com/vexdesk/ui/list/views"
	"example.com/vexdesk/ui/picker"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

type viewsMsg struct {
	views  []model.View
	wanted int // the number of the one to show; 0 for none
	err    error
}

func (l *List) loadViews() tea.Cmd { return l.readViews(0) }

func (l *List) readViews(wanted int) tea.Cmd {
	return l.env.Go(func(ctx context.Context) tea.Msg {
		views, err := l.store.Views(ctx)
		return viewsMsg{views, wanted, err}
	})
}

// actions are what the list does; what leads to other screens is the root's.
func (l *List) actions() keys.Handlers {
	run := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f} }
	some := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f, Disabled: l.NeedsRow} }
	h := keys.Handlers{
		"mark.toggle":          some(l.toggle),
		"mark.range":           some(l.ranges),
		"mark.all":             some(l.matching),
		"filter.edit":          run(l.edit),
		"filter.keep":          run(l.keep),
		"filter.restore":       run(l.restore),
		"filter.complete":      {Run: func() tea.Cmd { return l.complete(+1) }, Waits: l.bar.proposals.Wait},
		"filter.complete-back": {Run: func() tea.Cmd { return l.complete(-1) }, Waits: l.bar.proposals.Wait},
		"view.choose":          {RunKey: l.viewByKey},
		"view.menu":            run(l.viewMenu),
		"view.save":            run(l.saveView),
		"sort.menu":            run(l.sortMenu),
		"sort.left":            run(func() tea.Cmd { return l.sortBeside(-1) }),
		"sort.right":           run(func() tea.Cmd { return l.sortBeside(+1) }),
		"group.menu":           some(l.groupMenu),
		"list.open":            some(l.open),
		"pane.next":            run(func() tea.Cmd { return l.detail.Turn(+1) }),
		"pane.previous":        run(func() tea.Cmd { return l.detail.Turn(-1) }),
		"detail.next":          run(func() tea.Cmd { return l.detail.Turn(+1) }),
		"detail.previous":      run(func() tea.Cmd { return l.detail.Turn(-1) }),
	}
	for id, handler := range l.motions() {
		h[id] = handler
	}
	return h
}

func (l *List) needsViews() string {
	if len(l.views) == 0 {
		return "there are no saved views; " + l.env.Keys.Key("view.save") + " saves the present filter as one"
	}
	return ""
}

// motions move the cursor, or scroll the detail where that is the screen.
func (l *List) motions() keys.Handlers {
	r := &l.rows
	h := keys.Handlers{}
	inText := l.detail.Motions()
	add := func(id string, f func() tea.Cmd) {
		h[id] = keys.Handler{Run: func() tea.Cmd {
			if l.detail.Whole() {
				return inText[id].Do("")
			}
			cmd := f()
			return tea.Batch(cmd, l.moved(), l.ahead())
		}}
	}
	by := func(id string, n func() int) {
		add(id, func() tea.Cmd { r.move(n()); return nil })
	}
	page := func(id string, n func() int) {
		add(id, func() tea.Cmd { r.page(n()); return nil })
	}
	by("move.down", func() int { return 1 })
	by("move.up", func() int { return -1 })
	page("move.half-down", func() int { return r.height / 2 })
	page("move.half-up", func() int { return -r.height / 2 })
	page("move.page-down", func() int { return r.height })
	page("move.page-up", func() int { return -r.height })
	by("move.screen-top", func() int { return r.top - r.at })
	by("move.screen-middle", func() int { from, to := r.seen(); return (from+to-1)/2 - r.at })
	by("move.screen-bottom", func() int { _, to := r.seen(); return to - 1 - r.at })
	add("move.top", func() tea.Cmd {
		if r.start {
			r.move(-len(r.lines))
			return nil
		}
		return l.load(first, 0)
	})
	add("move.bottom", func() tea.Cmd {
		if r.end {
			r.move(len(r.lines))
			return nil
		}
		return l.load(tail, 0)
	})
	return h
}

func (l *List) toggle() tea.Cmd {
	if l.ranging {
		l.markRange()
		return l.thaw()
	}
	l.marks.Toggle(l.Current().ID)
	l.rows.move(1)
	return tea.Batch(l.moved(), l.ahead())
}

// ranges begins a sticky range at the cursor, or marks the one that is on.
func (l *List) ranges() tea.Cmd {
	if l.ranging {
		l.markRange()
		return l.thaw()
	}
	l.ranging, l.anchor = true, l.Current().ID
	return nil
}

// span is the range's lines, from and to included.
func (l *List) span() (from, to int) {
	at := l.rows.index(l.anchor)
	if at < 0 {
		at = l.rows.at
	}
	return min(at, l.rows.at), max(at, l.rows.at)
}

func (l *List) markRange() {
	from, to := l.span()
	for _, each := range l.rows.lines[from : to+1] {
		l.marks.Add(each.ID)
	}
	l.ranging = false
}

// Up implements [widget.Upper]: the whole detail, then the range, the marks,
// the filter.
func (l *List) Up() (bool, tea.Cmd) {
	switch {
	case l.detail.Whole():
		l.detail.SetWhole(false)
		l.layout()
	case l.ranging:
		l.ranging = false
		return true, l.thaw()
	case l.marks.Count() > 0:
		l.marks.Clear()
	case l.window.Filter != nil || l.view != "":
		return true, l.setFilter(nil, "", true)
	default:
		return false, nil
	}
	return true, nil
}

func (l *List) open() tea.Cmd {
	l.detail.SetWhole(true)
	l.layout()
	if l.detail.Shows(l.Current().ID) {
		return nil
	}
	return l.show()
}

func (l *List) viewByKey(key string) tea.Cmd {
	n, err := strconv.Atoi(key)
	if err == nil && n <= len(l.views) {
		return l.toView(l.views[n-1])
	}
	return l.readViews(n) // it may have been saved a moment ago
}

// gotViews takes the views, and shows the one whose key was pressed before they
// were there.
func (l *List) gotViews(m viewsMsg) tea.Cmd {
	if m.err != nil {
		return nil
	}
	l.views = m.views
	switch n := m.wanted; {
	case n == 0:
		return nil
	case n <= len(l.views):
		return l.toView(l.views[n-1])
	case len(l.views) == 0:
		return toast.Say(toast.Info, l.needsViews())
	default:
		return toast.Say(toast.Info, "there is no saved view "+strconv.Itoa(n)+", only "+strconv.Itoa(len(l.views)))
	}
}

// toView shows a saved view; the one that is shown already is let go of.
func (l *List) toView(v model.View) tea.Cmd {
	if l.view == v.Name {
		return l.setFilter(nil, "", true)
	}
	filter, err := query.Parse(v.Query, l.env.Now())
	if err != nil {
		return toast.Failed("The view "+v.Name+" cannot be shown", err)
	}
	sort, err := query.ParseSort(v.Sort)
	if err != nil {
		return toast.Failed("The order of the view "+v.Name+" cannot be used", err)
	}
	l.window.Sort = sort
	cmd := l.setFilter(filter, v.Query, false)
	l.view = v.Name
	return cmd
}

func (l *List) viewMenu() tea.Cmd {
	return widget.Send(widget.Push{Screen: views.New(l.env, l.store, l.present(), l.toView)})
}

func (l *List) saveView() tea.Cmd {
	return views.Save(l.env, l.store, l.present(), len(l.views))
}

// present is the filter and the order in use, as a view without a name.
func (l *List) present() model.View {
	order := make([]string, len(l.window.Sort))
	for i, key := range l.window.Sort {
		order[i] = key.String()
	}
	return model.View{Query: l.bar.text, Sort: strings.Join(order, ",")}
}

// groupMenu asks what the list is to be grouped by.
func (l *List) groupMenu() tea.Cmd {
	by := groups.By()
	items := make([]picker.Item, len(by))
	for i, key := range by {
		items[i].Title = string(key)
	}
	return widget.Send(widget.Push{Screen: picker.New(l.env, "Group by", items, func(i int) tea.Cmd {
		return widget.Send(widget.Push{Screen: groups.New(l.env, l.store, by[i], l.window.Filter, l.bar.text)})
	})})
}

func (l *List) sortMenu() tea.Cmd {
	sortable := query.SortKeys()
	items := make([]picker.Item, len(sortable))
	now, at, width := l.sortedBy()[0], 0, 0
	for _, key := range sortable {
		width = max(width, len(key))
	}
	for i, key := range sortable {
		items[i] = picker.Item{Title: widget.Fit(string(key), width, "") + "  " + query.SortDoc(key)}
		if key == now.Key {
			items[i].Note, at = direction(l.env.Theme, now)+" again reverses", i
		}
	}
	return widget.Send(widget.Push{Screen: picker.New(l.env, "Sort by", items, func(i int) tea.Cmd {
		return l.sortBy(sortable[i])
	}).At(at)})
}

// sortBy orders by a key; by the present one: the other way round.
func (l *List) sortBy(key query.Key) tea.Cmd {
	next := query.SortKey{Key: key}
	if now := l.sortedBy()[0]; now.Key == key {
		next.Reverse = !now.Reverse
	}
	l.window.Sort, l.ranging = []query.SortKey{next}, false
	return l.load(first, 0)
}

// sortBeside orders by the column beside the one that orders now.
func (l *List) sortBeside(by int) tea.Cmd {
	if len(l.columns) == 0 {
		return nil
	}
	now := l.sortedBy()[0].Key
	at := slices.IndexFunc(l.columns, func(c placed) bool { return c.key == now })
	return l.sortBy(l.columns[(at+by+len(l.columns))%len(l.columns)].key)
}
