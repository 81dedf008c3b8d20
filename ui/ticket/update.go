package ticket

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Update is the form that brings tickets that exist up to date (X19): which of
// them, and a comment; everything else is shown and locked.
type Update struct {
	env   *widget.Env
	store Store
	ids   []model.ViolationID
	done  func()

	form    *form.Form
	pane    pane
	planner planner
	tickets []model.Ticket // of the violations, the newest first
	without int            // violations that have none
	loaded  bool
	plan    model.Plan
	planned bool
	eager   bool // enter was pressed before the plan was made
	problem error
}

type ticketsMsg struct {
	owner   *Update
	tickets []model.Ticket
	err     error
}

// Which tickets of several are meant; else the id of one.
const (
	leadingOnes = "leading"
	allOnes     = "all"
)

// listed is how many tickets can be chosen one by one.
const listed = 50

// NewUpdate makes the form; done is called when its plan has been accepted.
func NewUpdate(env *widget.Env, store Store, ids []model.ViolationID, done func()) *Update {
	u := &Update{env: env, store: store, ids: ids, done: done}
	u.planner = planner{env: env, owner: u}
	locked := func(name, label string) *form.Field {
		return &form.Field{Name: name, Label: label, Kind: form.Locked, Hidden: true}
	}
	u.form = form.New(env,
		&form.Field{Name: "ticket", Label: "Ticket", Kind: form.Choice, Hidden: true},
		&form.Field{Name: "deleted", Label: "Deleted", Kind: form.Choice, Hidden: true},
		&form.Field{Name: "comment", Label: "Comment", Kind: form.Area, Hint: "added to the ticket; none is fine" + finish(env)},
		locked("project", "Project"), locked("status", "Status"), locked("severity", "Severity"),
		locked("was", "Summary now"), locked("summary", "Summary then"), locked("rest", "The rest"),
	)
	u.pane = pane{env: env, form: u.form}
	u.form.Changed = func(*form.Field) tea.Cmd { return u.replan() }
	u.form.Submit = u.submit
	u.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return u
}

// finish tells how a long text is ended.
func finish(env *widget.Env) string {
	if key := env.Keys.Key("form.done"); key != "" {
		return "; " + key + " goes on"
	}
	return ""
}

// Start reads the tickets of the violations.
func (u *Update) Start() tea.Cmd {
	return u.env.Go(func(ctx context.Context) tea.Msg {
		found, err := u.store.Tickets(ctx, storage.TicketFilter{Violations: u.ids})
		return ticketsMsg{u, found, err}
	})
}

// Update implements [widget.Screen].
func (u *Update) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return u.form.Type(msg)
	case ticketsMsg:
		if msg.owner == u {
			return u.gotTickets(msg)
		}
	case planMsg:
		mine, more := u.planner.got(msg)
		if !mine {
			return more
		}
		u.plan, u.problem, u.planned = msg.plan, msg.err, msg.err == nil
		u.show()
		if u.eager && u.planned {
			return u.submit()
		}
	}
	return nil
}

func (u *Update) gotTickets(m ticketsMsg) tea.Cmd {
	if u.problem = m.err; m.err != nil {
		return nil
	}
	u.loaded = true
	for _, t := range m.tickets {
		if t.Key != "" {
			u.tickets = append(u.tickets, t)
		}
	}
	leading := leading(u.tickets, u.ids)
	has := map[model.ViolationID]bool{}
	for i := range u.tickets {
		for _, id := range u.tickets[i].Violations {
			has[id] = true
		}
	}
	for _, id := range u.ids {
		if !has[id] {
			u.without++
		}
	}
	if len(u.tickets) == 0 {
		return nil
	}
	var options []form.Option
	if len(leading) > 1 {
		options = append(options, form.Option{Value: leadingOnes, Title: "the leading ones: " + widget.Plural(len(leading), "ticket")})
	}
	if len(u.tickets) > 1 && len(u.tickets) > len(leading) || len(leading) > 1 && len(u.tickets) != len(leading) {
		options = append(options, form.Option{Value: allOnes, Title: "all " + widget.Plural(len(u.tickets), "ticket")})
	}
	var single []form.Option
	for i := range u.tickets[:min(len(u.tickets), listed)] {
		t := &u.tickets[i]
		title := t.Key + "   " + t.ShownStatus()
		if len(leading) == 1 && slices.Contains(leading, t.ID) {
			title += ", leading"
		}
		single = append(single, form.Option{Value: strconv.FormatInt(t.ID, 10), Title: title})
	}
	if len(leading) == 1 {
		options = append(single, options...) // the newest leads
	} else {
		options = append(options, single...)
	}
	f := u.form.Field("ticket")
	f.SetOptions(options)
	f.Hidden = false
	u.form.Field("deleted").SetOptions([]form.Option{{Value: "anew", Title: "make new tickets in their place"}, {Value: "leave", Title: "leave it at that"}})
	u.form.Focus("ticket")
	if len(options) == 1 {
		u.form.Focus("comment")
	}
	return u.replan()
}

// leading are the tickets with a key that lead for some of the violations, the
// newest of each; found are in that order.
func leading(found []model.Ticket, of []model.ViolationID) (ids []int64) {
	wanted := make(map[model.ViolationID]bool, len(of))
	for _, id := range of {
		wanted[id] = true
	}
	for i := range found {
		leads := false
		for _, id := range found[i].Violations {
			leads = leads || wanted[id]
			delete(wanted, id)
		}
		if leads && found[i].Key != "" {
			ids = append(ids, found[i].ID)
		}
	}
	return ids
}

