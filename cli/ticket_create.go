package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

type createFlags struct {
	selection
	group             string
	yes, dryRun, wait bool
	timeout           duration
	request           model.PlanRequest
}

func (a *app) ticketCreateCommand() *cobra.Command {
	var f createFlags
	cmd := &cobra.Command{
		Use:   "create (ID... | --where QUERY)",
		Short: "Raise tickets for violations",
		Long: `Plans tickets for violations, shows the plan, and stores it as an intention: the
sync carries it out (an open console, 'vexdesk sync', or --wait). What has a
ticket is skipped, or brought up to date with --update-existing.`,
		Example: "  vexdesk ticket create 17 18\n  vexdesk ticket create --where 'severity:critical -ticket:any' --yes --wait",
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			return a.ticketCreate(cmd, s, f, args)
		}),
	}
	f.flags(cmd)
	flags, r := cmd.Flags(), &f.request
	flags.StringVar(&r.Profile, "profile", "", "profile to use; left out: the watch's, the product's, or the only one")
	flags.StringSliceVar(&r.Components, "components", nil, "package URLs with commas: only violations of these")
	flags.StringArrayVar(&r.AddLabels, "label", nil, "a further label (repeatable)")
	flags.StringArrayVar(&r.DropLabels, "no-label", nil, "a label of the profile to leave out (repeatable)")
	flags.StringVar(&r.Comment, "comment", "", "comment on the ticket")
	flags.StringVar(&r.IssueType, "issue-type", "", "issue type, instead of the profile's")
	flags.StringVar(&r.Project, "project", "", "key of the project, instead of the profile's")
	flags.StringVar(&r.Assignee, "assignee", "", "e-mail address or account id")
	flags.StringVar(&r.Reporter, "reporter", "", "e-mail address or account id")
	flags.StringVar(&r.Priority, "priority", "", "name of a Jira priority, instead of the severity's")
	flags.StringVar(&r.Epic, "epic", "", "key of an epic")
	flags.StringVar(&f.group, "group", string(model.GroupViolation), "one ticket per violation, vulnerability or component")
	flags.BoolVar(&r.UpdateExisting, "update-existing", false, "bring tickets that exist up to date")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the plan, and do nothing")
	yesFlag(cmd, &f.yes)
	waitFlags(cmd, &f.wait, &f.timeout)
	return cmd
}

func waitFlags(cmd *cobra.Command, wait *bool, timeout *duration) {
	cmd.Flags().BoolVar(wait, "wait", false, "wait until Jira has answered")
	timeoutFlag(cmd, timeout)
}

// planJSON and createJSON are what `ticket create --json` prints.
type planJSON struct {
	Create     int        `json:"create"`
	Update     int        `json:"update"`
	Link       int        `json:"link"`
	Violations int        `json:"violations"`
	Skip       []skipJSON `json:"skip"`
	// Warnings are what Jira would leave out (ruling 14), as far as is known.
	Warnings []string `json:"warnings"`
}

type skipJSON struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

type createJSON struct {
	Plan       planJSON        `json:"plan"`
	Operations []operationItem `json:"operations"`
}

type operationItem struct {
	ID         string   `json:"id"`
	Kind       string   `json:"kind"`
	Violations []string `json:"violations"`
	Key        *string  `json:"key"`
	State      string   `json:"state"`
	Error      *string  `json:"error"`
}

func toPlanJSON(p *model.Plan, notes []string) planJSON {
	out := planJSON{Create: p.Count(model.PlanCreate), Update: p.Count(model.PlanUpdate), Link: p.Count(model.PlanLink), Violations: p.Violations(), Skip: []skipJSON{}, Warnings: orEmpty(notes)}
	for i := range p.Lines {
		if p.Lines[i].Action != model.PlanSkip {
			continue
		}
		for _, id := range p.Lines[i].Violations {
			out.Skip = append(out.Skip, skipJSON{id.String(), p.Lines[i].Reason})
		}
	}
	return out
}

