package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// EndReviews puts violations back into triage whose review-by date has come,
// and comments on their tickets. It returns how many there were, and when the
// next date comes, zero where there is none.
func (s *Store) EndReviews(ctx context.Context) (n int, next time.Time, err error) {
	now := s.now().UTC()
	var first sql.NullInt64
	const open = `FROM assessments a JOIN violations v ON v.id = a.violation_id WHERE a.review_by IS NOT NULL AND v.state <> 1`
	if err := s.read.QueryRowContext(ctx, `SELECT min(a.review_by) `+open).Scan(&first); err != nil || !first.Valid {
		return 0, time.Time{}, err
	}
	if at := fromMillis(first); at.After(now) {
		return 0, at, nil
	}
	err = s.update(ctx, func(tx *sql.Tx) error {
		ids, err := ints(ctx, tx, `SELECT a.violation_id `+open+` AND a.review_by <= ? ORDER BY 1`, now.UnixMilli())
		if err != nil {
			return err
		}
		n = len(ids)
		batch := uuid.NewString()
		for _, id := range ids {
			if err := s.endReview(ctx, tx, id, now, batch); err != nil {
				return err
			}
		}
		return tx.QueryRowContext(ctx, `SELECT min(a.review_by) `+open).Scan(&first)
	})
	return n, fromMillis(first), err
}

func (s *Store) endReview(ctx context.Context, tx *sql.Tx, id int64, now time.Time, batch string) error {
	before, origins, err := readAssessment(ctx, tx, id)
	if err != nil {
		return err
	}
	after := before
	after.ReviewBy = time.Time{}
	after.Status, after.Qualifier = model.VEXInTriage, ""
	w := vexWrite{id: id, actor: model.Actor{Source: "sync"}, batch: batch, at: now,
		provenance: model.Provenance{Source: "rule", At: now, Ref: "review by " + before.Get(model.FieldReviewBy)}}
	if err := w.store(ctx, tx, before, after, origins); err != nil || after.Status == before.Status {
		return err
	}
	var ticket int64
	var issue, component string
	err = tx.QueryRowContext(ctx, `SELECT t.id, i.display, k.name || ' ' || k.version FROM violations v JOIN tickets t ON t.id = v.lead_ticket_id JOIN issues i ON i.id = v.issue_id
		JOIN components k ON k.id = v.component_id WHERE v.id = ? AND t.state = 'open'`, id).Scan(&ticket, &issue, &component)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	was := string(before.Status)
	if was == "" {
		was = "no decision"
	}
	text := fmt.Sprintf("The review date %s has come: %s in %s was *%s* and is back in triage.",
		before.Get(model.FieldReviewBy), model.EscapeMarkdown(issue), model.EscapeMarkdown(component), model.EscapeMarkdown(was))
	return commentTicket(ctx, tx, ticket, text, "", now.UnixMilli())
}

// ints reads one column of numbers.
func ints(ctx context.Context, q queryer, query string, args ...any) ([]int64, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
