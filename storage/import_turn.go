package storage

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"example.com/vexdesk/model"
)

// An import that takes several transactions holds a file lock meanwhile, which
// the kernel frees when its process dies, and keeps what it has staged in a file
// beside the database. The row of the import names that file until all of it is
// stored: where the lock is free and such a row is there, somebody died, and
// whoever comes next stores the rest. Every step finds what was stored before,
// as it would when the same report is imported again.

// errTurn means: this import has to take its turn among those that take
// several transactions.
var errTurn = errors.New("another import is being stored")

// ErrHalfStored means: an import failed when some of it was stored.
var ErrHalfStored = errors.New("the report is stored in part, and the next import or sync stores the rest")

const (
	turnSuffix  = ".import"
	savedSuffix = ".import-"
	// turnLooks is how often somebody who waits looks whether it is his turn.
	turnLooks = 20 * time.Millisecond
)

// inTurn runs f when no other import takes several transactions, and what a
// dead one left is stored.
func (s *Store) inTurn(ctx context.Context, f func() error) error {
	waited := func() {}
	if s.onWait != nil {
		notice := time.AfterFunc(waitNotice, s.onWait)
		waited = func() { notice.Stop() }
	}
	turn := flock.New(s.path+turnSuffix, flock.SetPermissions(0o600))
	ok, err := turn.TryLockContext(ctx, turnLooks)
	waited()
	if err != nil || !ok {
		return fmt.Errorf("the import waited for another one: %w", errors.Join(err, turn.Unlock()))
	}
	if err = s.storeLeft(ctx); err == nil {
		err = f()
	}
	return errors.Join(err, turn.Unlock())
}

// keepingStaged puts what is staged on disk and runs f. It stays there where f
// does not come to its end.
func (c *commit) keepingStaged(f func() error) error {
	c.several, c.saved = true, filepath.Base(c.im.store.path)+savedSuffix+uuid.NewString()
	path := c.im.store.savedPath(c.saved)
	err := c.save(path)
	if err == nil {
		err = f()
	}
	if errors.Is(err, ErrHalfStored) {
		return err
	}
	return errors.Join(err, os.Remove(path))
}

// savedPath is where a file of that name lies.
func (s *Store) savedPath(name string) string {
	return filepath.Join(filepath.Dir(s.path), filepath.Base(name))
}

// stagedTables hold what a report says.
var stagedTables = []string{"stage_issues", "stage_aliases", "stage_cves", "stage_refs", "stage_ratings", "stage_components", "stage_places", "stage_risks", "stage_findings", "stage_matches"}

// save copies what is staged to a file. Its tables are those of stageTables,
// so that SQLite copies them as they are.
func (c *commit) save(path string) error {
	if err := createPrivate(path); err != nil {
		return err
	}
	err := c.im.attached(c.ctx, path, func() error {
		statements := []string{`PRAGMA saved.journal_mode = OFF`, `BEGIN`, `CREATE TABLE saved.earlier (runs TEXT)`}
		for _, line := range strings.Split(stageTables, ";\n") {
			for _, table := range stagedTables {
				if strings.Contains(line, " "+table+" ") {
					statements = append(statements, strings.Replace(line, "TEMP TABLE ", "TABLE saved.", 1), `INSERT INTO saved.`+table+` SELECT * FROM temp.`+table)
				}
			}
		}
		for _, statement := range statements {
			if _, err := c.im.conn.ExecContext(c.ctx, statement); err != nil {
				return err
			}
		}
		if _, err := c.im.conn.ExecContext(c.ctx, `INSERT INTO saved.earlier VALUES (?)`, c.earlier); err != nil {
			return err
		}
		_, err := c.im.conn.ExecContext(c.ctx, `COMMIT`)
		return err
	})
	if err != nil {
		return fmt.Errorf("what the report says cannot be put beside the database: %w", writeError(err))
	}
	return nil
}

// attached runs f while another file is part of the connection, as "saved".
func (im *Import) attached(ctx context.Context, path string, f func() error) error {
	name := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=rw"}).String()
	if _, err := im.conn.ExecContext(ctx, `ATTACH ? AS saved`, name); err != nil {
		return err
	}
	err := f()
	if err != nil {
		_, back := im.conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		_ = back // there may be nothing to roll back; the connection is not used again
		return err
	}
	_, err = im.conn.ExecContext(ctx, `DETACH saved`)
	return err
}

// errLost means: what an import has staged cannot be read any more.
var errLost = errors.New("what the import had staged is lost")

