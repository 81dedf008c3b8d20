package cli

import (
	"context"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
)

func (a *app) viewCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "view", Short: "Keep queries under names: keys 1 to 9 of the console"}
	cmd.AddCommand(a.viewAddCommand(),
		&cobra.Command{
			Use:   "list",
			Short: "List the saved views",
			Args:  noArgs,
			RunE:  a.with(a.viewList),
		},
		a.removeCommand("view", "Forget a saved view", (*storage.Store).RemoveView),
	)
	return cmd
}

// removeCommand is the command that removes a named thing.
func (a *app) removeCommand(kind, short string, remove func(*storage.Store, context.Context, model.Actor, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: short,
		Args:  exactArgs("the name of a " + kind),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			if err := remove(s, cmd.Context(), a.actor(), args[0]); err != nil {
				return err
			}
			return a.removed(kind, args[0])
		}),
	}
}

// removed tells that a named thing is gone.
func (a *app) removed(kind, name string) error {
	if a.json {
		return a.printJSON(map[string]any{"name": name, "removed": true})
	}
	return a.println("%s %s is removed", kind, name)
}

type viewJSON struct {
	Name  string  `json:"name"`
	Query string  `json:"query"`
	Sort  *string `json:"sort"`
}

func (a *app) viewAddCommand() *cobra.Command {
	var where, sort string
	cmd := &cobra.Command{
		Use:     "add NAME --where QUERY",
		Short:   "Save a view",
		Example: "  vexdesk view add 'payments, exploited' --where 'product:payments* kev:yes' --sort -epss",
		Args:    exactArgs("a name"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			name := model.Clean(args[0])
			if name == "" || where == "" {
				return usage("a view needs a name and --where with a query")
			}
			if _, err := a.parseWhere(where); err != nil {
				return err
			}
			if _, err := query.ParseSort(sort); err != nil {
				return err
			}
			if err := s.AddView(cmd.Context(), a.actor(), model.View{Name: name, Query: where, Sort: sort}); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(viewJSON{name, where, orNull(sort)})
			}
			return a.println("view %s is saved", name)
		}),
	}
	cmd.Flags().StringVar(&where, "where", "", "query that chooses the violations")
	cmd.Flags().StringVar(&sort, "sort", "", "keys with commas, a minus before one to reverse it")
	return cmd
}

func (a *app) viewList(cmd *cobra.Command, s *storage.Store, _ []string) error {
	views, err := s.Views(cmd.Context())
	if err != nil {
		return err
	}
	t := a.table(column{head: "view"}, column{head: "query", keep: 20}, column{head: "sort"})
	for _, v := range views {
		if a.json {
			err = a.printJSON(viewJSON{v.Name, v.Query, orNull(v.Sort)})
		} else {
			err = t.row(v.Name, orDash(v.Query), orDash(v.Sort))
		}
		if err != nil {
			return err
		}
	}
	return t.flush()
}
