package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// stepJSON is a step of provisioning; error is null where there is none.
type stepJSON struct {
	Name  string  `json:"name"`
	State string  `json:"state"`
	Error *string `json:"error"`
}

func (a *app) provisionCommand() *cobra.Command {
	var connection string
	var status, dryRun, yes bool
	cmd := &cobra.Command{
		Use:   "provision --connection NAME",
		Short: "Set Jira up: an issue type for vulnerabilities, with VEX fields",
		Long: `Makes an issue type for vulnerabilities in Jira Cloud, with its fields, screens,
workflow and schemes, in eight steps. What is there already is taken; a run that
failed goes on where it stopped. It needs Administer Jira and touches no
project: 'vexdesk provision associate' brings the issue type into one.`,
		Args: noArgs,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			c, err := a.provisioned(cmd, s, connection)
			if err != nil {
				return err
			}
			if status {
				return a.provisionStatus(cmd.Context(), s, c)
			}
			return a.provision(cmd, s, c, dryRun, yes)
		}),
	}
	cmd.Flags().StringVar(&connection, "connection", "", "connection of an account with Administer Jira")
	cmd.Flags().BoolVar(&status, "status", false, "print where the steps stand, and do nothing")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print the steps, and change nothing")
	yesFlag(cmd, &yes)
	cmd.AddCommand(a.associateCommand())
	return cmd
}

// provisioned finds the connection that a command names.
func (a *app) provisioned(cmd *cobra.Command, s *storage.Store, name string) (model.Connection, error) {
	if name == "" {
		return model.Connection{}, usage("'%s' needs --connection with the name of one", cmd.CommandPath())
	}
	return s.Connection(cmd.Context(), name)
}

func (a *app) provisionStatus(ctx context.Context, s *storage.Store, c model.Connection) error {
	steps, err := vexsync.ProvisionStatus(ctx, s, c.ID)
	if err != nil {
		return err
	}
	return a.printSteps(steps)
}

func (a *app) printSteps(steps []vexsync.StepState) error {
	if a.json {
		list := make([]stepJSON, len(steps))
		for i, step := range steps {
			list[i] = stepJSON{step.Name, step.State, orNull(step.Error)}
		}
		return a.printJSON(map[string]any{"steps": list})
	}
	t := a.table(column{head: "step"}, column{head: "state"}, column{head: "error", keep: 20})
	for _, step := range steps {
		if err := t.row(step.Name, step.State, orDash(step.Error)); err != nil {
			return err
		}
	}
	return t.flush()
}

func (a *app) provision(cmd *cobra.Command, s *storage.Store, c model.Connection, dryRun, yes bool) error {
	ctx := cmd.Context()
	if c.Type == model.DataCenter {
		return a.printRunbook(c)
	}
	if dryRun {
		return a.provisionStatus(ctx, s, c)
	}
	if err := a.confirm(cmd, yes, fmt.Sprintf("make the issue type %s with its fields, screens, workflow and schemes in %s", vexsync.VexdeskType, c.URL)); err != nil {
		return err
	}
	client, err := vexsync.Connect(ctx, s, c)
	if err != nil {
		return err
	}
	defer client.Close()
	var told error
	perr := vexsync.Provision(ctx, s, c.ID, client, func(step vexsync.StepState) {
		if step.State != vexsync.StepRunning {
			told = errors.Join(told, a.tell("%-25s %s", step.Name, step.State))
		}
	})
	if errors.Is(perr, vexsync.ErrNotAdmin) || perr != nil && errors.Is(perr, jiraclient.ErrUnreachable) {
		return perr
	}
	if err := errors.Join(told, a.provisionStatus(context.WithoutCancel(ctx), s, c)); err != nil {
		return err
	}
	if perr != nil {
		return partly("provisioning stopped at %w; mend that and run it again: it goes on where it stopped", perr)
	}
	return a.tell("now bring it into a project: vexdesk provision associate --connection %s --project KEY", c.Name)
}

// printRunbook tells what an administrator of Data Center does by hand.
func (a *app) printRunbook(c model.Connection) error {
	book := vexsync.Runbook()
	if a.json {
		return a.printJSON(map[string]any{"steps": []stepJSON{}, "runbook": book})
	}
	if err := a.tell("the API of Jira Data Center makes neither screens nor options nor workflows; an administrator does this by hand, once:"); err != nil {
		return err
	}
	return a.println("%s", strings.ReplaceAll(strings.Join(book, "\n"), "NAME", c.Name))
}

