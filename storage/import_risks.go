package storage

import (
	"context"

	"example.com/vexdesk/model"
)

// stageRisk stages what a report says of a component's operational risk.
func (im *Import) stageRisk(ctx context.Context, component int, r *model.ComponentRisk) error {
	if r == nil {
		return nil
	}
	eol := -1
	if r.EndOfLife != nil {
		eol = 0
		if *r.EndOfLife {
			eol = 1
		}
	}
	return im.staged["risks"].add(ctx, component, eol, toMillis(r.Released), orMinus(r.Newer), orMinus(r.Cadence), orMinus(r.Commits), orMinus(r.Committers))
}

// recordRisks keeps what the report says of components; what it is silent
// about stays.
const recordRisks = `INSERT INTO component_risks (component_id, eol, released, newer, cadence, commits, committers)
	SELECT k.id, r.eol, r.released, r.newer, r.cadence, r.commits, r.committers FROM stage_risks r JOIN stage_components k ON k.n = r.n WHERE r.n >= @from AND r.n < @to
	ON CONFLICT DO UPDATE SET eol = CASE WHEN excluded.eol < 0 THEN eol ELSE excluded.eol END, released = coalesce(excluded.released, released),
		newer = CASE WHEN excluded.newer < 0 THEN newer ELSE excluded.newer END, cadence = CASE WHEN excluded.cadence < 0 THEN cadence ELSE excluded.cadence END,
		commits = CASE WHEN excluded.commits < 0 THEN commits ELSE excluded.commits END, committers = CASE WHEN excluded.committers < 0 THEN committers ELSE excluded.committers END`
