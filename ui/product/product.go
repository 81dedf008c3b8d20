// Package product shows the products: how they are ticketed, whether they are
// kept in step with Jira and how that goes, and the form that changes it.
package product

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/table"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screens of this package read and change.
type Store interface {
	Products(ctx context.Context) ([]model.Product, error)
	ProductSyncs(ctx context.Context) ([]storage.ProductSync, error)
	Profiles(ctx context.Context) ([]model.Profile, error)
	SetProduct(ctx context.Context, actor model.Actor, name string, change storage.ProductChange) (model.Product, error)
	AskVEXOf(ctx context.Context, product string) error
	AskSync(ctx context.Context) error
}

// row is a product and how its sync is doing.
type row struct {
	model.Product
	state storage.ProductSync
}

// Products is the screen.
type Products struct {
	env   *widget.Env
	store Store
	who   form.People
	all   *table.Table[row]

	width, height int
	handlers      keys.Handlers
}

// New makes the screen; who answers the search for people, nil where nobody
// can.
func New(env *widget.Env, store Store, who form.People) *Products {
	p := &Products{env: env, store: store, who: who}
	p.all = table.New(env, p.read, func(a, b *row) bool { return a.ID == b.ID })
	some := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f, Disabled: p.none} }
	p.handlers = p.all.Handlers(keys.Handlers{
		"product.edit": some(p.edit),
		"product.list": some(func() tea.Cmd {
			return widget.Send(widget.ShowList{Query: query.Is(query.KeyProduct, p.all.Current().Name)})
		}),
		"product.sync": {Run: p.sync, Disabled: p.cannotSync},
	})
	return p
}

func (p *Products) read(ctx context.Context) ([]row, error) { return read(ctx, p.store) }

func read(ctx context.Context, store Store) ([]row, error) {
	products, err := store.Products(ctx)
	if err != nil {
		return nil, err
	}
	syncs, err := store.ProductSyncs(ctx)
	state := map[string]storage.ProductSync{}
	for _, s := range syncs {
		state[s.Product] = s
	}
	rows := make([]row, len(products))
	for i, each := range products {
		rows[i] = row{each, state[each.Name]}
	}
	return rows, err
}

func (p *Products) none() string {
	if p.all.Current() == nil {
		return "there is no product"
	}
	return ""
}

func (p *Products) cannotSync() string {
	switch r := p.all.Current(); {
	case r == nil:
		return p.none()
	case !r.Sync:
		return "the sync of " + r.Name + " is off: " + p.env.Keys.Key("product.edit") + " turns it on"
	}
	return ""
}

// edit opens the form for the product under the cursor.
func (p *Products) edit() tea.Cmd {
	return widget.Send(widget.Push{Screen: newEditor(p.env, p.store, p.who, *p.all.Current())})
}

// sync brings one product into step now (I12).
func (p *Products) sync() tea.Cmd {
	name := p.all.Current().Name
	return p.env.Go(func(ctx context.Context) tea.Msg {
		err := p.store.AskVEXOf(ctx, name)
		if err == nil {
			err = p.store.AskSync(ctx)
		}
		if err != nil {
			return toast.Msg{Level: toast.Error, Text: "The sync could not be asked for: " + err.Error()}
		}
		return toast.Msg{Level: toast.Info, Text: "All tickets of " + name + " are compared with Jira as soon as it answers."}
	})
}

// Start reads the products.
func (p *Products) Start() tea.Cmd { return p.all.Read() }

// Update implements [widget.Screen].
func (p *Products) Update(msg tea.Msg) tea.Cmd {
	_, cmd := p.all.Update(msg)
	return cmd
}

