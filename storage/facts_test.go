package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/model/query/querytest"
)

// fact is everything that a query may ask of a violation, as a test put it
// there: what the store answers is compared with what these say.
type fact struct {
	id                           int64
	kind                         model.ViolationType
	severity                     model.Severity
	state                        model.State
	current                      bool
	issue                        *issueFact
	component                    *componentFact
	version                      *versionFact
	fixes                        []string
	applicable                   string
	vex, justification, response string
	review, seen, updated        time.Time
	tickets                      []*ticketFact
	conflict                     bool
	watches, policies            []string
	sightings                    []sightingFact
	leadID                       int64
}

type issueFact struct {
	id            int64
	kind          model.ViolationType
	display       string
	aliases, cves []string
	title         string
	cvss, epss    float64
	kev           bool
}

type componentFact struct {
	id                        int64
	name, version, kind, purl string
	licenses                  []string
	risk                      *riskFact
	// vague tells that where it was found is not kept for the component.
	vague bool
}

// riskFact is what an operational-risk report says; -1 and the zero time: not.
type riskFact struct {
	eol                                 int
	released                            time.Time
	newer, cadence, commits, committers float64
}

type versionFact struct {
	id, productID           int64
	name, product, resource string
	current                 bool
}

type ticketFact struct {
	id                    int64
	key, status, category string
	state, connection     string
	connectionID          int64
	retrieve, broken      bool
}

type sightingFact struct {
	format, scanner string
	source          int64
	paths           []string
}

// Values are few, so that they meet, and awkward: other scripts, signs of
// LIKE, case.
var (
	factIDs        = []string{"CVE-2024-0001", "CVE-2024-0002", "CVE-2023-10000", "GHSA-aaaa-bbbb-cccc", "XRAY-1", "MAL-2024-1", "ÄRGER-1"}
	factNames      = []string{"xz", "XZ", "lib_a", "lib%b", `back\slash`, "größe", "log4j core", "a"}
	factVersions   = []string{"", "1.0", "1.0.1", "2.0"}
	factTitles     = []string{"", "Remote code execution", "denial of service in xz", "Größe läuft über"}
	factProducts   = []string{"shop", "Payments", "größte", "a_b"}
	factLicenses   = []string{"MIT", "GPL-3.0-only", "none"}
	factPaths      = []string{"usr/lib/a", "app/xz.jar", "größe/b"}
	factTimes      = []time.Duration{time.Minute, 23 * time.Hour, 25 * time.Hour, 10 * 24 * time.Hour, 400 * 24 * time.Hour}
	factStatuses   = []string{"", "To Do", "In Arbeit", "Done"}
	factKeys       = []string{"", "VEX-1", "VEX-22", "ops-3"}
	factMatches    = []string{"everything", "all findings", "crit_ical", "Größe"}
	factJustified  = []string{"", "code_not_present", "requires_environment"}
	factResponses  = []string{"", "update", "will_not_fix"}
	factCategories = []string{"", "new", "indeterminate", "done"}
)

var factNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func some(t *rapid.T, from []string, most int, label string) []string {
	list := rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, most, strings.ToLower).Draw(t, label)
	return list
}

func one[T any](t *rapid.T, from []T, label string) T { return rapid.SampledFrom(from).Draw(t, label) }

func flip(t *rapid.T, label string) bool { return rapid.Bool().Draw(t, label) }

