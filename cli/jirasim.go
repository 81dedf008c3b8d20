package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
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
	cmd.Flags().StringVar(&state, "state", "", "file that keeps the issues between runs")
	return cmd
}

// tellJira says how to reach the simulated Jira. The tokens open nothing but
// the simulation.
func (a *app) tellJira(sim *jiratest.Server, kind jiraclient.Deployment) error {
	user, secret := jiratest.AnalystEmail, jiratest.AnalystToken
	if kind == jiraclient.DataCenter {
		user = jiratest.AnalystUser
	}
	if a.json {
		return a.printJSON(map[string]any{
			"url": sim.URL, "pages": sim.URL + "/", "deployment": kind, "user": user, "token": secret, "projects": []string{"SEC", "PAY", "OPS"},
		})
	}
	return a.println(`Simulated Jira (%s)

  address   %s
  pages     %s/ (change issues there, in a browser)
  account   %s, token %s
  projects  SEC, PAY, OPS

  echo %s | vexdesk connection add sim --type %s --auth basic --url %s --user %s --token-stdin

ctrl-c stops it.`, kind, sim.URL, sim.URL, user, secret, secret, kind, sim.URL, user)
}