// Scopes implements [widget.Screen].
func (p *Products) Scopes() []keys.Scope {
	return []keys.Scope{keys.Products, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (p *Products) Handlers() keys.Handlers { return p.handlers }

// Deadline implements [widget.Screen].
func (p *Products) Deadline() time.Time { return time.Time{} }

// Click implements [widget.Pointed].
func (p *Products) Click(_, y int) tea.Cmd { return p.all.Click(y) }

// Resize implements [widget.Screen].
func (p *Products) Resize(width, height int) { p.width, p.height = width, height }

// belowLines are for the product under the cursor.
const belowLines = 7

// View implements [widget.Screen].
func (p *Products) View() []string {
	t := p.env.Theme
	failed := 0
	for i := range p.all.Rows {
		if p.all.Rows[i].state.Status == "failed" && p.all.Rows[i].Sync {
			failed++
		}
	}
	top := " " + t.Strong.Of("Products") + "   " + widget.Count(len(p.all.Rows))
	if failed > 0 {
		top += "   " + t.Bad.Of(widget.Count(failed)+" not in step")
	}
	return p.all.View(table.Page[row]{
		Top:  []string{top, ""},
		Head: widget.Fit("PRODUCT", p.name(), "") + "  " + widget.Fit("CURRENT", 14, "") + "    OPEN  " + widget.Fit("PROFILE", 12, "") + "  " + widget.Fit("PROJECT", 8, "") + "  SYNC",
		Line: p.line,
		Empty: []string{"   " + t.Strong.Of("There is no product yet."), "",
			"   " + t.Accent.Of(p.env.Keys.Key("import.file")) + "  imports a report, which brings its product with it."},
		Below: p.explain(), BelowHeight: belowLines,
	}, p.width, p.height)
}

// name is the width of the column of names.
func (p *Products) name() int { return max(14, min(40, p.width-76)) }

func (p *Products) line(r *row) string {
	t := p.env.Theme
	var current []string
	open := 0
	for _, v := range r.Versions {
		if v.Current {
			current = append(current, v.Name)
			open += v.Open
		}
	}
	or := func(s string, width int) string {
		if s == "" {
			return t.Dim.Of(widget.Fit(t.Glyphs.Missing, width, ""))
		}
		return widget.Fit(s, width, t.Glyphs.Ellipsis)
	}
	return t.Strong.Of(widget.Fit(r.Name, p.name(), t.Glyphs.Ellipsis)) + "  " + or(strings.Join(current, " "), 14) + "  " +
		widget.FitRight(widget.Count(open), 6, "") + "  " + or(r.Profile, 12) + "  " + or(r.Project, 8) + "  " + p.syncWord(r)
}

func (p *Products) syncWord(r *row) string {
	t := p.env.Theme
	switch {
	case !r.Sync:
		return t.Dim.Of("off")
	case r.state.Status == "failed":
		return t.Bad.Of(t.Glyphs.Failed + " failed, in step " + widget.Ago(r.state.At, p.env.Now()))
	case r.state.At.IsZero() && r.state.Tickets == 0:
		return t.Dim.Of("no tickets yet")
	case r.state.At.IsZero():
		return t.Warn.Of("on, not in step yet")
	}
	return t.Good.Of(t.Glyphs.Done+" in step") + " " + widget.Ago(r.state.At, p.env.Now())
}

// explain says of the product under the cursor how its sync goes, what was
// wrong with it, and which versions there are.
func (p *Products) explain() []string {
	r := p.all.Current()
	if r == nil {
		return nil
	}
	t := p.env.Theme
	var lines []string
	add := func(pen func(string) string, text string, most int) {
		for i, line := range widget.Wrap(text, p.width-3) {
			if i < most {
				lines = append(lines, " "+pen(line))
			}
		}
	}
	add(t.Text.Of, p.settings(r), 1)
	if r.Sync {
		parts := []string{"sync: " + widget.Plural(r.state.Tickets, "ticket")}
		if r.state.Conflicts > 0 {
			parts = append(parts, widget.Plural(r.state.Conflicts, "conflict")+" ("+p.env.Keys.Key("go.conflicts")+" shows them)")
		}
		if r.state.Waiting > 0 {
			parts = append(parts, widget.Count(r.state.Waiting)+" to be written")
		}
		if r.PushNotes {
			parts = append(parts, "internal notes go to Jira")
		}
		if !r.state.At.IsZero() {
			parts = append(parts, "last in step "+r.state.At.Local().Format(time.DateTime))
		}
		add(t.Dim.Of, strings.Join(parts, ", "), 1)
		if r.state.Status == "failed" {
			add(t.Bad.Of, "failed: "+r.state.Error, 2)
			add(t.Text.Of, p.remedy(), 1)
		}
	}
	var versions []string
	for _, v := range r.Versions {
		text := v.Name
		if v.Current {
			text += " (current, " + widget.Count(v.Open) + " open)"
		}
		versions = append(versions, text)
	}
	add(t.Dim.Of, "versions: "+strings.Join(versions, ", "), 2)
	return lines[:min(len(lines), belowLines)]
}

// remedy is what helps where the sync of a product failed.
func (p *Products) remedy() string {
	return p.env.Keys.Key("go.setup") + " shows how its connection stands; when the cause is mended, " + p.env.Keys.Key("product.sync") +
		" tries again at once, else the next sync does; vexdesk doctor runs all checks"
}

func (p *Products) settings(r *row) string {
	var parts []string
	for _, set := range []struct{ label, value string }{
		{"profile", r.Profile}, {"project", r.Project}, {"issue type", r.IssueType}, {"assignee", r.Assignee}, {"reporter", r.Reporter}, {"epic", r.Epic},
	} {
		if set.value != "" {
			parts = append(parts, set.label+" "+set.value)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "ticketed as its watch's profile says, or the only one there is")
	}
	return r.Resource + " " + r.Name + ": " + strings.Join(parts, ", ")
}
