package policy

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/table"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// watchRow is a watch with what its policies match.
type watchRow struct {
	model.Watch
	counts []storage.WatchCounts
	whole  []string // its policies that match everything, which are not counted
}

// shown is what a policy matches, or all of them, as it stands in a cell.
func (r *watchRow) shown(policy string) string {
	if slices.Contains(r.whole, policy) || policy == "" && len(r.whole) > 0 {
		return "all"
	}
	n, _ := r.matches(policy)
	return widget.Count(n)
}

// matches counts what a policy matches there, or all of them for the empty
// name.
func (r *watchRow) matches(policy string) (n, due int) {
	for _, c := range r.counts {
		if policy == "" || strings.EqualFold(c.Policy, policy) {
			n, due = n+c.Count, due+c.Due
		}
	}
	return n, due
}

// Watches is the screen that lists the watches.
type Watches struct {
	desk
	all  *table.Table[watchRow]
	sure widget.Twice

	width, height int
	handlers      keys.Handlers
}

func newWatches(d desk) *Watches {
	w := &Watches{desk: d}
	w.all = table.New(d.env, d.readWatches, func(a, b *watchRow) bool { return a.ID == b.ID })
	some := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f, Disabled: w.none} }
	w.handlers = w.all.Handlers(keys.Handlers{
		"watch.edit": some(func() tea.Cmd {
			return widget.Send(widget.Push{Screen: newWatchEditor(w.desk, w.all.Current())})
		}),
		"watch.new": {Run: func() tea.Cmd { return widget.Send(widget.Push{Screen: newWatchEditor(w.desk, nil)}) }},
		"watch.run": some(func() tea.Cmd { return w.run(w.all.Current().Name) }),
		"watch.list": some(func() tea.Cmd {
			return widget.Send(widget.ShowList{Query: query.Is(query.KeyWatch, w.all.Current().Name)})
		}),
		"watch.remove":   some(w.remove),
		"watch.policies": {Run: func() tea.Cmd { return widget.Send(widget.Replace{Screen: newPolicies(w.desk)}) }},
	})
	return w
}

func (d desk) readWatches(ctx context.Context) ([]watchRow, error) {
	all, err := d.store.Watches(ctx)
	if err != nil {
		return nil, err
	}
	policies, err := d.store.Policies(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]watchRow, len(all))
	for i, each := range all {
		rows[i].Watch = each
		for j := range policies {
			if policies[j].MatchesAll() && slices.Contains(each.Policies, policies[j].Name) {
				rows[i].whole = append(rows[i].whole, policies[j].Name)
			}
		}
		if rows[i].counts, err = d.store.WatchMatches(ctx, each.Name); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (w *Watches) none() string {
	if w.all.Current() == nil {
		return "there is no watch"
	}
	return ""
}

func (w *Watches) remove() tea.Cmd {
	r := w.all.Current()
	n, due := r.matches("")
	if !w.sure.Sure(r.Name, w.env.Now()) {
		text := "This removes the watch " + r.Name + ": what its policies did to " + widget.Plural(n, "violation") + " is taken back"
		if due > 0 {
			text += ", " + widget.Plural(due, "ticket") + " to come are not made"
		}
		return toast.Say(toast.Warn, text+"; press again to do it.")
	}
	name := r.Name
	return w.env.Go(func(ctx context.Context) tea.Msg {
		if err := w.store.RemoveWatch(ctx, w.env.Actor, name); err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not removed: " + err.Error()}
		}
		return toast.Msg{Level: toast.Done, Text: "The watch " + name + " is removed; its tickets stay."}
	})
}

// Start reads the watches.
func (w *Watches) Start() tea.Cmd { return w.all.Read() }

// Update implements [widget.Screen].
func (w *Watches) Update(msg tea.Msg) tea.Cmd {
	_, cmd := w.all.Update(msg)
	return cmd
}

// Scopes implements [widget.Screen].
func (w *Watches) Scopes() []keys.Scope {
	return []keys.Scope{keys.Watches, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (w *Watches) Handlers() keys.Handlers { return w.handlers }

// Deadline implements [widget.Screen].
func (w *Watches) Deadline() time.Time { return time.Time{} }

// Click implements [widget.Pointed].
func (w *Watches) Click(x, y int) tea.Cmd {
	if y == 0 && otherTab(x, false) {
		return w.handlers["watch.policies"].Do("")
	}
	return w.all.Click(y)
}

// Resize implements [widget.Screen].
func (w *Watches) Resize(width, height int) { w.width, w.height = width, height }

// View implements [widget.Screen].
func (w *Watches) View() []string {
	t := w.env.Theme
	return w.all.View(table.Page[watchRow]{
		Top:  []string{tabs(&w.desk, false), ""},
		Head: widget.Fit("WATCH", 20, "") + "  TICKETS  MATCHES  " + widget.Fit("PROFILE", 12, "") + "  SCOPE",
		Line: w.line,
		Empty: []string{"   " + t.Strong.Of("There is no watch: policies do nothing."), "",
			"   " + t.Accent.Of(w.env.Keys.Key("watch.new")) + "  makes one: on what which policies work."},
		Below: w.explain(), BelowHeight: rulesBelow,
	}, w.width, w.height)
}

func (w *Watches) line(r *watchRow) string {
	t := w.env.Theme
	tickets := t.Dim.Of(widget.Fit("off", 7, ""))
	if r.CreateTickets {
		tickets = t.Good.Of(widget.Fit("on", 7, ""))
	}
	profile, scope := r.Profile, r.Scope
	if profile == "" {
		profile = t.Glyphs.Missing
	}
	if scope == "" {
		scope = "everything"
	}
	return t.Strong.Of(widget.Fit(r.Name, 20, t.Glyphs.Ellipsis)) + "  " + tickets + "  " + widget.FitRight(r.shown(""), 7, "") + "  " +
		widget.Fit(profile, 12, t.Glyphs.Ellipsis) + "  " + widget.Cut(scope, max(0, w.width-60), t.Glyphs.Ellipsis)
}

// explain says how the watch under the cursor works.
func (w *Watches) explain() []string {
	r := w.all.Current()
	if r == nil {
		return nil
	}
	t := w.env.Theme
	head := "tickets: off, rules create none by themselves"
	if r.CreateTickets {
		head = "tickets: on, for what is first seen after " + r.CreateSince.Local().Format(time.DateTime) + "; " + w.env.Keys.Key("watch.run") + " covers what was there"
	}
	lines := []string{" " + t.Dim.Of(widget.Cut(head, w.width-2, t.Glyphs.Ellipsis))}
	if len(r.Policies) > 0 {
		lines = append(lines, t.Dim.Of(widget.FitRight("MATCHES", 9, "")+"  POLICY"))
	}
	for _, name := range r.Policies {
		_, due := r.matches(name)
		text := widget.FitRight(r.shown(name), 9, "") + "  " + name
		if due > 0 {
			text += "; tickets to come for " + widget.Count(due)
		}
		lines = append(lines, widget.Cut(text, w.width-2, t.Glyphs.Ellipsis))
	}
	return lines[:min(len(lines), rulesBelow)]
}
