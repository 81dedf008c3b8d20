package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"example.com/vexdesk/model"
)

// PlanTickets plans tickets over the workspace as it is now; nothing is
// changed. See model.MakePlan for the rules.
func (s *Store) PlanTickets(ctx context.Context, req model.PlanRequest) (model.Plan, error) {
	whole, err := s.Violations(ctx, req.IDs)
	if err != nil {
		return model.Plan{}, err
	}
	if len(whole) < len(req.IDs) {
		return model.Plan{}, missing(req.IDs, whole)
	}
	for i := range whole {
		if err := whole[i].Assessment.Change(req.Decision); err != nil {
			return model.Plan{}, err
		}
	}
	p := planner{Store: s, ctx: ctx, holders: map[string]*model.Ticket{}}
	in, err := p.input(req, whole)
	if err != nil {
		return model.Plan{}, err
	}
	plan, err := model.MakePlan(req, in, p.living, model.NewRenderer())
	noteSeen(plan, whole)
	return plan, errors.Join(err, p.err)
}

// noteSeen notes in the lines of a plan which tickets there were.
func noteSeen(plan model.Plan, whole []model.Violation) {
	had := map[model.ViolationID][]model.Ticket{}
	for i := range whole {
		had[whole[i].ID] = whole[i].AllTickets
	}
	for i := range plan.Lines {
		for _, id := range plan.Lines[i].Violations {
			for j := range had[id] {
				plan.Lines[i].Seen = append(plan.Lines[i].Seen, had[id][j].ID)
			}
		}
	}
}

// missing names the ids that are no violations.
func missing(ids []model.ViolationID, found []model.Violation) error {
	has := map[model.ViolationID]bool{}
	for i := range found {
		has[found[i].ID] = true
	}
	for _, id := range ids {
		if !has[id] {
			return fmt.Errorf("violation %s: %w: 'vexdesk list' shows what there is", id, ErrNotFound)
		}
	}
	return fmt.Errorf("a violation is named twice")
}

// planner gathers what planning needs to know.
type planner struct {
	*Store
	ctx     context.Context
	holders map[string]*model.Ticket
	err     error
}

