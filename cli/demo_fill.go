package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.com/vexdesk/cli/sample"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

const demoConnection = "demo"

// fill makes the sample workspace: what was imported and decided in the last
// months, then the connection, a profile and the first tickets.
func (d *demo) fill(ctx context.Context, headless bool) error {
	if err := d.past(ctx); err != nil {
		return fmt.Errorf("the sample workspace cannot be made: %w", err)
	}
	name, report, err := sample.Next()
	if err != nil {
		return err
	}
	d.next = filepath.Join(d.dir, name)
	if err := os.WriteFile(d.next, report, 0o600); err != nil {
		return fmt.Errorf("the sample report cannot be written: %w", err)
	}
	s, err := d.open(ctx)
	if err != nil {
		return err
	}
	if err := d.connectJira(ctx, s); err != nil {
		return fmt.Errorf("the demo cannot reach its own Jira: %w", err)
	}
	if err := d.firstTickets(ctx, s); err != nil {
		return fmt.Errorf("the first tickets of the demo: %w", err)
	}
	if headless {
		return d.close()
	}
	if err := d.watch(ctx, s); err != nil {
		return fmt.Errorf("the policies of the demo: %w", err)
	}
	if err := d.disagree(ctx, s); err != nil {
		return fmt.Errorf("the conflicts of the demo: %w", err)
	}
	// Statuses come fast, so that rows change under the eyes.
	return s.SetSetting(ctx, d.actor(), "status.interval", "4s")
}

// past imports the reports at their times and takes the decisions.
func (d *demo) past(ctx context.Context) (err error) {
	now := d.now()
	clock := now
	s, err := d.atTime(ctx, &clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	reports, err := sample.Reports(now)
	if err != nil {
		return err
	}
	for _, r := range reports {
		clock = r.At
		if err := importSample(ctx, s, r, storage.ImportOptions{File: r.File, Actor: model.Actor{Name: "scanner", Source: "import"}}); err != nil {
			return err
		}
	}
	for i, decision := range sample.Decisions() {
		clock = now.Add(-time.Duration(9-i) * 7 * time.Hour)
		filter, err := d.parseWhere(decision.Where)
		if err != nil {
			return err
		}
		ids, err := s.MatchingIDs(ctx, storage.Window{Filter: filter})
		if err != nil {
			return err
		}
		if _, err := s.SetVEX(ctx, model.Actor{Name: decision.By, Source: "console"}, ids, decision.Fields); err != nil {
			return err
		}
	}
	return nil
}

// watch adds the policies, and the watches that they work in.
func (d *demo) watch(ctx context.Context, s *storage.Store) error {
	for _, p := range sample.Policies() {
		if _, err := s.AddPolicy(ctx, d.actor(), p); err != nil {
			return err
		}
	}
	for _, w := range sample.Watches() {
		if _, err := s.AddWatch(ctx, d.actor(), w); err != nil {
			return err
		}
	}
	return nil
}

// connectJira adds the connection, the profile and a product's settings.
func (d *demo) connectJira(ctx context.Context, s *storage.Store) error {
	c, err := s.AddConnection(ctx, d.actor(), model.Connection{Name: demoConnection, Type: model.Cloud, Auth: model.AuthBasic,
		URL: d.sim.URL, User: jiratest.AnalystEmail}, []byte(jiratest.AnalystToken))
	if err != nil {
		return err
	}
	if _, err := d.verify(ctx, s, c); err != nil {
		return err
	}
	if err := d.setJiraUp(ctx, s); err != nil {
		return err
	}
	product, project, profile := sample.Settings()
	profile.Connection = demoConnection
	if _, err := d.checkProfile(ctx, s, profile); err != nil {
		return err
	}
	if _, err := s.AddProfile(ctx, d.actor(), profile); err != nil {
		return err
	}
	_, err = s.SetProduct(ctx, d.actor(), product, storage.ProductChange{Project: &project})
	return err
}

// firstTickets raises tickets for what is exploited, as colleagues did before,
// and lets some of them be worked on.
func (d *demo) firstTickets(ctx context.Context, s *storage.Store) error {
	filter, err := d.parseWhere("(kev:yes or severity:critical product:edge-agent,gateway) -vex:not_affected -product:payments-api")
	if err != nil {
		return err
	}
	ids, err := s.MatchingIDs(ctx, storage.Window{Filter: filter})
	if err != nil {
		return err
	}
	plan, err := s.PlanTickets(ctx, model.PlanRequest{IDs: ids})
	if err != nil {
		return err
	}
	ops, err := s.RequestTickets(ctx, model.Actor{Name: "ines", Source: "console"}, plan)
	if err != nil {
		return err
	}
	engine := vexsync.New(vexsync.Options{Store: s})
	wanted := make([]string, len(ops))
	for i := range ops {
		wanted[i] = ops[i].ID
	}
	if ops, err = engine.Await(ctx, wanted, vexsync.DefaultTimeout); err != nil {
		return err
	}
	for i, status := range []string{"In Progress", "In Review", "Done", "To Do", "In Progress", "To Do", "In Review"} {
		if i < len(ops) {
			if err := d.sim.SetStatus(ops[i].Key, status); err != nil {
				return err
			}
		}
	}
	if _, err := s.AskRefresh(ctx, d.actor(), nil); err != nil {
		return err
	}
	_, err = engine.AwaitRefresh(ctx, vexsync.DefaultTimeout)
	return err
}
