package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// commit moves one staged report into the workspace, share by share. A share
// is settled within its own transaction: each violation appears with its
// sightings, state, decisions, tickets and policies.
type commit struct {
	*sql.Tx
	ctx   context.Context
	im    *Import
	now   int64
	actor model.Actor
	batch string
	// earlier is a JSON list for json_each.
	earlier                       string
	result                        ImportResult
	product, version, source, run int64
	// base is the highest id that a violation had before the transaction: what
	// is above it is new by this import.
	base int64
	// fresh is how many violations were made last.
	fresh int64
	// several tells that the import takes several transactions, for which it is
	// its turn; saved is where it keeps meanwhile what it has staged.
	several bool
	saved   string
	// portion is the part of what is staged that a step takes: issues and
	// components from on and below to, findings above (from, after) and up to
	// (to, upto). shared tells that this transaction took findings.
	portion
	shared bool
	// place in what the steps walk over.
	issues, components int
	finding            findingKey
	flip               versionKey
}

type portion struct{ from, after, to, upto int64 }

// Commit takes the staged report into the workspace. The report's own
// artifact name and tag are its product and version unless the options say
// otherwise (ruling 5). The import replaces its own source's sightings in that
// version, resolves what no source shows any more, reopens what is back, and
// keeps what was decided (rulings 1, 7).
//
// What is small is one transaction. A large import is stored in several, so
// that nobody waits for long; what is staged is kept in a file until then, and
// where the process ends before it does, the next import or sync stores the rest.
func (im *Import) Commit(ctx context.Context, report *model.Report, o ImportOptions) (ImportResult, error) {
	for _, b := range im.staged {
		if err := b.flush(ctx); err != nil {
			return ImportResult{}, err
		}
	}
	im.forget()
	// All that needs the report alone is done before anybody has to wait.
	findings, err := im.findings(ctx, report.Findings)
	if err == nil {
		err = im.markRoots(ctx)
	}
	if err == nil {
		_, err = im.conn.ExecContext(ctx, `COMMIT`)
	}
	if err != nil {
		return ImportResult{}, writeError(err)
	}
	earlier, err := json.Marshal(append([]int64{}, o.Earlier...))
	if err != nil {
		return ImportResult{}, err
	}
	if err := im.store.StoreLeft(ctx); err != nil {
		return ImportResult{}, err
	}
	fresh := commit{earlier: string(earlier), ctx: ctx, im: im, actor: o.Actor, batch: uuid.NewString(), result: ImportResult{Findings: findings}, finding: beforeAll}
	c := fresh
	place := func(int) (int, bool, error) { return 0, false, c.place(report, o) }
	err = errTurn
	if im.counts.rows+(im.counts.issues+im.counts.components)/2 <= im.store.limits.whole {
		err = c.carryOut(append([]step{place}, c.steps()...))
	}
	if errors.Is(err, errTurn) {
		c = fresh
		err = im.store.inTurn(ctx, func() error {
			return c.keepingStaged(func() error { return c.carryOut(append([]step{place}, c.steps()...)) })
		})
	}
	if err == nil {
		c.ctx = context.WithoutCancel(ctx) // all is stored
		err = c.count()
	}
	if err != nil {
		return ImportResult{}, err
	}
	c.result.Entries, c.result.Run = report.Entries, c.run
	return c.result, nil
}

// step takes a portion of its work that is about as large as room, tells how
// large it was, and whether there is more.
type step func(room int) (done int, more bool, err error)

func (c *commit) steps() []step {
	return []step{c.takeIssues, c.takeComponents, c.fold, c.takeFindings, c.takeGone, c.takeVersions}
}

