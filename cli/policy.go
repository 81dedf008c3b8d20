package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) policyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Say by rules what is to be done about violations"}
	named := exactArgs("the name of a policy")
	cmd.AddCommand(a.policyAddCommand(), a.policySetCommand(), a.policyTestCommand(),
		&cobra.Command{
			Use:   "list",
			Short: "List the policies",
			Args:  noArgs,
			RunE:  a.with(a.policyList),
		},
		&cobra.Command{
			Use:   "show NAME",
			Short: "Show a policy, its rules and how much they match",
			Args:  named,
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				p, err := s.Policy(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showPolicy(cmd, s, p)
			}),
		},
		a.removeCommand("policy", "Remove a policy that no watch names", (*storage.Store).RemovePolicy),
	)
	return cmd
}

type ruleJSON struct {
	Name         *string `json:"name"`
	Query        string  `json:"query"`
	CreateTicket bool    `json:"create_ticket"`
	Severity     *string `json:"severity"`
	IgnoreUntil  *string `json:"ignore_until"`
	// Matches and Due (in their grace period) are by the watches' evaluation.
	Matches int `json:"matches"`
	Due     int `json:"due"`
}

type policyJSON struct {
	Name    string     `json:"name"`
	Type    *string    `json:"type"`
	Mode    string     `json:"mode"`
	Grace   int        `json:"grace_days"`
	Rules   []ruleJSON `json:"rules"`
	Watches []string   `json:"watches"`
}

// policyFacts is what surrounds the policies.
type policyFacts struct {
	watches []model.Watch
	counts  []storage.WatchCounts
}

func (a *app) policyFacts(cmd *cobra.Command, s *storage.Store) (f policyFacts, err error) {
	if f.watches, err = s.Watches(cmd.Context()); err != nil {
		return f, err
	}
	f.counts, err = s.WatchMatches(cmd.Context(), "")
	return f, err
}

func (f *policyFacts) json(p *model.Policy) policyJSON {
	out := policyJSON{Name: p.Name, Type: orNull(p.Type), Mode: string(p.Mode), Grace: p.GraceDays, Watches: []string{}}
	for _, w := range f.watches {
		if slices.ContainsFunc(w.Policies, func(name string) bool { return strings.EqualFold(name, p.Name) }) {
			out.Watches = append(out.Watches, w.Name)
		}
	}
	for i, r := range p.Rules {
		rule := ruleJSON{Name: orNull(r.Name), Query: r.Query, CreateTicket: r.CreateTicket, Severity: orNull(r.Severity), IgnoreUntil: orNull(r.IgnoreUntil)}
		for _, c := range f.counts {
			if c.Policy == p.Name && c.Rule == i {
				rule.Matches, rule.Due = c.Count, c.Due
			}
		}
		out.Rules = append(out.Rules, rule)
	}
	return out
}

func (a *app) policyList(cmd *cobra.Command, s *storage.Store, _ []string) error {
	all, err := s.Policies(cmd.Context())
	if err != nil {
		return err
	}
	facts, err := a.policyFacts(cmd, s)
	if err != nil {
		return err
	}
	t := a.table(column{head: "policy", keep: 12}, column{head: "type"}, column{head: "mode"}, column{head: "rules", right: true}, column{head: "matches", right: true}, column{head: "watches", keep: 12})
	for i := range all {
		j := facts.json(&all[i])
		matches := "all"
		if !all[i].MatchesAll() {
			n := 0
			for _, r := range j.Rules {
				n += r.Matches
			}
			matches = thousands(n)
		}
		if a.json {
			err = a.printJSON(j)
		} else {
			err = t.row(j.Name, orDash(all[i].Type), j.Mode, thousands(len(j.Rules)), matches, orDash(strings.Join(j.Watches, ", ")))
		}
		if err != nil {
			return err
		}
	}
	return t.flush()
}

