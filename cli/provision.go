package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	steps, err := s.ProvisionSteps(ctx, c.ID)
	if err != nil {
		return err
	}
	return a.printSteps(c, steps)
}

// printSteps tells where the steps stand, and of Data Center what is left to be
// done by hand.
func (a *app) printSteps(c model.Connection, steps []model.ProvisionStep) error {
	book := []string(nil)
	if c.Type == model.DataCenter {
		book = model.ProvisionRunbook(steps)
	}
	if a.json {
		list := make([]stepJSON, len(steps))
		for i, step := range steps {
			list[i] = stepJSON{step.Name, step.State, orNull(step.Error)}
		}
		if book != nil {
			return a.printJSON(map[string]any{"steps": list, "runbook": book})
		}
		return a.printJSON(map[string]any{"steps": list})
	}
	t := a.table(column{head: "step"}, column{head: "state"}, column{head: "error", keep: 20})
	for _, step := range steps {
		if err := t.row(step.Name, step.State, orDash(step.Error)); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil || book == nil {
		return err
	}
	if err := a.tell("the API of Jira Data Center makes neither screens nor options nor workflows; an administrator does this by hand, once:"); err != nil {
		return err
	}
	return a.println("%s", strings.ReplaceAll(strings.Join(book, "\n"), "NAME", c.Name))
}

func (a *app) provision(cmd *cobra.Command, s *storage.Store, c model.Connection, dryRun, yes bool) error {
	ctx := cmd.Context()
	if dryRun {
		return a.provisionStatus(ctx, s, c)
	}
	makes := "make the issue type %s with its fields, screens, workflow and schemes in %s"
	if c.Type == model.DataCenter {
		makes = "make the issue type %s and its fields in %s"
	}
	makes = fmt.Sprintf(makes, model.VexdeskType, c.URL)
	if err := a.printProvisionPlan(ctx, s, c, makes); err != nil {
		return err
	}
	if err := a.confirm(cmd, yes, makes); err != nil {
		return err
	}
	r, err := a.askProvision(ctx, s, model.ProvisionRequest{ConnectionID: c.ID, Kind: model.ProvisionSetUp})
	if err != nil {
		return err
	}
	steps, err := s.ProvisionSteps(ctx, c.ID)
	if err != nil {
		return err
	}
	if r.State == model.ProvisionFailed && !slices.ContainsFunc(steps, func(step model.ProvisionStep) bool { return step.State == model.StepFailed }) {
		return errors.New(r.Error) // it did not come to a step
	}
	if err := a.printSteps(c, steps); err != nil {
		return err
	}
	if r.State == model.ProvisionFailed {
		return partly("provisioning stopped at %s; mend that and run it again: it goes on where it stopped", r.Error)
	}
	return a.tell("now bring it into a project: vexdesk provision associate --connection %s --project KEY", c.Name)
}

// printProvisionPlan tells, before anything is made, which steps are left.
func (a *app) printProvisionPlan(ctx context.Context, s *storage.Store, c model.Connection, makes string) error {
	steps, err := s.ProvisionSteps(ctx, c.ID)
	if err != nil || a.json {
		return err
	}
	var left []string
	for _, step := range steps {
		if step.State != model.StepCompleted {
			left = append(left, step.Name)
		}
	}
	return a.println("plan: %s\nsteps left: %s", makes, model.Listed(left))
}

// askProvision has sync carry out a request and waits for it. What could not
// begin is an error; the result tells of what failed on the way.
func (a *app) askProvision(ctx context.Context, s *storage.Store, ask model.ProvisionRequest) (model.ProvisionRequest, error) {
	engine, err := a.engine(s)
	if err != nil {
		return ask, err
	}
	id, err := s.AskProvision(ctx, a.actor(), ask)
	if err != nil {
		return ask, err
	}
	var told error
	r, err := engine.AwaitProvision(ctx, id, func(step model.ProvisionStep) {
		if step.State == model.StepCompleted || step.State == model.StepFailed {
			told = errors.Join(told, a.tell("%-25s %s", step.Name, step.State))
		}
	})
	switch {
	case err != nil || told != nil:
		return r, errors.Join(err, told)
	case r.Code == vexsync.CodeUnreachable:
		return r, offline("%s", r.Error)
	case r.Code == vexsync.CodeNotAdmin:
		return r, errors.New(r.Error)
	}
	return r, nil
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
	plan := model.Association{Project: f.project, Changes: []model.SchemeChange{}}
	if c.Type == model.Cloud {
		if plan, err = vexsync.PlanAssociate(ctx, s, c.ID, client, f.project, f.clone); err != nil {
			return err
		}
		if !a.json {
			if err := a.printAssociation(plan); err != nil {
				return err
			}
		}
		if plan.Count() > 0 && !f.dryRun {
			if err := a.confirm(cmd, f.yes, "change these schemes"); err != nil {
				return err
			}
			r, err := a.askProvision(ctx, s, model.ProvisionRequest{ConnectionID: c.ID, Kind: model.ProvisionAssociate, Project: f.project, Clone: f.clone, CheckAs: f.checkAs, Plan: &plan})
			if err != nil {
				return err
			}
			if r.State == model.ProvisionFailed {
				return errors.New(r.Error)
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

func (a *app) printAssociation(plan model.Association) error {
	t := a.table(column{head: "scheme", keep: 16}, column{head: "kind"}, column{head: "change"}, column{head: "shared with", keep: 10}, column{head: "why", keep: 20})
	for _, c := range plan.Changes {
		if err := t.row(c.Scheme, c.Kind, c.Action, orDash(strings.Join(c.SharedWith, " ")), c.Reason); err != nil {
			return err
		}
	}
	return t.flush()
}

// prove looks at the create screen as the account that is to create tickets.
func (a *app) prove(cmd *cobra.Command, s *storage.Store, c model.Connection, client *jiraclient.Client, plan model.Association, f associateFlags) error {
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
		return partly("project %s does not offer %s to the account of connection %q: an administrator has to bring it into the project's issue type scheme", f.project, model.VexdeskType, who.Name)
	case !proof.OK():
		return partly("the create screen of %s in project %s lacks %s for the account of connection %q: an administrator has to put them on its screen", model.VexdeskType, f.project, strings.Join(proof.Missing, ", "), who.Name)
	case a.json:
		return nil
	}
	return a.println("%s can be created in %s by the account of connection %q, with all %d fields", model.VexdeskType, f.project, who.Name, len(proof.Fields))
}
