package cli

import (
	"context"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
)

// selection is which violations a command is about: ids, or a query.
type selection struct {
	where string
}

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.where, "where", "", "query that chooses the violations (docs: the query language)")
}

// parseWhere reads a query; durations count from now.
func (a *app) parseWhere(text string) (*query.Query, error) {
	if text == "" {
		return nil, nil
	}
	return query.Parse(text, a.now())
}

// ids resolves the selection: the ids of the arguments, or those that the
// query matches, in the order of the list.
func (a *app) ids(ctx context.Context, store *storage.Store, cmd *cobra.Command, s selection, args []string) ([]model.ViolationID, error) {
	asked := cmd.Flags().Changed("where")
	switch {
	case asked && len(args) > 0:
		return nil, usage("'%s' takes ids or --where, not both", cmd.CommandPath())
	case !asked && len(args) == 0:
		return nil, usage("'%s' needs ids of violations, or --where with a query", cmd.CommandPath())
	case asked:
		filter, err := a.parseWhere(s.where)
		if err != nil {
			return nil, err
		}
		return store.MatchingIDs(ctx, storage.Window{Filter: filter})
	}
	return parseIDs(args)
}

// parseIDs reads ids, each once.
func parseIDs(args []string) ([]model.ViolationID, error) {
	var out []model.ViolationID
	seen := map[model.ViolationID]bool{}
	for _, arg := range args {
		id, err := model.ParseViolationID(arg)
		if err != nil {
			return nil, usage("%w", err)
		}
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out, nil
}
