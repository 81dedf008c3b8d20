package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"example.com/vexdesk/model"
)

// The feeds that enrich issues (B7): the daily scores of EPSS (first.org) and
// CISA's catalogue of known exploited vulnerabilities.
const (
	FeedEPSS = "epss"
	FeedKEV  = "kev"
)

// ErrOlderFeed means: the scores at hand are of a later day.
var ErrOlderFeed = errors.New("older than what is here")

// Enrichment takes in one feed, whole: its entries are staged on a connection
// of its own and count when Commit returns.
type Enrichment struct {
	// Date is the day of the feed (2006-01-02), to be set before Commit; empty
	// where it does not tell.
	Date string

	store *Store
	feed  string
	db    *sql.DB
	conn  *sql.Conn
	rows  *batch
}

// EnrichResult counts what a feed came to.
type EnrichResult struct {
	Date, PreviousDate string
	// Entries is how many vulnerabilities the feed holds.
	Entries int
	// Matched counts the issues that the feed knows, Changed those of them
	// whose values are others now, and Cleared issues that the feed knew before
	// and no longer does.
	Matched, Changed, Cleared int
}

const feedTables = `
CREATE TEMP TABLE feed_epss (cve TEXT PRIMARY KEY COLLATE NOCASE, score REAL, percentile REAL) WITHOUT ROWID;
CREATE TEMP TABLE feed_kev (cve TEXT PRIMARY KEY COLLATE NOCASE, added TEXT, due TEXT, ransomware INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE feed_changed (issue_id INTEGER PRIMARY KEY);
`

// NewEnrichment starts taking in a feed.
func (s *Store) NewEnrichment(ctx context.Context, feed string) (*Enrichment, error) {
	if s.readOnly {
		return nil, ErrReadOnly
	}
	db, err := openPool(s.path, "immediate", false, 1)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, feedTables)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the feed cannot be taken in: %w", writeError(err)), db.Close())
	}
	e := &Enrichment{store: s, feed: feed, db: db, conn: conn}
	if feed == FeedEPSS {
		e.rows = newBatch(conn, `INSERT OR REPLACE INTO feed_epss VALUES`, 3, "")
	} else {
		e.rows = newBatch(conn, `INSERT OR REPLACE INTO feed_kev VALUES`, 4, "")
	}
	return e, nil
}

// AddEPSS stages a score; percentile is -1 where there is none.
func (e *Enrichment) AddEPSS(ctx context.Context, cve string, score, percentile float64) error {
	return e.rows.add(ctx, model.Clean(cve), score, percentile)
}

// AddKEV stages an entry of the catalogue; added and due are days.
func (e *Enrichment) AddKEV(ctx context.Context, cve, added, due string, ransomware bool) error {
	return e.rows.add(ctx, model.Clean(cve), cut(model.Clean(added), 30), cut(model.Clean(due), 30), ransomware)
}

// Close gives up what was staged and not committed.
func (e *Enrichment) Close() error {
	e.rows.close()
	return errors.Join(e.conn.Close(), e.db.Close())
}

// Commit puts the staged feed in the place of the one before and brings the
// issues up to date, in one transaction. source says where it came from.
// Scores of an earlier day than those at hand are refused (ErrOlderFeed).
func (e *Enrichment) Commit(ctx context.Context, actor model.Actor, source string) (EnrichResult, error) {
	if err := e.rows.flush(ctx); err != nil {
		return EnrichResult{}, err
	}
	var result EnrichResult
	err := e.store.change(ctx, e.conn, func(tx *sql.Tx) error {
		f := &feeding{Enrichment: e, ctx: ctx, tx: tx, source: cut(model.Clean(source), 500), result: EnrichResult{Date: model.Clean(e.Date)}}
		err := f.run(actor)
		result = f.result
		return err
	})
	if err != nil {
		return EnrichResult{}, err
	}
	return result, nil
}

// feeding is one Commit of a feed.
type feeding struct {
	*Enrichment
	ctx    context.Context
	tx     *sql.Tx
	source string
	result EnrichResult
}

func (f *feeding) run(actor model.Actor) error {
	var before, older string
	err := f.tx.QueryRowContext(f.ctx, `SELECT date, previous_date FROM feeds WHERE name = ?`, f.feed).Scan(&before, &older)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	date := f.result.Date
	if date != "" && date < before {
		return fmt.Errorf("the feed of %s is %w, which is of %s: nothing was changed; fetch the latest", date, ErrOlderFeed, before)
	}
	f.result.PreviousDate = older
	if date != before {
		f.result.PreviousDate = before
	}
	if f.result.Entries, err = f.staged(); err != nil {
		return err
	}
	if _, err := f.change(`INSERT INTO feeds (name, date, previous_date, entries, source, fetched) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (name) DO UPDATE SET date = ?2, previous_date = ?3, entries = ?4, source = ?5, fetched = ?6`,
		f.feed, date, f.result.PreviousDate, f.result.Entries, f.source, f.store.millis()); err != nil {
		return err
	}
	if f.feed == FeedEPSS {
		err = f.scores(date != before || date == "")
	} else {
		err = f.catalogue()
	}
	if err != nil {
		return err
	}
	if err := f.evaluate(actor); err != nil {
		return err
	}
	return f.store.note(f.ctx, f.tx, actor, "feed "+f.feed, "date", before, date)
}

