package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"example.com/vexdesk/model"
)

// Share is a part of the open violations of current versions, such as those of
// one product, by model.Severity.Rank.
type Share struct {
	Name       string
	BySeverity [6]int
}

// Open is the sum over all severities.
func (s Share) Open() (n int) {
	for _, each := range s.BySeverity {
		n += each
	}
	return n
}

// Dashboard is what is known of the open violations of current versions from
// counts that are kept up with every change.
type Dashboard struct {
	// ByVEX has an entry for each status, VEXNone first.
	ByVEX []Share
	// Products are those with the most, the greatest first.
	Products []Share
}

// Dashboard adds up the counts, with at most top products.
func (s *Store) Dashboard(ctx context.Context, top int) (d Dashboard, err error) {
	d.ByVEX = make([]Share, len(vexStatuses))
	for i, status := range vexStatuses {
		d.ByVEX[i].Name = string(status)
	}
	rows, err := s.read.QueryContext(ctx, `SELECT vex_status, severity, sum(n) FROM tallies WHERE current = 1 AND state = 0 GROUP BY 1, 2`)
	if err != nil {
		return d, fmt.Errorf("the counts cannot be read: %w", damage(err))
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var status, severity, n int
		if err := rows.Scan(&status, &severity, &n); err != nil {
			return d, err
		}
		if status >= 0 && status < len(d.ByVEX) && severity >= 0 && severity < len(model.Severities()) {
			d.ByVEX[status].BySeverity[severity] = n
		}
	}
	if err := rows.Err(); err != nil {
		return d, err
	}
	d.Products, err = s.shares(ctx, top, `SELECT p.name, t.severity, t.n FROM (SELECT product_id, severity, sum(n) AS n FROM tallies
		WHERE current = 1 AND state = 0 GROUP BY 1, 2) t JOIN products p ON p.id = t.product_id`)
	return d, err
}

// TopComponents lists the components, by name, that the most open violations
// of current versions are in, the greatest first.
//
// How many violations of any state name a component is a walk along one index,
// some 100 ms at a million, and bounds how many of them are open. So the
// components are counted in the order of their bounds, until none that follows
// can reach those that are found.
func (s *Store) TopComponents(ctx context.Context, top int) ([]Share, error) {
	bounds, err := s.componentBounds(ctx)
	if err != nil {
		return nil, err
	}
	var found []Share
	for _, b := range bounds {
		if len(found) >= top && found[top-1].Open() >= b.n {
			break
		}
		counted, err := s.shares(ctx, 1, `SELECT c.name, v.severity, count(*) FROM components c
			CROSS JOIN violations v INDEXED BY violations_component ON v.component_id = c.id
			WHERE c.name = ? AND v.current = 1 AND v.state = 0 GROUP BY 2`, b.name)
		if err != nil {
			return nil, err
		}
		found = append(found, counted...)
		slices.SortFunc(found, greatest)
		found = found[:min(top, len(found))]
	}
	return found, nil
}

// ceiling is the most that there can be of a component.
type ceiling struct {
	name string
	n    int
}

// componentBounds lists the components' names with all their violations, the
// greatest first.
func (s *Store) componentBounds(ctx context.Context) ([]ceiling, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT c.name, b.n FROM
		(SELECT component_id, count(*) AS n FROM violations INDEXED BY violations_component GROUP BY 1) b
		CROSS JOIN components c ON c.id = b.component_id`)
	if err != nil {
		return nil, fmt.Errorf("the components cannot be counted: %w", damage(err))
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	sums := map[string]int{}
	for rows.Next() {
		var b ceiling
		if err := rows.Scan(&b.name, &b.n); err != nil {
			return nil, err
		}
		sums[b.name] += b.n
	}
	all := make([]ceiling, 0, len(sums))
	for name, n := range sums {
		all = append(all, ceiling{name, n})
	}
	slices.SortFunc(all, func(a, b ceiling) int { return cmp.Or(b.n-a.n, cmp.Compare(a.name, b.name)) })
	return all, rows.Err()
}

// greatest orders shares by size, equal ones by name.
func greatest(a, b Share) int { return cmp.Or(b.Open()-a.Open(), cmp.Compare(a.Name, b.Name)) }

// shares sums rows of name, severity and count up by name, and returns the
// greatest.
func (s *Store) shares(ctx context.Context, top int, text string, args ...any) ([]Share, error) {
	rows, err := s.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("the counts cannot be read: %w", damage(err))
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	at := map[string]int{}
	var all []Share
	for rows.Next() {
		var name string
		var severity, n int
		if err := rows.Scan(&name, &severity, &n); err != nil {
			return nil, err
		}
		i, known := at[name]
		if !known {
			i = len(all)
			at[name] = i
			all = append(all, Share{Name: name})
		}
		if severity >= 0 && severity < len(model.Severities()) {
			all[i].BySeverity[severity] += n
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(all, greatest)
	return slices.DeleteFunc(all[:min(top, len(all))], func(s Share) bool { return s.Open() == 0 }), nil
}
