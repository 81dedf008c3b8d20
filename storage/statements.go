package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
)

// openDB opens a database whose connections keep their statements compiled:
// most of what a small statement costs is its compilation, and the same ones
// come again and again.
func openDB(dsn string) (*sql.DB, error) {
	base, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeper{base}), nil
}

// keeper opens connections of the kind.
type keeper struct{ driver.Connector }

func (k keeper) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	plain, ok := opened.(plainConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("SQLite's driver has become another: %T", opened), opened.Close())
	}
	return &keptConn{plainConn: plain, idle: map[string]statement{}}, nil
}

// plainConn is what the driver's connections are for database/sql.
type plainConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keptConn is a connection with the statements that it has compiled and nobody
// is using. SQLite compiles one again by itself when the schema has changed.
// Like every connection of database/sql it is used by one goroutine at a time.
type keptConn struct {
	plainConn
	idle map[string]statement
}

// mostIdle bounds the memory: a compiled statement takes some ten kilobytes.
const mostIdle = 128

// keepable tells what is worth keeping. A PRAGMA must not be: some of them act
// when they are compiled (sqlite.org/pragma.html).
func keepable(query string) bool {
	query = strings.TrimLeft(query, " \t\r\n")
	verb := strings.ToUpper(query[:min(len(query), 6)])
	switch verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE":
		return true
	}
	return strings.HasPrefix(verb, "WITH")
}

// take returns a compiled statement, which is the caller's until it is put
// back: a query may run again within itself.
func (c *keptConn) take(ctx context.Context, query string) (statement, error) {
	if s, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	kept, ok := s.(statement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("SQLite's driver has become another: %T", s), s.Close())
	}
	return kept, nil
}

func (c *keptConn) put(query string, s statement) error {
	if _, twice := c.idle[query]; twice {
		return s.Close()
	}
	var err error
	if len(c.idle) >= mostIdle {
		err = c.forget()
	}
	c.idle[query] = s
	return err
}

func (c *keptConn) forget() error {
	var errs []error
	for query, s := range c.idle {
		errs = append(errs, s.Close())
		delete(c.idle, query)
	}
	return errors.Join(errs...)
}

// Close implements [driver.Conn].
func (c *keptConn) Close() error { return errors.Join(c.forget(), c.plainConn.Close()) }

// ExecContext implements [driver.ExecerContext].
func (c *keptConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !keepable(query) {
		return c.plainConn.ExecContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	if perr := c.put(query, s); err == nil {
		err = perr
	}
	return result, err
}

// QueryContext implements [driver.QueryerContext].
func (c *keptConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !keepable(query) {
		return c.plainConn.QueryContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.put(query, s))
	}
	return &keptRows{Rows: rows, back: func() error { return c.put(query, s) }}, nil
}

// keptRows gives the statement back when they are closed, which database/sql
// does once.
type keptRows struct {
	driver.Rows
	back func() error
}

// Close implements [driver.Rows].
func (r *keptRows) Close() error { return errors.Join(r.Rows.Close(), r.back()) }
