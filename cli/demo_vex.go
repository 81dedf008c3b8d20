package cli

import (
	"context"
	"errors"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// setJiraUp brings the issue type with the VEX fields into the projects of the
// simulated Jira, as its administrator, so that decisions go both ways.
func (d *demo) setJiraUp(ctx context.Context, s *storage.Store) error {
	c, err := s.AddConnection(ctx, d.actor(), model.Connection{Name: demoConnection + "-admin", Type: model.Cloud, Auth: model.AuthBasic,
		URL: d.sim.URL, User: jiratest.AdminEmail}, []byte(jiratest.AdminToken))
	if err != nil {
		return err
	}
	if _, err := d.verify(ctx, s, c); err != nil {
		return err
	}
	if err := d.provisions(ctx, s, model.ProvisionRequest{ConnectionID: c.ID, Kind: model.ProvisionSetUp}); err != nil {
		return err
	}
	client, err := vexsync.Connect(ctx, s, c)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, project := range []string{"SEC", "PAY"} {
		plan, err := vexsync.PlanAssociate(ctx, s, c.ID, client, project, false)
		if err != nil {
			return err
		}
		if plan.Count() == 0 {
			continue
		}
		ask := model.ProvisionRequest{ConnectionID: c.ID, Kind: model.ProvisionAssociate, Project: project, Plan: &plan}
		if err := d.provisions(ctx, s, ask); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) provisions(ctx context.Context, s *storage.Store, ask model.ProvisionRequest) error {
	id, err := s.AskProvision(ctx, d.actor(), ask)
	if err != nil {
		return err
	}
	r, err := vexsync.New(vexsync.Options{Store: s}).AwaitProvision(ctx, id, func(model.ProvisionStep) {})
	if err == nil && r.Error != "" {
		err = errors.New(r.Error)
	}
	return err
}

// A dispute is a violation that ines decides here while a developer fills the
// ticket's fields in Jira otherwise.
type dispute struct {
	where  string
	ours   map[model.VEXField]string
	theirs map[string]string // by the names of Jira's fields
}

func disputes() []dispute {
	return []dispute{
		{
			where: "issue:CVE-2024-3094 product:edge-agent",
			ours: map[model.VEXField]string{
				model.FieldStatus: string(model.VEXAffected), model.FieldResponse: "rollback",
				model.FieldImpact: "The agent links liblzma, and its images run systemd with sshd.",
			},
			theirs: map[string]string{
				"VEX Status": string(model.VEXNotAffected), "VEX Justification": "requires_environment",
				"VEX Impact Statement": "sshd is not part of the agent's image, so nothing loads the back door.",
			},
		},
		{
			where:  "issue:CVE-2023-44487 product:gateway",
			ours:   map[model.VEXField]string{model.FieldStatus: string(model.VEXFixed)},
			theirs: map[string]string{"VEX Status": string(model.VEXInTriage)},
		},
	}
}

// disagree lets the developers decide in Jira what ines decides otherwise.
func (d *demo) disagree(ctx context.Context, s *storage.Store) error {
	engine := vexsync.New(vexsync.Options{Store: s})
	compare := vexsync.Once{Only: []string{"vex"}, Timeout: vexsync.DefaultTimeout}
	if _, err := engine.Once(ctx, compare); err != nil { // what both agree on
		return err
	}
	for _, each := range disputes() {
		filter, err := d.parseWhere(each.where)
		if err != nil {
			return err
		}
		ids, err := s.MatchingIDs(ctx, storage.Window{Filter: filter})
		if err != nil {
			return err
		}
		tickets, err := s.Tickets(ctx, storage.TicketFilter{Violations: ids})
		if err != nil {
			return err
		}
		for i := range tickets {
			for name, text := range each.theirs {
				if err := d.sim.SetFieldNamed(tickets[i].Key, name, text); err != nil {
					return err
				}
			}
		}
		if _, err := s.SetVEX(ctx, model.Actor{Name: "ines", Source: "console"}, ids, each.ours); err != nil {
			return err
		}
	}
	_, err := engine.Once(ctx, compare)
	return err
}