type associateFlags struct {
	connection, project, checkAs string
	clone, dryRun, yes           bool
}

func (a *app) associateCommand() *cobra.Command {
	var f associateFlags
	cmd := &cobra.Command{
		Use:   "associate --connection NAME --project KEY",
		Short: "Bring the issue type into a project",
		Long: `Adds the issue type and its screens to the schemes that a project uses, after
showing which other projects share them; --clone makes copies instead, so that
no other project changes. Then the create screen is looked at, with --check-as
as another connection's account: that is the proof.`,
		Args: noArgs,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			c, err := a.provisioned(cmd, s, f.connection)
			if err != nil {
				return err
			}
			if f.project == "" {
				return usage("'%s' needs --project with the key of one", cmd.CommandPath())
			}
			return a.associate(cmd, s, c, f)
		}),
	}
	cmd.Flags().StringVar(&f.connection, "connection", "", "connection of an account with Administer Jira")
	cmd.Flags().StringVar(&f.project, "project", "", "key of the project")
	cmd.Flags().StringVar(&f.checkAs, "check-as", "", "connection whose account is to create tickets")
	cmd.Flags().BoolVar(&f.clone, "clone", false, "copy schemes that other projects share")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would change, and change nothing")
	yesFlag(cmd, &f.yes)
	return cmd
}

func (a *app) associate(cmd *cobra.Command, s *storage.Store, c model.Connection, f associateFlags) error {
	ctx := cmd.Context()
	client, err := vexsync.Connect(ctx, s, c)
	if err != nil {
		return err
	}
	defer client.Close()
	plan := vexsync.Association{Project: f.project, Changes: []vexsync.SchemeChange{}}
	if c.Type == model.Cloud {
		if plan, err = vexsync.PlanAssociate(ctx, s, c.ID, client, f.project, f.clone); err != nil {
			return err
		}
		if !a.json {
			if err := a.printAssociation(plan); err != nil {
				return err
			}
		}
		if plan.Changed() && !f.dryRun {
			if err := a.confirm(cmd, f.yes, "change these schemes"); err != nil {
				return err
			}
			if err := vexsync.Associate(ctx, s, c.ID, client, plan); err != nil {
				return err
			}
		}
	}
	if f.dryRun {
		if a.json {
			return a.printJSON(map[string]any{"plan": plan, "proof": nil})
		}
		return a.println("nothing was changed")
	}
	return a.prove(cmd, s, c, client, plan, f)
}

func (a *app) printAssociation(plan vexsync.Association) error {
	t := a.table(column{head: "scheme", keep: 16}, column{head: "kind"}, column{head: "change"}, column{head: "shared with", keep: 10}, column{head: "why", keep: 20})
	for _, c := range plan.Changes {
		if err := t.row(c.Scheme, c.Kind, c.Action, orDash(strings.Join(c.SharedWith, " ")), c.Reason); err != nil {
			return err
		}
	}
	return t.flush()
}

// prove looks at the create screen as the account that is to create tickets.
func (a *app) prove(cmd *cobra.Command, s *storage.Store, c model.Connection, client *jiraclient.Client, plan vexsync.Association, f associateFlags) error {
	ctx := cmd.Context()
	who := c
	if f.checkAs != "" {
		var err error
		if who, err = s.Connection(ctx, f.checkAs); err != nil {
			return err
		}
		if client, err = vexsync.Connect(ctx, s, who); err != nil {
			return err
		}
		defer client.Close()
	}
	proof, err := vexsync.Prove(ctx, s, c.ID, client, f.project)
	if err != nil {
		return err
	}
	if a.json {
		if err := a.printJSON(map[string]any{"plan": plan, "proof": proof}); err != nil {
			return err
		}
	}
	switch {
	case !proof.IssueType:
		return partly("project %s does not offer %s to the account of connection %q: an administrator has to bring it into the project's issue type scheme", f.project, vexsync.VexdeskType, who.Name)
	case !proof.OK():
		return partly("the create screen of %s in project %s lacks %s for the account of connection %q: an administrator has to put them on its screen", vexsync.VexdeskType, f.project, strings.Join(proof.Missing, ", "), who.Name)
	case a.json:
		return nil
	}
	return a.println("%s can be created in %s by the account of connection %q, with all %d fields", vexsync.VexdeskType, f.project, who.Name, len(proof.Fields))
}
