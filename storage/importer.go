package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime/debug"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// Import takes in one report. Findings are staged in temporary tables of a
// connection of its own, so that nobody waits while a report is read, and
// nothing of one that cannot be read to its end counts; Commit then moves them
// into the workspace, set by set. Memory grows with the distinct issues and
// components of the report, not with its size.
type Import struct {
	store *Store
	db    *sql.DB
	conn  *sql.Conn
	ids   map[string]named
	// parent joins the issues that turn out to be one (union-find).
	parent     []int32
	components map[string]int
	// places are the sums of what was noted last about where each component is.
	places []uint64
	seed   maphash.Seed
	// counts are what was staged; rows may count some twice.
	counts struct{ issues, components, rows int }
	// analysed tells that a finding carries a decision.
	analysed bool
	// cascades tells that SQLite keeps the foreign keys (cascade).
	cascades bool
	staged   map[string]*batch
}

// named is what an id names in a report: the issue whose identity it is, and
// the issue that named it first, as alias or identity. Both count from 1; 0 is
// none. There are as many of them as a report has ids, hence their size.
type named struct{ identity, alias int32 }

// ImportOptions is what the caller knows of a report.
type ImportOptions struct {
	// File is the name for messages and history.
	File string
	// Product, Version and Resource override what the report says of itself.
	Product, Version, Resource string
	Actor                      model.Actor
	// Earlier are the runs of other files of the same command: files of one
	// command never resolve each other (ruling 1).
	Earlier []int64
}

// ImportResult counts what an import came to (rulings 1, 2).
type ImportResult struct {
	// Run names this import, for ImportOptions.Earlier.
	Run              int64
	Product, Version string
	Entries          int
	Findings         int
	Violations       int
	Licenses         int
	OperationalRisks int
	Ignored          int
	New              int
	Updated          int
	Resolved         int
	Reopened         int
	CarriedOver      int
}

// ErrNoProduct means: neither the report nor the caller names a product (ruling 5).
var ErrNoProduct = errors.New("the report does not say what was scanned")

// Unversioned stands for the version of a product whose report names none.
const Unversioned = "unversioned"

const stageTables = `
CREATE TEMP TABLE stage_issues (n INTEGER PRIMARY KEY, root INTEGER, type INTEGER, identity TEXT, title TEXT, description TEXT,
  epss REAL, percentile REAL, kev INTEGER, kev_due TEXT, joined INTEGER, fresh INTEGER, id INTEGER);
CREATE TEMP TABLE stage_aliases (n INTEGER, type INTEGER, alias TEXT COLLATE NOCASE, PRIMARY KEY (n, alias)) WITHOUT ROWID;
CREATE TEMP TABLE stage_cves (n INTEGER, cve TEXT COLLATE NOCASE, PRIMARY KEY (n, cve)) WITHOUT ROWID;
CREATE TEMP TABLE stage_refs (n INTEGER, url TEXT, PRIMARY KEY (n, url)) WITHOUT ROWID;
CREATE TEMP TABLE stage_ratings (n INTEGER, source TEXT, method TEXT, vector TEXT, score REAL, severity INTEGER,
  PRIMARY KEY (n, source, method)) WITHOUT ROWID;
CREATE TEMP TABLE stage_components (n INTEGER PRIMARY KEY, key TEXT, coordinate TEXT, type TEXT, name TEXT, version TEXT,
  purl TEXT, licenses TEXT, id INTEGER);
CREATE TEMP TABLE stage_places (component INTEGER, places TEXT, PRIMARY KEY (component, places)) WITHOUT ROWID;
CREATE TEMP TABLE stage_risks (n INTEGER PRIMARY KEY, eol INTEGER, released INTEGER, newer REAL, cadence REAL, commits REAL, committers REAL);
CREATE TEMP TABLE stage_findings (issue INTEGER, component INTEGER, told INTEGER, type INTEGER, severity INTEGER, suppressed INTEGER, reason TEXT,
  fix TEXT, applicable INTEGER, detail TEXT, analysis TEXT, PRIMARY KEY (issue, component)) WITHOUT ROWID;
CREATE TEMP TABLE stage_matches (issue INTEGER, component INTEGER, kind INTEGER, name TEXT COLLATE NOCASE,
  PRIMARY KEY (issue, component, kind, name)) WITHOUT ROWID;
CREATE TEMP TABLE stage_same (n INTEGER PRIMARY KEY, first INTEGER);
CREATE TEMP TABLE stage_touched (violation_id INTEGER PRIMARY KEY);
CREATE TEMP TABLE stage_settled (violation_id INTEGER PRIMARY KEY, old_state INTEGER, state INTEGER, old_severity INTEGER, severity INTEGER,
  old_fix TEXT, fix TEXT, old_applicable INTEGER, applicable INTEGER, old_by TEXT, ignored_by TEXT, old_reason TEXT, ignore_reason TEXT);
CREATE TEMP TABLE stage_known (root INTEGER, issue_id INTEGER, PRIMARY KEY (root, issue_id)) WITHOUT ROWID;
CREATE TEMP TABLE stage_described (issue_id INTEGER PRIMARY KEY, title TEXT, epss REAL, percentile REAL, kev INTEGER, kev_due TEXT);
CREATE TEMP TABLE stage_twins (old_id INTEGER PRIMARY KEY, new_id INTEGER);
CREATE TEMP TABLE stage_gone (violation_id INTEGER PRIMARY KEY);
CREATE TEMP TABLE stage_moved (violation_id INTEGER PRIMARY KEY, version_id INTEGER, issue_id INTEGER, component_id INTEGER);
CREATE TEMP TABLE stage_links (violation_id INTEGER, ticket_id INTEGER, PRIMARY KEY (violation_id, ticket_id)) WITHOUT ROWID;
`

