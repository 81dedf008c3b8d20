package cli

import (
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// linkJSON is the result of ticket link and ticket unlink.
type linkJSON struct {
	Key        string          `json:"key"`
	Violations []string        `json:"violations"`
	Linked     bool            `json:"linked"`
	Operations []operationItem `json:"operations"`
}

func (a *app) ticketLinkCommand() *cobra.Command {
	var connection string
	var c carry
	var timeout duration
	cmd := &cobra.Command{
		Use:   "link KEY ID...",
		Short: "Link violations to a ticket that is there already",
		Long: `Links violations to a ticket that exists in Jira. One that vexdesk does not know
yet is asked for by the next sync, or at once with --wait.`,
		Args: someArgs("the key of a ticket and ids of violations"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			ids, err := linkIDs(cmd, args)
			if err != nil {
				return err
			}
			ops, err := s.LinkTicket(cmd.Context(), a.actor(), args[0], connection, ids)
			if err != nil {
				return err
			}
			if c.wait && len(ops) > 0 {
				c.timeout = time.Duration(timeout)
				plan := model.Plan{Lines: []model.PlanLine{{Action: model.PlanLink, Violations: ids}}}
				return a.await(cmd.Context(), s, &plan, ops, c)
			}
			if a.json {
				return a.printJSON(linkJSON{args[0], idStrings(ids), true, toItems(ops)})
			}
			if len(ops) > 0 {
				return a.println("%s linked to %s, which the next sync looks for", areViolations(len(ids)), args[0])
			}
			return a.println("%s linked to %s", areViolations(len(ids)), args[0])
		}),
	}
	cmd.Flags().StringVar(&connection, "connection", "", "connection of a ticket that is not known yet; the only one is the default")
	waitFlags(cmd, &c.wait, &timeout)
	return cmd
}

func linkIDs(cmd *cobra.Command, args []string) ([]model.ViolationID, error) {
	if len(args) < 2 {
		return nil, usage("'%s' needs the key of a ticket and ids of violations", cmd.CommandPath())
	}
	return parseIDs(args[1:])
}

func (a *app) ticketUnlinkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unlink KEY ID...",
		Short: "Take violations off a ticket; the ticket stays",
		Args:  someArgs("the key of a ticket and ids of violations"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			ids, err := linkIDs(cmd, args)
			if err != nil {
				return err
			}
			if err := s.UnlinkTicket(cmd.Context(), a.actor(), args[0], ids); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(linkJSON{args[0], idStrings(ids), false, []operationItem{}})
			}
			return a.println("%s no longer linked to %s", areViolations(len(ids)), args[0])
		}),
	}
}
