package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// conflictJSON is a field in dispute, one per line.
type conflictJSON struct {
	ID      string  `json:"id"`
	Ticket  string  `json:"ticket"`
	Field   string  `json:"field"`
	Base    *string `json:"base"`
	Local   *string `json:"local"`
	Jira    *string `json:"jira"`
	LocalAt *string `json:"local_at"`
	LocalBy *string `json:"local_by"`
	JiraAt  *string `json:"jira_at"`
	JiraBy  *string `json:"jira_by"`
}

func (a *app) vexConflictsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "conflicts",
		Short: "List the fields that were changed differently here and in Jira",
		Long: `Lists the fields that were changed differently here and in Jira since both agreed
last. Neither side is overwritten until 'vexdesk vex resolve' says which counts.`,
		Args: noArgs,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			open, err := s.Conflicts(cmd.Context(), nil)
			if err != nil {
				return err
			}
			if a.json {
				for _, c := range open {
					err := a.printJSON(conflictJSON{c.Violation.String(), c.Ticket, string(c.Field), orNull(c.Base), orNull(c.Local), orNull(c.Jira),
						timeOrNull(c.LocalAt), orNull(c.LocalBy), timeOrNull(c.JiraAt), orNull(c.JiraBy)})
					if err != nil {
						return err
					}
				}
				return nil
			}
			return a.printConflicts(cmd, s, open)
		}),
	}
}

func (a *app) printConflicts(cmd *cobra.Command, s *storage.Store, open []storage.Conflict) error {
	t := a.table(column{head: "id", right: true}, column{head: "ticket"}, column{head: "issue"}, column{head: "component", keep: 10}, column{head: "field"},
		column{head: "agreed", keep: 8}, column{head: "here", keep: 10}, column{head: "jira", keep: 10}, column{head: "jira since"})
	for _, c := range open {
		err := t.row(c.Violation.String(), c.Ticket, c.Issue, c.Component, string(c.Field), oneLine(c.Base), oneLine(c.Local), oneLine(c.Jira), c.JiraAt.Local().Format("2006-01-02 15:04"))
		if err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	problems, err := s.VEXProblems(cmd.Context(), 0)
	for _, p := range problems {
		err = errors.Join(err, a.tell("problem  %s %s: %s", p.Ticket, p.Field, p.Problem))
	}
	if err == nil && len(open) == 0 {
		err = a.tell("there is no conflict")
	}
	return err
}

// oneLine shows a value in a table.
func oneLine(value string) string { return orDash(model.Clean(value)) }

func (a *app) vexResolveCommand() *cobra.Command {
	var sel selection
	var field, take string
	var yes bool
	cmd := &cobra.Command{
		Use:   "resolve (ID... | --where QUERY) [--field FIELD] --take local|jira|VALUE",
		Short: "Say which side of a conflict counts",
		Long: `Ends conflicts: with what is here, with what is in Jira, or with another value for
the named field. Without --field all fields of the violations that are in
conflict. What Jira is to get goes there with the next sync.`,
		Example: "  vexdesk vex resolve 17 --field status --take jira\n  vexdesk vex resolve --where 'conflict:yes' --take local --yes",
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			if !cmd.Flags().Changed("take") {
				return usage("'%s' needs --take with local, jira or a value", cmd.CommandPath())
			}
			if err := checkTake(field, take); err != nil {
				return usage("%w", err)
			}
			ids, err := a.ids(cmd.Context(), s, cmd, sel, args)
			if err != nil {
				return err
			}
			if len(ids) > 1 {
				if err := a.confirm(cmd, yes, fmt.Sprintf("resolve the conflicts of %s with %s", plural(len(ids), "violation"), take)); err != nil {
					return err
				}
			}
			n, err := s.ResolveConflicts(cmd.Context(), a.actor(), ids, model.VEXField(field), storage.Take(take))
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]int{"resolved": n})
			}
			return a.println("%s resolved", plural(n, "conflict"))
		}),
	}
	sel.flags(cmd)
	cmd.Flags().StringVar(&field, "field", "", "one of "+strings.Join(syncedFieldNames(), ", ")+"; else all")
	cmd.Flags().StringVar(&take, "take", "", "local, jira, or another value for the field")
	yesFlag(cmd, &yes)
	return cmd
}

func checkTake(field, take string) error {
	if field != "" && !slices.Contains(syncedFieldNames(), field) {
		return fmt.Errorf("%q is not a field that Jira has: use %s", field, strings.Join(syncedFieldNames(), ", "))
	}
	if take == string(storage.TakeLocal) || take == string(storage.TakeJira) {
		return nil
	}
	if field == "" {
		return fmt.Errorf("%q is neither local nor jira: name the field that it is a value for with --field", take)
	}
	return new(model.Assessment).Set(model.VEXField(field), take)
}

func syncedFieldNames() (names []string) {
	for _, f := range model.SyncedFields() {
		names = append(names, string(f))
	}
	return names
}

func (a *app) vexAcceptCommand() *cobra.Command {
	var sel selection
	var yes, dryRun bool
	cmd := &cobra.Command{
		Use:   "accept (ID... | --where QUERY)",
		Short: "Take the decisions that are offered",
		Long: `Takes the decisions that are offered to violations: those on the same issue and
package in another version of the product, whose component had another version.`,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			ids, err := a.ids(cmd.Context(), s, cmd, sel, args)
			if err != nil {
				return err
			}
			offers, err := s.Offers(cmd.Context(), ids)
			if err != nil {
				return err
			}
			if dryRun {
				return a.printOffers(offers)
			}
			if len(offers) > 1 {
				if err := a.confirm(cmd, yes, fmt.Sprintf("take over the decisions for %s", plural(len(offers), "violation"))); err != nil {
					return err
				}
			}
			n, err := s.AcceptOffers(cmd.Context(), a.actor(), ids)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]int{"accepted": n})
			}
			return a.println("%s taken over, %s without an offer", plural(n, "decision"), areViolations(len(ids)-n))
		}),
	}
	sel.flags(cmd)
	yesFlag(cmd, &yes)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print what is offered, and change nothing")
	return cmd
}

func (a *app) printOffers(offers []storage.Offer) error {
	if a.json {
		list := []map[string]string{}
		for _, o := range offers {
			list = append(list, map[string]string{"id": o.Violation.String(), "from": o.From.String(), "version": o.Version, "component_version": o.ComponentThere, "status": string(o.Assessment.Status)})
		}
		return a.printJSON(map[string]any{"offers": list})
	}
	t := a.table(column{head: "id", right: true}, column{head: "decided in"}, column{head: "for component version"}, column{head: "decision"})
	for _, o := range offers {
		if err := t.row(o.Violation.String(), o.Version, orDash(o.ComponentThere), string(o.Assessment.Status)); err != nil {
			return err
		}
	}
	return t.flush()
}
