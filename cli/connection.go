package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) connectionCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "connection", Short: "Set up how Jira is reached"}
	cmd.AddCommand(a.connectionAddCommand(), a.connectionSetCommand(), a.connectionAuthorizeCommand(),
		&cobra.Command{
			Use:   "list",
			Short: "List the connections",
			Args:  noArgs,
			RunE:  a.with(a.connectionList),
		},
		&cobra.Command{
			Use:   "show NAME",
			Short: "Show a connection; with oauth1 its public key, with oauth2 its callback, and what to do with them",
			Args:  exactArgs("the name of a connection"),
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				c, err := s.Connection(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showConnection(cmd.Context(), s, c)
			}),
		},
		&cobra.Command{
			Use:   "verify NAME",
			Short: "Sign in and check the rights; a draft that passes becomes active",
			Args:  exactArgs("the name of a connection"),
			RunE:  a.with(a.connectionVerify),
		},
		&cobra.Command{
			Use:   "remove NAME",
			Short: "Remove a connection that holds no tickets, with its profiles and its secret",
			Args:  exactArgs("the name of a connection"),
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				c, err := s.Connection(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := s.RemoveConnection(cmd.Context(), a.actor(), c); err != nil {
					return err
				}
				return a.removed("connection", c.Name)
			}),
		},
	)
	return cmd
}

// connectionJSON is a connection without its secret.
type connectionJSON struct {
	Name            string  `json:"name"`
	Type            string  `json:"type"`
	Auth            string  `json:"auth"`
	URL             string  `json:"url"`
	User            *string `json:"user"`
	ClientID        *string `json:"client_id"`
	ConsumerKey     *string `json:"consumer_key"`
	CAFile          *string `json:"ca_file"`
	State           string  `json:"state"`
	RetrieveTickets bool    `json:"retrieve_tickets"`
	BaseURL         *string `json:"base_url"`
	VerifiedAt      *string `json:"verified_at"`
	BrokenSince     *string `json:"broken_since"`
	Problem         *string `json:"problem"`
}

func toConnectionJSON(c model.Connection) connectionJSON {
	return connectionJSON{Name: c.Name, Type: string(c.Type), Auth: string(c.Auth), URL: c.URL, User: orNull(c.User), ClientID: orNull(c.ClientID),
		ConsumerKey: orNull(c.ConsumerKey), CAFile: orNull(c.CAFile),
		State: string(c.State), RetrieveTickets: c.RetrieveTickets, BaseURL: orNull(c.BaseURL), VerifiedAt: timeOrNull(c.VerifiedAt),
		BrokenSince: timeOrNull(c.BrokenSince), Problem: orNull(c.Problem)}
}

// stateText is the state of a connection for people.
func stateText(c model.Connection) string {
	if !c.BrokenSince.IsZero() {
		return "broken"
	}
	return string(c.State)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (a *app) connectionList(cmd *cobra.Command, s *storage.Store, _ []string) error {
	all, err := s.Connections(cmd.Context())
	if err != nil {
		return err
	}
	t := a.table(column{head: "connection"}, column{head: "state"}, column{head: "type"}, column{head: "auth"}, column{head: "address", keep: 20},
		column{head: "user", keep: 12}, column{head: "retrieve tickets"}, column{head: "problem", keep: 16})
	for _, c := range all {
		if a.json {
			err = a.printJSON(toConnectionJSON(c))
		} else {
			err = t.row(c.Name, stateText(c), string(c.Type), string(c.Auth), c.URL, orDash(c.User), onOff(c.RetrieveTickets), orDash(c.Problem))
		}
		if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return a.tell("there is no connection yet: add one with 'vexdesk connection add', or with T in the console")
	}
	return t.flush()
}

func parseOnOff(flag, value string) (bool, error) {
	switch value {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, usage("--%s is %q: set it to on or off", flag, value)
}

// tellAll prints remarks one by one.
func (a *app) tellAll(remarks []string) error {
	var err error
	for _, r := range remarks {
		err = errors.Join(err, a.tell("warning  %s", r))
	}
	return err
}
