package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// batchRows is how many rows go into one INSERT: measured to be the best for
// this driver.
const batchRows = 50

// batch gathers rows for one INSERT statement and sends them many at a time.
type batch struct {
	conn   *sql.Conn
	insert string
	tail   string
	width  int
	args   []any
	full   *sql.Stmt
}

func newBatch(conn *sql.Conn, insert string, width int, tail string) *batch {
	return &batch{conn: conn, insert: insert, width: width, tail: tail, args: make([]any, 0, width*batchRows)}
}

func (b *batch) add(ctx context.Context, values ...any) error {
	b.args = append(b.args, values...)
	if len(b.args) < b.width*batchRows {
		return nil
	}
	if b.full == nil {
		stmt, err := b.conn.PrepareContext(ctx, b.text(batchRows))
		if err != nil {
			return fmt.Errorf("staging: %w", err)
		}
		b.full = stmt
	}
	_, err := b.full.ExecContext(ctx, b.args...)
	b.args = b.args[:0]
	return writeError(err)
}

func (b *batch) flush(ctx context.Context) error {
	if len(b.args) == 0 {
		return nil
	}
	_, err := b.conn.ExecContext(ctx, b.text(len(b.args)/b.width), b.args...)
	b.args = b.args[:0]
	return writeError(err)
}

func (b *batch) text(rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", b.width), ",") + ")"
	return b.insert + " " + strings.TrimSuffix(strings.Repeat(row+",", rows), ",") + b.tail
}

func (b *batch) close() {
	if b.full != nil {
		_ = b.full.Close() // the connection goes with it
	}
}
