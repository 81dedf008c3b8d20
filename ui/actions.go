package ui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/activity"
	"example.com/vexdesk/ui/conflict"
	"example.com/vexdesk/ui/dashboard"
	"example.com/vexdesk/ui/help"
	"example.com/vexdesk/ui/importer"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/paint"
	"example.com/vexdesk/ui/picker"
	"example.com/vexdesk/ui/policy"
	"example.com/vexdesk/ui/product"
	"example.com/vexdesk/ui/provision"
	"example.com/vexdesk/ui/setup"
	"example.com/vexdesk/ui/ticket"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/vex"
	"example.com/vexdesk/ui/widget"
)

// actions are what the root does: the way between screens, and what leads from
// the list to them.
func (r *Root) actions() keys.Handlers {
	run := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f} }
	h := keys.Handlers{
		"sync.now":      run(r.syncNow),
		"import.file":   {Run: r.importFile, Disabled: r.cannotImport},
		"go.dashboard":  run(func() tea.Cmd { return r.push(dashboard.New(r.env, r.store)) }),
		"go.products":   run(func() tea.Cmd { return r.push(product.New(r.env, r.store, r.opts.Jira)) }),
		"go.policies":   run(func() tea.Cmd { return r.push(policy.New(r.env, r.store, r.runWatch)) }),
		"go.activity":   run(func() tea.Cmd { return r.push(activity.New(r.env, r.store, ticket.CannotMend, r.mend)) }),
		"go.conflicts":  run(func() tea.Cmd { return r.push(conflict.New(r.env, r.store)) }),
		"go.setup":      run(func() tea.Cmd { return r.push(setup.New(r.env, r.store, r.opts.Jira)) }),
		"go.provision":  run(func() tea.Cmd { return r.push(provision.New(r.env, r.store, "")) }),
		"go.messages":   run(r.messages),
		"palette":       run(func() tea.Cmd { return r.help("Commands", false) }),
		"help":          run(func() tea.Cmd { return r.help("Help   vexdesk "+r.opts.Version, true) }),
		"level.up":      run(r.up),
		"screen.back":   run(r.back),
		"leave":         run(r.leave),
		"quit":          run(func() tea.Cmd { return tea.Quit }),
		"redraw":        run(func() tea.Cmd { return paint.Redraw }),
		"suspend":       run(func() tea.Cmd { return tea.Suspend }),
		"vex.undo":      run(r.undo),
		"ticket.create": {Run: r.create, Disabled: r.cannotCreate},
		"ticket.quick":  {Run: r.quick, Disabled: r.cannotCreate},
		"vex.edit":      {Run: r.editVEX, Disabled: r.noRow},
		"vex.accept":    {Run: r.acceptOffers, Disabled: r.noRow},
		"vex.elsewhere": {Run: r.judgedElsewhere, Disabled: r.noRow},
	}
	for id, handler := range r.ticketActions() {
		h[id] = handler
	}
	for _, id := range []string{"ticket.create", "ticket.quick", "ticket.update", "act.repeat", "vex.edit", "vex.undo", "vex.accept", "vex.elsewhere", "ticket.refresh", "ticket.open", "copy.id", "copy.address"} {
		h["detail."+id] = h[id]
	}
	return h
}

func (r *Root) ticketActions() keys.Handlers {
	return keys.Handlers{
		"ticket.update":  {Run: r.updateTickets, Disabled: r.noRow},
		"ticket.refresh": {Run: r.refresh, Disabled: r.noRow},
		"act.repeat":     {Run: r.repeat, Disabled: r.cannotRepeat},
		"ticket.open":    {Run: func() tea.Cmd { return r.browse(r.address()) }, Disabled: r.noAddress},
		"copy.id":        {Run: r.copyID, Disabled: r.noRow},
		"copy.address":   {Run: func() tea.Cmd { return r.copy(r.address(), "the address") }, Disabled: r.noAddress},
	}
}

// mend opens the form of a failed operation at what Jira refused.
func (r *Root) mend(op model.Operation) tea.Cmd {
	return widget.Send(widget.Push{Screen: ticket.NewMend(r.env, r.store, op)})
}

