package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

func (a *app) connectionSetCommand() *cobra.Command {
	var retrieve string
	var f signInFlags
	cmd := &cobra.Command{
		Use:   "set NAME [--retrieve-tickets=on|off] [--token-stdin] ...",
		Short: "Switch the retrieval of statuses, or change how a connection signs in",
		Long: `Switches the retrieval of ticket statuses, or changes how a connection signs in: a
new token or password, another user. They are verified first: what does not pass
leaves an active connection as it is. Its address stays: another site is another
connection.`,
		Args: exactArgs("the name of a connection"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			signIn := f.secret.given()
			for _, name := range []string{"user", "client-id", "consumer-key", "redirect-url", "scope", "ca-file"} {
				signIn = signIn || cmd.Flags().Changed(name)
			}
			switching := cmd.Flags().Changed("retrieve-tickets")
			if !signIn && !switching {
				return usage("'vexdesk connection set' needs what to change: --retrieve-tickets=on|off, --token-stdin or another flag")
			}
			c, err := s.Connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if switching {
				on, err := parseOnOff("retrieve-tickets", retrieve)
				if err != nil {
					return err
				}
				if err := s.SetRetrieveTickets(cmd.Context(), a.actor(), c, on); err != nil {
					return err
				}
				c.RetrieveTickets = on
			}
			if signIn {
				return a.changeSignIn(cmd.Context(), s, c, f)
			}
			return a.showConnection(cmd.Context(), s, c)
		}),
	}
	cmd.Flags().StringVar(&retrieve, "retrieve-tickets", "", "on or off")
	f.flags(cmd)
	return cmd
}

// changeSignIn changes how a connection signs in.
func (a *app) changeSignIn(ctx context.Context, s *storage.Store, c model.Connection, f signInFlags) error {
	if err := f.into(&c); err != nil {
		return err
	}
	if err := signsIn(c); err != nil {
		return err
	}
	secrets := map[storage.SecretName][]byte{}
	if f.secret.given() {
		secret, err := a.secret(ctx, f.secret, c)
		if err != nil {
			return err
		}
		secrets[storage.MainSecret(c.Auth)] = secret
	}
	live := vexsync.NewLive(s)
	defer live.Close()
	v, unchanged, err := live.ChangeSignIn(ctx, a.actor(), c, secrets)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case unchanged && c.State == model.ConnectionActive:
		return &exitError{status: statusOf(err), err: fmt.Errorf("connection %s is unchanged, because what is new does not pass: %s", c.Name, vexsync.Reason(v, err))}
	case unchanged:
		return err
	case c.Auth.Consents() && err == nil:
		if err := a.tell("what a consent depends on may have changed: 'vexdesk connection authorize %s' asks for it anew", c.Name); err != nil {
			return err
		}
		return a.showConnection(ctx, s, c)
	}
	return a.printVerified(ctx, s, c, v, err)
}
