package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) watchCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "watch", Short: "Say where policies work, and whether they create tickets"}
	named := exactArgs("the name of a watch")
	cmd.AddCommand(a.watchAddCommand(), a.watchSetCommand(), a.watchRunCommand(),
		&cobra.Command{
			Use:   "list",
			Short: "List the watches",
			Args:  noArgs,
			RunE:  a.with(a.watchList),
		},
		&cobra.Command{
			Use:   "show NAME",
			Short: "Show a watch and what its policies match",
			Args:  named,
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				w, err := s.Watch(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showWatch(cmd, s, w)
			}),
		},
		a.removeCommand("watch", "Remove a watch; its tickets stay", (*storage.Store).RemoveWatch),
	)
	return cmd
}

type watchJSON struct {
	Name          string   `json:"name"`
	Scope         string   `json:"scope"`
	Policies      []string `json:"policies"`
	Profile       *string  `json:"profile"`
	CreateTickets bool     `json:"create_tickets"`
	CreateSince   *string  `json:"create_since"`
}

func toWatchJSON(w model.Watch) watchJSON {
	return watchJSON{w.Name, w.Scope, orEmpty(w.Policies), orNull(w.Profile), w.CreateTickets, timeOrNull(w.CreateSince)}
}

func (a *app) watchList(cmd *cobra.Command, s *storage.Store, _ []string) error {
	all, err := s.Watches(cmd.Context())
	if err != nil {
		return err
	}
	t := a.table(column{head: "watch", keep: 12}, column{head: "scope", keep: 16}, column{head: "policies", keep: 12}, column{head: "profile"}, column{head: "tickets"})
	for _, w := range all {
		if a.json {
			err = a.printJSON(toWatchJSON(w))
		} else {
			err = t.row(w.Name, scopeText(w), strings.Join(w.Policies, ", "), orDash(w.Profile), onOff(w.CreateTickets))
		}
		if err != nil {
			return err
		}
	}
	return t.flush()
}

func scopeText(w model.Watch) string {
	if w.Scope == "" {
		return "everything"
	}
	return w.Scope
}

func (a *app) showWatch(cmd *cobra.Command, s *storage.Store, w model.Watch) error {
	if a.json {
		return a.printJSON(toWatchJSON(w))
	}
	counts, err := s.WatchMatches(cmd.Context(), w.Name)
	if err != nil {
		return err
	}
	out := &page{width: a.width()}
	out.line("watch", w.Name)
	out.line("scope", scopeText(w))
	out.line("profile", w.Profile)
	tickets := "off: rules create none by themselves"
	if w.CreateTickets {
		tickets = "on, for what is first seen after " + w.CreateSince.UTC().Format(time.DateTime) + " UTC; 'vexdesk watch run' covers what was there"
	}
	out.line("tickets", tickets)
	for _, name := range w.Policies {
		text, n, due := name, 0, 0
		for _, c := range counts {
			if c.Policy == name {
				n, due = n+c.Count, due+c.Due
			}
		}
		if n > 0 {
			text += ", matches " + thousands(n)
		}
		if due > 0 {
			text += ", tickets to come for " + thousands(due)
		}
		out.line("policy", text)
	}
	_, err = fmt.Fprint(a.stdout, out.String())
	return err
}

// watchFlags are the settings of a watch.
type watchFlags struct {
	scope, profile string
	policies       []string
	tickets        string
}

func (f *watchFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.scope, "scope", "", "query: which products and resources; '' is everything")
	cmd.Flags().StringArrayVar(&f.policies, "policy", nil, "policy that works there (repeatable; in their order)")
	cmd.Flags().StringVar(&f.profile, "profile", "", "profile for its tickets")
	cmd.Flags().StringVar(&f.tickets, "create-tickets", "off", "on: rules create tickets by themselves, for what is first seen from then on")
}

func (f *watchFlags) apply(cmd *cobra.Command, w *model.Watch) error {
	if cmd.Flags().Changed("scope") {
		w.Scope = f.scope
	}
	if cmd.Flags().Changed("policy") {
		w.Policies = f.policies
	}
	if cmd.Flags().Changed("profile") {
		w.Profile = f.profile
	}
	if cmd.Flags().Changed("create-tickets") {
		if f.tickets != "on" && f.tickets != "off" {
			return usage("--create-tickets is %q: use on or off", f.tickets)
		}
		w.CreateTickets = f.tickets == "on"
	}
	return nil
}

func (a *app) watchAddCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:     "add NAME --scope QUERY --policy POLICY",
		Short:   "Add a watch",
		Example: "  vexdesk watch add shipping --scope 'product:payments*' --policy urgent --profile security --create-tickets=on",
		Args:    exactArgs("a name"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			if !cmd.Flags().Changed("scope") || len(f.policies) == 0 {
				return usage("a watch needs --scope ('' is everything) and --policy")
			}
			w := model.Watch{Name: args[0]}
			if err := f.apply(cmd, &w); err != nil {
				return err
			}
			w, err := s.AddWatch(cmd.Context(), a.actor(), w)
			if err != nil {
				return err
			}
			return a.showWatch(cmd, s, w)
		}),
	}
	f.add(cmd)
	return cmd
}

func (a *app) watchSetCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change a watch",
		Args:  exactArgs("the name of a watch"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			if cmd.Flags().NFlag() == 0 {
				return usage("nothing is changed: give --scope, --policy, --profile or --create-tickets")
			}
			w, err := s.Watch(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := f.apply(cmd, &w); err != nil {
				return err
			}
			if w, err = s.SetWatch(cmd.Context(), a.actor(), args[0], w); err != nil {
				return err
			}
			return a.showWatch(cmd, s, w)
		}),
	}
	f.add(cmd)
	return cmd
}

func (a *app) watchRunCommand() *cobra.Command {
	var c carry
	var timeout duration
	cmd := &cobra.Command{
		Use:   "run NAME",
		Short: "Create the tickets that a watch's rules want for what is there",
		Long: `Plans tickets for all that the watch's rules want tickets for now, whenever it
was first seen, shows the plan and carries it out.`,
		Args: exactArgs("the name of a watch"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			plan, err := s.PlanWatch(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			c.timeout = time.Duration(timeout)
			return a.carryOut(cmd, s, plan, c)
		}),
	}
	yesFlag(cmd, &c.yes)
	cmd.Flags().BoolVar(&c.dryRun, "dry-run", false, "print the plan, and do nothing")
	waitFlags(cmd, &c.wait, &timeout)
	return cmd
}
