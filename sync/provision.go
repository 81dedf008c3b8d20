package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// VexdeskType is the name of the issue type that provisioning makes (I2).
const VexdeskType = "VexdeskVuln"

// The steps of provisioning (I2).
const (
	StepIssueType        = "issue type"
	StepTypeScheme       = "issue type scheme"
	StepFields           = "custom fields"
	StepWorkflow         = "workflow"
	StepWorkflowScheme   = "workflow scheme"
	StepScreen           = "screen with fields"
	StepScreenScheme     = "screen scheme"
	StepTypeScreenScheme = "issue type screen scheme"
)

// Steps returns the steps in their order.
func Steps() []string {
	return []string{StepIssueType, StepTypeScheme, StepFields, StepWorkflow, StepWorkflowScheme, StepScreen, StepScreenScheme, StepTypeScreenScheme}
}

// Names of what provisioning makes beside the issue type and its fields.
const (
	typeSchemeName       = "Vexdesk issue type scheme"
	workflowName         = "Vexdesk workflow"
	workflowSchemeName   = "Vexdesk workflow scheme"
	screenName           = "Vexdesk screen"
	screenSchemeName     = "Vexdesk screen scheme"
	typeScreenSchemeName = "Vexdesk issue type screen scheme"
	// tag is in the description of all that is made, so that it is told from a
	// namesake.
	tag = "Made by vexdesk."
)

// Errors of provisioning.
var (
	// ErrNotAdmin: the account lacks Administer Jira.
	ErrNotAdmin = errors.New("the account does not hold the global permission Administer Jira")
	// ErrNoProvisioning: Data Center's REST API cannot do it; see Runbook.
	ErrNoProvisioning = errors.New("jira Data Center cannot be set up over its API")
	// ErrTeamManaged: the project keeps its issue types and fields to itself.
	ErrTeamManaged = errors.New("the project is team-managed, and schemes do not reach it")
)

// StepState is where a step of provisioning stands.
type StepState struct {
	Name  string `json:"name"`
	State string `json:"state"` // pending, in_progress, completed or failed
	Error string `json:"error"`
}

// States of a step.
const (
	StepPending   = "pending"
	StepRunning   = "in_progress"
	StepCompleted = "completed"
	StepFailed    = "failed"
)

// ProvisionStatus tells where the steps stand by the ledger.
func ProvisionStatus(ctx context.Context, store *storage.Store, connection int64) ([]StepState, error) {
	entries, err := store.Ledger(ctx, connection)
	if err != nil {
		return nil, err
	}
	out := make([]StepState, 0, len(Steps()))
	for _, name := range Steps() {
		step := StepState{Name: name, State: StepPending}
		for _, e := range entries {
			if e.Step == name && e.Object == "" {
				step.State, step.Error = e.State, e.Error
			}
		}
		out = append(out, step)
	}
	return out, nil
}

// provisioner makes or finds the things of one connection.
type provisioner struct {
	store      *storage.Store
	connection int64
	client     *jiraclient.Client
	known      map[string]string // step and object to Jira's id
}

func newProvisioner(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client) (*provisioner, error) {
	entries, err := store.Ledger(ctx, connection)
	p := &provisioner{store: store, connection: connection, client: client, known: map[string]string{}}
	for _, e := range entries {
		p.known[e.Step+"\x00"+e.Object] = e.JiraID
	}
	return p, err
}

// checkAdmin refuses before the first change what cannot work.
func (p *provisioner) checkAdmin(ctx context.Context) error {
	if p.client.Deployment() == jiraclient.DataCenter {
		return fmt.Errorf("%w: let an administrator follow the steps that 'vexdesk provision' prints, then prove them with 'vexdesk provision associate --check-as'", ErrNoProvisioning)
	}
	held, err := p.client.MyPermissions(ctx, "", jiraclient.PermissionAdminister)
	if err != nil {
		return err
	}
	if !held[jiraclient.PermissionAdminister] {
		return fmt.Errorf("%w: nothing was changed; add a connection of an administrator's account for this", ErrNotAdmin)
	}
	return nil
}