func toItems(ops []model.Operation) []operationItem {
	out := []operationItem{}
	for i := range ops {
		out = append(out, operationItem{ops[i].ID, string(ops[i].Kind), idStrings(ops[i].Violations), orNull(ops[i].Key), string(ops[i].State), orNull(ops[i].Error)})
	}
	return out
}

func (a *app) ticketCreate(cmd *cobra.Command, s *storage.Store, f createFlags, args []string) error {
	groups := []model.Grouping{model.GroupViolation, model.GroupVulnerability, model.GroupComponent}
	f.request.Group = model.Grouping(f.group)
	if !slices.Contains(groups, f.request.Group) {
		return usage("%q is not a grouping: use violation, vulnerability or component", f.group)
	}
	ids, err := a.ids(cmd.Context(), s, cmd, f.selection, args)
	if err != nil {
		return err
	}
	f.request.IDs = ids
	plan, err := s.PlanTickets(cmd.Context(), f.request)
	if err != nil {
		return err
	}
	return a.carryOut(cmd, s, plan, carry{yes: f.yes, dryRun: f.dryRun, wait: f.wait, timeout: time.Duration(f.timeout)})
}

// carry says how far a plan is carried.
type carry struct {
	yes, dryRun, wait bool
	timeout           time.Duration
	// notes are what Jira would leave out of the tickets.
	notes []string
}

// unprofiled is the error of a plan that comes to nothing because it is not told
// through which profile (ruling 12).
func unprofiled(plan *model.Plan) error {
	n, why := plan.Unprofiled()
	if n == 0 || plan.Violations() > 0 {
		return nil
	}
	return fmt.Errorf("%s can get no ticket: %s", plural(n, "violation"), why)
}

// carryOut shows a plan, asks, stores it as an intention, and waits for it
// where that is asked for.
func (a *app) carryOut(cmd *cobra.Command, s *storage.Store, plan model.Plan, c carry) error {
	if err := unprofiled(&plan); err != nil {
		return err
	}
	var err error
	if c.notes, err = vexsync.PlanNotes(cmd.Context(), s, &plan); err != nil {
		return err
	}
	if !a.json {
		if err := printPlan(a.stdout, &plan, c.notes); err != nil {
			return err
		}
	}
	acts := plan.Violations() > 0
	if c.dryRun || !acts {
		return a.printCreate(&plan, nil, c)
	}
	if a.json && !c.yes {
		if err := printPlan(a.stderr, &plan, c.notes); err != nil {
			return err
		}
	}
	if err := a.confirm(cmd, c.yes, "do what the plan says"); err != nil {
		return err
	}
	ops, err := s.RequestTickets(cmd.Context(), a.actor(), plan)
	if err != nil {
		return err
	}
	if c.wait && len(ops) > 0 {
		err = a.await(cmd.Context(), s, &plan, ops, c)
	} else {
		err = a.printCreate(&plan, ops, c)
	}
	if n, why := plan.Unprofiled(); err == nil && n > 0 {
		return partly("%s got no ticket: %s", plural(n, "violation"), why)
	}
	return err
}

func (a *app) await(ctx context.Context, s *storage.Store, plan *model.Plan, ops []model.Operation, c carry) error {
	engine, err := a.engine(s)
	if err != nil {
		return err
	}
	ids := make([]string, len(ops))
	for i := range ops {
		ids[i] = ops[i].ID
	}
	ops, err = engine.Await(ctx, ids, c.timeout)
	switch {
	case errors.Is(err, vexsync.ErrOffline):
		return offline("%w; %s stored", vexsync.ErrOffline, areOperations(len(ids)))
	case err != nil && !errors.Is(err, vexsync.ErrLeft):
		return err
	}
	if perr := a.printCreate(plan, ops, c); perr != nil {
		return perr
	}
	failed, left := 0, 0
	for i := range ops {
		switch {
		case ops[i].State == model.OpFailed:
			failed++
		case !ops[i].State.Final():
			left++
		}
	}
	switch {
	case failed > 0 && left > 0:
		return partly("%s and %s left: 'vexdesk outbox list' shows why", failedOperations(failed), areOperations(left))
	case failed > 0:
		return partly("%s: 'vexdesk outbox list' shows why; 'vexdesk outbox retry ID' tries again", failedOperations(failed))
	case left > 0:
		return partly("after %s %s left: the next sync goes on", c.timeout, areOperations(left))
	}
	return nil
}

