package storage

import (
	"context"
	"fmt"

	"example.com/vexdesk/model"
)

// Scope is how far a decision reaches (domain: VEX, scope of a decision).
type Scope string

// The scopes.
const (
	// ScopeViolation is the violation alone.
	ScopeViolation Scope = "violation"
	// ScopeLineage is its product's violations of the same issue and
	// coordinate, in all versions.
	ScopeLineage Scope = "lineage"
	// ScopeElsewhere is the same issue and coordinate in the current versions
	// of all products, and the violation itself.
	ScopeElsewhere Scope = "elsewhere"
)

// Related widens violations to a scope: the ids given come first, then those
// that the scope adds, in order of id.
func (s *Store) Related(ctx context.Context, ids []model.ViolationID, scope Scope) ([]model.ViolationID, error) {
	condition := ""
	switch scope {
	case ScopeViolation:
		return ids, nil
	case ScopeLineage:
		condition = `b.product_id = a.product_id`
	case ScopeElsewhere:
		condition = `b.current = 1 AND b.state <> 1`
	default:
		return nil, fmt.Errorf("%q is not a scope: use violation, lineage or elsewhere", scope)
	}
	list, err := idList(ids)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT b.id FROM violations a JOIN components ca ON ca.id = a.component_id
		JOIN violations b ON b.issue_id = a.issue_id AND `+condition+` JOIN components cb ON cb.id = b.component_id AND cb.coordinate = ca.coordinate
		WHERE a.id IN (SELECT value FROM json_each(?1)) AND b.id NOT IN (SELECT value FROM json_each(?1)) ORDER BY b.id`, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	out := append([]model.ViolationID(nil), ids...)
	for rows.Next() {
		var id model.ViolationID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
