package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) productCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "product", Short: "See products and set how they are ticketed"}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "list",
			Short: "List the products",
			Args:  noArgs,
			RunE:  a.with(a.productList),
		},
		&cobra.Command{
			Use:   "show NAME",
			Short: "Show a product and its versions",
			Args:  exactArgs("the name of a product"),
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				p, err := s.Product(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showProduct(cmd, s, p)
			}),
		},
		a.productSetCommand(),
	)
	return cmd
}

type productJSON struct {
	Name      string        `json:"name"`
	Resource  *string       `json:"resource"`
	Profile   *string       `json:"profile"`
	Project   *string       `json:"project"`
	IssueType *string       `json:"issue_type"`
	Assignee  *string       `json:"assignee"`
	Reporter  *string       `json:"reporter"`
	Epic      *string       `json:"epic"`
	Sync      syncJSON      `json:"sync"`
	Current   []string      `json:"current"`
	Open      int           `json:"open"`
	Versions  []versionJSON `json:"versions"`
}

type versionJSON struct {
	Name    string `json:"name"`
	Current bool   `json:"current"`
	Open    int    `json:"open"`
}

// toProductJSON counts as open what the current versions have open.
func toProductJSON(p model.Product) productJSON {
	out := productJSON{Sync: syncJSON{On: p.Sync, PushNotes: p.PushNotes}, Name: p.Name, Resource: orNull(p.Resource), Profile: orNull(p.Profile), Project: orNull(p.Project), IssueType: orNull(p.IssueType),
		Assignee: orNull(p.Assignee), Reporter: orNull(p.Reporter), Epic: orNull(p.Epic), Current: []string{}, Versions: []versionJSON{}}
	for _, v := range p.Versions {
		out.Versions = append(out.Versions, versionJSON{v.Name, v.Current, v.Open})
		if v.Current {
			out.Current = append(out.Current, v.Name)
			out.Open += v.Open
		}
	}
	return out
}

func (a *app) productList(cmd *cobra.Command, s *storage.Store, _ []string) error {
	all, err := s.Products(cmd.Context())
	if err != nil {
		return err
	}
	t := a.table(column{head: "product", keep: 16}, column{head: "type"}, column{head: "current", keep: 8}, column{head: "open", right: true},
		column{head: "versions", right: true}, column{head: "profile"}, column{head: "project"})
	for _, p := range all {
		j := toProductJSON(p)
		if a.json {
			err = a.printJSON(j)
		} else {
			err = t.row(p.Name, orDash(p.Resource), strings.Join(j.Current, " "), thousands(j.Open), thousands(len(p.Versions)), orDash(p.Profile), orDash(p.Project))
		}
		if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return a.tell("there is no product yet: 'vexdesk import FILE' brings the first")
	}
	return t.flush()
}

func (a *app) showProduct(cmd *cobra.Command, s *storage.Store, p model.Product) error {
	state, err := productSync(cmd.Context(), s, p)
	if err != nil {
		return err
	}
	if a.json {
		j := toProductJSON(p)
		j.Sync = state.json(p)
		return a.printJSON(j)
	}
	out := &page{width: a.width()}
	out.line("product", p.Name)
	out.line("type", p.Resource)
	for _, set := range []struct{ label, value string }{
		{"profile", p.Profile}, {"project", p.Project}, {"issue type", p.IssueType}, {"assignee", p.Assignee}, {"reporter", p.Reporter}, {"epic", p.Epic},
	} {
		out.line(set.label, set.value)
	}
	out.line("sync", state.text(p))
	for _, v := range p.Versions {
		text := fmt.Sprintf("%s, %s open", v.Name, thousands(v.Open))
		if v.Current {
			text += ", current"
		}
		out.line("version", text)
	}
	_, err = fmt.Fprint(a.stdout, out.String())
	return err
}

func (a *app) productSetCommand() *cobra.Command {
	var profile, project, issueType, assignee, reporter, epic string
	var current []string
	var sync, notes switchFlag
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Set how a product is ticketed, and which versions are current",
		Long: `Sets how a product is ticketed: what is set here overrides the profile; an empty
value goes back to it. --current names the current versions (repeatable);
--current= goes back to the version whose first import is the latest.`,
		Args: exactArgs("the name of a product"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			var change storage.ProductChange
			changes := 0
			for _, f := range []struct {
				flag  string
				value string
				to    **string
			}{
				{"profile", profile, &change.Profile}, {"project", project, &change.Project}, {"issue-type", issueType, &change.IssueType},
				{"assignee", assignee, &change.Assignee}, {"reporter", reporter, &change.Reporter}, {"epic", epic, &change.Epic},
			} {
				if cmd.Flags().Changed(f.flag) {
					*f.to = &f.value
					changes++
				}
			}
			if cmd.Flags().Changed("current") {
				change.Current = named(current)
				changes++
			}
			changes += sync.given + notes.given
			if changes == 0 {
				return usage("'%s' needs something to set, such as --project", cmd.CommandPath())
			}
			change.Sync, change.PushNotes = sync.value(), notes.value()
			p, err := s.SetProduct(cmd.Context(), a.actor(), args[0], change)
			if err != nil {
				return err
			}
			return a.showProduct(cmd, s, p)
		}),
	}
	flags := cmd.Flags()
	flags.Var(&sync, "sync", "keep VEX decisions and tickets in step: on or off")
	flags.Var(&notes, "push-notes", "let internal notes go to Jira: on or off")
	flags.StringVar(&profile, "profile", "", "name of the profile")
	flags.StringVar(&project, "project", "", "key of the project")
	flags.StringVar(&issueType, "issue-type", "", "name of the issue type")
	flags.StringVar(&assignee, "assignee", "", "e-mail address or account id")
	flags.StringVar(&reporter, "reporter", "", "e-mail address or account id")
	flags.StringVar(&epic, "epic", "", "key of an epic")
	flags.StringArrayVar(&current, "current", nil, "a current version (repeatable)")
	return cmd
}

// named leaves out empty names; the result is not nil.
func named(names []string) []string {
	out := []string{}
	for _, n := range names {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}
