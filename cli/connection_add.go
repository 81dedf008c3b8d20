package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

type addConnectionFlags struct {
	kind, auth, url, user, caFile string
	secret                        secretFlags
}

func (a *app) connectionAddCommand() *cobra.Command {
	var f addConnectionFlags
	cmd := &cobra.Command{
		Use:   "add NAME --type cloud --auth basic --url URL --user EMAIL",
		Short: "Add a connection and verify it",
		Long: `Adds a connection as a draft and verifies it: it becomes active when that passes,
else it stays a draft and the reason is told. The API token is asked for, or read
from standard input or an environment variable.`,
		Example: "  vexdesk connection add acme --type cloud --auth basic --url https://acme.atlassian.net --user me@acme.example\n  pass jira/token | vexdesk connection add acme --type cloud --auth basic --url https://acme.atlassian.net --user me@acme.example --token-stdin",
		Args:    exactArgs("a name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.connection(args[0])
			if err != nil {
				return err
			}
			secret, err := a.secret(cmd.Context(), f.secret, c.User+" at "+c.URL)
			if err != nil {
				return err
			}
			s, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			return a.connectionAdd(cmd.Context(), s, c, secret)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "type", "", "cloud or datacenter")
	flags.StringVar(&f.auth, "auth", "", "how to sign in: basic")
	flags.StringVar(&f.url, "url", "", "address of the site; https, or http on the loopback")
	flags.StringVar(&f.user, "user", "", "e-mail address of the account")
	flags.StringVar(&f.caFile, "ca-file", "", "PEM file with further certificate authorities")
	f.secret.flags(cmd)
	return cmd
}

// connection checks the flags as far as that goes without Jira.
func (f *addConnectionFlags) connection(name string) (model.Connection, error) {
	c := model.Connection{Name: model.Clean(name), Type: model.ConnectionType(f.kind), Auth: model.AuthMethod(f.auth),
		URL: strings.TrimRight(f.url, "/"), User: model.Clean(f.user), CAFile: f.caFile}
	for _, needed := range []struct{ what, value string }{{"a name", c.Name}, {"--type", f.kind}, {"--auth", f.auth}, {"--url", f.url}} {
		if needed.value == "" {
			return c, usage("a connection needs %s", needed.what)
		}
	}
	if err := model.CheckAuth(c.Type, c.Auth); err != nil {
		return c, usage("%w", err)
	}
	if c.Type != model.Cloud || c.Auth != model.AuthBasic {
		return c, usage("this version signs in to Jira Cloud with basic only: use --type cloud --auth basic")
	}
	if c.User == "" {
		return c, usage("a connection with basic needs --user, the e-mail address of the account")
	}
	client, err := jiraclient.New(jiraclient.Config{BaseURL: c.URL, Auth: jiraclient.Basic(c.User, ""), CAFile: c.CAFile})
	if err != nil {
		return c, usage("%s", sentence(err))
	}
	client.Close()
	return c, nil
}

func (a *app) connectionAdd(ctx context.Context, s *storage.Store, c model.Connection, secret []byte) error {
	c, err := s.AddConnection(ctx, a.actor(), c, secret)
	if err != nil {
		return err
	}
	v, verr := a.verify(ctx, s, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if c, err = s.Connection(ctx, c.Name); err != nil {
		return err
	}
	if a.json {
		err = a.printJSON(struct {
			connectionJSON
			Verification jiraclient.Verification `json:"verification"`
		}{toConnectionJSON(c), v})
	} else {
		err = a.printVerification(c, v)
	}
	if err != nil {
		return err
	}
	if verr != nil {
		return partly("connection %s stays a draft: %s: mend that and run 'vexdesk connection verify %s'", c.Name, reason(v, verr), c.Name)
	}
	return nil
}

// verifyTime bounds a verification.
const verifyTime = 45 * time.Second

// verify signs in and checks the rights, and records how it went: what passes
// is active and works; what fails stays as it was (ruling 27).
func (a *app) verify(ctx context.Context, s *storage.Store, c model.Connection) (jiraclient.Verification, error) {
	empty := jiraclient.Verification{Permissions: []jiraclient.Permission{}, Problems: []jiraclient.Problem{}}
	client, err := vexsync.Connect(ctx, s, c)
	if err != nil {
		empty.Problems = append(empty.Problems, jiraclient.Problem{Message: err.Error(), Hint: hintOf(err)})
		return empty, err
	}
	defer client.Close()
	asking, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	v, err := client.Verify(asking)
	switch {
	case err == nil:
		return v, s.SetVerified(ctx, a.actor(), c, v.Server.URL)
	case c.State == model.ConnectionDraft && ctx.Err() == nil:
		return v, errors.Join(err, s.SetProblem(ctx, c, reason(v, err)))
	}
	return v, err
}

// reason is the first problem as a sentence.
func reason(v jiraclient.Verification, err error) string {
	if len(v.Problems) == 0 {
		return sentence(err)
	}
	text := v.Problems[0].Message
	if hint := v.Problems[0].Hint; hint != "" {
		text += "; " + hint
	}
	return model.Clean(text)
}

func (a *app) connectionVerify(cmd *cobra.Command, s *storage.Store, args []string) error {
	c, err := s.Connection(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	v, verr := a.verify(cmd.Context(), s, c)
	if cmd.Context().Err() != nil {
		return cmd.Context().Err()
	}
	if a.json {
		err = a.printJSON(v)
	} else {
		if c, err = s.Connection(cmd.Context(), c.Name); err != nil {
			return err
		}
		err = a.printVerification(c, v)
	}
	if err != nil || verr == nil {
		return err
	}
	return &exitError{status: statusOf(verr), err: fmt.Errorf("connection %s does not pass: %s", c.Name, reason(v, verr)), printed: true}
}

func (a *app) printVerification(c model.Connection, v jiraclient.Verification) error {
	p := &page{width: a.width()}
	p.line("connection", c.Name+", "+stateText(c))
	if v.Account != nil {
		p.line("account", fmt.Sprintf("%s (%s, %s)", v.Account.Name, v.Account.ID, v.Account.Type))
	}
	if v.Server != nil {
		p.line("server", fmt.Sprintf("%s, %s (%s %s)", v.Server.Title, v.Server.URL, v.Server.DeploymentType, v.Server.Version))
	}
	for _, right := range v.Permissions {
		held := "held"
		if !right.OK {
			held = "missing"
		}
		p.line("right", fmt.Sprintf("%-8s %s, for %s", held, right.Name, right.NeededFor))
	}
	for _, problem := range v.Problems {
		p.line("problem", strings.TrimSuffix(problem.Message+"; "+problem.Hint, "; "))
	}
	_, err := fmt.Fprint(a.stdout, p.String())
	return err
}