func (a *app) showPolicy(cmd *cobra.Command, s *storage.Store, p model.Policy) error {
	facts, err := a.policyFacts(cmd, s)
	if err != nil {
		return err
	}
	j := facts.json(&p)
	if a.json {
		return a.printJSON(j)
	}
	out := &page{width: a.width()}
	out.line("policy", p.Name)
	out.line("type", p.Type)
	out.line("mode", string(p.Mode))
	if p.GraceDays > 0 {
		out.line("grace", plural(p.GraceDays, "day"))
	}
	for i, r := range j.Rules {
		text := ruleText(p.Rules[i])
		if !p.MatchesAll() {
			text += "; matches " + thousands(r.Matches)
		}
		if r.Due > 0 {
			text += ", tickets to come for " + thousands(r.Due)
		}
		out.line("rule", text)
	}
	out.line("watches", strings.Join(j.Watches, ", "))
	if len(j.Watches) == 0 {
		out.line("", "no watch names it: it does nothing until 'vexdesk watch add' does")
	}
	_, err = fmt.Fprint(a.stdout, out.String())
	return err
}

// ruleText says a rule in a line.
func ruleText(r model.Rule) string {
	text := r.Query
	if text == "" {
		text = "everything"
	}
	if r.Name != "" {
		text = r.Name + ": " + text
	}
	if r.CreateTicket {
		text += "; creates tickets"
	}
	if r.Severity != "" {
		text += "; severity " + r.Severity
	}
	if r.IgnoreUntil != "" {
		text += "; ignored until " + r.IgnoreUntil
	}
	return text
}

// policyFlags are the settings of a policy beside its rules.
type policyFlags struct {
	kind, mode string
	grace      int
}

func (f *policyFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.kind, "type", "", "security, license or operational_risk: only violations of that type; a policy of the last two makes them of components that fit")
	cmd.Flags().StringVar(&f.mode, "mode", string(model.PolicyApply), "off, log (record what it matches) or apply")
	cmd.Flags().IntVar(&f.grace, "grace", 0, "days before the automatic ticket")
}

// apply takes over the flags that were given.
func (f *policyFlags) apply(cmd *cobra.Command, p *model.Policy) error {
	if cmd.Flags().Changed("type") || p.Type == "" {
		p.Type = f.kind
	}
	if cmd.Flags().Changed("mode") || p.Mode == "" {
		mode, err := model.ParsePolicyMode(f.mode)
		if err != nil {
			return usage("--mode: %w", err)
		}
		p.Mode = mode
	}
	if cmd.Flags().Changed("grace") {
		p.GraceDays = f.grace
	}
	return nil
}

func (a *app) policyAddCommand() *cobra.Command {
	var f policyFlags
	var rule model.Rule
	cmd := &cobra.Command{
		Use:   "add NAME --where QUERY",
		Short: "Add a policy with its first rule",
		Long: `Adds a policy with its first rule: what the query matches, and what follows. It
works once a watch names it. 'vexdesk policy test' tells what it matches before
that; 'vexdesk policy set NAME --rules FILE' gives it more rules.`,
		Example: "  vexdesk policy add urgent --where 'severity:critical fix:yes' --create-ticket --grace 2",
		Args:    exactArgs("a name"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			if !cmd.Flags().Changed("where") {
				return usage("a policy needs --where with a query: --where '' is everything")
			}
			p := model.Policy{Name: args[0], Rules: []model.Rule{rule}}
			if err := f.apply(cmd, &p); err != nil {
				return err
			}
			p, err := s.AddPolicy(cmd.Context(), a.actor(), p)
			if err != nil {
				return err
			}
			return a.showPolicy(cmd, s, p)
		}),
	}
	f.add(cmd)
	ruleFlags(cmd, &rule)
	return cmd
}

func ruleFlags(cmd *cobra.Command, r *model.Rule) {
	cmd.Flags().StringVar(&r.Query, "where", "", "query: what the rule matches")
	cmd.Flags().BoolVar(&r.CreateTicket, "create-ticket", false, "create a ticket, through the profile of the watch")
	cmd.Flags().StringVar(&r.Severity, "severity", "", "severity that licence and operational-risk violations get")
	cmd.Flags().StringVar(&r.IgnoreUntil, "ignore-until", "", "date (2026-12-31) up to which it is ignored")
}