// makeFacts draws a small workspace.
func makeFacts(t *rapid.T) []*fact {
	var issues []*issueFact
	free := slices.Clone(factIDs)
	for len(free) > 0 {
		n := min(rapid.IntRange(1, 2).Draw(t, "aliases"), len(free))
		i := &issueFact{id: int64(len(issues) + 1), aliases: free[:n], title: one(t, factTitles, "title"), cves: some(t, []string{"CVE-2020-1", "CVE-2020-22"}, 2, "cves"),
			kind: one(t, model.ViolationTypes(), "type"), cvss: -1, epss: -1, kev: flip(t, "kev")}
		i.display = i.aliases[0]
		if flip(t, "scored") {
			i.cvss = one(t, []float64{0, 6.9, 7, 9.8}, "cvss")
		}
		if flip(t, "predicted") {
			i.epss = one(t, []float64{0, 0.1, 0.97}, "epss")
		}
		issues, free = append(issues, i), free[n:]
	}
	var components []*componentFact
	for i := range rapid.IntRange(1, 5).Draw(t, "components") {
		c := &componentFact{id: int64(i + 1), name: one(t, factNames, "name"), version: one(t, factVersions, "version"), kind: one(t, []string{"", "npm", "deb"}, "kind"), licenses: some(t, factLicenses, 2, "licenses"), vague: rapid.IntRange(0, 4).Draw(t, "vague") == 0}
		if flip(t, "purl") {
			c.purl = "pkg:npm/" + c.name + "@" + c.version
		}
		if flip(t, "risky") {
			number := func(label string) float64 { return one(t, []float64{-1, 0, 2, 12.5}, label) }
			c.risk = &riskFact{eol: rapid.IntRange(-1, 1).Draw(t, "eol"), newer: number("newer"), cadence: number("cadence"), commits: number("commits"), committers: number("committers")}
			if flip(t, "release known") {
				c.risk.released = factNow.Add(-one(t, factTimes, "released"))
			}
		}
		components = append(components, c)
	}
	var versions []*versionFact
	for p := range rapid.IntRange(1, 3).Draw(t, "products") {
		resource := one(t, []string{"", "image", "build"}, "resource")
		for range rapid.IntRange(1, 2).Draw(t, "versions") {
			versions = append(versions, &versionFact{id: int64(len(versions) + 1), productID: int64(p + 1), product: factProducts[p], resource: resource,
				name: fmt.Sprintf("%d.%d", p, len(versions)), current: flip(t, "current")})
		}
	}
	tickets := makeTickets(t)
	var facts []*fact
	for _, v := range versions {
		for _, c := range components {
			for _, i := range issues {
				if rapid.IntRange(0, 2).Draw(t, "there") > 0 {
					facts = append(facts, makeFact(t, int64(len(facts)+1), i, c, v, tickets))
				}
			}
		}
	}
	return facts
}

func makeTickets(t *rapid.T) []*ticketFact {
	var all []*ticketFact
	retrieve, broken := flip(t, "retrieve"), flip(t, "broken")
	for n := range rapid.IntRange(0, 4).Draw(t, "tickets") {
		f := &ticketFact{id: int64(n + 1), key: factKeys[n], status: one(t, factStatuses, "status"), category: one(t, factCategories, "category"),
			state: one(t, []string{"open", "open", "requested", "deleted", "hidden"}, "ticket state"), connection: "jira", connectionID: 1, retrieve: true}
		if n%2 == 1 {
			f.connection, f.connectionID, f.retrieve, f.broken = "Größe", 2, retrieve, broken
		}
		all = append(all, f)
	}
	return all
}

func makeFact(t *rapid.T, id int64, i *issueFact, c *componentFact, v *versionFact, tickets []*ticketFact) *fact {
	ago := func(label string) time.Time { return factNow.Add(-one(t, factTimes, label)) }
	f := &fact{id: id, kind: i.kind, issue: i, component: c, version: v, current: v.current, severity: one(t, model.Severities(), "severity"),
		state: one(t, []model.State{model.Open, model.Open, model.Open, model.Resolved, model.Ignored}, "state"), seen: ago("seen"), updated: ago("updated"),
		fixes: some(t, []string{"1.0", "1.2", "2.0-beta"}, 2, "fixes"), applicable: one(t, applicabilities, "applicable"), conflict: len(tickets) > 0 && flip(t, "conflict"),
		watches: some(t, factMatches, 1, "watches"), policies: some(t, factMatches, 1, "policies")}
	if flip(t, "assessed") {
		f.vex, f.justification, f.response = string(one(t, vexStatuses, "vex")), one(t, factJustified, "justification"), one(t, factResponses, "response")
		if flip(t, "reviewed") {
			f.review = factNow.Add(one(t, factTimes, "review"))
		}
	}
	for _, ticket := range tickets {
		if rapid.IntRange(0, 3).Draw(t, "linked") == 0 {
			f.tickets, f.leadID = append(f.tickets, ticket), ticket.id
		}
	}
	most := 2
	if f.state == model.Resolved { // that is what resolved means (ruling 1)
		most = 0
	}
	for n := range rapid.IntRange(min(most, 1), most).Draw(t, "sightings") {
		f.sightings = append(f.sightings, sightingFact{format: []string{"trivy", "xray"}[n], scanner: []string{"Trivy", "JFrog"}[n], source: v.id*2 + int64(n), paths: some(t, factPaths, 2, "paths")})
	}
	return f
}

