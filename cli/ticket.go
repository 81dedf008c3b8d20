package cli

import (
	"github.com/spf13/cobra"

	"example.com/vexdesk/formats/write"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/term"
)

func (a *app) ticketCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "ticket", Short: "Raise Jira tickets and follow them"}
	cmd.AddCommand(a.ticketCreateCommand(), a.ticketUpdateCommand(), a.ticketLinkCommand(), a.ticketUnlinkCommand(), a.ticketListCommand(), a.ticketRefreshCommand(), a.ticketOpenCommand())
	return cmd
}

// ticketJSON is a ticket as `ticket list --json` prints it.
type ticketJSON struct {
	Key        *string  `json:"key"`
	ID         *string  `json:"id"` // Jira's own
	Status     *string  `json:"status"`
	Category   *string  `json:"category"`
	State      string   `json:"state"`
	Connection string   `json:"connection"`
	Violations []string `json:"violations"`
	Created    *string  `json:"created"`
	Refreshed  *string  `json:"refreshed"`
	URL        *string  `json:"url"`
	Summary    *string  `json:"summary"`
	Problem    *string  `json:"problem"`
}

func (a *app) ticketListCommand() *cobra.Command {
	var where string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List tickets, the newest first",
		Args:  noArgs,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			var f storage.TicketFilter
			if cmd.Flags().Changed("where") {
				filter, err := a.parseWhere(where)
				if err != nil {
					return err
				}
				f.Window = &storage.Window{Filter: filter}
			}
			return a.ticketList(cmd, s, f)
		}),
	}
	cmd.Flags().StringVar(&where, "where", "", "query: the tickets of the violations that it matches")
	return cmd
}

func (a *app) ticketList(cmd *cobra.Command, s *storage.Store, f storage.TicketFilter) error {
	tickets, err := s.Tickets(cmd.Context(), f)
	if err != nil {
		return err
	}
	t := a.table(column{head: "ticket"}, column{head: "status"}, column{head: "connection", keep: 8}, column{head: "violations", keep: 8},
		column{head: "created"}, column{head: "refreshed"}, column{head: "summary", keep: 20})
	for i := range tickets {
		each := &tickets[i]
		if a.json {
			err = a.printJSON(toTicketJSON(each))
		} else {
			err = t.row(orDash(each.Key), orDash(each.ShownStatus()), each.Connection, idText(each.Violations), orDash(day(each.Created)), orDash(day(each.Refreshed)), each.Summary)
		}
		if err != nil {
			return err
		}
	}
	if len(tickets) == 0 {
		return a.tell("there are no tickets")
	}
	return t.flush()
}

func toTicketJSON(t *model.Ticket) ticketJSON {
	return ticketJSON{Key: orNull(t.Key), ID: orNull(t.JiraID), Status: write.StatusOf(t), Category: orNull(t.Category), State: string(t.PublicState()),
		Connection: t.Connection, Violations: idStrings(t.Violations), Created: timeOrNull(t.Created), Refreshed: timeOrNull(t.Refreshed),
		URL: orNull(t.URL), Summary: orNull(t.Summary), Problem: orNull(t.Problem)}
}

func (a *app) ticketOpenCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "open KEY",
		Short: "Open a ticket in the browser, or print its address where there is none",
		Args:  exactArgs("the key of a ticket"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			found, err := s.Tickets(cmd.Context(), storage.TicketFilter{Keys: args})
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return unknownTicket(args[0])
			}
			t := &found[0]
			opened := false
			// Only for a person at a terminal: a script wants the address.
			if _, ok := terminal(a.stdout); ok && !a.json {
				opened = term.Detect(a.getenv, true).Open(t.URL) == nil
			}
			if a.json {
				return a.printJSON(map[string]any{"key": t.Key, "url": orNull(t.URL), "opened": opened})
			}
			if opened {
				return a.println("%s is opened in the browser: %s", t.Key, t.URL)
			}
			return a.println("%s", t.URL)
		}),
	}
}
