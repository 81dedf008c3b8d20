// Package storage keeps vexdesk's workspace in one SQLite database: reads for
// screens and commands, one method per intention (a transaction that also
// writes audit and outbox), the import of reports, secrets, and notices of
// change. The database is the bus between processes: whoever opens the same
// file joins in.
//
// Reads and writes go over separate connections, so that a key press never
// waits behind a writer (WAL). All times are stored as Unix milliseconds UTC.
package storage
