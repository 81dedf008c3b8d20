package storage

import (
	"context"
	"database/sql"
	"time"

	"example.com/vexdesk/model"
)

// setSwitches turns the VEX sync of a product on or off, and whether its internal
// notes go to Jira (I12, rulings 24, 25). Off, nothing is written to Jira; on,
// every ticket is compared once by id.
func (s *Store) setSwitches(ctx context.Context, tx *sql.Tx, actor model.Actor, p model.Product, change ProductChange) error {
	for _, c := range []struct {
		column, word string
		before       bool
		after        *bool
	}{{"sync", "sync", p.Sync, change.Sync}, {"push_notes", "push notes", p.PushNotes, change.PushNotes}} {
		if c.after == nil || *c.after == c.before {
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE products SET `+c.column+` = ? WHERE id = ?`, *c.after, p.ID); err != nil {
			return err
		}
		if err := s.note(ctx, tx, actor, "product "+p.Name, c.word, onOff(c.before), onOff(*c.after)); err != nil {
			return err
		}
		if err := followSwitch(ctx, tx, p.ID, c.column == "sync" && !*c.after, s.millis()); err != nil {
			return err
		}
	}
	return nil
}

// followSwitch makes the tickets of a product due to be compared, or, when its
// sync was switched off, gives up what was to be written to tickets that no
// other product is kept in step by.
func followSwitch(ctx context.Context, tx *sql.Tx, product int64, off bool, now int64) error {
	const mine = `(SELECT v.lead_ticket_id FROM violations v WHERE v.product_id = ?1 AND v.current = 1 AND v.state = 0 AND v.lead_ticket_id IS NOT NULL)`
	if !off {
		_, err := tx.ExecContext(ctx, `UPDATE tickets SET vex_due = 1 WHERE id IN `+mine, product)
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE operations SET state = 'discarded', updated = ?2 WHERE kind = 'fields' AND state IN ('pending', 'failed') AND ticket_id IN `+mine+`
		AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = operations.ticket_id AND `+syncedTicket+`)`, product, now)
	return err
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// ProductSync is how the VEX sync of a product is doing (I12).
type ProductSync struct {
	Product string
	On      bool
	// At is when it was last in step, Status ok or failed, Error why.
	At            time.Time
	Status, Error string
	// Tickets, Conflicts and Waiting count what takes part, what is in dispute,
	// and the writes that are on their way.
	Tickets, Conflicts, Waiting int
}

// ProductSyncs lists how the products are doing, by name.
func (s *Store) ProductSyncs(ctx context.Context) ([]ProductSync, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT p.name, p.sync, p.synced_at, p.sync_status, p.sync_error,
			(SELECT count(DISTINCT t.id) FROM violations w JOIN tickets t ON t.id = w.lead_ticket_id WHERE w.product_id = p.id AND w.current = 1 AND w.state = 0 AND p.sync = 1
				AND t.jira_id <> '' AND t.state = 'open' AND t.grouping <> 'component'),
			(SELECT count(*) FROM conflicts x JOIN violations w ON w.id = x.violation_id WHERE w.product_id = p.id),
			(SELECT count(DISTINCT o.id) FROM operations o JOIN violations w ON w.lead_ticket_id = o.ticket_id WHERE w.product_id = p.id AND o.kind = 'fields'
				AND o.state IN ('pending', 'claimed', 'sent', 'unknown'))
		FROM products p ORDER BY p.name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []ProductSync
	for rows.Next() {
		var p ProductSync
		var at sql.NullInt64
		if err := rows.Scan(&p.Product, &p.On, &at, &p.Status, &p.Error, &p.Tickets, &p.Conflicts, &p.Waiting); err != nil {
			return nil, err
		}
		p.At = fromMillis(at)
		out = append(out, p)
	}
	return out, rows.Err()
}

// VEXSynced records that the products with tickets on a connection were
// brought into step, or why not (I12).
func (s *Store) VEXSynced(ctx context.Context, connection int64, problem error) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		const mine = ` WHERE sync = 1 AND id IN (SELECT v.product_id FROM tickets t JOIN violations v ON v.lead_ticket_id = t.id WHERE t.connection_id = ? AND t.jira_id <> '')`
		if problem == nil {
			_, err := tx.ExecContext(ctx, `UPDATE products SET synced_at = ?, sync_status = 'ok', sync_error = ''`+mine, s.millis(), connection)
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE products SET sync_status = 'failed', sync_error = ?`+mine, cut(model.Clean(problem.Error()), 500), connection)
		return err
	})
}

// AskVEXOf makes the tickets of one product due to be compared by id: its
// "sync now" (I12).
func (s *Store) AskVEXOf(ctx context.Context, product string) error {
	p, err := s.Product(ctx, product)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error { return followSwitch(ctx, tx, p.ID, false, s.millis()) })
}