func (f *fact) lead() *ticketFact {
	if len(f.tickets) == 0 {
		return nil
	}
	return f.tickets[len(f.tickets)-1]
}

// shown is what model.Ticket.ShownStatus says for a ticket that exists; one
// that does not has no status in Jira.
func (t *ticketFact) shown() string {
	switch {
	case !t.retrieve:
		return ""
	case t.broken, t.state == "deleted", t.state == "hidden":
		return "Unknown"
	}
	return t.status
}

func (t *ticketFact) shownCategory() string {
	if !t.retrieve || t.broken || t.state != "open" {
		return ""
	}
	return t.category
}

// holds evaluates an expression as model/query documents it.
func (f *fact) holds(e query.Expr) bool {
	switch e := e.(type) {
	case nil:
		return true
	case query.And:
		return !slices.ContainsFunc(e.Of, func(part query.Expr) bool { return !f.holds(part) })
	case query.Or:
		return slices.ContainsFunc(e.Of, f.holds)
	case query.Not:
		return !f.holds(e.Of)
	case query.Word:
		return querytest.Word(e, append(append(slices.Clone(f.issue.aliases), f.issue.cves...), f.component.name, f.issue.title, f.version.product)...)
	case query.Term:
		return f.term(e)
	}
	panic(fmt.Sprintf("%T", e))
}

// fits adds ruling 8: current versions and open violations unless named.
func (f *fact) fits(q *query.Query) bool {
	return f.holds(q.Expr) && (q.Names(query.KeyVersion) || f.current) && (q.Names(query.KeyState) || f.state == model.Open)
}

func (f *fact) term(t query.Term) bool {
	switch t.Key {
	case query.KeyHas:
		return slices.ContainsFunc(t.Values, func(v query.Value) bool {
			return !f.term(query.Term{Key: query.Key(v.Text), Values: []query.Value{{Special: query.None}}})
		})
	case query.KeyVersion:
		some := slices.ContainsFunc(t.Values, func(v query.Value) bool {
			return v.Special == query.All || v.Special == query.Latest && f.current || v.Match(f.version.name)
		})
		return some != (t.Op == query.NotEqual)
	case query.KeyBesides:
		// Its presence is the licence's.
		if slices.ContainsFunc(t.Values, func(v query.Value) bool { return v.Special == query.None }) {
			return len(f.component.licenses) == 0
		}
		return querytest.Besides(t, f.component.licenses...)
	case query.KeyPackageVersion:
		return querytest.Version(t, f.component.version)
	case query.KeyReleased, query.KeyNewer, query.KeyCadence, query.KeyCommits, query.KeyCommitters:
		return f.component.risk.term(t)
	case query.KeyCVSS:
		return querytest.Number(t, orNil(f.issue.cvss))
	case query.KeyEPSS:
		return querytest.Number(t, orNil(f.issue.epss))
	case query.KeyReview:
		return querytest.Time(t, f.review)
	case query.KeySeen, query.KeyAge:
		return querytest.Time(t, f.seen)
	case query.KeyUpdated:
		return querytest.Time(t, f.updated)
	}
	if info, _ := query.Lookup(string(t.Key)); info.Kind == query.KindEnum || info.Kind == query.KindFlag {
		return querytest.Choice(t, f.choices(t.Key)...)
	}
	return querytest.Text(t, f.texts(t.Key)...)
}