// chosen are the tickets that the form is about now.
func (u *Update) chosen() (ids []int64) {
	switch which := u.form.Field("ticket").Value(); which {
	case leadingOnes:
		return leading(u.tickets, u.ids)
	case allOnes:
		for i := range u.tickets {
			ids = append(ids, u.tickets[i].ID)
		}
		return ids
	default:
		id, err := strconv.ParseInt(which, 10, 64)
		if err != nil {
			return nil
		}
		return []int64{id}
	}
}

// request is what the form asks for now.
func (u *Update) request() storage.UpdateRequest {
	return storage.UpdateRequest{Tickets: u.chosen(), Comment: strings.TrimSpace(u.form.Value("comment")), Anew: u.form.Value("deleted") != "leave"}
}

func (u *Update) replan() tea.Cmd {
	u.show()
	req := u.request()
	return u.planner.ask(func(ctx context.Context) (model.Plan, error) { return u.store.PlanUpdates(ctx, req) })
}

// show fills the locked fields from the chosen tickets and the plan; what
// differs among them is shown as mixed.
func (u *Update) show() {
	values, deleted := map[string][]string{}, 0
	add := func(name, value string) { values[name] = append(values[name], value) }
	chosen := u.chosen()
	for i := range u.tickets {
		t := &u.tickets[i]
		if !slices.Contains(chosen, t.ID) {
			continue
		}
		if t.State == model.TicketDeleted {
			deleted++
		}
		add("project", t.Connection+" / "+t.Project)
		add("status", t.ShownStatus())
		add("was", t.Summary)
	}
	for i := range u.plan.Lines {
		if l := &u.plan.Lines[i]; u.planned && l.Action != model.PlanSkip {
			add("severity", l.Severity.String())
			add("summary", l.Draft.Summary)
		}
	}
	add("rest", "stays as it is in Jira: labels, priority, people")
	for _, name := range []string{"project", "status", "severity", "was", "summary", "rest"} {
		f, all := u.form.Field(name), slices.Compact(slices.Sorted(slices.Values(values[name])))
		f.Hidden = len(all) == 0
		if f.Mixed = len(all) > 1; len(all) == 1 {
			f.Set(all[0])
		}
	}
	was, then := u.form.Field("was"), u.form.Field("summary")
	then.Hidden = then.Hidden || !was.Mixed && !then.Mixed && was.Value() == then.Value() // it stays
	if was.Label = "Summary now"; then.Hidden {
		was.Label = "Summary"
	}
	u.form.Field("deleted").Hidden = deleted == 0
	u.form.Field("deleted").Source = ""
	if deleted > 0 {
		u.form.Field("deleted").Label = "Deleted in Jira"
	}
}

// nothing says why there is nothing to bring up to date.
func (u *Update) nothing() string {
	switch {
	case !u.loaded || len(u.tickets) > 0:
		return ""
	case len(u.ids) == 1:
		return "this violation has no ticket in Jira yet: esc, then " + u.env.Keys.Key("ticket.create") + " makes one"
	}
	return "none of these " + widget.Plural(len(u.ids), "violation") + " has a ticket in Jira yet: esc, then " + u.env.Keys.Key("ticket.create") + " makes them"
}

func (u *Update) submit() tea.Cmd {
	if reason := u.nothing(); reason != "" {
		return toast.Say(toast.Warn, reason)
	}
	if u.eager = u.planner.busy || !u.loaded; u.eager || u.problem != nil {
		return nil
	}
	req := u.request()
	p := updatePlan(u.env, u.store, u.about(), req, u.done)
	return widget.Send(widget.Replace{Screen: p.with(u.plan)})
}

// updatePlan is the plan of an update; that of others means the tickets that
// lead there.
func updatePlan(env *widget.Env, store Store, ids []model.ViolationID, req storage.UpdateRequest, done func()) *Plan {
	p := newPlan(env, store, model.PlanRequest{IDs: ids}, done)
	p.fixed = "an update is about tickets that exist: esc leads back to the list"
	plan := func(ctx context.Context) (model.Plan, error) {
		req := req
		if req.Tickets == nil {
			found, err := store.Tickets(ctx, storage.TicketFilter{Violations: ids})
			if err != nil {
				return model.Plan{}, err
			}
			req.Tickets = leading(found, ids)
		}
		return store.PlanUpdates(ctx, req)
	}
	p.make = func() planning { return plan }
	p.again = func(others []model.ViolationID, done func()) *Plan {
		again := req
		again.Tickets = nil
		return updatePlan(env, store, others, again, done)
	}
	return p
}

// about are the violations of the plan.
func (u *Update) about() (ids []model.ViolationID) {
	for i := range u.plan.Lines {
		ids = append(ids, u.plan.Lines[i].Violations...)
	}
	return ids
}

// Scopes implements [widget.Screen].
func (u *Update) Scopes() []keys.Scope { return u.form.Scopes() }

// Handlers implements [widget.Screen].
func (u *Update) Handlers() keys.Handlers { return u.form.Handlers() }

// Deadline implements [widget.Screen].
func (u *Update) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (u *Update) Resize(width, height int) { u.pane.resize(width, height) }

// View implements [widget.Screen].
func (u *Update) View() []string {
	title := "Update " + widget.Plural(len(u.chosen()), "ticket")
	if len(u.chosen()) == 1 {
		for i := range u.tickets {
			if u.tickets[i].ID == u.chosen()[0] {
				title = "Update " + u.tickets[i].Key
			}
		}
	}
	if u.without > 0 && len(u.tickets) > 0 {
		title += fmt.Sprintf("   (%s without a ticket left out)", widget.Plural(u.without, "violation"))
	}
	t := u.env.Theme
	outcome := u.pane.comesTo(&u.plan, u.planned)
	if reason := u.nothing(); reason != "" {
		outcome = t.Warn.Of(reason)
	}
	return u.pane.view(title, outcome, func(width, height int) []string { return u.pane.preview(&u.plan, u.problem, width, height) })
}
