package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// outcome is what became of a statement, the better the greater.
type outcome uint8

const (
	unreadable outcome = iota
	unknownIssue
	unknownComponent
	otherProduct
	superseded
	partOfIssue
	olderDocument
	keptDecision
	applied
)

var outcomeReasons = [...]string{
	unreadable:       "it states no status that is known",
	unknownIssue:     "no violation has this vulnerability",
	unknownComponent: "the vulnerability is there, but in another component or version",
	otherProduct:     "the component is there, but in another product",
	superseded:       "a later statement of the document holds",
	partOfIssue:      "the issue covers several CVEs, and the document does not speak of all of them",
	olderDocument:    "a later document decided otherwise",
	keptDecision:     "an analyst decided otherwise",
}

// laying is one Apply.
type laying struct {
	*Overlay
	ctx   context.Context
	tx    *sql.Tx
	opts  OverlayOptions
	now   time.Time
	batch string
	// only: the caller says which violations are meant.
	only     bool
	outcomes []outcome
	result   OverlayResult
}

func (l *laying) run() error {
	if err := l.place(); err != nil {
		return err
	}
	if err := l.find(); err != nil {
		return err
	}
	holding, err := l.holding()
	if err != nil {
		return err
	}
	for _, h := range holding {
		if err := l.lay(h); err != nil {
			return err
		}
	}
	return l.done()
}

// done counts, and notes in the audit what came of the document.
func (l *laying) done() error {
	l.sum()
	subject := firstOf(l.opts.File, "document")
	return l.store.note(l.ctx, l.tx, l.opts.Actor, "document "+subject, "statements", "", fmt.Sprintf("%d of %d apply", l.result.Applied, l.result.Statements))
}

// onlyScope holds the versions that the caller names.
const onlyScope = -1