// runWatch shows what a watch's rules want tickets for (ruling 13).
func (r *Root) runWatch(name string) tea.Cmd {
	return widget.Send(widget.Push{Screen: ticket.Watch(r.env, r.store, name)})
}

// up leaves one level: a level within the screen, else the screen.
func (r *Root) up() tea.Cmd {
	if upper, ok := r.focus().(widget.Upper); ok {
		if left, cmd := upper.Up(); left {
			return cmd
		}
	}
	return r.pop()
}

// back leaves the screen, or the detail where it is one; from a list that a
// screen led to it goes back to that. It never quits.
func (r *Root) back() tea.Cmd {
	switch {
	case len(r.stack) > 0:
		return r.pop()
	case r.list.CloseDetail():
	case len(r.left.screens) > 0:
		was := r.left
		r.stack, r.left = was.screens, left{}
		r.resize()
		return tea.Batch(r.list.Show(was.filter), r.list.Freeze(true), r.broadcast(widget.Changed{}))
	}
	return nil
}

// showList leaves all screens for the list with a filter.
func (r *Root) showList(text string) tea.Cmd {
	r.left = left{r.stack, r.list.Filter()}
	r.stack = nil
	r.resize()
	return tea.Batch(r.list.Freeze(false), r.list.Show(text))
}

func (r *Root) leave() tea.Cmd {
	if len(r.stack) == 0 && !r.list.CloseDetail() {
		return tea.Quit
	}
	return r.pop()
}

// act runs an action on what a screen chose.
func (r *Root) act(m widget.Act) tea.Cmd {
	r.given = &m
	defer func() { r.given = nil }()
	return r.do(m.ID, "")
}

// chosen are the violations that an action is about, unmark lets go of them
// when it took them.
func (r *Root) chosen() []model.ViolationID {
	if r.given != nil {
		return r.given.IDs
	}
	return r.list.Chosen()
}

func (r *Root) unmark() func() {
	if r.given != nil {
		return r.given.Done
	}
	return r.list.Unmark
}

func (r *Root) noRow() string {
	switch {
	case r.given != nil:
		return ""
	case len(r.stack) > 0:
		return "there is no violation under the cursor"
	}
	return r.list.NeedsRow()
}

func (r *Root) noAddress() string {
	if reason := r.noRow(); reason != "" {
		return reason
	}
	if r.address() == "" {
		return "this violation has no ticket in Jira yet"
	}
	return ""
}

func (r *Root) cannotCreate() string {
	switch {
	case r.noRow() != "":
		return r.noRow()
	case r.loaded && len(r.overview.Connections) == 0:
		return "there is no Jira connection yet: " + r.env.Keys.Key("go.setup") + " makes one"
	case r.loaded && r.profiles == 0:
		return "there is no ticket profile yet: " + r.env.Keys.Key("go.setup") + " makes one"
	}
	return ""
}

func (r *Root) cannotImport() string {
	if r.opts.Import == nil {
		return "this console cannot import; use vexdesk import FILE in a shell"
	}
	return ""
}

// address is where the leading ticket of the row under the cursor is.
func (r *Root) address() string {
	if row := r.list.Current(); row != nil && row.Ticket != nil {
		return row.Ticket.URL
	}
	return ""
}

func (r *Root) create() tea.Cmd {
	return r.push(ticket.New(r.env, r.store, r.opts.Jira, r.chosen(), r.unmark()))
}

func (r *Root) quick() tea.Cmd {
	return r.push(ticket.Quick(r.env, r.store, r.chosen(), r.unmark()))
}

func (r *Root) updateTickets() tea.Cmd {
	return r.push(ticket.NewUpdate(r.env, r.store, r.chosen(), r.unmark()))
}

func (r *Root) editVEX() tea.Cmd {
	return r.push(vex.New(r.env, r.store, r.chosen(), r.unmark()))
}

