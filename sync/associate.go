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

// SchemeChange is what associating a project does to one of its schemes.
type SchemeChange struct {
	// Kind is issue type scheme, issue type screen scheme or workflow scheme.
	Kind   string `json:"kind"`
	Scheme string `json:"scheme"`
	// Action is append, copy or none, with Reason.
	Action string `json:"action"`
	Reason string `json:"reason"`
	// SharedWith are the keys of the other projects that use the scheme, as far
	// as the account sees them.
	SharedWith []string `json:"shared_with"`

	id string
}

// Association is the plan of bringing the issue type into a project (I3,
// ruling 30). Nothing has happened yet.
type Association struct {
	Project string         `json:"project"`
	Changes []SchemeChange `json:"changes"`

	projectID string
}

// Changed reports whether there is anything to do.
func (a *Association) Changed() bool {
	return slices.ContainsFunc(a.Changes, func(c SchemeChange) bool { return c.Action != "none" })
}

// PlanAssociate finds out what it takes to bring the issue type into a
// project: its present schemes get the type appended, or with clone copies of
// them do, so that no other project is touched.
func PlanAssociate(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client, project string, clone bool) (Association, error) {
	p, err := newProvisioner(ctx, store, connection, client)
	if err != nil {
		return Association{}, err
	}
	if err := p.checkAdmin(ctx); err != nil {
		return Association{}, err
	}
	for _, step := range []string{StepIssueType, StepScreenScheme, StepWorkflow} {
		if !p.has(step) {
			return Association{}, fmt.Errorf("the connection is not provisioned yet (%s is missing): run 'vexdesk provision' first", step)
		}
	}
	target, err := client.Project(ctx, project)
	if err != nil {
		return Association{}, err
	}
	if target.TeamManaged() {
		return Association{}, fmt.Errorf("project %s: %w: use one of its own issue types in a profile, with a label; the decision stands in the description", target.Key, ErrTeamManaged)
	}
	a := Association{Project: target.Key, projectID: target.ID}
	all, err := client.VisibleProjects(ctx)
	if err != nil {
		return a, err
	}
	for _, plan := range []func(context.Context, *Association, []jiraclient.Project, bool) error{p.planTypes, p.planScreens, p.planWorkflow} {
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

func appendOrCopy(c *SchemeChange, clone bool) {
	c.Action, c.Reason = "append", "the issue type is added"
	if clone && len(c.SharedWith) > 0 {
		c.Action, c.Reason = "copy", "a copy with the issue type replaces it in this project alone"
	}
}

func (p *provisioner) planTypes(ctx context.Context, a *Association, all []jiraclient.Project, clone bool) error {
	scheme, shared, err := use(ctx, p.client.IssueTypeSchemesOf, a.projectID, all)
	if err != nil {
		return err
	}
	c := SchemeChange{Kind: StepTypeScheme, Scheme: scheme.Name, SharedWith: shared, id: scheme.ID, Action: "none", Reason: "it has the issue type already"}
	types, err := p.client.IssueTypeSchemeTypes(ctx, scheme.ID)
	if err != nil {
		return err
	}
	if !slices.Contains(types, p.id(StepIssueType, VexdeskType)) {
		appendOrCopy(&c, clone)
	}
	a.Changes = append(a.Changes, c)
	return nil
}

func (p *provisioner) planScreens(ctx context.Context, a *Association, all []jiraclient.Project, clone bool) error {
	scheme, shared, err := use(ctx, p.client.IssueTypeScreenSchemesOf, a.projectID, all)
	if err != nil {
		return err
	}
	c := SchemeChange{Kind: StepTypeScreenScheme, Scheme: scheme.Name, SharedWith: shared, id: scheme.ID, Action: "none", Reason: "it shows the fields already"}
	mappings, err := p.client.IssueTypeScreens(ctx, scheme.ID)
	if err != nil {
		return err
	}
	own := p.id(StepIssueType, VexdeskType)
	if !slices.ContainsFunc(mappings, func(m jiraclient.TypeScreen) bool { return m.Type == own }) {
		appendOrCopy(&c, clone)
	}
	a.Changes = append(a.Changes, c)
	return nil
}

// planWorkflow maps the workflow for the new type alone. Jira's default scheme
// cannot be changed, and a shared one is left alone where copies were asked
// for; the type then follows the project's default workflow, which is as good.
func (p *provisioner) planWorkflow(ctx context.Context, a *Association, all []jiraclient.Project, clone bool) error {
	scheme, shared, err := use(ctx, p.client.WorkflowSchemesOf, a.projectID, all)
	if err != nil {
		return err
	}
	c := SchemeChange{Kind: StepWorkflowScheme, Scheme: scheme.Name, SharedWith: shared, id: scheme.ID, Action: "none"}
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
		if c.Reason = "it maps the issue type already"; !whole.Maps(p.id(StepIssueType, VexdeskType)) {
			c.Action, c.Reason = "append", "the workflow is mapped for the issue type alone"
		}
	}
	a.Changes = append(a.Changes, c)
	return nil
}

// Associate carries a plan out. Doing it again changes nothing.
func Associate(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client, a Association) error {
	p, err := newProvisioner(ctx, store, connection, client)
	if err != nil {
		return err
	}
	for _, c := range a.Changes {
		if c.Action == "none" {
			continue
		}
		apply := map[string]func(context.Context, *Association, SchemeChange) error{StepTypeScheme: p.applyTypes, StepTypeScreenScheme: p.applyScreens, StepWorkflowScheme: p.applyWorkflow}[c.Kind]
		if err := apply(ctx, &a, c); err != nil {
			return fmt.Errorf("%s %q of project %s: %w", c.Kind, c.Scheme, a.Project, err)
		}
	}
	var fields []string
	for _, f := range model.JiraFields() {
		if id := p.id(StepFields, f.Name); id != "" {
			fields = append(fields, id)
		}
	}
	if err := client.AssociateFields(ctx, a.projectID, fields); err != nil {
		return fmt.Errorf("the fields cannot be made known to project %s: %w", a.Project, err)
	}
	return store.ForgetVEXFields(ctx, connection)
}

func copyName(scheme, project string) string {
	return scheme + " (" + project + " with " + VexdeskType + ")"
}

func (p *provisioner) applyTypes(ctx context.Context, a *Association, c SchemeChange) error {
	own := []string{p.id(StepIssueType, VexdeskType)}
	if c.Action == "append" {
		return p.client.AddToIssueTypeScheme(ctx, c.id, own)
	}
	name := copyName(c.Scheme, a.Project)
	err := p.findOrMake(ctx, StepTypeScheme, name,
		func() ([]jiraclient.AdminObject, error) { return p.client.IssueTypeSchemes(ctx, name) },
		func() (string, error) {
			types, err := p.client.IssueTypeSchemeTypes(ctx, c.id)
			if err != nil {
				return "", err
			}
			return p.client.MakeIssueTypeScheme(ctx, name, tag, append(types, own...))
		})
	if err != nil {
		return err
	}
	return p.client.UseIssueTypeScheme(ctx, p.id(StepTypeScheme, name), a.projectID)
}

func (p *provisioner) applyScreens(ctx context.Context, a *Association, c SchemeChange) error {
	own := []jiraclient.TypeScreen{{Type: p.id(StepIssueType, VexdeskType), ScreenScheme: p.id(StepScreenScheme, screenSchemeName)}}
	if c.Action == "append" {
		return p.client.AddIssueTypeScreens(ctx, c.id, own)
	}
	name := copyName(c.Scheme, a.Project)
	err := p.findOrMake(ctx, StepTypeScreenScheme, name,
		func() ([]jiraclient.AdminObject, error) { return p.client.IssueTypeScreenSchemes(ctx, name) },
		func() (string, error) {
			mappings, err := p.client.IssueTypeScreens(ctx, c.id)
			if err != nil {
				return "", err
			}
			return p.client.MakeIssueTypeScreenScheme(ctx, name, tag, append(mappings, own...))
		})
	if err != nil {
		return err
	}
	return p.client.UseIssueTypeScreenScheme(ctx, p.id(StepTypeScreenScheme, name), a.projectID)
}

func (p *provisioner) applyWorkflow(ctx context.Context, _ *Association, c SchemeChange) error {
	whole, err := p.client.ReadWorkflowScheme(ctx, c.id)
	if err != nil {
		return err
	}
	return p.client.MapWorkflow(ctx, whole, p.id(StepIssueType, VexdeskType), p.id(StepWorkflow, workflowName))
}

// Proof is what createmeta shows an account of the issue type in a project:
// the only proof that counts, because only it tells what that account can
// write (ruling 30).
type Proof struct {
	Project   string   `json:"project"`
	IssueType bool     `json:"issue_type"`
	Fields    []string `json:"fields"`
	Missing   []string `json:"missing"`
}

// OK reports whether tickets can be made with all their fields.
func (p *Proof) OK() bool { return p.IssueType && len(p.Missing) == 0 }

// Prove looks at the create screen of the issue type in a project as the
// client's account, which need not be the one that provisioned the connection.
// It works on Cloud and on Data Center.
func Prove(ctx context.Context, store *storage.Store, connection int64, client *jiraclient.Client, project string) (Proof, error) {
	proof := Proof{Project: project, Fields: []string{}, Missing: []string{}}
	p, err := newProvisioner(ctx, store, connection, client)
	if err != nil {
		return proof, err
	}
	types, err := client.IssueTypes(ctx, project)
	if err != nil {
		return proof, err
	}
	i := slices.IndexFunc(types, func(t jiraclient.IssueType) bool { return t.Name == VexdeskType })
	var screen []jiraclient.CreateField
	if proof.IssueType = i >= 0; proof.IssueType {
		if screen, err = client.CreateFields(ctx, project, types[i].ID); err != nil {
			return proof, err
		}
	}
	for _, want := range model.JiraFields() {
		f := findField(screen, want, p.id(StepFields, want.Name))
		if f == nil || len(optionIDs(f, want)) < len(want.Options) {
			proof.Missing = append(proof.Missing, want.Name)
		} else {
			proof.Fields = append(proof.Fields, want.Name)
		}
	}
	return proof, nil
}

// Runbook is what an administrator of Jira Data Center does by hand, because
// its API makes neither screens nor select options nor workflows.
func Runbook() []string {
	lines := []string{
		"1. Issues > Issue types > Add issue type: " + VexdeskType + ", a standard issue type.",
		"2. Issues > Issue type schemes: add " + VexdeskType + " to the scheme of each project that is to have it.",
		"3. Issues > Custom fields > Add custom field, each for all issue types and projects:",
	}
	words := map[model.JiraFieldKind]string{model.JiraLine: "Text Field (single line)", model.JiraParagraph: "Text Field (multi-line), wiki style renderer",
		model.JiraSelect: "Select List (single choice)", model.JiraNumber: "Number Field", model.JiraURL: "URL Field"}
	for _, f := range model.JiraFields() {
		line := "     " + f.Name + ": " + words[f.Kind]
		if len(f.Options) > 0 {
			line += ", options " + strings.Join(f.Options, ", ")
		}
		lines = append(lines, line)
	}
	return append(lines,
		"4. Issues > Workflows: the project's own workflow serves; nothing is to be made.",
		"5. Issues > Workflow schemes: nothing is to be changed.",
		"6. Issues > Screens > Add screen: "+screenName+", with Summary, Description, Labels, Priority, Assignee, Reporter and the fields of step 3.",
		"7. Issues > Screen schemes > Add: "+screenSchemeName+", with that screen for all operations.",
		"8. Issues > Issue type screen schemes: in the scheme of each project, map "+VexdeskType+" to "+screenSchemeName+".",
		"Then prove it: vexdesk provision associate --connection NAME --project KEY",
	)
}