func (a *app) policySetCommand() *cobra.Command {
	var f policyFlags
	var file string
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change a policy, or give it rules from a file",
		Long: `Changes a policy. --rules names a file (YAML or JSON, - is standard input) with
the list of its rules, the first that matches wins:

  - name: exploited
    query: kev:yes
    create_ticket: true
  - name: not yet
    query: severity:low
    ignore_until: 2027-01-01`,
		Args: exactArgs("the name of a policy"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			if cmd.Flags().NFlag() == 0 {
				return usage("nothing is changed: give --rules, --mode, --grace or --type")
			}
			p, err := s.Policy(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := f.apply(cmd, &p); err != nil {
				return err
			}
			if file != "" {
				if p.Rules, err = a.readRules(file); err != nil {
					return err
				}
			}
			if p, err = s.SetPolicy(cmd.Context(), a.actor(), args[0], p); err != nil {
				return err
			}
			return a.showPolicy(cmd, s, p)
		}),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&file, "rules", "", "file with the rules")
	return cmd
}

// testExamples is how many examples of a rule are printed.
const testExamples = 5

type testJSON struct {
	Name    *string        `json:"name"`
	Matches int            `json:"matches"`
	Rules   []testRuleJSON `json:"rules"`
	// Shared counts what other policies match too.
	Shared map[string]int `json:"shared"`
}

type testRuleJSON struct {
	ruleTestJSON
	Examples []string `json:"examples"`
}

type ruleTestJSON struct {
	Name    *string `json:"name"`
	Query   string  `json:"query"`
	Matches int     `json:"matches"`
}

func (a *app) policyTestCommand() *cobra.Command {
	var f policyFlags
	var rule model.Rule
	cmd := &cobra.Command{
		Use:     "test (NAME | --where QUERY)",
		Short:   "Tell what a policy would match now, and do nothing",
		Example: "  vexdesk policy test --where 'kev:yes -ticket:any'",
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			byQuery := cmd.Flags().Changed("where")
			if byQuery == (len(args) == 1) || len(args) > 1 {
				return usage("'%s' needs the name of a policy, or --where with a query", cmd.CommandPath())
			}
			p := model.Policy{Name: "(test)", Rules: []model.Rule{rule}}
			if !byQuery {
				var err error
				if p, err = s.Policy(cmd.Context(), args[0]); err != nil {
					return err
				}
			} else if err := f.apply(cmd, &p); err != nil {
				return err
			}
			m, err := s.TryPolicy(cmd.Context(), p, testExamples)
			if err != nil {
				return err
			}
			return a.printTest(p, m, byQuery)
		}),
	}
	f.add(cmd)
	ruleFlags(cmd, &rule)
	return cmd
}

func (a *app) printTest(p model.Policy, m model.PolicyMatches, unnamed bool) error {
	if a.json {
		out := testJSON{Name: orNull(p.Name), Matches: m.Total(), Rules: []testRuleJSON{}, Shared: m.Shared}
		if unnamed {
			out.Name = nil
		}
		for _, r := range m.Rules {
			one := testRuleJSON{ruleTestJSON: ruleTestJSON{orNull(r.Rule.Name), r.Rule.Query, r.Count}, Examples: []string{}}
			for _, row := range r.Examples {
				one.Examples = append(one.Examples, row.ID.String())
			}
			out.Rules = append(out.Rules, one)
		}
		return a.printJSON(out)
	}
	for _, r := range m.Rules {
		if err := a.println("%s: %s", ruleText(r.Rule), plural(r.Count, "violation")); err != nil {
			return err
		}
		for _, row := range r.Examples {
			err := a.println("  %s  %s  %s  %s %s  %s %s", row.ID, row.Severity, row.Issue, row.Component, row.ComponentVersion, row.Product, row.ProductVersion)
			if err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Shared)) {
		if err := a.tell("%s of these match the policy %s as well: they get one ticket for both", thousands(m.Shared[name]), name); err != nil {
			return err
		}
	}
	return nil
}
