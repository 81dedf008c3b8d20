package cli

import (
	"context"
	"fmt"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// examineProducts looks for products whose tickets or decisions go nowhere (I17,
// I18). Before there is a profile nothing is expected of them.
func (a *app) examineProducts(ctx context.Context, d *doctor, s *storage.Store) error {
	profiles, err := s.Profiles(ctx)
	if err != nil || len(profiles) == 0 {
		return err
	}
	products, err := s.Products(ctx)
	if err != nil {
		return err
	}
	var homeless, off []string
	for _, p := range products {
		state, err := productSync(ctx, s, p)
		if err != nil {
			return err
		}
		switch {
		case !p.Sync:
			off = append(off, p.Name)
		case state.Status == "failed":
			d.ill("product "+p.Name, "the last sync of its decisions failed: "+state.Error, "the sync tries again by itself; 'vexdesk sync --once --product NAME' tries now")
		case state.Tickets > 0 || p.Project != "" || p.Profile != "" || len(profiles) == 1:
		default:
			watched, err := a.watched(ctx, s, p.Name)
			if err != nil {
				return err
			}
			if !watched {
				homeless = append(homeless, p.Name)
			}
		}
	}
	if len(homeless) > 0 {
		d.ill("products", "sync is on, and neither a profile nor a project is set: "+model.Listed(homeless), "'vexdesk product set NAME --profile P' sets one; --sync=off turns it off")
	}
	if len(off) > 0 {
		d.note("products", "sync is off, so that decisions and Jira are not kept in step: "+model.Listed(off), "'vexdesk product set NAME --sync=on' turns it on")
	}
	return nil
}

// watched tells whether a watch with a profile covers violations of a product.
func (a *app) watched(ctx context.Context, s *storage.Store, product string) (bool, error) {
	watches, err := s.Watches(ctx)
	if err != nil {
		return false, err
	}
	for _, w := range watches {
		if w.Profile == "" {
			continue
		}
		filter, err := query.Parse(fmt.Sprintf("product:%q watch:%q", product, w.Name), a.now())
		if err != nil {
			return false, err
		}
		if n, err := s.Count(ctx, filter); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// examineVEXFields notes an issue type whose tickets cannot carry decisions (I18).
func (a *app) examineVEXFields(ctx context.Context, d *doctor, s *storage.Store, p model.Profile) error {
	live := vexsync.NewLive(s)
	defer live.Close()
	types, _, err := live.Types(ctx, p.Connection, p.Project, vexsync.MetadataAge)
	if err != nil {
		return err
	}
	t, err := vexsync.FindType(types, p.Project, p.IssueType)
	if err != nil {
		return err
	}
	var missing []string
	for _, f := range model.JiraFields() {
		if f.VEX == "" {
			continue
		}
		if _, err := t.Fields.Named(f.Name); err != nil {
			missing = append(missing, f.Name)
		}
	}
	if len(missing) == len(model.SyncedFields()) {
		missing = []string{"VEX fields"}
	}
	if len(missing) > 0 {
		d.note("profile "+p.Name, fmt.Sprintf("the create screen of %s in project %s has no %s: such decisions stay here", p.IssueType, p.Project, strings.Join(missing, ", ")),
			"to keep them in step, choose an issue type that has the fields: 'vexdesk provision' makes "+model.VexdeskType)
	}
	return nil
}

// examineProvisioning tells of a step that failed and was not mended.
func examineProvisioning(ctx context.Context, d *doctor, s *storage.Store, c model.Connection) error {
	steps, err := s.ProvisionSteps(ctx, c.ID)
	for _, step := range steps {
		if step.State == model.StepFailed {
			d.ill("provisioning by "+c.Name, fmt.Sprintf("the step %q failed: %s", step.Name, step.Error), "mend that; 'vexdesk provision --connection "+c.Name+"' goes on where it stopped")
		}
	}
	return err
}
