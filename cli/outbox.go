package cli

import (
	"context"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// outboxJSON is an operation as `outbox list --json` prints it.
type outboxJSON struct {
	ID         string   `json:"id"`
	Kind       string   `json:"kind"`
	State      string   `json:"state"`
	Attempts   int      `json:"attempts"`
	NextTry    *string  `json:"next_try"`
	Violations []string `json:"violations"`
	Key        *string  `json:"key"`
	Error      *string  `json:"error"`
}

func (a *app) outboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "See what is on its way to Jira",
		RunE:  a.with(a.outboxList),
		Args:  noArgs,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "list",
			Short: "List the operations, the oldest first",
			Args:  noArgs,
			RunE:  a.with(a.outboxList),
		},
		&cobra.Command{
			Use:   "retry ID",
			Short: "Try a failed operation again, after its cause was mended",
			Args:  exactArgs("the id of an operation"),
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				return a.moveOperation(cmd, s, args[0], model.OpPending, s.RetryOperation)
			}),
		},
		&cobra.Command{
			Use:   "discard ID",
			Short: "Give a pending or failed operation up",
			Args:  exactArgs("the id of an operation"),
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				return a.moveOperation(cmd, s, args[0], model.OpDiscarded, s.DiscardOperation)
			}),
		},
	)
	return cmd
}

func (a *app) outboxList(cmd *cobra.Command, s *storage.Store, _ []string) error {
	ops, err := s.Operations(cmd.Context(), storage.OperationFilter{})
	if err != nil {
		return err
	}
	if a.json {
		for i := range ops {
			if err := a.printJSON(operationJSON(&ops[i])); err != nil {
				return err
			}
		}
		return nil
	}
	t := a.table(column{head: "operation"}, column{head: "kind"}, column{head: "state"}, column{head: "attempts", right: true},
		column{head: "ticket"}, column{head: "violations", keep: 8}, column{head: "error", keep: 16})
	for i := range ops {
		o := &ops[i]
		err := t.row(o.ID, string(o.Kind), string(o.State), thousands(o.Attempts), orDash(o.Key), idText(o.Violations), orDash(o.Error))
		if err != nil {
			return err
		}
	}
	if len(ops) == 0 {
		return a.tell("the outbox is empty")
	}
	return t.flush()
}

func operationJSON(o *model.Operation) outboxJSON {
	return outboxJSON{ID: o.ID, Kind: string(o.Kind), State: string(o.State), Attempts: o.Attempts, NextTry: timeOrNull(o.NextTry),
		Violations: idStrings(o.Violations), Key: orNull(o.Key), Error: orNull(o.Error)}
}

func idStrings(ids []model.ViolationID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

// idText names a few ids for people.
func idText(ids []model.ViolationID) string {
	text := ""
	for i, id := range ids {
		switch {
		case i == 0:
			text = id.String()
		case i < 3:
			text += ", " + id.String()
		default:
			return text + " and " + thousands(len(ids)-3) + " more"
		}
	}
	return orDash(text)
}

func (a *app) moveOperation(cmd *cobra.Command, s *storage.Store, id string, to model.OperationState, move func(ctx context.Context, actor model.Actor, id string) error) error {
	if err := move(cmd.Context(), a.actor(), id); err != nil {
		return err
	}
	ops, err := s.Operations(cmd.Context(), storage.OperationFilter{IDs: []string{id}})
	if err != nil {
		return err
	}
	if a.json && len(ops) == 1 {
		return a.printJSON(operationJSON(&ops[0]))
	}
	return a.println("%s is %s", id, to)
}
