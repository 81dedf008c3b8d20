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

// byHand are the steps that Jira Data Center has no API for.
func byHand() []string {
	return []string{model.StepTypeScheme, model.StepWorkflow, model.StepWorkflowScheme, model.StepScreen, model.StepScreenScheme, model.StepTypeScreenScheme}
}

// dataCenter does what Data Center's REST API can: the issue type and the
// fields, without their options. The rest waits for an administrator, with the
// reason; so does what Jira refuses over REST, as it does without a secure
// administrator session on some sites.
func (p *provisioner) dataCenter(ctx context.Context) error {
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{{model.StepIssueType, p.issueType}, {model.StepFields, p.dataCenterFields}} {
		err := p.step(ctx, step.name, step.run)
		if errors.Is(err, jiraclient.ErrForbidden) || errors.Is(err, jiraclient.ErrUnauthorized) {
			err = p.leave(ctx, step.name, "by hand: Jira refuses it over its API: "+Sentence(err))
		}
		if err != nil {
			return err
		}
	}
	for _, name := range byHand() {
		if err := p.leave(ctx, name, "by hand: Data Center's API has no call for it"); err != nil {
			return err
		}
	}
	return p.store.ForgetVEXFields(ctx, p.connection)
}

// leave keeps a step pending with what is to be done about it.
func (p *provisioner) leave(ctx context.Context, step, why string) error {
	return p.store.Record(context.WithoutCancel(ctx), p.connection, storage.LedgerEntry{Step: step, State: model.StepPending, Error: why})
}

// dataCenterFields makes the fields that are not there. Data Center tells no
// descriptions of fields, so that ours cannot be told from a namesake. What was
// there before is therefore entered into the ledger first: after a lost answer,
// the one that came since is ours.
func (p *provisioner) dataCenterFields(ctx context.Context) error {
	all, err := p.client.Fields(ctx)
	if err != nil {
		return err
	}
	for _, want := range model.JiraFields() {
		var namesakes []string
		known := p.id(model.StepFields, want.Name)
		there := false
		for _, f := range all {
			there = there || known != "" && f.ID == known
			if f.Name == want.Name && f.Schema.Kind() == kindsOfFields[want.Kind] {
				namesakes = append(namesakes, f.ID)
			}
		}
		if there {
			continue
		}
		id, err := p.fieldAmong(ctx, want, namesakes)
		if err == nil {
			err = p.enter(ctx, model.StepFields, want.Name, id)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", want.Name, err)
		}
	}
	return nil
}

// fieldAmong takes the namesake that is ours, else makes a field. Names that
// begin with VEX are nobody else's.
func (p *provisioner) fieldAmong(ctx context.Context, want model.JiraField, namesakes []string) (string, error) {
	if want.VEX != "" && len(namesakes) == 1 {
		return namesakes[0], nil
	}
	if before, begun := p.begun[want.Name]; begun {
		since := slices.DeleteFunc(slices.Clone(namesakes), func(id string) bool { return slices.Contains(before, id) })
		if len(since) > 0 {
			return since[0], nil
		}
	}
	p.begun[want.Name] = namesakes
	err := p.store.Record(ctx, p.connection, storage.LedgerEntry{Step: model.StepFields, Object: want.Name, State: model.StepRunning, JiraID: strings.Join(namesakes, " ")})
	if err != nil {
		return "", err
	}
	return p.client.MakeCustomField(ctx, jiraclient.CustomField{Name: want.Name, Description: fieldNote(want), Kind: kindsOfFields[want.Kind]})
}