// planLines is how many lines of a plan are printed in full.
const planLines = 40

// printPlan prints what a plan does, for people.
func printPlan(w io.Writer, p *model.Plan, notes []string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "plan: create %d, update %d, link %d, skip %d; %s\n", p.Count(model.PlanCreate), p.Count(model.PlanUpdate), p.Count(model.PlanLink),
		p.Count(model.PlanSkip), plural(p.Violations(), "violation"))
	shown := 0
	for i := range p.Lines {
		l := &p.Lines[i]
		if l.Action == model.PlanSkip {
			continue
		}
		if shown++; shown > planLines {
			continue
		}
		what := l.Draft.Summary
		if l.Action != model.PlanCreate {
			what = strings.TrimSuffix(l.Reason+": "+what, ": ")
		}
		fmt.Fprintf(&b, "  %-6s  %s  %s  %s\n", l.Action, l.Draft.Project, idText(l.Violations), what)
		if shown == 1 && l.Action == model.PlanCreate {
			fmt.Fprintf(&b, "          %s\n", draftText(l))
		}
	}
	if shown > planLines {
		fmt.Fprintf(&b, "  and %d more\n", shown-planLines)
	}
	reasons := map[string]int{}
	var order []string
	for i := range p.Lines {
		if l := &p.Lines[i]; l.Action == model.PlanSkip {
			if reasons[l.Reason] == 0 {
				order = append(order, l.Reason)
			}
			reasons[l.Reason] += len(l.Violations)
		}
	}
	for i, reason := range order {
		if i == planLines {
			fmt.Fprintf(&b, "  and %d more reasons to skip\n", len(order)-i)
			break
		}
		fmt.Fprintf(&b, "  %-6s  %s: %s\n", model.PlanSkip, plural(reasons[reason], "violation"), reason)
	}
	for _, note := range notes {
		fmt.Fprintf(&b, "  %-6s  %s\n", "note", note)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// draftText says what a ticket will be and where each value comes from
// (ruling 12).
func draftText(l *model.PlanLine) string {
	d := &l.Draft
	parts := []string{"profile " + l.Profile}
	for _, f := range []struct{ name, value string }{
		{"project", d.Project}, {"issue type", d.IssueType}, {"priority", d.Priority}, {"assignee", d.Assignee}, {"reporter", d.Reporter}, {"epic", d.Epic},
	} {
		if f.value == "" {
			continue
		}
		part := f.name + " " + f.value
		if source := l.Sources[f.name]; source != "" && source != "profile" {
			part += " (" + source + ")"
		}
		parts = append(parts, part)
	}
	if len(d.Labels) > 0 {
		parts = append(parts, "labels "+strings.Join(d.Labels, " "))
	}
	return strings.Join(parts, ", ")
}

func (a *app) printCreate(p *model.Plan, ops []model.Operation, c carry) error {
	if a.json {
		return a.printJSON(createJSON{toPlanJSON(p, c.notes), toItems(ops)})
	}
	switch {
	case c.dryRun:
		return a.println("nothing was done (--dry-run)")
	case p.Violations() == 0:
		return a.println("there is nothing to do")
	case len(ops) == 0:
		return a.println("%s linked", areViolations(p.Violations()))
	case !c.wait:
		return a.println("%s in the outbox: an open console, or 'vexdesk sync --once', carries them out", areOperations(len(ops)))
	}
	for i := range ops {
		o := &ops[i]
		line := fmt.Sprintf("%-8s  %s  %-7s  %s", orDash(o.Key), o.State, o.Kind, idText(o.Violations))
		if o.Error != "" {
			line += "  " + o.Error
		}
		if err := a.println("%s", line); err != nil {
			return err
		}
	}
	return nil
}