// worseOf is severity merging in SQL: the worst stated one (rank 4 is unknown
// and says nothing; see model.Severity).
const worseOf = `CASE WHEN excluded.severity = 4 THEN severity WHEN severity = 4 THEN excluded.severity ELSE min(severity, excluded.severity) END`

// importCache is the page cache of an import's connection in KiB, and the most
// that SQLite sorts in memory. What it takes in the end is twice that, since a
// page and its header fill a slot of 8 KiB. With half of it an import takes a
// fifth more processor time, with twice of it no less.
const importCache = 4_000

// NewImport starts taking in a report.
func (s *Store) NewImport(ctx context.Context) (*Import, error) {
	if s.readOnly {
		return nil, ErrReadOnly
	}
	db, err := openPool(s.path, "immediate", false, 1)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		// One transaction for all that is staged; it holds no lock, since it
		// touches temporary tables only.
		_, err = conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA foreign_keys = OFF; PRAGMA main.cache_size = -%d;`, importCache)+stageTables+`BEGIN DEFERRED`)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the import cannot begin: %w", writeError(err)), db.Close())
	}
	im := &Import{store: s, db: db, conn: conn, ids: map[string]named{}, components: map[string]int{}, seed: maphash.MakeSeed()}
	im.staged = map[string]*batch{
		"issues":     newBatch(conn, `INSERT INTO stage_issues (n, root, type, identity, title, description, epss, percentile, kev, kev_due, joined, fresh) VALUES`, 12, ""),
		"aliases":    newBatch(conn, `INSERT OR IGNORE INTO stage_aliases VALUES`, 3, ""),
		"cves":       newBatch(conn, `INSERT OR IGNORE INTO stage_cves VALUES`, 2, ""),
		"refs":       newBatch(conn, `INSERT OR IGNORE INTO stage_refs VALUES`, 2, ""),
		"ratings":    newBatch(conn, `INSERT OR IGNORE INTO stage_ratings VALUES`, 6, ""),
		"components": newBatch(conn, `INSERT INTO stage_components (n, key, coordinate, type, name, version, purl, licenses) VALUES`, 8, ""),
		"places":     newBatch(conn, `INSERT OR IGNORE INTO stage_places VALUES`, 2, ""),
		"risks":      newBatch(conn, `INSERT OR REPLACE INTO stage_risks VALUES`, 7, ""),
		"matches":    newBatch(conn, `INSERT OR IGNORE INTO stage_matches VALUES`, 4, ""),
		"findings":   newBatch(conn, `INSERT INTO stage_findings VALUES`, 11, mergeRow),
	}
	return im, nil
}

// Add stages a finding. Its texts are cleaned here, once (B9).
func (im *Import) Add(ctx context.Context, f *model.Finding) error {
	issue, err := im.issue(ctx, f)
	if err != nil {
		return err
	}
	component, err := im.component(ctx, &f.Component)
	if err != nil {
		return err
	}
	if err := im.stageRisk(ctx, component, f.Risk); err != nil {
		return err
	}
	analysis := ""
	if f.Analysis != nil && !f.Analysis.IsZero() {
		text, err := json.Marshal(f.Analysis)
		if err != nil {
			return err
		}
		analysis, im.analysed = string(text), true
	}
	for kind, names := range [][]string{f.Watches, f.Policies} {
		for _, name := range names {
			if err := im.staged["matches"].add(ctx, issue, component, kind, cut(model.Clean(name), 200)); err != nil {
				return err
			}
		}
	}
	places := cleanAll(f.Locations[:min(len(f.Locations), maxLocations)])
	if err := im.stagePlaces(ctx, component, places); err != nil {
		return err
	}
	im.counts.rows++
	reason := ""
	if f.Suppressed {
		reason = cut(model.Clean(f.SuppressReason), 500)
	}
	return im.staged["findings"].add(ctx, issue, component, issue, int(f.Type), f.Severity.Rank(), f.Suppressed, reason,
		fixText(f.FixVersions), applicability(f.Applicable), detailText(f, places), analysis)
}

// issue stages the issue of a finding once and returns its number.
func (im *Import) issue(ctx context.Context, f *model.Finding) (int, error) {
	identity := cut(model.Clean(f.Identity()), 300)
	if identity == "" {
		return 0, errors.New("a finding names no issue")
	}
	key := aliasKey(f.Type, identity)
	known := im.ids[key]
	n := int(known.identity) - 1
	if n < 0 {
		n = im.counts.issues
		im.counts.issues++
		known.identity = int32(n + 1)
		im.ids[key] = known
		im.parent = append(im.parent, int32(n))
		if err := im.stageIssue(ctx, n, identity, f); err != nil {
			return 0, err
		}
	}
	if err := im.stageAlias(ctx, n, f.Type, identity, key); err != nil {
		return 0, err
	}
	for _, alias := range f.Aliases {
		if alias = cut(model.Clean(alias), 300); alias == "" {
			continue
		}
		if err := im.stageAlias(ctx, n, f.Type, alias, aliasKey(f.Type, alias)); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// aliasKey is an id of an issue as the maps have it.
func aliasKey(t model.ViolationType, id string) string {
	return string(rune('0'+t)) + strings.ToLower(id)
}

func (im *Import) stageAlias(ctx context.Context, n int, t model.ViolationType, alias, key string) error {
	known := im.ids[key]
	if known.alias > 0 {
		im.join(int32(n), known.alias-1)
		return nil
	}
	known.alias = int32(n + 1)
	im.ids[key] = known
	return im.staged["aliases"].add(ctx, n, int(t), alias)
}

func (im *Import) root(n int32) int32 {
	for im.parent[n] != n {
		im.parent[n] = im.parent[im.parent[n]]
		n = im.parent[n]
	}
	return n
}

func (im *Import) join(a, b int32) {
	a, b = im.root(a), im.root(b)
	if a > b {
		a, b = b, a
	}
	im.parent[b] = a
}

func (im *Import) stageIssue(ctx context.Context, n int, identity string, f *model.Finding) error {
	err := im.staged["issues"].add(ctx, n, n, int(f.Type), identity, cut(model.Clean(f.Title), 300), cut(model.CleanText(f.Description), 60000),
		orMinus(f.EPSS), orMinus(f.EPSSPercentile), f.KEV != nil && *f.KEV, cut(model.Clean(f.KEVDue), 30), false, false)
	for _, cve := range f.CVEs {
		err = errors.Join(err, im.staged["cves"].add(ctx, n, cut(model.Clean(cve), 100)))
	}
	for i, ref := range f.References {
		if ref = model.Clean(ref); i < 200 && (strings.HasPrefix(ref, "https://") || strings.HasPrefix(ref, "http://")) {
			err = errors.Join(err, im.staged["refs"].add(ctx, n, cut(ref, 2000)))
		}
	}
	for i, r := range f.Ratings {
		if i >= 100 {
			break
		}
		var score any
		if r.Score != nil {
			score = *r.Score
		}
		err = errors.Join(err, im.staged["ratings"].add(ctx, n, cut(model.Clean(r.Source), 200), cut(model.Clean(r.Method), 50), cut(model.Clean(r.Vector), 500), score, r.Severity.Rank()))
	}
	return err
}

// component stages a component once and returns its number.
func (im *Import) component(ctx context.Context, c *model.Component) (int, error) {
	key := cut(model.Clean(model.ComponentKey(*c)), 1000)
	if n, ok := im.components[key]; ok {
		return n, nil
	}
	n := im.counts.components
	im.counts.components++
	im.components[key] = n
	licenses, err := json.Marshal(cleanAll(c.Licenses))
	if err != nil {
		return 0, err
	}
	return n, im.staged["components"].add(ctx, n, key, cut(model.Clean(model.Coordinate(*c)), 1000), cut(model.Clean(c.Type), 60),
		cut(model.Clean(c.Name), 300), cut(model.Clean(c.Version), 200), cut(model.Clean(c.PURL), 1000), string(licenses))
}

// manyNames is from how many names on memory is given back, which takes some
// milliseconds.
const manyNames = 5_000

// forget drops the names that were needed to read the report, before the database takes
// its share of the memory.
func (im *Import) forget() {
	many := len(im.ids)+len(im.components) > manyNames
	im.ids, im.components, im.places = nil, nil, nil
	if many {
		debug.FreeOSMemory()
	}
}

// Close gives up what was staged and not committed, and frees the connection.
func (im *Import) Close() error {
	for _, b := range im.staged {
		b.close()
	}
	return errors.Join(im.conn.Close(), im.db.Close())
}

// sightingDetail is what a source says of a violation beyond its columns.
type sightingDetail struct {
	Locations  []string `json:"locations,omitempty"`
	URL        string   `json:"url,omitempty"`
	ExternalID string   `json:"external_id,omitempty"`
}

// maxLocations is how many places of a component a source may name.
const maxLocations = 20

func detailText(f *model.Finding, places []string) string {
	if len(f.Locations) == 0 && f.URL == "" && f.ExternalID == "" {
		return "{}"
	}
	d := sightingDetail{Locations: places, ExternalID: cut(model.Clean(f.ExternalID), 300)}
	if u := cut(model.Clean(f.URL), 2000); strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://") {
		d.URL = u
	}
	text, err := json.Marshal(d)
	if err != nil {
		return "{}"
	}
	return string(text)
}

// mergeDetails is what a source says of a violation in two places.
func mergeDetails(a, b string) (string, error) {
	if a == b || b == "{}" {
		return a, nil
	}
	var first, second sightingDetail
	if err := errors.Join(json.Unmarshal([]byte(a), &first), json.Unmarshal([]byte(b), &second)); err != nil {
		return "", err
	}
	for _, location := range second.Locations {
		if len(first.Locations) < maxLocations && !slices.Contains(first.Locations, location) {
			first.Locations = append(first.Locations, location)
		}
	}
	first.URL, first.ExternalID = firstOf(first.URL, second.URL), firstOf(first.ExternalID, second.ExternalID)
	text, err := json.Marshal(first)
	return string(text), err
}

func cleanAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, each := range list {
		if each = cut(model.Clean(each), 500); each != "" {
			out = append(out, each)
		}
	}
	return out
}

func fixText(versions []string) string {
	return cut(strings.Join(cleanAll(versions), fixSeparator), 300)
}

func cut(s string, runes int) string { return model.CutRunes(s, runes) }

func orMinus(f *float64) float64 {
	if f == nil {
		return -1
	}
	return *f
}

// applicabilities are contextual analysis as stored; of two statements the
// more worrying one, the greater, counts.
var applicabilities = []string{"", "no", "unknown", "yes"}

func applicability(word string) int {
	switch word {
	case "applicable":
		return 3
	case "not_applicable":
		return 1
	case "":
		return 0
	}
	return 2
}
