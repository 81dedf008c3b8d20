package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// Overlay lays the statements of a VEX document over the violations that are
// there (B6). Statements are staged in temporary tables of a connection of its
// own, as Import stages findings; Apply then takes them in in one transaction,
// and either all of the document counts or nothing. Memory grows with the
// products that a document names and by a byte a statement.
type Overlay struct {
	store      *Store
	db         *sql.DB
	conn       *sql.Conn
	statements *batch
	ids        *batch
	n          int
	// scopes numbers the products that the document names, from 1.
	scopes map[productName]int
}

// OverlayOptions is what the caller knows of a document.
type OverlayOptions struct {
	// File stands for the document's id where it has none.
	File string
	// Product and Version say which violations the document is about, whatever
	// it calls its product itself; empty: as the document says. What is not there
	// is an ErrNotFound, unless there is nothing at all yet.
	Product, Version string
	Actor            model.Actor
}

// OverlayResult tells what the statements of a document came to.
type OverlayResult struct {
	// Statements is how many there are; Applied those that hold for a violation
	// now, whether or not they said something new.
	Statements, Applied int
	// Violations counts those that statements hold for, Updated those of them
	// that changed, and Kept those whose own decision is another and stays.
	Violations, Updated, Kept int
	// NotApplied are the other statements by reason.
	NotApplied []Unapplied
	// Absent are products that the document or the caller names and no report has
	// shown.
	Absent []Absent
}

// Absent is a product as a document names it; of the first few of them Near are
// the products of ours that may be meant.
type Absent struct {
	Product string
	Near    []string
}

// Unapplied is a reason and how many statements it is true of.
type Unapplied struct {
	Reason string
	Count  int
}

const overlayTables = `
CREATE TEMP TABLE overlay_statements (n INTEGER PRIMARY KEY, at INTEGER, key TEXT, coordinate TEXT, versioned INTEGER, whole INTEGER,
  scope INTEGER, decision TEXT, author TEXT, document TEXT);
CREATE TEMP TABLE overlay_ids (alias TEXT COLLATE NOCASE, n INTEGER, PRIMARY KEY (alias, n)) WITHOUT ROWID;
CREATE TEMP TABLE overlay_scopes (scope INTEGER, version_id INTEGER, PRIMARY KEY (scope, version_id)) WITHOUT ROWID;
CREATE TEMP TABLE overlay_hits (violation_id INTEGER, n INTEGER, cve TEXT COLLATE NOCASE, cves INTEGER, fits INTEGER,
  PRIMARY KEY (violation_id, n, cve)) WITHOUT ROWID;
`

// NewOverlay starts taking in a document.
func (s *Store) NewOverlay(ctx context.Context) (*Overlay, error) {
	if s.readOnly {
		return nil, ErrReadOnly
	}
	db, err := openPool(s.path, "immediate", false, 1)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, overlayTables)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the import cannot begin: %w", writeError(err)), db.Close())
	}
	return &Overlay{store: s, db: db, conn: conn, scopes: map[productName]int{},
		statements: newBatch(conn, `INSERT INTO overlay_statements VALUES`, 10, ""),
		ids:        newBatch(conn, `INSERT OR IGNORE INTO overlay_ids VALUES`, 2, "")}, nil
}

// Add stages a statement. Its texts are cleaned here, once (B9).
func (o *Overlay) Add(ctx context.Context, s *model.Statement) error {
	n := o.n
	o.n++
	decision := known(s.Assessment)
	if decision.Status == model.VEXNone {
		return nil // its outcome stays unreadable
	}
	text, err := json.Marshal(decision)
	if err != nil {
		return err
	}
	for _, id := range s.IDs {
		if id = cut(model.Clean(id), 300); id == "" {
			continue
		}
		if err := o.ids.add(ctx, id, n); err != nil {
			return err
		}
	}
	subject := s.Subject()
	key, coordinate := cut(model.Clean(model.ComponentKey(subject)), 1000), cut(model.Clean(model.Coordinate(subject)), 1000)
	whole := s.Component.PURL == "" && s.Component.Name == ""
	at := int64(0)
	if !s.At.IsZero() {
		at = s.At.UnixMilli()
	}
	return o.statements.add(ctx, n, at, key, coordinate, key != coordinate, whole, o.scope(s.Product), string(text),
		cut(model.Clean(s.Author), 200), cut(model.Clean(s.Document), 500))
}

// scope numbers a product that the document names; 0 is any.
func (o *Overlay) scope(product model.Component) int {
	named := productName{product.PURL, product.Name, product.Version}
	if !named.told() {
		return 0
	}
	scope, seen := o.scopes[named]
	if !seen {
		scope = len(o.scopes) + 1
		o.scopes[named] = scope
	}
	return scope
}

// Apply lays the staged statements over the violations: those that any of a
// statement's ids names, in its component, and in its product where it tells
// one. Of several statements about the same the latest holds. What a person
// decided otherwise stays, and so does what a later document said. A large import
// that is being stored is waited for: what it brings is meant as well.
func (o *Overlay) Apply(ctx context.Context, opts OverlayOptions) (OverlayResult, error) {
	if err := errors.Join(o.statements.flush(ctx), o.ids.flush(ctx)); err != nil {
		return OverlayResult{}, err
	}
	var result OverlayResult
	err := o.store.inTurn(ctx, func() error {
		return o.store.change(ctx, o.conn, func(tx *sql.Tx) error {
			l := &laying{Overlay: o, ctx: ctx, tx: tx, opts: opts, now: o.store.now().UTC(), batch: uuid.NewString(), outcomes: make([]outcome, o.n)}
			err := l.run()
			result = l.result
			return err
		})
	})
	if err != nil {
		return OverlayResult{}, err
	}
	return result, nil
}

// Close gives up what was staged and not applied, and frees the connection.
func (o *Overlay) Close() error {
	o.statements.close()
	o.ids.close()
	return errors.Join(o.conn.Close(), o.db.Close())
}