// change runs a statement and returns how many rows it changed.
func (f *feeding) change(statement string, args ...any) (int, error) {
	res, err := f.tx.ExecContext(f.ctx, statement, args...)
	if err != nil {
		return 0, fmt.Errorf("%w in: %.120s", err, statement)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// count runs a statement that counts.
func (f *feeding) count(to *int, statement string) error {
	return f.tx.QueryRowContext(f.ctx, statement).Scan(to)
}

// staged is how many vulnerabilities the feed holds.
func (f *feeding) staged() (n int, err error) {
	err = f.count(&n, `SELECT (SELECT count(*) FROM feed_epss) + (SELECT count(*) FROM feed_kev)`)
	return n, err
}

// scores takes in EPSS. A new day makes the scores at hand those of the day
// before.
func (f *feeding) scores(day bool) error {
	_, err := f.change(`INSERT INTO epss (cve, score, percentile) SELECT cve, score, percentile FROM feed_epss WHERE true
		ON CONFLICT (cve) DO UPDATE SET previous = CASE WHEN ?1 THEN score ELSE previous END, score = excluded.score, percentile = excluded.percentile
		WHERE (score, percentile) <> (excluded.score, excluded.percentile) OR ?1 AND previous <> score`, day)
	if err == nil {
		_, err = f.change(`DELETE FROM epss WHERE cve NOT IN (SELECT cve FROM feed_epss)`)
	}
	if err == nil {
		_, err = f.change(`INSERT INTO feed_changed SELECT i.id FROM (` + scored(``) + `) s CROSS JOIN issues i ON i.id = s.issue_id
			WHERE (i.epss, i.epss_percentile) <> (s.score, s.percentile)`)
	}
	if err == nil {
		err = errors.Join(f.count(&f.result.Matched, `SELECT count(*) FROM (`+scored(``)+`)`),
			f.count(&f.result.Changed, `SELECT count(*) FROM feed_changed`))
	}
	if err == nil {
		_, err = f.change(scoreIssues(``))
	}
	if err == nil { // what a feed said before and does not say now
		f.result.Cleared, err = f.change(`UPDATE issues SET epss = -1, epss_percentile = -1, epss_date = '' WHERE epss_date <> '' AND id NOT IN (SELECT issue_id FROM (` + scored(``) + `))`)
	}
	return err
}

// catalogue takes in KEV, which counts for every issue that has a CVE.
func (f *feeding) catalogue() error {
	const listed = `SELECT issue_id FROM (` + inCatalogue + `)`
	const gone = ` FROM issues WHERE kev = 1 AND id NOT IN (` + listed + `) AND (id IN (SELECT issue_id FROM issue_aliases WHERE alias LIKE 'CVE-%') OR id IN (SELECT issue_id FROM issue_cves))`
	for _, statement := range []string{
		`DELETE FROM kev`,
		`INSERT INTO kev (cve, added, due, ransomware) SELECT cve, added, due, ransomware FROM feed_kev`,
		`INSERT INTO feed_changed SELECT i.id FROM (` + inCatalogue + `) k CROSS JOIN issues i ON i.id = k.issue_id WHERE i.kev = 0 OR i.kev_due <> k.due`,
	} {
		if _, err := f.change(statement); err != nil {
			return err
		}
	}
	err := errors.Join(f.count(&f.result.Matched, `SELECT count(*) FROM (`+inCatalogue+`)`),
		f.count(&f.result.Changed, `SELECT count(*) FROM feed_changed`))
	if err != nil {
		return err
	}
	if f.result.Cleared, err = f.change(`INSERT OR IGNORE INTO feed_changed SELECT id` + gone); err != nil {
		return err
	}
	if _, err = f.change(`UPDATE issues SET kev = 0, kev_due = '' WHERE id IN (SELECT id` + gone + `)`); err != nil {
		return err
	}
	_, err = f.change(listIssues)
	return err
}

// evaluate looks at the policies again where they ask for what has changed.
func (f *feeding) evaluate(actor model.Actor) error {
	var asked bool
	err := f.tx.QueryRowContext(f.ctx, `SELECT EXISTS (SELECT 1 FROM policy_rules WHERE query LIKE ?1) OR EXISTS (SELECT 1 FROM watches WHERE scope LIKE ?1)`, "%"+f.feed+"%").Scan(&asked)
	if err != nil || !asked {
		return err
	}
	e := newEvaluation(f.ctx, f.tx, f.store.now(), actor)
	if needed, err := e.needed(); err != nil || !needed {
		return err
	}
	if err := e.exec(`INSERT OR IGNORE INTO policy_touched SELECT id FROM violations WHERE issue_id IN (SELECT issue_id FROM feed_changed)`); err != nil {
		return err
	}
	return e.run()
}
