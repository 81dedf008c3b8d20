package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/oauth"
)

func (a *app) jiraSimCommand() *cobra.Command {
	var listen, deployment, state string
	cmd := &cobra.Command{
		Use:   "jira-sim",
		Short: "Run the simulated Jira, for trying things out",
		Long:  "Runs a simulated Jira on the loopback until it is stopped with ctrl-c.\nA person can play the other side in a browser: every issue has a page.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			kind := jiraclient.Deployment(deployment)
			if kind != jiraclient.Cloud && kind != jiraclient.DataCenter {
				return usage("%q is not a deployment: use cloud or datacenter", deployment)
			}
			sim, err := jiratest.New(jiratest.Options{Deployment: kind, StateFile: state})
			if err != nil {
				return err
			}
			if kind == jiraclient.Cloud {
				sim.RegisterApp(simClientID, simClientSecret, oauth.DefaultRedirectURL, oauth.DefaultScopes()...)
			}
			if err := sim.Start(listen); err != nil {
				return errors.Join(err, sim.Close())
			}
			if err := a.tellJira(sim, kind); err != nil {
				return errors.Join(err, sim.Close())
			}
			<-cmd.Context().Done()
			return sim.Close()
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address and port; port 0 takes a free one")
	cmd.Flags().StringVar(&deployment, "deployment", "cloud", "cloud or datacenter")
	cmd.Flags().StringVar(&state, "state", "", "file that keeps what is in it between runs")
	return cmd
}

// The app of OAuth 2 that the simulation knows; it opens nothing else.
const (
	simClientID     = "demo-app"
	simClientSecret = "demo-client-secret"
)

// tellJira says how to reach the simulated Jira: as an analyst, and as its
// administrator, who sets it up. The secrets open nothing but the simulation.
func (a *app) tellJira(sim *jiratest.Server, kind jiraclient.Deployment) error {
	user, secret := jiratest.AnalystEmail, jiratest.AnalystToken
	admin, key := jiratest.AdminEmail, jiratest.AdminToken
	if kind == jiraclient.DataCenter {
		user, admin = jiratest.AnalystUser, jiratest.AdminUser
	}
	if a.json {
		out := map[string]any{
			"url": sim.URL, "pages": sim.URL + "/", "deployment": kind, "user": user, "token": secret,
			"admin_user": admin, "admin_token": key, "projects": []string{"SEC", "PAY", "OPS"},
		}
		if kind == jiraclient.DataCenter {
			out["pat"], out["admin_pat"] = jiratest.AnalystPAT, jiratest.AdminPAT
		} else {
			out["client_id"], out["client_secret"] = simClientID, simClientSecret
		}
		return a.printJSON(out)
	}
	word, ways := "token", fmt.Sprintf(`  echo %[1]s | vexdesk connection add sim --type cloud --auth basic --url %[2]s --user %[3]s --token-stdin

  echo %[4]s | vexdesk connection add sim-oauth --type cloud --auth oauth2 --url %[2]s --gateway %[2]s --client-id %[5]s --client-secret-stdin
  vexdesk connection authorize sim-oauth

  echo %[6]s | vexdesk connection add sim-admin --type cloud --auth basic --url %[2]s --user %[7]s --token-stdin
  vexdesk provision --connection sim-admin`, secret, sim.URL, user, simClientSecret, simClientID, key, admin)
	if kind == jiraclient.DataCenter {
		word, ways = "password", fmt.Sprintf(`  echo %[1]s | vexdesk connection add sim --type datacenter --auth basic --url %[2]s --user %[3]s --password-stdin

  echo %[4]s | vexdesk connection add sim-pat --type datacenter --auth pat --url %[2]s --token-stdin

  vexdesk connection add sim-oauth --type datacenter --auth oauth1 --url %[2]s --consumer-key vexdesk
  paste the public key at %[2]s/links, then: vexdesk connection authorize sim-oauth

  echo %[5]s | vexdesk connection add sim-admin --type datacenter --auth pat --url %[2]s --token-stdin`, secret, sim.URL, user, jiratest.AnalystPAT, jiratest.AdminPAT)
	}
	return a.println(`Simulated Jira (%s)

  address   %s
  pages     %s/ (change issues there, in a browser)
  account   %s, %s %s
  admin     %s, %s %s (sets Jira up)
  projects  SEC, PAY, OPS

%s

ctrl-c stops it.`, kind, sim.URL, sim.URL, user, word, secret, admin, word, key, ways)
}