func (p *planner) input(req model.PlanRequest, whole []model.Violation) ([]model.PlanViolation, error) {
	list, err := idList(req.IDs)
	if err != nil {
		return nil, err
	}
	rows, err := p.read.QueryContext(p.ctx, `SELECT id, product_id, version_id, issue_id FROM violations WHERE id IN (SELECT value FROM json_each(?))`, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	keys := map[model.ViolationID][3]int64{}
	for rows.Next() {
		var id model.ViolationID
		var k [3]int64
		if err := rows.Scan(&id, &k[0], &k[1], &k[2]); err != nil {
			return nil, err
		}
		keys[id] = k
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	choice, err := p.profileChoice(req.Profile)
	if err != nil {
		return nil, err
	}
	links, err := p.links(list)
	if err != nil {
		return nil, err
	}
	products := map[int64]model.Product{}
	out := make([]model.PlanViolation, len(whole))
	for i := range whole {
		k := keys[whole[i].ID]
		product, ok := products[k[0]]
		if !ok {
			if product, err = p.product(p.ctx, p.read, `WHERE p.id = ?`, k[0]); err != nil {
				return nil, err
			}
			products[k[0]] = product
		}
		v := model.PlanViolation{Violation: &whole[i], ProductID: k[0], VersionID: k[1], IssueID: k[2], Settings: product}
		for _, t := range whole[i].AllTickets {
			t.Violations = links[t.ID]
			v.Linked = append(v.Linked, t)
		}
		v.Profile, v.ProfileProblem = choice.of(product, whole[i].Watches)
		out[i] = v
	}
	return out, nil
}

// links are all violations of the tickets that the given violations have.
func (p *planner) links(list string) (map[int64][]model.ViolationID, error) {
	rows, err := p.read.QueryContext(p.ctx, `SELECT ticket_id, violation_id FROM ticket_links
		WHERE ticket_id IN (SELECT ticket_id FROM ticket_links WHERE violation_id IN (SELECT value FROM json_each(?))) ORDER BY 1, 2`, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	out := map[int64][]model.ViolationID{}
	for rows.Next() {
		var ticket int64
		var violation model.ViolationID
		if err := rows.Scan(&ticket, &violation); err != nil {
			return nil, err
		}
		out[ticket] = append(out[ticket], violation)
	}
	return out, rows.Err()
}

// choice decides which profile applies (ruling 12): the one asked for, else
// the watch's, else the product's, else the only one there is.
type choice struct {
	asked   *model.Profile
	watches map[string]*model.Profile
	all     []model.Profile
}

func (p *planner) profileChoice(asked string) (choice, error) {
	var c choice
	var err error
	if c.all, err = p.Profiles(p.ctx); err != nil {
		return c, err
	}
	if asked != "" {
		if c.asked = c.named(asked); c.asked == nil {
			return c, fmt.Errorf("profile %q: %w: 'vexdesk profile list' shows what there is", asked, ErrNotFound)
		}
	}
	all, err := p.Watches(p.ctx)
	if err != nil {
		return c, err
	}
	c.watchProfiles(all)
	return c, nil
}

func (c *choice) named(name string) *model.Profile {
	for i := range c.all {
		if strings.EqualFold(c.all[i].Name, name) {
			return &c.all[i]
		}
	}
	return nil
}

func (c *choice) of(product model.Product, watches []string) (*model.Profile, string) {
	switch {
	case c.asked != nil:
		return c.asked, ""
	case c.ofWatch(watches) != nil:
		return c.ofWatch(watches), ""
	case c.named(product.Profile) != nil:
		return c.named(product.Profile), ""
	case len(c.all) == 1:
		return &c.all[0], ""
	case len(c.all) == 0:
		return nil, "there is no profile yet: add one with 'vexdesk profile add'"
	}
	names := make([]string, len(c.all))
	for i := range c.all {
		names[i] = c.all[i].Name
	}
	return nil, "it is not told which profile to use: choose one of " + strings.Join(names, ", ") + " with --profile, or set the product's"
}

// living finds the holder of a dedupe key, for model.MakePlan.
func (p *planner) living(connection, project, key string) *model.Ticket {
	name := connection + "\x00" + project + "\x00" + key
	if t, ok := p.holders[name]; ok {
		return t
	}
	t, err := p.holder(connection, project, key)
	p.err = errors.Join(p.err, err)
	p.holders[name] = t
	return t
}

func (p *planner) holder(connection, project, key string) (*model.Ticket, error) {
	t, err := scanTicket(p.read.QueryRowContext(p.ctx, `SELECT `+ticketColumns+` FROM tickets t JOIN connections co ON co.id = t.connection_id
		WHERE t.dedupe_key = ? AND t.living = 1 AND t.project = ? AND co.name = ?`, key, project, connection).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t.Violations, err = linkedViolations(p.ctx, p.read, t.ID)
	return &t, err
}

func linkedViolations(ctx context.Context, q queryer, ticket int64) ([]model.ViolationID, error) {
	rows, err := q.QueryContext(ctx, `SELECT violation_id FROM ticket_links WHERE ticket_id = ? ORDER BY violation_id`, ticket)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.ViolationID
	for rows.Next() {
		var id model.ViolationID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

const productColumns = `p.id, p.name, p.resource, coalesce((SELECT f.name FROM profiles f WHERE f.id = p.profile_id), ''), p.project, p.issue_type, p.assignee, p.reporter, p.epic, p.sync, p.push_notes, p.revision`

func (s *Store) product(ctx context.Context, q queryer, condition string, args ...any) (p model.Product, err error) {
	err = q.QueryRowContext(ctx, `SELECT `+productColumns+` FROM products p `+condition, args...).
		Scan(&p.ID, &p.Name, &p.Resource, &p.Profile, &p.Project, &p.IssueType, &p.Assignee, &p.Reporter, &p.Epic, &p.Sync, &p.PushNotes, &p.Revision)
	return p, err
}
