package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// wanted is what the transcript raises tickets for.
const wanted = "product:payments-api severity:critical -ticket:any vex:none"

// transcript does the whole job with commands and prints them with what they
// print.
func (d *demo) transcript(ctx context.Context) error {
	err := errors.Join(
		d.println("vexdesk demo: the whole job without a console. The Jira is simulated: %s", d.sim.URL),
		d.println("\nA workspace of six products is there. The scan of a new version of one of them comes in;\nwhat was decided before is carried over."),
		d.show(ctx, "import", d.next),
		d.println("\nWhat is critical in it and has no ticket?"),
		d.show(ctx, "list", "--where", wanted, "--sort", "-epss"),
		d.println("\nWhat would be done?"),
		d.show(ctx, "ticket", "create", "--where", wanted, "--label", "payments", "--dry-run"),
		d.println("\nDo it, and wait for Jira's answer."),
		d.show(ctx, "ticket", "create", "--where", wanted, "--label", "payments", "--yes", "--wait"),
	)
	if err != nil {
		return err
	}
	key, id, err := d.newest(ctx)
	if err != nil {
		return err
	}
	if err := d.sim.SetStatus(key, "In Progress"); err != nil {
		return err
	}
	err = errors.Join(
		d.println("\nIn Jira, a colleague starts to work on %s. The status comes back:", key),
		d.show(ctx, "ticket", "refresh", key),
		d.show(ctx, "list", "--where", "ticket:"+key),
		d.println("\nThe analyst decides what it means for the product:"),
		d.show(ctx, "vex", "set", id.String(), "--status", "affected", "--response", "update", "--action", "Upgrade with the next release."),
		d.show(ctx, "show", id.String()),
		d.println("\nIs everything in order?"),
		d.show(ctx, "doctor"),
	)
	if err != nil {
		return err
	}
	return d.summary(ctx)
}

// show prints a command as it would be typed, and runs it.
func (d *demo) show(ctx context.Context, args ...string) error {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg
		if strings.ContainsAny(words[i], " :*'\"") {
			words[i] = "'" + strings.ReplaceAll(words[i], "'", `'\''`) + "'"
		}
	}
	if err := d.println("\n$ vexdesk %s", strings.Join(words, " ")); err != nil {
		return err
	}
	return d.command(ctx, args...)
}

// newest finds the ticket that was raised last, and a violation of it.
func (d *demo) newest(ctx context.Context) (key string, id model.ViolationID, err error) {
	s, err := d.open(ctx)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	tickets, err := s.Tickets(ctx, storage.TicketFilter{})
	if err != nil {
		return "", 0, err
	}
	for _, t := range tickets {
		if t.Key != "" && len(t.Violations) > 0 {
			return t.Key, t.Violations[0], nil
		}
	}
	return "", 0, errors.New("the demo has raised no ticket")
}

// summary reports where the workspace stands.
func (d *demo) summary(ctx context.Context) (err error) {
	s, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.println("\nWhere things stand:\n"); err != nil {
		return err
	}
	t := d.table(column{head: "severity"}, column{head: "open", right: true}, column{head: "with ticket", right: true}, column{head: "decided", right: true}, column{head: "fix available", right: true})
	for _, severity := range model.Severities() {
		cells := []string{severity.String()}
		for _, also := range []string{"", "ticket:any", "vex:any", "fix:yes"} {
			filter, err := d.parseWhere(fmt.Sprintf("severity:%s %s", severity, also))
			if err != nil {
				return err
			}
			n, err := s.Count(ctx, filter)
			if err != nil {
				return err
			}
			cells = append(cells, thousands(n))
		}
		if cells[1] == "0" {
			continue
		}
		if err := t.row(cells...); err != nil {
			return err
		}
	}
	return errors.Join(t.flush(), d.println(""))
}