// restore reads what save has written.
func (im *Import) restore(ctx context.Context, path string) (earlier string, err error) {
	if _, err := im.conn.ExecContext(ctx, `COMMIT`); err != nil { // of NewImport
		return "", err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", errLost
	}
	err = im.attached(ctx, path, func() error {
		for _, table := range stagedTables {
			if _, err := im.conn.ExecContext(ctx, `INSERT INTO temp.`+table+` SELECT * FROM saved.`+table); err != nil {
				return err
			}
		}
		return im.conn.QueryRowContext(ctx, `SELECT (SELECT runs FROM saved.earlier), (SELECT coalesce(max(n) + 1, 0) FROM stage_issues),
			(SELECT coalesce(max(n) + 1, 0) FROM stage_components), EXISTS (SELECT 1 FROM stage_findings WHERE analysis <> '')`).
			Scan(&earlier, &im.counts.issues, &im.counts.components, &im.analysed)
	})
	var e *sqlite.Error
	if isDamage(err) || errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_ERROR { // such as a table that is missing
		return "", fmt.Errorf("%w: %w", errLost, err)
	}
	return earlier, writeError(err)
}

// StoreLeft stores what is left of large imports whose process ended before
// they did. It does nothing where there is none, or where its process lives.
func (s *Store) StoreLeft(ctx context.Context) error {
	if left, err := s.partlyStored(ctx); err != nil || !left {
		return err
	}
	turn := flock.New(s.path+turnSuffix, flock.SetPermissions(0o600))
	ok, err := turn.TryLock()
	if err != nil || !ok {
		return err // it is being stored
	}
	return errors.Join(s.storeLeft(ctx), turn.Unlock())
}

// partlyStored reports whether an import is stored in part, and we may see to it.
func (s *Store) partlyStored(ctx context.Context) (left bool, err error) {
	if s.readOnly {
		return false, nil
	}
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM imports WHERE staged <> '')`).Scan(&left)
	return left, err
}

// Settled waits until no import is stored in part, for those who tell others
// how things are: a document must not leave out what is on its way.
func (s *Store) Settled(ctx context.Context) error {
	if left, err := s.partlyStored(ctx); err != nil || !left {
		return err
	}
	return s.inTurn(ctx, func() error { return nil })
}

// leftImport is an import of which not all is stored.
type leftImport struct {
	run, source, version, product int64
	file, by, saved               string
}

// storeLeft is StoreLeft for the holder of the turn. Files that no import names
// are of processes that died before the first of their transactions or after
// the last one.
func (s *Store) storeLeft(ctx context.Context) error {
	rows, err := s.read.QueryContext(ctx, `SELECT m.id, o.id, r.id, r.product_id, m.file, m.by, m.staged FROM imports m JOIN sources o ON o.id = m.source_id
		JOIN versions r ON r.id = o.version_id WHERE m.staged <> '' ORDER BY m.id`)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var all []leftImport
	for rows.Next() {
		var l leftImport
		if err := rows.Scan(&l.run, &l.source, &l.version, &l.product, &l.file, &l.by, &l.saved); err != nil {
			return err
		}
		all = append(all, l)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, l := range all {
		if err := s.storeRest(ctx, l); err != nil {
			return fmt.Errorf("the rest of %s: %w", l.file, err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(s.path))
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(s.path)+savedSuffix) {
			err = errors.Join(err, os.Remove(s.savedPath(e.Name())))
		}
	}
	return err
}

// storeRest goes on with an import. Where what it staged is lost, as it is in
// a backup of that moment, nothing more is taken from it, and the history says
// so: the report has to be imported again.
func (s *Store) storeRest(ctx context.Context, l leftImport) (err error) {
	c := &commit{ctx: ctx, actor: model.Actor{Name: l.by, Source: "import"}, batch: uuid.NewString(),
		run: l.run, source: l.source, version: l.version, product: l.product, several: true, saved: l.saved, finding: beforeAll}
	for _, lost := range []bool{false, true} {
		if c.im, err = s.NewImport(ctx); err != nil {
			return err
		}
		if lost {
			_, err = c.im.conn.ExecContext(ctx, `COMMIT`)
			if err == nil {
				err = c.carryOut([]step{c.noteLost(l.file), c.takeVersions})
			}
		} else if c.earlier, err = c.im.restore(ctx, s.savedPath(l.saved)); err == nil {
			err = c.carryOut(c.steps())
		}
		err = errors.Join(err, c.im.Close())
		if !errors.Is(err, errLost) {
			return err
		}
	}
	return err
}

// noteLost is a step that tells the history.
func (c *commit) noteLost(file string) step {
	return func(int) (int, bool, error) {
		return 0, false, c.im.store.note(c.ctx, c.Tx, c.actor, "import "+file, "state", "stored in part", "the rest is lost: import it again")
	}
}