// carryOut runs the steps: in one transaction unless the import has its turn.
func (c *commit) carryOut(steps []step) error {
	s := c.im.store
	pace := pace{most: s.limits.whole, fixed: true}
	if c.several {
		pace.most, pace.fixed = s.limits.share, s.limits.steady
	}
	stored := false
	for i := 0; i < len(steps); {
		at, before := i, *c
		err := s.change(c.ctx, c.im.conn, func(tx *sql.Tx) error {
			return c.take(tx, steps, &at, &pace)
		})
		if errors.Is(err, errCascades) {
			*c = before // nothing of the transaction stays
			if err := c.im.cascade(c.ctx); err != nil {
				return err
			}
			continue
		}
		if i = at; err == nil && i < len(steps) {
			stored = true
			if err = s.breathe(c.ctx); err == nil && s.pausing != nil {
				err = s.pausing()
			}
		}
		if err != nil && stored {
			err = fmt.Errorf("%w: %w", ErrHalfStored, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take is one transaction of the import: a share, and more of them as long as
// nobody waits to write.
func (c *commit) take(tx *sql.Tx, steps []step, at *int, pace *pace) error {
	opened := time.Now()
	for {
		pace.begin()
		if err := c.begin(tx); err != nil {
			return err
		}
		for room := pace.most; *at < len(steps) && room > 0; {
			done, more, err := steps[*at](room)
			if err != nil {
				return err
			}
			if room -= done; !more {
				*at++
			}
		}
		last := *at == len(steps)
		if !last && !c.several {
			return errTurn
		}
		if err := c.settle(last); err != nil || last {
			return err
		}
		pace.next()
		if pace.fixed || time.Since(opened) > longestOpen {
			return nil
		}
		if awaited, err := c.im.store.awaited(); err != nil || awaited {
			return err
		}
	}
}

// begin prepares a share of the import.
func (c *commit) begin(tx *sql.Tx) (err error) {
	c.Tx, c.shared = tx, false
	if c.now == 0 {
		c.now = c.im.store.millis()
	}
	if err := c.exec(`DELETE FROM stage_touched`, `DELETE FROM stage_settled`, `DELETE FROM stage_links`, `DELETE FROM stage_gone`, `DELETE FROM stage_moved`); err != nil {
		return err
	}
	c.base, err = c.one(`SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'violations'), 0)`)
	return err
}

// settle does what follows from the portions that the transaction took; last
// tells that the import ends with it.
func (c *commit) settle(last bool) error {
	for _, follow := range []func() error{c.settleStates, c.recordMatches, c.applyAnalyses, c.carryOver, c.linkLivingTickets, c.markStale} {
		if err := follow(); err != nil {
			return err
		}
	}
	if last {
		if err := c.markClosed(); err != nil {
			return err
		}
	}
	if err := c.evaluate(last); err != nil {
		return err
	}
	left := c.saved
	if last {
		left = ""
	}
	_, err := c.ExecContext(c.ctx, `UPDATE imports SET staged = ?1 WHERE id = ?2 AND staged <> ?1`, left, c.run)
	return err
}

// pace finds how much an import may do in one share: others wait for about as
// long as it takes. The clock changes how long they wait, and nothing
// else.
type pace struct {
	most  int
	fixed bool
	since time.Time
}

// What a share of a large import is meant to take, at most and at least, and for
// how long its transaction stays open where nobody waits: each costs a commit, but
// what is committed late has to reach the disk at once.
const (
	tooLong, tooShort = 400 * time.Millisecond, 150 * time.Millisecond
	fewest, mostShare = 250, 32_000
	longestOpen       = 3 * time.Second
)

func (p *pace) begin() { p.since = time.Now() }

// next sets the size of the next share.
func (p *pace) next() {
	took := time.Since(p.since)
	switch {
	case p.fixed:
	case took > tooLong:
		p.most = max(p.most/2, fewest)
	case took < tooShort:
		p.most = min(p.most*2, mostShare)
	}
}

// exec runs statements in order with the same arguments by name.
func (c *commit) exec(statements ...string) error {
	for _, statement := range statements {
		if _, err := c.run1(statement); err != nil {
			return err
		}
	}
	return nil
}

// run1 runs one statement and returns how many rows it changed.
func (c *commit) run1(statement string) (int, error) {
	res, err := c.ExecContext(c.ctx, statement, c.named()...)
	if err != nil {
		return 0, fmt.Errorf("%w in: %.120s", err, statement)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

func (c *commit) one(query string) (n int64, err error) {
	if err = c.QueryRowContext(c.ctx, query, c.named()...).Scan(&n); err != nil {
		return 0, fmt.Errorf("%w in: %.120s", err, query)
	}
	return n, nil
}

// named are the arguments of all statements.
func (c *commit) named() []any {
	return []any{sql.Named("version", c.version), sql.Named("product", c.product), sql.Named("source", c.source),
		sql.Named("run", c.run), sql.Named("now", c.now), sql.Named("by", c.actor.Name), sql.Named("batch", c.batch),
		sql.Named("earlier", c.earlier), sql.Named("base", c.base), sql.Named("fresh", c.fresh),
		sql.Named("from", c.from), sql.Named("after", c.after), sql.Named("to", c.to), sql.Named("upto", c.upto)}
}