func (r *Root) undo() tea.Cmd {
	return r.env.Go(func(ctx context.Context) tea.Msg {
		n, err := r.store.UndoVEX(ctx, r.env.Actor)
		switch {
		case err != nil:
			return toast.Msg{Level: toast.Error, Text: "Nothing was undone: " + err.Error()}
		case n == 0:
			return toast.Msg{Level: toast.Info, Text: "There is no VEX change of yours to undo."}
		}
		return toast.Msg{Level: toast.Done, Text: "Your last VEX change was taken back on " + widget.Plural(n, "violation") + "."}
	})
}

// repeat does the last action again, to the present row or marks.
func (r *Root) repeat() tea.Cmd { return r.last.Again(r.chosen(), r.unmark()) }

func (r *Root) cannotRepeat() string {
	switch {
	case r.noRow() != "":
		return r.noRow()
	case r.last.Again == nil:
		return "nothing has been done yet that could be repeated"
	}
	return ""
}

func (r *Root) refresh() tea.Cmd { return r.refreshOf(r.chosen()) }

func (r *Root) refreshOf(ids []model.ViolationID) tea.Cmd {
	r.last = widget.Acted{Again: func(ids []model.ViolationID, _ func()) tea.Cmd { return r.refreshOf(ids) }}
	return r.env.Go(func(ctx context.Context) tea.Msg {
		n, err := r.store.AskRefresh(ctx, r.env.Actor, ids)
		switch {
		case err != nil:
			return toast.Msg{Level: toast.Error, Text: "The refresh could not be asked for: " + err.Error()}
		case n == 0:
			return toast.Msg{Level: toast.Info, Text: "There are no tickets to refresh here."}
		}
		return toast.Msg{Level: toast.Info, Text: "Asked Jira for the status of " + widget.Plural(n, "ticket") + "; the rows change when it answers."}
	})
}

func (r *Root) syncNow() tea.Cmd {
	return r.env.Go(func(ctx context.Context) tea.Msg {
		if err := r.store.AskSync(ctx); err != nil {
			return toast.Msg{Level: toast.Error, Text: "The sync could not be asked for: " + err.Error()}
		}
		return toast.Msg{Level: toast.Info, Text: "Sync asked for; the rows change as it goes."}
	})
}

// help lists actions: of the present screen and of the whole console.
func (r *Root) help(title string, motions bool) tea.Cmd {
	scopes := r.focus().Scopes()
	reason := func(id string) string {
		h, ok := r.handler(id)
		if !ok {
			return "not on this screen"
		}
		return h.Reason()
	}
	return r.push(help.New(r.env, title, scopes, motions, reason))
}

func (r *Root) messages() tea.Cmd {
	past := r.toast.Past()
	items := make([]picker.Item, len(past))
	for i, p := range past {
		items[i] = picker.Item{Title: fmt.Sprintf("%-8s %s", p.Level.Word(), p.Text), Note: widget.Ago(p.At, r.env.Now())}
	}
	show := func(i int) tea.Cmd { return toast.Say(past[i].Level, past[i].Text) }
	return r.push(picker.New(r.env, "Messages", items, show).Hint("nothing has been said yet"))
}

// importFile asks for reports, or shows the import under way or one that
// needs a look.
func (r *Root) importFile() tea.Cmd {
	if r.importing != nil && r.importing != r.focus() && r.importing.Telling() {
		if !r.importing.Running() {
			r.toast.Dismiss() // it leads here, and leads elsewhere from now on
		}
		return r.push(r.importing)
	}
	return r.push(importer.New(r.env, r.opts.Import))
}

// copyID copies the ticket's key, or the issue's id where there is none.
func (r *Root) copyID() tea.Cmd {
	row := r.list.Current()
	if row.Ticket != nil && row.Ticket.Key != "" {
		return r.copy(row.Ticket.Key, row.Ticket.Key)
	}
	return r.copy(row.Issue, row.Issue)
}

// pendingLine names the work that is left when the console ends; empty for
// none.
func pendingLine(pending, unknown, failed int) string {
	var parts []string
	if n := pending + unknown; n > 0 {
		parts = append(parts, widget.Plural(n, "operation")+" in the outbox: the next vexdesk, or vexdesk sync, sends them")
	}
	if failed > 0 {
		parts = append(parts, widget.Plural(failed, "operation")+" failed: vexdesk outbox list says why")
	}
	return strings.Join(parts, "; ")
}
