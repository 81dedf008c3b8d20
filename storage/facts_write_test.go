package storage

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

// factWriter writes facts in plain SQL, past the store's own methods, so that
// a mistake in those does not hide one in the queries.
type factWriter struct {
	t    rapid.TB
	s    *Store
	tx   *sql.Tx
	done map[string]bool
}

func (w *factWriter) begin() {
	w.t.Helper()
	tx, err := w.s.write.BeginTx(bg, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.tx = tx
	w.exec(`INSERT INTO connections (id, name, type, auth, url, state, created_at) VALUES (1, 'jira', 'cloud', 'basic', '', 'active', 0), (2, 'Größe', 'cloud', 'basic', '', 'active', 0)`)
}

func (w *factWriter) commit() {
	w.t.Helper()
	if err := w.tx.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *factWriter) exec(text string, args ...any) {
	w.t.Helper()
	if _, err := w.tx.Exec(text, args...); err != nil {
		_ = w.tx.Rollback()
		w.t.Fatalf("%v in %s", err, text)
	}
}

// once runs write for the first of several facts that share a thing.
func (w *factWriter) once(key string, write func()) {
	if !w.done[key] {
		w.done[key] = true
		write()
	}
}

func (w *factWriter) list(of []string) string {
	text, err := json.Marshal(append([]string{}, of...))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func (w *factWriter) write(f *fact) {
	v, i, c := f.version, f.issue, f.component
	w.once(fmt.Sprint("p", v.productID), func() {
		w.exec(`INSERT INTO products (id, name, resource, created_at) VALUES (?, ?, ?, 0)`, v.productID, v.product, v.resource)
	})
	w.once(fmt.Sprint("v", v.id), func() {
		w.exec(`INSERT INTO versions (id, product_id, name, current, first_import, last_import) VALUES (?, ?, ?, ?, 0, 0)`, v.id, v.productID, v.name, v.current)
	})
	w.once(fmt.Sprint("c", c.id), func() {
		w.exec(`INSERT INTO components (id, key, coordinate, type, name, version, purl, licenses) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, c.id, fmt.Sprint("key ", c.id), c.name, c.kind, c.name, c.version, c.purl, w.list(c.licenses))
		if r := c.risk; r != nil {
			w.exec(`INSERT INTO component_risks VALUES (?, ?, ?, ?, ?, ?, ?)`, c.id, r.eol, toMillis(r.released), r.newer, r.cadence, r.commits, r.committers)
		}
	})
	w.once(fmt.Sprint("i", i.id), func() { w.writeIssue(i) })
	w.exec(`INSERT INTO violations (id, type, issue_id, component_id, version_id, product_id, current, state, severity, applicable, fix, vex_status, first_seen, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, f.id, int(f.kind), i.id, c.id, v.id, v.productID, f.current, int(f.state), f.severity.Rank(), slices.Index(applicabilities, f.applicable),
		strings.Join(f.fixes, fixSeparator), slices.Index(vexStatuses, model.VEXStatus(f.vex)), f.seen.UnixMilli(), f.updated.UnixMilli())
	w.exec(`INSERT INTO tallies (current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, n)
		SELECT current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, 1 FROM violations WHERE id = ? ON CONFLICT DO UPDATE SET n = n + 1`, f.id)
	w.exec(`UPDATE violations SET priority = (SELECT priority FROM violation_priorities WHERE violation_id = violations.id) WHERE id = ?`, f.id)
	if f.vex+f.justification+f.response != "" || !f.review.IsZero() {
		w.exec(`INSERT INTO assessments (violation_id, status, justification, response, review_by, updated) VALUES (?, ?, ?, ?, ?, 0)`, f.id, f.vex, f.justification, f.response, toMillis(f.review))
	}
	w.writeTickets(f)
	for kind, names := range [][]string{f.watches, f.policies} {
		for _, name := range names {
			w.source(v.id, v.id*2, 0)
			w.exec(`INSERT INTO reported_matches (violation_id, kind, name, source_id) VALUES (?, ?, ?, ?)`, f.id, kind, name, v.id*2)
		}
	}
	for n, s := range f.sightings {
		w.source(v.id, s.source, n)
		detail := `{}`
		if len(s.paths) > 0 {
			detail = `{"locations":` + w.list(s.paths) + `}`
		}
		w.exec(`INSERT INTO sightings (violation_id, source_id, import_id, reported_id, severity, detail) VALUES (?, ?, ?, 'x', 0, ?)`, f.id, s.source, s.source, detail)
		places := strings.Join(s.paths, placeMark)
		if c.vague {
			places = placeMark
		}
		w.exec(`INSERT OR IGNORE INTO component_places VALUES (?, ?)`, c.id, places)
	}
}

func (w *factWriter) source(version, id int64, n int) {
	w.once(fmt.Sprint("s", id), func() {
		w.exec(`INSERT INTO sources (id, version_id, format, scanner, artifact) VALUES (?, ?, ?, ?, '')`, id, version, []string{"trivy", "xray"}[n], []string{"Trivy", "JFrog"}[n])
		w.exec(`INSERT INTO imports (id, source_id, file, at, by, entries, findings) VALUES (?, ?, '', 0, '', 0, 0)`, id, id)
	})
}

func (w *factWriter) writeIssue(i *issueFact) {
	w.exec(`INSERT INTO issues (id, type, display, title, cvss, epss, kev) VALUES (?, ?, ?, ?, ?, ?, ?)`, i.id, int(i.kind), i.display, i.title, i.cvss, i.epss, i.kev)
	for _, alias := range i.aliases {
		w.exec(`INSERT INTO issue_aliases (alias, type, issue_id) VALUES (?, ?, ?)`, alias, int(i.kind), i.id)
	}
	for _, cve := range i.cves {
		w.exec(`INSERT INTO issue_cves (issue_id, cve) VALUES (?, ?)`, i.id, cve)
	}
}

func (w *factWriter) writeTickets(f *fact) {
	for _, t := range f.tickets {
		w.once(fmt.Sprint("t", t.id), func() {
			w.exec(`INSERT INTO tickets (id, connection_id, project, jira_id, key, dedupe_key, state, category, requested) VALUES (?, ?, 'P', ?, ?, '', ?, ?, 0)`, t.id, t.connectionID, fmt.Sprint(t.id), t.key, t.state, t.category)
			w.exec(`UPDATE connections SET retrieve_tickets = ?, broken_since = ? WHERE id = ?`, t.retrieve, map[bool]any{true: 1}[t.broken], t.connectionID)
		})
		w.exec(`INSERT INTO ticket_links (ticket_id, violation_id, linked, by) VALUES (?, ?, 0, '')`, t.id, f.id)
		w.exec(`UPDATE violations SET lead_ticket_id = ? WHERE id = ?`, t.id, f.id)
		// The status comes after the link: the row must follow.
		w.exec(`UPDATE tickets SET status = ? WHERE id = ?`, t.status, t.id)
	}
	if f.conflict && len(f.tickets) > 0 {
		w.exec(`INSERT INTO conflicts (violation_id, ticket_id, field, base, local, jira, local_at, jira_at) VALUES (?, ?, 'status', '', '', '', 0, 0)`, f.id, f.leadID)
	} else {
		f.conflict = false
	}
}