// place resolves the products that the document and the caller name into
// versions of ours. The caller's have to be there; of the document's those are
// noted that are not.
func (l *laying) place() error {
	rows, err := l.tx.QueryContext(l.ctx, `SELECT r.id, p.name, r.name FROM versions r JOIN products p ON p.id = r.product_id`)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var pairs [][2]int64
	wanted := productName{name: l.opts.Product, version: l.opts.Version}
	l.only = l.opts.Product != "" || l.opts.Version != ""
	found, shown, products := false, map[productName]bool{}, map[string]bool{}
	for rows.Next() {
		var id int64
		var product, version string
		if err := rows.Scan(&id, &product, &version); err != nil {
			return err
		}
		products[product] = true
		named := l.only && (wanted.is(product, version) || l.opts.Product == "" && strings.EqualFold(l.opts.Version, version))
		if named {
			pairs, found = append(pairs, [2]int64{onlyScope, id}), true
		}
		for name, scope := range l.scopes {
			// A document about one product is about the one that is named.
			if name.is(product, version) || named && len(l.scopes) == 1 && !name.isPackage() {
				pairs, shown[name] = append(pairs, [2]int64{int64(scope), id}), true
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	switch {
	case !l.only:
		l.noteAbsent(shown, slices.Sorted(maps.Keys(products)))
	case !found && len(products) > 0:
		return l.notThere()
	case !found: // before the first report nothing can be mistaken
		l.result.Absent = []Absent{{Product: wanted.String()}}
	}
	for _, p := range pairs {
		if _, err := l.tx.ExecContext(l.ctx, `INSERT OR IGNORE INTO overlay_scopes VALUES (?, ?)`, p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

// noteAbsent lists the document's products that are none of ours.
func (l *laying) noteAbsent(shown map[productName]bool, ours []string) {
	var absent []productName
	for name := range l.scopes {
		if !shown[name] && !name.isPackage() {
			absent = append(absent, name)
		}
	}
	slices.SortFunc(absent, func(a, b productName) int { return strings.Compare(a.String(), b.String()) })
	const proposed = 3 // each is compared with all of ours
	for i, name := range absent {
		each := Absent{Product: name.String()}
		if i < proposed {
			each.Near = query.Nearest(name.name, ours)
		}
		l.result.Absent = append(l.result.Absent, each)
	}
}

// notThere says what is wrong about the caller's product and version.
func (l *laying) notThere() error {
	if l.opts.Product == "" {
		return fmt.Errorf("version %q: %w: no product has one; name the product with --product", l.opts.Version, ErrNotFound)
	}
	switch names, err := strs(l.ctx, l.tx, `SELECT name FROM products WHERE name = ?`, l.opts.Product); {
	case err != nil:
		return err
	case len(names) > 0:
		return noSuchVersion(l.ctx, l.tx, l.opts.Version, names[0])
	}
	return noSuchProduct(l.ctx, l.tx, l.opts.Product)
}

// find notes which statement meets which violation: fits is 2 where component
// and product are the statement's, 1 where only the component is. A statement
// without a component is about its product as a whole, or its product is the
// package.
func (l *laying) find() error {
	const inScope = `EXISTS (SELECT 1 FROM overlay_scopes o WHERE o.scope = s.scope AND o.version_id = v.version_id)`
	const component = `CASE s.versioned WHEN 1 THEN c.key = s.key ELSE c.coordinate = s.coordinate END`
	allowed, place := `1`, `(s.scope = 0 OR `+inScope+`)`
	if l.only {
		allowed = fmt.Sprintf(`EXISTS (SELECT 1 FROM overlay_scopes o WHERE o.scope = %d AND o.version_id = v.version_id)`, onlyScope)
		place = `1`
	}
	fits := `CASE WHEN ` + component + ` THEN CASE WHEN ` + allowed + ` AND (s.whole OR ` + place + `) THEN 2 ELSE 1 END
		WHEN s.whole AND ` + allowed + ` AND ` + inScope + ` THEN 2 ELSE 0 END`
	const joined = ` CROSS JOIN overlay_statements s ON s.n = i.n CROSS JOIN violations v ON v.issue_id = a.issue_id CROSS JOIN components c ON c.id = v.component_id)
		WHERE fits > 0`
	for _, statement := range []string{
		`INSERT OR IGNORE INTO overlay_hits SELECT id, n, '', 0, fits FROM (SELECT v.id, s.n, ` + fits + ` AS fits
			FROM overlay_ids i CROSS JOIN issue_aliases a ON a.alias = i.alias AND a.type = 0` + joined,
		`INSERT OR IGNORE INTO overlay_hits SELECT id, n, cve, cves, fits FROM (SELECT v.id, s.n, a.cve, ` + fits + ` AS fits,
				(SELECT count(*) FROM issue_cves x WHERE x.issue_id = a.issue_id) AS cves
			FROM overlay_ids i CROSS JOIN issue_cves a ON a.cve = i.alias` + joined,
	} {
		if _, err := l.tx.ExecContext(l.ctx, statement); err != nil {
			return fmt.Errorf("%w in: %.120s", err, statement)
		}
	}
	for _, mark := range []struct {
		to    outcome
		which string
	}{
		{unknownIssue, `SELECT n FROM overlay_statements`},
		{unknownComponent, `SELECT DISTINCT i.n FROM overlay_ids i WHERE EXISTS (SELECT 1 FROM issue_aliases a JOIN violations v ON v.issue_id = a.issue_id WHERE a.alias = i.alias AND a.type = 0)
			OR EXISTS (SELECT 1 FROM issue_cves a JOIN violations v ON v.issue_id = a.issue_id WHERE a.cve = i.alias)`},
		{otherProduct, `SELECT DISTINCT n FROM overlay_hits`},
	} {
		if err := l.markAll(mark.to, mark.which); err != nil {
			return err
		}
	}
	return nil
}

func (l *laying) markAll(to outcome, which string) error {
	rows, err := l.tx.QueryContext(l.ctx, which)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return err
		}
		l.mark(n, to)
	}
	return rows.Err()
}

// mark notes the best that became of a statement.
func (l *laying) mark(n int, to outcome) { l.outcomes[n] = max(l.outcomes[n], to) }

// held is a violation and the statement that holds for it: of those about its
// issue the latest, else, where the issue covers several CVEs, the latest of
// each.
type held struct {
	violation int64
	n         int
	cves      map[string]int
	covered   int
}

// holding finds the latest statements of each violation, in order of id.
func (l *laying) holding() ([]held, error) {
	rows, err := l.tx.QueryContext(l.ctx, `SELECT h.violation_id, h.n, h.cve, h.cves FROM overlay_hits h JOIN overlay_statements s ON s.n = h.n
		WHERE h.fits = 2 ORDER BY h.violation_id, s.at, h.n`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []held
	for rows.Next() {
		var violation int64
		var n, covered int
		var cve string
		if err := rows.Scan(&violation, &n, &cve, &covered); err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1].violation != violation {
			out = append(out, held{violation: violation, n: -1})
		}
		h := &out[len(out)-1]
		l.mark(n, superseded)
		if cve == "" {
			h.n = n
			continue
		}
		if h.cves == nil {
			h.cves = map[string]int{}
		}
		h.cves[cve], h.covered = n, covered
	}
	return out, rows.Err()
}

// stated is a staged statement.
type stated struct {
	decision         model.Assessment
	at               time.Time
	author, document string
}

func (l *laying) read(n int) (s stated, err error) {
	var at sql.NullInt64
	var decision string
	err = l.tx.QueryRowContext(l.ctx, `SELECT at, decision, author, document FROM overlay_statements WHERE n = ?`, n).Scan(&at, &decision, &s.author, &s.document)
	if err != nil {
		return s, err
	}
	if s.at = fromMillis(at); s.at.IsZero() || s.at.After(l.now) {
		s.at = l.now
	}
	return s, json.Unmarshal([]byte(decision), &s.decision)
}

// choose takes the statement that holds for a violation and marks those that
// go with it; where an issue covers several CVEs, the worst of their decisions
// is the issue's, once all of them are decided.
func (l *laying) choose(h held) (chosen stated, with []int, err error) {
	if h.n >= 0 {
		chosen, err = l.read(h.n)
		return chosen, []int{h.n}, err
	}
	with = slices.Sorted(maps.Values(h.cves))
	if len(h.cves) < h.covered {
		for _, n := range with {
			l.mark(n, partOfIssue)
		}
		return stated{}, nil, nil
	}
	for i, n := range with {
		s, err := l.read(n)
		if err != nil {
			return stated{}, nil, err
		}
		if i == 0 || worse(s.decision.Status, chosen.decision.Status) {
			chosen = s
		}
	}
	return chosen, with, nil
}

// worse orders statuses by what must not be hidden.
func worse(a, b model.VEXStatus) bool {
	order := []model.VEXStatus{model.VEXAffected, model.VEXInTriage, model.VEXNotAffected, model.VEXFixed}
	return slices.Index(order, a) < slices.Index(order, b)
}

// lay writes the statement that holds for a violation into its record.
func (l *laying) lay(h held) error {
	s, with, err := l.choose(h)
	if err != nil || len(with) == 0 {
		return err
	}
	before, origins, err := readAssessment(l.ctx, l.tx, h.violation)
	if err != nil {
		return err
	}
	after, verdict := overlaid(before, origins, s)
	for _, n := range with {
		l.mark(n, verdict)
	}
	if verdict != applied {
		l.result.Kept++
		return nil
	}
	l.result.Violations++
	if after == before {
		return nil
	}
	l.result.Updated++
	w := vexWrite{id: h.violation, actor: l.opts.Actor, batch: l.batch, at: l.now,
		provenance: model.Provenance{Source: "document", By: s.author, At: s.at, Ref: firstOf(s.document, l.opts.File)}}
	return w.store(l.ctx, l.tx, before, after, origins)
}

// overlaid lays a statement over a record. What a person put into a field
// stays, and with it the whole decision where the statement says something
// else there; so does what came from a later document.
func overlaid(before model.Assessment, origins map[model.VEXField]model.Provenance, s stated) (model.Assessment, outcome) {
	after := before
	for _, field := range []model.VEXField{model.FieldStatus, model.FieldQualifier, model.FieldJustification, model.FieldResponse, model.FieldImpact, model.FieldAction} {
		old, fresh := before.Get(field), s.decision.Get(field)
		byDocument := origins[field].Source == "document"
		switch {
		case old == fresh, fresh == "" && !byDocument:
			continue
		case old != "" && byDocument && origins[field].At.After(s.at):
			return before, olderDocument
		case old != "" && !byDocument && origins[field].Source != "rule":
			return before, keptDecision
		}
		if err := after.Set(field, fresh); err != nil {
			continue // staged words are of the vocabulary
		}
	}
	return after, applied
}

// sum counts what became of the statements.
func (l *laying) sum() {
	var counts [applied + 1]int
	for _, o := range l.outcomes {
		counts[o]++
	}
	l.result.Statements, l.result.Applied = len(l.outcomes), counts[applied]
	for o, reason := range outcomeReasons {
		if counts[o] > 0 {
			l.result.NotApplied = append(l.result.NotApplied, Unapplied{reason, counts[o]})
		}
	}
}
