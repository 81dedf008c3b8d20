package storage

import "fmt"

// What a large report fills at once: indexes that are made after the rows
// cost half of those that grow with them, and one count costs less than one a
// row.

// manyRows is from how many rows on that pays.
const manyRows = 5_000

// loading runs insert, which adds up to n rows to a table: without the
// table's indexes where it is empty and the rows are many.
func (c *commit) loading(table string, n int, insert func() error) error {
	if n < manyRows {
		return insert()
	}
	filled, err := c.one(`SELECT EXISTS (SELECT 1 FROM ` + table + `)`)
	if err != nil || filled == 1 {
		return firstError(err, insert)
	}
	const indexes = ` FROM sqlite_schema WHERE type = 'index' AND tbl_name = '%s' AND sql IS NOT NULL ORDER BY name`
	drops, err := strs(c.ctx, c.Tx, fmt.Sprintf(`SELECT 'DROP INDEX ' || name`+indexes, table))
	if err != nil {
		return err
	}
	makers, err := strs(c.ctx, c.Tx, fmt.Sprintf(`SELECT sql`+indexes, table))
	if err != nil {
		return err
	}
	if err := c.exec(drops...); err != nil {
		return err
	}
	if err := insert(); err != nil {
		return err
	}
	return c.exec(makers...)
}

// untallied runs insert, which adds new violations, and counts them into the
// tallies: together where they are many, else by the trigger.
func (c *commit) untallied(insert func() error) error {
	if c.im.counts.rows < manyRows {
		return insert()
	}
	const trigger = `violations_tally_insert`
	makers, err := strs(c.ctx, c.Tx, `SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = '`+trigger+`'`)
	if err != nil {
		return err
	}
	if err := c.exec(`DROP TRIGGER ` + trigger); err != nil {
		return err
	}
	if err := insert(); err != nil {
		return err
	}
	// All else is the same for all of them, and one number sorts fast.
	return c.exec(append(makers, `INSERT INTO tallies (current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, n)
		SELECT (SELECT current FROM versions WHERE id = @version), state, severity, type, @product, @version, 0, 0, fixable, count(*)
		FROM violations WHERE id > @base GROUP BY ((state * 8 + severity) * 8 + type) * 2 + fixable
		ON CONFLICT DO UPDATE SET n = n + excluded.n`)...)
}

func firstError(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}
