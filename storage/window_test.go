package storage

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// empties hands out empty workspaces, each a copy of one whose schema was made
// once.
type empties struct {
	dir, file string
	n         int
}

func newEmpties(t *testing.T) *empties {
	e := &empties{dir: t.TempDir()}
	e.file = filepath.Join(e.dir, "empty.db")
	s, err := Open(bg, e.file, Options{})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *empties) open(t *rapid.T) *Store {
	e.n++
	content, err := os.ReadFile(e.file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(e.dir, "copy.db")
	for _, old := range []string{path, path + "-wal", path + "-shm"} {
		if err := removeIfThere(old); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(bg, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valuesOf are values worth asking a key for.
func valuesOf(info query.KeyInfo) []string {
	switch info.Key {
	case query.KeyIssue:
		return append(slices.Clone(factIDs), "CVE-2020-1")
	case query.KeyComponent, query.KeyPURL:
		return append(slices.Clone(factNames), "pkg:npm/xz@1.0")
	case query.KeyEcosystem:
		return []string{"npm", "deb"}
	case query.KeyProduct:
		return factProducts
	case query.KeyVersion:
		return []string{"0.0", "0.1", "1.2"}
	case query.KeyLicense, query.KeyBesides:
		return factLicenses
	case query.KeyPackageVersion:
		return []string{"1.0", "1.0.1", "1.5", "2.0"}
	case query.KeyNewer, query.KeyCadence, query.KeyCommits, query.KeyCommitters:
		return []string{"0", "2", "3", "12.5"}
	case query.KeyWatch, query.KeyPolicy:
		return factMatches
	case query.KeyFix:
		return []string{"1.0", "1.2", "2.0-beta", "1.0, 1.2"}
	case query.KeyTicket:
		return factKeys
	case query.KeyTicketStatus:
		return append(slices.Clone(factStatuses), "unknown")
	case query.KeyConnection:
		return []string{"jira", "größe"}
	case query.KeyPath:
		return factPaths
	case query.KeySource:
		return []string{"trivy", "xray", "JFrog"}
	case query.KeyID:
		return []string{"1", "2", "7", "01", "+1", "1x"}
	case query.KeyCVSS:
		return []string{"0", "6.9", "7", "9.8", "10"}
	case query.KeyEPSS:
		return []string{"0", "10%", "0.97"}
	case query.KeyReview, query.KeySeen, query.KeyUpdated, query.KeyReleased:
		return []string{"1d", "24h", "11d", "2y", "2026-11-21", "2026-11-22T11:59:00Z"}
	case query.KeyAge:
		return []string{"1d", "24h", "11d", "2y"}
	}
	names := make([]string, len(info.Values))
	for i, v := range info.Values {
		names[i] = v.Name
	}
	return names
}

func drawExpr(t *rapid.T, depth int) string {
	kinds := []string{"term", "term", "term", "word"}
	if depth > 0 {
		kinds = append(kinds, "and", "or", "not")
	}
	switch one(t, kinds, "kind") {
	case "and":
		return "(" + drawExpr(t, depth-1) + " " + drawExpr(t, depth-1) + ")"
	case "or":
		return "(" + drawExpr(t, depth-1) + " or " + drawExpr(t, depth-1) + ")"
	case "not":
		return "-(" + drawExpr(t, depth-1) + ")"
	case "word":
		return drawWord(t)
	}
	return drawTerm(t, one(t, query.Keys(), "key"))
}

func keyInfo(key query.Key) query.KeyInfo {
	all := query.Keys()
	return all[slices.IndexFunc(all, func(k query.KeyInfo) bool { return k.Key == key })]
}

func drawWord(t *rapid.T) string {
	return drawText(t, append(append(slices.Clone(factNames), factIDs...), "größ", "execution", "SHOP", "CVE-20", "%", "_"))
}

func drawTerm(t *rapid.T, info query.KeyInfo) string {
	if info.Kind == query.KindKey {
		var optional []string
		for _, k := range query.Keys() {
			if k.Optional() {
				optional = append(optional, string(k.Key))
			}
		}
		return "has:" + one(t, optional, "has")
	}
	op := one(t, info.Ops(), "op")
	ordering := op != query.Equal && op != query.NotEqual
	var values []string
	for range rapid.IntRange(1, 2).Draw(t, "values") {
		if !ordering && len(info.Specials) > 0 && flip(t, "special") {
			if special := one(t, info.Specials, "which"); op == query.Equal || special != query.Any && special != query.All {
				values = append(values, string(special))
				continue
			}
		}
		choices := valuesOf(info)
		if ordering {
			choices = slices.DeleteFunc(slices.Clone(choices), func(v string) bool { return info.Ordered() && v == "unknown" })
		}
		if info.Kind == query.KindText || info.Kind == query.KindVersion && !ordering {
			values = append(values, drawText(t, choices))
		} else {
			values = append(values, one(t, choices, "value"))
		}
	}
	return string(info.Key) + ":" + string(op) + strings.Join(values, ",")
}

// drawText is a text in quotes, at times in another case or with wildcards.
func drawText(t *rapid.T, from []string) string {
	text := one(t, there(slices.Clone(from)...), "text")
	runes := []rune(text)
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `*`, `\*`)
	switch rapid.IntRange(0, 5).Draw(t, "form") {
	case 0:
		return `"` + escape.Replace(strings.ToUpper(text)) + `"`
	case 1:
		n := rapid.IntRange(0, len(runes)).Draw(t, "cut")
		return `"` + escape.Replace(string(runes[:n])) + `*"`
	case 2:
		n := rapid.IntRange(0, len(runes)).Draw(t, "cut")
		return `"*` + escape.Replace(string(runes[n:])) + `"`
	case 3:
		if len(runes) > 1 {
			return `"` + escape.Replace(string(runes[:1])) + "*" + escape.Replace(string(runes[len(runes)-1:])) + `"`
		}
	}
	return `"` + escape.Replace(text) + `"`
}

func drawFilter(t *rapid.T) string {
	text := ""
	switch rapid.IntRange(0, 7).Draw(t, "filtered") {
	case 0:
	case 1: // counted in a way of its own
		return drawWord(t)
	case 2:
		return "-" + drawWord(t)
	case 3:
		return drawTerm(t, keyInfo(one(t, []query.Key{query.KeySource, query.KeyPath}, "key")))
	case 4: // parts that name issues, components and products, and one that may not
		parts := rapid.SliceOfN(rapid.Custom(drawNaming), 1, 3).Draw(t, "parts")
		if flip(t, "more") {
			parts = append(parts, drawTerm(t, one(t, query.Keys(), "key")))
		}
		return strings.Join(parts, " ")
	default:
		text = drawExpr(t, 2)
	}
	if flip(t, "everything") {
		text += " version:* state:all"
	}
	return text
}

// drawNaming is a word, or a term that asks for the issue, the component or the
// product alone; or two of them; or what they do not match.
func drawNaming(t *rapid.T) string {
	draw := func() string {
		key := one(t, []query.Key{"", query.KeyIssue, query.KeyKEV, query.KeyCVSS, query.KeyComponent, query.KeyLicense, query.KeyEcosystem, query.KeyProduct}, "names")
		if key == "" {
			return drawWord(t)
		}
		return drawTerm(t, keyInfo(key))
	}
	text := draw()
	if flip(t, "or") {
		text = "(" + text + " or " + draw() + ")"
	}
	if rapid.IntRange(0, 3).Draw(t, "not") == 0 {
		text = "-" + text
	}
	return text
}

func drawSort(t *rapid.T) []query.SortKey {
	var keys []query.SortKey
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(query.SortKeys()), 0, 2, rapid.ID).Draw(t, "sort") {
		keys = append(keys, query.SortKey{Key: key, Reverse: flip(t, "reverse")})
	}
	return keys
}

// compareFacts is ruling 9: the keys, then the id; between equal texts of
// issues, components and products their own ids.
func compareFacts(a, b *fact, keys []query.SortKey) int {
	if len(keys) == 0 {
		keys = []query.SortKey{{Key: query.KeySeverity}}
	}
	for _, k := range keys {
		if c := compareBy(a, b, k.Key); c != 0 {
			if k.Reverse {
				return -c
			}
			return c
		}
	}
	if keys[len(keys)-1].Reverse {
		return cmp.Compare(b.id, a.id)
	}
	return cmp.Compare(a.id, b.id)
}

func (f *fact) priority() int {
	u := model.Urgency{KEV: f.issue.kev, EPSS: f.issue.epss, CVSS: f.issue.cvss, Severity: f.severity, Applicable: f.applicable, Fix: len(f.fixes) > 0, VEX: model.VEXStatus(f.vex)}
	return u.Priority()
}

func compareBy(a, b *fact, key query.Key) int {
	status := func(f *fact) string {
		if f.lead() == nil {
			return ""
		}
		return f.lead().status
	}
	switch key {
	case query.KeyIssue:
		return cmp.Or(cmp.Compare(asciiLower(a.issue.display), asciiLower(b.issue.display)), cmp.Compare(a.issue.id, b.issue.id))
	case query.KeyComponent:
		return cmp.Or(cmp.Compare(asciiLower(a.component.name), asciiLower(b.component.name)), cmp.Compare(a.component.version, b.component.version), cmp.Compare(a.component.id, b.component.id))
	case query.KeyVersion:
		return cmp.Or(cmp.Compare(a.component.version, b.component.version), cmp.Compare(a.component.id, b.component.id))
	case query.KeyProduct:
		return cmp.Or(cmp.Compare(asciiLower(a.version.product), asciiLower(b.version.product)), cmp.Compare(a.version.productID, b.version.productID))
	case query.KeyFix:
		return cmp.Compare(strings.Join(a.fixes, fixSeparator), strings.Join(b.fixes, fixSeparator))
	case query.KeyEPSS:
		return cmp.Or(cmp.Compare(a.issue.epss, b.issue.epss), cmp.Compare(a.issue.id, b.issue.id))
	case query.KeyCVSS:
		return cmp.Or(cmp.Compare(a.issue.cvss, b.issue.cvss), cmp.Compare(a.issue.id, b.issue.id))
	case query.KeyKEV:
		return cmp.Or(cmp.Compare(yes(a.issue.kev)[0], yes(b.issue.kev)[0]), cmp.Compare(a.issue.id, b.issue.id))
	case query.KeyVEX:
		return cmp.Compare(slices.Index(vexStatuses, model.VEXStatus(a.vex)), slices.Index(vexStatuses, model.VEXStatus(b.vex)))
	case query.KeyTicket:
		return cmp.Compare(a.leadID, b.leadID)
	case query.KeyTicketStatus:
		return cmp.Compare(status(a), status(b))
	case query.KeySeen:
		return a.seen.Compare(b.seen)
	case query.KeyUpdated:
		return a.updated.Compare(b.updated)
	case query.KeyType:
		return cmp.Compare(a.kind, b.kind)
	case query.KeyPriority:
		return cmp.Compare(a.priority(), b.priority())
	}
	return cmp.Compare(a.severity.Rank(), b.severity.Rank())
}

// TestQueriesMeanWhatTheLanguageSays compares what the store finds, counts and
// orders with an evaluation in memory, over small random workspaces.
func TestQueriesMeanWhatTheLanguageSays(t *testing.T) {
	from := newEmpties(t)
	asked := map[query.Key]bool{}
	keys, turn := query.Keys(), 0
	rapid.Check(t, func(t *rapid.T) {
		s := from.open(t)
		defer func() {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}()
		s.limits = limits{tries: one(t, []int{1, 3, 8192}, "tries"), rare: one(t, []int{0, 2, 2000}, "rare"), handful: one(t, []int{0, 2, 150}, "handful"), few: one(t, []int{0, 3, 50_000}, "few"), gathered: one(t, []int{0, 4, 20_000}, "gathered"), whole: s.limits.whole, share: s.limits.share}
		facts := makeFacts(t)
		put(t, s, facts)
		for i := range 4 {
			text := drawFilter(t)
			if i == 0 { // each key has its turn
				text = drawTerm(t, keys[turn%len(keys)])
				turn++
			}
			w := Window{Filter: mustParse(t, text), Sort: drawSort(t)}
			query.Walk(w.Filter.Expr, func(e query.Expr) bool {
				if term, ok := e.(query.Term); ok {
					asked[term.Key] = true
				}
				return true
			})
			want := expected(facts, w)
			checkWindow(t, s, w, want)
			checkPages(t, s, w, want)
			if i == 1 {
				checkGroups(t, s, w.Filter, facts, want)
			}
		}
	})
	for _, info := range keys {
		if turn >= len(keys) && !asked[info.Key] && !t.Failed() {
			t.Errorf("no query asked for %s", info.Key)
		}
	}
}

func expected(facts []*fact, w Window) []model.ViolationID {
	fitting := slices.DeleteFunc(slices.Clone(facts), func(f *fact) bool { return !f.fits(w.Filter) })
	slices.SortFunc(fitting, func(a, b *fact) int { return compareFacts(a, b, w.Sort) })
	ids := make([]model.ViolationID, len(fitting))
	for i, f := range fitting {
		ids[i] = model.ViolationID(f.id)
	}
	return ids
}

func checkWindow(t *rapid.T, s *Store, w Window, want []model.ViolationID) {
	got, err := s.MatchingIDs(bg, w)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%q sorted by %v: MatchingIDs is %v, %v, want %v", w.Filter.Text, w.Sort, got, err, want)
	}
	if n, err := s.Count(bg, w.Filter); err != nil || n != len(want) {
		t.Fatalf("%q: Count is %d, %v, want %d", w.Filter.Text, n, err, len(want))
	}
	all := pageIDs(t, s, w, Page{})
	if !slices.Equal(all, want) {
		t.Fatalf("%q sorted by %v: the page without limit is %v, want %v", w.Filter.Text, w.Sort, all, want)
	}
}

func pageIDs(t *rapid.T, s *Store, w Window, p Page) []model.ViolationID {
	rows, err := s.Page(bg, w, p)
	if err != nil {
		t.Fatalf("%q sorted by %v, %+v: %v", w.Filter.Text, w.Sort, p, err)
	}
	var ids []model.ViolationID
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids
}

// checkPages pages through a window in both directions and from any place.
func checkPages(t *rapid.T, s *Store, w Window, want []model.ViolationID) {
	for at := 0; at < len(want); {
		limit := rapid.IntRange(1, 4).Draw(t, "limit")
		cursor, found, err := s.CursorOf(bg, w, want[at])
		if err != nil || !found {
			t.Fatalf("%q: CursorOf(%d) is %v, %v", w.Filter.Text, want[at], found, err)
		}
		behind, before := want[at+1:], want[:at]
		for _, c := range []struct {
			page Page
			want []model.ViolationID
		}{
			{Page{After: cursor, Limit: limit}, behind[:min(limit, len(behind))]},
			{Page{After: cursor, Limit: limit, Inclusive: true}, want[at:min(at+limit, len(want))]},
			{Page{Before: cursor, Limit: limit}, before[max(0, len(before)-limit):]},
			{Page{Before: cursor, Limit: limit, Inclusive: true}, want[max(0, at+1-limit) : at+1]},
			{Page{FromEnd: true, Limit: limit}, want[max(0, len(want)-limit):]},
			{Page{Limit: limit}, want[:min(limit, len(want))]},
		} {
			if got := pageIDs(t, s, w, c.page); !slices.Equal(got, c.want) {
				t.Fatalf("%q sorted by %v at %d: %+v is %v, want %v of %v", w.Filter.Text, w.Sort, want[at], c.page, got, c.want, want)
			}
		}
		at += limit
	}
}
