package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// PlanAssociate finds out what it takes to bring the issue type into a
// project: its present schemes get the type appended, or with clone copies of
// them do, so that no other project is touched.
func PlanAssociate(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client, project string, clone bool) (model.Association, error) {
	p, err := newProvisioner(ctx, store, connection, client)
	if err != nil {
		return model.Association{}, err
	}
	if err := p.checkAdmin(ctx); err != nil {
		return model.Association{}, err
	}
	if client.Deployment() == jiraclient.DataCenter {
		return model.Association{Project: project, Changes: []model.SchemeChange{}}, nil // by hand, see the runbook
	}
	for _, step := range []string{model.StepIssueType, model.StepScreenScheme, model.StepWorkflow} {
		if !p.has(step) {
			return model.Association{}, fmt.Errorf("the connection is not provisioned yet (%s is missing): run 'vexdesk provision' first", step)
		}
	}
	target, err := client.Project(ctx, project)
	if err != nil {
		return model.Association{}, err
	}
	if target.TeamManaged() {
		return model.Association{}, fmt.Errorf("project %s: %w: use one of its own issue types in a profile, with a label; the decision stands in the description", target.Key, ErrTeamManaged)
	}
	a := model.Association{Project: target.Key, ProjectID: target.ID}
	all, err := client.VisibleProjects(ctx)
	if err != nil {
		return a, err
	}
	for _, plan := range []func(context.Context, *model.Association, []jiraclient.Project, bool) error{p.planTypes, p.planScreens, p.planWorkflow} {
		if err := plan(ctx, &a, all, clone); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (p *provisioner) has(step string) bool {
	for key, id := range p.known {
		if strings.HasPrefix(key, step+"\x00") && id != "" {
			return true
		}
	}
	return false
}

// use finds the scheme of the project and who else uses it.
func use(ctx context.Context, of func(context.Context, []string) ([]jiraclient.SchemeUse, error), project string, all []jiraclient.Project) (scheme jiraclient.AdminObject, shared []string, err error) {
	keys := map[string]string{}
	ids := []string{project}
	for _, p := range all {
		keys[p.ID] = p.Key
		if p.ID != project && !p.TeamManaged() {
			ids = append(ids, p.ID)
		}
	}
	users := map[string][]string{}
	shared = []string{}
	for part := range slices.Chunk(ids, 100) {
		found, err := of(ctx, part)
		if err != nil {
			return scheme, nil, err
		}
		for _, f := range found {
			users[f.Scheme.ID] = append(users[f.Scheme.ID], f.Projects...)
			if slices.Contains(f.Projects, project) {
				scheme = f.Scheme
			}
		}
	}
	for _, id := range users[scheme.ID] {
		if id != project {
			shared = append(shared, keys[id])
		}
	}
	slices.Sort(shared)
	return scheme, shared, nil
}

func appendOrCopy(c *model.SchemeChange, clone bool) {
	c.Action, c.Reason = model.SchemeAppend, "the issue type is added"
	if clone && len(c.SharedWith) > 0 {
		c.Action, c.Reason = model.SchemeCopy, "a copy with the issue type replaces it in this project alone"
	}
}

func (p *provisioner) planTypes(ctx context.Context, a *model.Association, all []jiraclient.Project, clone bool) error {
	scheme, shared, err := use(ctx, p.client.IssueTypeSchemesOf, a.ProjectID, all)
	if err != nil {
		return err
	}
	c := model.SchemeChange{Kind: model.StepTypeScheme, Scheme: scheme.Name, SharedWith: shared, SchemeID: scheme.ID, Action: model.SchemeNone, Reason: "it has the issue type already"}
	types, err := p.client.IssueTypeSchemeTypes(ctx, scheme.ID)
	if err != nil {
		return err
	}
	if !slices.Contains(types, p.id(model.StepIssueType, model.VexdeskType)) {
		appendOrCopy(&c, clone)
	}
	a.Changes = append(a.Changes, c)
	return nil
}

func (p *provisioner) planScreens(ctx context.Context, a *model.Association, all []jiraclient.Project, clone bool) error {
	scheme, shared, err := use(ctx, p.client.IssueTypeScreenSchemesOf, a.ProjectID, all)
	if err != nil {
		return err
	}
	c := model.SchemeChange{Kind: model.StepTypeScreenScheme, Scheme: scheme.Name, SharedWith: shared, SchemeID: scheme.ID, Action: model.SchemeNone, Reason: "it shows the fields already"}
	mappings, err := p.client.IssueTypeScreens(ctx, scheme.ID)
	if err != nil {
		return err
	}
	own := p.id(model.StepIssueType, model.VexdeskType)
	if !slices.ContainsFunc(mappings, func(m jiraclient.TypeScreen) bool { return m.Type == own }) {
		appendOrCopy(&c, clone)
	}
	a.Changes = append(a.Changes, c)
	return nil
}

// planWorkflow maps the workflow for the new type alone. Jira's default scheme
// cannot be changed, and a shared one is left alone where copies were asked
// for; the type then follows the project's default workflow, which is as good.
func (p *provisioner) planWorkflow(ctx context.Context, a *model.Association, all []jiraclient.Project, clone bool) error {
	scheme, shared, err := use(ctx, p.client.WorkflowSchemesOf, a.ProjectID, all)
	if err != nil {
		return err
	}
	c := model.SchemeChange{Kind: model.StepWorkflowScheme, Scheme: scheme.Name, SharedWith: shared, SchemeID: scheme.ID, Action: model.SchemeNone}
	switch {
	case scheme.ID == "":
		c.Reason = "jira's default scheme cannot be changed; the issue type follows the project's default workflow"
	case clone && len(shared) > 0:
		c.Reason = "it is shared and stays as it is; the issue type follows the project's default workflow"
	default:
		whole, err := p.client.ReadWorkflowScheme(ctx, scheme.ID)
		if err != nil {
			return err
		}
		if c.Reason = "it maps the issue type already"; !whole.Maps(p.id(model.StepIssueType, model.VexdeskType)) {
			c.Action, c.Reason = model.SchemeAppend, "the workflow is mapped for the issue type alone"
		}
	}
	a.Changes = append(a.Changes, c)
	return nil
}

// Associate carries a plan out. Doing it again changes nothing.
func Associate(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client, a model.Association) error {
	p, err := newProvisioner(ctx, store, connection, client)
	if err != nil {
		return err
	}
	for _, c := range a.Changes {
		if c.Action == model.SchemeNone {
			continue
		}
		apply := map[string]func(context.Context, *model.Association, model.SchemeChange) error{model.StepTypeScheme: p.applyTypes, model.StepTypeScreenScheme: p.applyScreens, model.StepWorkflowScheme: p.applyWorkflow}[c.Kind]
		if err := apply(ctx, &a, c); err != nil {
			return fmt.Errorf("%s %q of project %s: %w", c.Kind, c.Scheme, a.Project, err)
		}
	}
	var fields []string
	for _, f := range model.JiraFields() {
		if id := p.id(model.StepFields, f.Name); id != "" {
			fields = append(fields, id)
		}
	}
	if err := client.AssociateFields(ctx, a.ProjectID, fields); err != nil {
		return fmt.Errorf("the fields cannot be made known to project %s: %w", a.Project, err)
	}
	return store.ForgetVEXFields(ctx, connection)
}

func copyName(scheme, project string) string {
	return scheme + " (" + project + " with " + model.VexdeskType + ")"
}

func (p *provisioner) applyTypes(ctx context.Context, a *model.Association, c model.SchemeChange) error {
	own := []string{p.id(model.StepIssueType, model.VexdeskType)}
	if c.Action == model.SchemeAppend {
		return p.client.AddToIssueTypeScheme(ctx, c.SchemeID, own)
	}
	name := copyName(c.Scheme, a.Project)
	err := p.findOrMake(ctx, model.StepTypeScheme, name,
		func() ([]jiraclient.AdminObject, error) { return p.client.IssueTypeSchemes(ctx, name) },
		func() (string, error) {
			types, err := p.client.IssueTypeSchemeTypes(ctx, c.SchemeID)
			if err != nil {
				return "", err
			}
			return p.client.MakeIssueTypeScheme(ctx, name, tag, append(types, own...))
		})
	if err != nil {
		return err
	}
	return p.client.UseIssueTypeScheme(ctx, p.id(model.StepTypeScheme, name), a.ProjectID)
}

func (p *provisioner) applyScreens(ctx context.Context, a *model.Association, c model.SchemeChange) error {
	own := []jiraclient.TypeScreen{{Type: p.id(model.StepIssueType, model.VexdeskType), ScreenScheme: p.id(model.StepScreenScheme, screenSchemeName)}}
	if c.Action == model.SchemeAppend {
		return p.client.AddIssueTypeScreens(ctx, c.SchemeID, own)
	}
	name := copyName(c.Scheme, a.Project)
	err := p.findOrMake(ctx, model.StepTypeScreenScheme, name,
		func() ([]jiraclient.AdminObject, error) { return p.client.IssueTypeScreenSchemes(ctx, name) },
		func() (string, error) {
			mappings, err := p.client.IssueTypeScreens(ctx, c.SchemeID)
			if err != nil {
				return "", err
			}
			return p.client.MakeIssueTypeScreenScheme(ctx, name, tag, append(mappings, own...))
		})
	if err != nil {
		return err
	}
	return p.client.UseIssueTypeScreenScheme(ctx, p.id(model.StepTypeScreenScheme, name), a.ProjectID)
}

func (p *provisioner) applyWorkflow(ctx context.Context, _ *model.Association, c model.SchemeChange) error {
	whole, err := p.client.ReadWorkflowScheme(ctx, c.SchemeID)
	if err != nil {
		return err
	}
	return p.client.MapWorkflow(ctx, whole, p.id(model.StepIssueType, model.VexdeskType), p.id(model.StepWorkflow, workflowName))
}

// Prove looks at the create screen of the issue type in a project as the
// client's account, which need not be the one that provisioned the connection.
// It works on Cloud and on Data Center.
func Prove(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client, project string) (model.Proof, error) {
	proof := model.Proof{Project: project, Fields: []string{}, Missing: []string{}}
	p, err := newProvisioner(ctx, store, connection, client)
	if err != nil {
		return proof, err
	}
	types, err := client.IssueTypes(ctx, project)
	if err != nil {
		return proof, err
	}
	i := slices.IndexFunc(types, func(t jiraclient.IssueType) bool { return t.Name == model.VexdeskType })
	var screen []jiraclient.CreateField
	if proof.IssueType = i >= 0; proof.IssueType {
		if screen, err = client.CreateFields(ctx, project, types[i].ID); err != nil {
			return proof, err
		}
	}
	for _, want := range model.JiraFields() {
		f := findField(screen, want, p.id(model.StepFields, want.Name))
		if f == nil || len(optionIDs(f, want)) < len(want.Options) {
			proof.Missing = append(proof.Missing, want.Name)
		} else {
			proof.Fields = append(proof.Fields, want.Name)
		}
	}
	return proof, nil
}