// Provision brings Jira Cloud to where tickets about vulnerabilities have
// their own issue type with the fields of I9, step by step. What exists
// already, by the ledger's id or by name, is taken and never made twice, so
// that a run that was ended anywhere goes on where it stopped. progress is
// told each step's state.
func Provision(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client, progress func(StepState)) error {
	p, err := newProvisioner(ctx, store, connection, client)
	if err != nil {
		return err
	}
	if err := p.checkAdmin(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{StepIssueType, p.issueType}, {StepTypeScheme, p.typeScheme}, {StepFields, p.fields}, {StepWorkflow, p.workflow},
		{StepWorkflowScheme, p.workflowScheme}, {StepScreen, p.screen}, {StepScreenScheme, p.screenScheme}, {StepTypeScreenScheme, p.typeScreenScheme},
	} {
		if err := p.step(ctx, step.name, step.run, progress); err != nil {
			return err
		}
	}
	return store.ForgetVEXFields(ctx, connection)
}

func (p *provisioner) step(ctx context.Context, name string, run func(context.Context) error, progress func(StepState)) error {
	enter := func(state string, problem error) error {
		s := StepState{Name: name, State: state}
		if problem != nil {
			s.Error = sentence(problem)
		}
		progress(s)
		return p.store.Record(context.WithoutCancel(ctx), p.connection, storage.LedgerEntry{Step: name, State: state, Error: s.Error})
	}
	if err := enter(StepRunning, nil); err != nil {
		return err
	}
	if err := run(ctx); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", name, err), enter(StepFailed, err))
	}
	return enter(StepCompleted, nil)
}

// id is the id of something that an earlier step entered into the ledger.
func (p *provisioner) id(step, object string) string { return p.known[step+"\x00"+object] }

func (p *provisioner) enter(ctx context.Context, step, object, id string) error {
	p.known[step+"\x00"+object] = id
	return p.store.Record(context.WithoutCancel(ctx), p.connection, storage.LedgerEntry{Step: step, Object: object, JiraID: id, State: StepCompleted})
}

// findOrMake takes what the ledger names if Jira still has it, else what has
// exactly the name, else makes it.
func (p *provisioner) findOrMake(ctx context.Context, step, name string, list func() ([]jiraclient.AdminObject, error), create func() (string, error)) error {
	all, err := list()
	if err != nil {
		return err
	}
	known := p.id(step, name)
	if known != "" && slices.ContainsFunc(all, func(o jiraclient.AdminObject) bool { return o.ID == known }) {
		return nil
	}
	if i := slices.IndexFunc(all, func(o jiraclient.AdminObject) bool { return o.Name == name }); i >= 0 {
		return p.enter(ctx, step, name, all[i].ID)
	}
	id, err := create()
	if err != nil {
		return err
	}
	return p.enter(ctx, step, name, id)
}

func (p *provisioner) issueType(ctx context.Context) error {
	return p.findOrMake(ctx, StepIssueType, VexdeskType,
		func() ([]jiraclient.AdminObject, error) { return p.client.SiteIssueTypes(ctx) },
		func() (string, error) {
			return p.client.MakeIssueType(ctx, VexdeskType, "A vulnerability in a component of a product. "+tag)
		})
}

func (p *provisioner) typeScheme(ctx context.Context) error {
	return p.findOrMake(ctx, StepTypeScheme, typeSchemeName,
		func() ([]jiraclient.AdminObject, error) { return p.client.IssueTypeSchemes(ctx, typeSchemeName) },
		func() (string, error) {
			return p.client.MakeIssueTypeScheme(ctx, typeSchemeName, tag, []string{p.id(StepIssueType, VexdeskType)})
		})
}

