package storage

import (
	"context"
	"database/sql"

	"example.com/vexdesk/model"
)

// NotePrefilled records, before their first byte leaves, the decisions that new
// issues are filled with (I5), by ticket: what we wrote ourselves is no news when
// Jira shows it, however the record here moves meanwhile. What an earlier attempt
// noted is forgotten.
func (s *Store) NotePrefilled(ctx context.Context, generation int64, tickets map[int64]map[model.VEXField]string) error {
	if len(tickets) == 0 {
		return nil
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := holds(ctx, tx, generation); err != nil {
			return err
		}
		for ticket, values := range tickets {
			if err := notePrefilled(ctx, tx, ticket, values); err != nil {
				return err
			}
		}
		return nil
	})
}

func notePrefilled(ctx context.Context, tx *sql.Tx, ticket int64, values map[model.VEXField]string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM vex_bases WHERE ticket_id = ?`, ticket); err != nil {
		return err
	}
	all, err := members(ctx, tx, ticket)
	if err != nil {
		return err
	}
	for f, value := range values {
		for i := range all {
			if model.SyncForm(f, all[i].record.Get(f)) != value {
				continue // changed since, or linked since
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO vex_bases (ticket_id, violation_id, field, sent) VALUES (?, ?, ?, ?)`, ticket, all[i].id, string(f), value); err != nil {
				return err
			}
		}
	}
	return nil
}

// agreePrefilled makes what a new issue was filled with what both sides agree on,
// once it is known to be there.
func agreePrefilled(ctx context.Context, tx *sql.Tx, ticket int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE vex_bases SET value = sent, sent = NULL WHERE ticket_id = ? AND sent IS NOT NULL`, ticket)
	return err
}