func (r *riskFact) term(t query.Term) bool {
	if r == nil {
		r = &riskFact{newer: -1, cadence: -1, commits: -1, committers: -1}
	}
	if t.Key == query.KeyReleased {
		return querytest.Time(t, r.released)
	}
	return querytest.Number(t, orNil(map[query.Key]float64{query.KeyNewer: r.newer, query.KeyCadence: r.cadence, query.KeyCommits: r.commits, query.KeyCommitters: r.committers}[t.Key]))
}

func orNil(n float64) *float64 {
	if n < 0 {
		return nil
	}
	return &n
}

// there leaves out what is missing.
func there(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

func yes(b bool) []string {
	if b {
		return []string{"yes"}
	}
	return []string{"no"}
}

func (f *fact) choices(key query.Key) []string {
	switch key {
	case query.KeyType:
		return []string{f.kind.String()}
	case query.KeySeverity:
		return []string{f.severity.String()}
	case query.KeyResource:
		return []string{f.version.resource}
	case query.KeyKEV:
		return yes(f.issue.kev)
	case query.KeyMalicious:
		return yes(slices.ContainsFunc(f.issue.aliases, func(a string) bool { return strings.HasPrefix(a, "MAL-") }))
	case query.KeyEOL:
		if f.component.risk == nil || f.component.risk.eol < 0 {
			return nil
		}
		return yes(f.component.risk.eol == 1)
	case query.KeyApplicable:
		return there(f.applicable)
	case query.KeyState:
		return []string{f.state.String()}
	case query.KeyVEX:
		return there(f.vex)
	case query.KeyJustification:
		return there(f.justification)
	case query.KeyResponse:
		return there(f.response)
	case query.KeyConflict:
		return yes(f.conflict)
	case query.KeyTicketCategory:
		return there(f.ofTickets((*ticketFact).shownCategory)...)
	}
	panic("no choices of " + key)
}

func (f *fact) ofTickets(what func(*ticketFact) string) []string {
	out := make([]string, len(f.tickets))
	for i, t := range f.tickets {
		out[i] = what(t)
	}
	return out
}

func (f *fact) texts(key query.Key) []string {
	switch key {
	case query.KeyIssue:
		return append(slices.Clone(f.issue.aliases), f.issue.cves...)
	case query.KeyComponent:
		return []string{f.component.name}
	case query.KeyEcosystem:
		return there(f.component.kind)
	case query.KeyPURL:
		return there(f.component.purl)
	case query.KeyProduct:
		return []string{f.version.product}
	case query.KeyLicense:
		return f.component.licenses
	case query.KeyWatch:
		return append(slices.Clone(f.watches), "everything")
	case query.KeyPolicy:
		return append(slices.Clone(f.policies), "all findings")
	case query.KeyFix:
		return f.fixes
	case query.KeyTicket:
		return f.ofTickets(func(t *ticketFact) string { return t.key })
	case query.KeyTicketStatus:
		return there(f.ofTickets((*ticketFact).shown)...)
	case query.KeyConnection:
		return f.ofTickets(func(t *ticketFact) string { return t.connection })
	case query.KeyID:
		return []string{fmt.Sprint(f.id)}
	}
	var out []string
	for _, s := range f.sightings {
		switch key {
		case query.KeyPath:
			out = append(out, s.paths...)
		case query.KeySource:
			out = append(out, s.format, s.scanner)
		default:
			panic("no texts of " + key)
		}
	}
	return out
}

// put writes facts into an empty workspace.
func put(t rapid.TB, s *Store, facts []*fact) {
	t.Helper()
	w := factWriter{t: t, s: s, done: map[string]bool{}}
	w.begin()
	for _, f := range facts {
		w.write(f)
	}
	w.commit()
}

var bg = context.Background()

func mustParse(t rapid.TB, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(text, factNow)
	if err != nil {
		t.Fatal(err)
	}
	return q
}
