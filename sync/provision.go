package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// Names of what provisioning makes beside the issue type and its fields.
const (
	typeSchemeName       = "Vexdesk issue type scheme"
	workflowName         = "Vexdesk workflow"
	workflowSchemeName   = "Vexdesk workflow scheme"
	screenName           = model.ProvisionedScreen
	screenSchemeName     = model.ProvisionedScreenScheme
	typeScreenSchemeName = "Vexdesk issue type screen scheme"
	// tag is in the description of all that is made, so that it is told from a
	// namesake.
	tag = "Made by vexdesk."
)

// Errors of provisioning.
var (
	// ErrNotAdmin: the account lacks Administer Jira.
	ErrNotAdmin = errors.New("the account does not hold the global permission Administer Jira")
	// ErrTeamManaged: the project keeps its issue types and fields to itself.
	ErrTeamManaged = errors.New("the project is team-managed, and schemes do not reach it")
)

// provisioner makes or finds the things of one connection.
type provisioner struct {
	store      *storage.Store
	connection int64
	client     *jiraclient.Client
	known      map[string]string // step and object to Jira's id
	// begun are the fields whose making was begun, with the ids of their
	// namesakes of before; see dataCenterFields.
	begun map[string][]string
}

func newProvisioner(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client) (*provisioner, error) {
	entries, err := store.Ledger(ctx, connection)
	p := &provisioner{store: store, connection: connection, client: client, known: map[string]string{}, begun: map[string][]string{}}
	for _, e := range entries {
		if e.Object != "" && e.State == model.StepRunning {
			p.begun[e.Object] = strings.Fields(e.JiraID)
			continue
		}
		p.known[e.Step+"\x00"+e.Object] = e.JiraID
	}
	return p, err
}

// checkAdmin refuses before the first change what cannot work.
func (p *provisioner) checkAdmin(ctx context.Context) error {
	held, err := p.client.MyPermissions(ctx, "", jiraclient.PermissionAdminister)
	if err != nil {
		return err
	}
	if !held[jiraclient.PermissionAdminister] {
		return fmt.Errorf("%w: nothing was changed; add a connection of an administrator's account for this", ErrNotAdmin)
	}
	return nil
}

// Provision brings Jira to where tickets about vulnerabilities have their own
// issue type with the fields of I9, step by step; Data Center as far as its API
// goes, see [model.ProvisionRunbook] for the rest. What exists
// already, by the ledger's id or by name, is taken and never made twice, so
// that a run that was ended anywhere goes on where it stopped. The ledger tells
// each step's state.
func Provision(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client) error {
	p, err := newProvisioner(ctx, store, connection, client)
	if err != nil {
		return err
	}
	if err := p.checkAdmin(ctx); err != nil {
		return err
	}
	if client.Deployment() == jiraclient.DataCenter {
		return p.dataCenter(ctx)
	}
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{model.StepIssueType, p.issueType}, {model.StepTypeScheme, p.typeScheme}, {model.StepFields, p.fields}, {model.StepWorkflow, p.workflow},
		{model.StepWorkflowScheme, p.workflowScheme}, {model.StepScreen, p.screen}, {model.StepScreenScheme, p.screenScheme}, {model.StepTypeScreenScheme, p.typeScreenScheme},
	} {
		if err := p.step(ctx, step.name, step.run); err != nil {
			return err
		}
	}
	return store.ForgetVEXFields(ctx, connection)
}

func (p *provisioner) step(ctx context.Context, name string, run func(context.Context) error) error {
	enter := func(state string, problem error) error {
		entry := storage.LedgerEntry{Step: name, State: state}
		if problem != nil {
			entry.Error = Sentence(problem)
		}
		return p.store.Record(context.WithoutCancel(ctx), p.connection, entry)
	}
	if err := enter(model.StepRunning, nil); err != nil {
		return err
	}
	if err := run(ctx); err != nil {
		if ctx.Err() != nil {
			return err // cut off, not failed: the next run goes on
		}
		return errors.Join(fmt.Errorf("%s: %w", name, err), enter(model.StepFailed, err))
	}
	return enter(model.StepCompleted, nil)
}

// id is the id of something that an earlier step entered into the ledger.
func (p *provisioner) id(step, object string) string { return p.known[step+"\x00"+object] }

func (p *provisioner) enter(ctx context.Context, step, object, id string) error {
	p.known[step+"\x00"+object] = id
	return p.store.Record(context.WithoutCancel(ctx), p.connection, storage.LedgerEntry{Step: step, Object: object, JiraID: id, State: model.StepCompleted})
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
	return p.findOrMake(ctx, model.StepIssueType, model.VexdeskType,
		func() ([]jiraclient.AdminObject, error) { return p.client.SiteIssueTypes(ctx) },
		func() (string, error) {
			return p.client.MakeIssueType(ctx, model.VexdeskType, "A vulnerability in a component of a product. "+tag)
		})
}

func (p *provisioner) typeScheme(ctx context.Context) error {
	return p.findOrMake(ctx, model.StepTypeScheme, typeSchemeName,
		func() ([]jiraclient.AdminObject, error) { return p.client.IssueTypeSchemes(ctx, typeSchemeName) },
		func() (string, error) {
			return p.client.MakeIssueTypeScheme(ctx, typeSchemeName, tag, []string{p.id(model.StepIssueType, model.VexdeskType)})
		})
}

// workflow makes a workflow of a status of each category, taking statuses that
// the site has.
func (p *provisioner) workflow(ctx context.Context) error {
	return p.findOrMake(ctx, model.StepWorkflow, workflowName,
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
	return p.findOrMake(ctx, model.StepWorkflowScheme, workflowSchemeName,
		func() ([]jiraclient.AdminObject, error) { return p.client.WorkflowSchemes(ctx) },
		func() (string, error) {
			return p.client.MakeWorkflowScheme(ctx, workflowSchemeName, tag, p.id(model.StepIssueType, model.VexdeskType), workflowName)
		})
}

// standardFields are on the screen beside our own.
var standardFields = [...]string{"summary", "description", "labels", "priority", "assignee", "reporter", "versions"}

func (p *provisioner) screen(ctx context.Context) error {
	err := p.findOrMake(ctx, model.StepScreen, screenName,
		func() ([]jiraclient.AdminObject, error) { return p.client.Screens(ctx, screenName) },
		func() (string, error) { return p.client.MakeScreen(ctx, screenName, tag) })
	if err != nil {
		return err
	}
	screen := p.id(model.StepScreen, screenName)
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
		want = append(want, p.id(model.StepFields, f.Name))
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
	return p.findOrMake(ctx, model.StepScreenScheme, screenSchemeName,
		func() ([]jiraclient.AdminObject, error) { return p.client.ScreenSchemes(ctx, screenSchemeName) },
		func() (string, error) {
			return p.client.MakeScreenScheme(ctx, screenSchemeName, tag, p.id(model.StepScreen, screenName))
		})
}

func (p *provisioner) typeScreenScheme(ctx context.Context) error {
	return p.findOrMake(ctx, model.StepTypeScreenScheme, typeScreenSchemeName,
		func() ([]jiraclient.AdminObject, error) {
			return p.client.IssueTypeScreenSchemes(ctx, typeScreenSchemeName)
		},
		func() (string, error) {
			own := p.id(model.StepScreenScheme, screenSchemeName)
			return p.client.MakeIssueTypeScreenScheme(ctx, typeScreenSchemeName, tag,
				[]jiraclient.TypeScreen{{Type: "default", ScreenScheme: own}, {Type: p.id(model.StepIssueType, model.VexdeskType), ScreenScheme: own}})
		})
}