// workflow makes a workflow of a status of each category, taking statuses that
// the site has.
func (p *provisioner) workflow(ctx context.Context) error {
	return p.findOrMake(ctx, StepWorkflow, workflowName,
		func() ([]jiraclient.AdminObject, error) { return p.client.Workflows(ctx, workflowName) },
		func() (string, error) {
			statuses, err := p.client.SiteStatuses(ctx)
			if err != nil {
				return "", err
			}
			var used []jiraclient.SiteStatus
			for _, want := range []struct{ name, category string }{{"To Do", "TODO"}, {"In Progress", "IN_PROGRESS"}, {"Done", "DONE"}} {
				s, ok := pickStatus(statuses, want.name, want.category)
				if !ok {
					return "", fmt.Errorf("the site has no status of the category %s: let an administrator add one", want.category)
				}
				used = append(used, s)
			}
			return p.client.MakeWorkflow(ctx, workflowName, tag, used)
		})
}

// pickStatus takes the status of a category that has the usual name, else the
// first.
func pickStatus(all []jiraclient.SiteStatus, name, category string) (found jiraclient.SiteStatus, ok bool) {
	for _, s := range all {
		if s.Category == category && (!ok || s.Name == name) {
			found, ok = s, true
		}
	}
	return found, ok
}

func (p *provisioner) workflowScheme(ctx context.Context) error {
	return p.findOrMake(ctx, StepWorkflowScheme, workflowSchemeName,
		func() ([]jiraclient.AdminObject, error) { return p.client.WorkflowSchemes(ctx) },
		func() (string, error) {
			return p.client.MakeWorkflowScheme(ctx, workflowSchemeName, tag, p.id(StepIssueType, VexdeskType), workflowName)
		})
}

// standardFields are on the screen beside our own.
var standardFields = [...]string{"summary", "description", "labels", "priority", "assignee", "reporter", "versions"}

func (p *provisioner) screen(ctx context.Context) error {
	err := p.findOrMake(ctx, StepScreen, screenName,
		func() ([]jiraclient.AdminObject, error) { return p.client.Screens(ctx, screenName) },
		func() (string, error) { return p.client.MakeScreen(ctx, screenName, tag) })
	if err != nil {
		return err
	}
	screen := p.id(StepScreen, screenName)
	tabs, err := p.client.ScreenTabs(ctx, screen)
	if err != nil {
		return err
	}
	if len(tabs) == 0 {
		return fmt.Errorf("the screen %s has no tab: delete it in Jira and run this again", screenName)
	}
	there := map[string]bool{}
	for _, tab := range tabs {
		ids, err := p.client.TabFields(ctx, screen, tab.ID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			there[id] = true
		}
	}
	want := slices.Clone(standardFields[:])
	for _, f := range model.JiraFields() {
		want = append(want, p.id(StepFields, f.Name))
	}
	for _, id := range want {
		if there[id] {
			continue
		}
		if err := p.client.AddTabField(ctx, screen, tabs[0].ID, id); err != nil {
			return fmt.Errorf("field %s: %w", id, err)
		}
	}
	return nil
}

func (p *provisioner) screenScheme(ctx context.Context) error {
	return p.findOrMake(ctx, StepScreenScheme, screenSchemeName,
		func() ([]jiraclient.AdminObject, error) { return p.client.ScreenSchemes(ctx, screenSchemeName) },
		func() (string, error) {
			return p.client.MakeScreenScheme(ctx, screenSchemeName, tag, p.id(StepScreen, screenName))
		})
}

func (p *provisioner) typeScreenScheme(ctx context.Context) error {
	return p.findOrMake(ctx, StepTypeScreenScheme, typeScreenSchemeName,
		func() ([]jiraclient.AdminObject, error) {
			return p.client.IssueTypeScreenSchemes(ctx, typeScreenSchemeName)
		},
		func() (string, error) {
			own := p.id(StepScreenScheme, screenSchemeName)
			return p.client.MakeIssueTypeScreenScheme(ctx, typeScreenSchemeName, tag,
				[]jiraclient.TypeScreen{{Type: "default", ScreenScheme: own}, {Type: p.id(StepIssueType, VexdeskType), ScreenScheme: own}})
		})
}
