package ui

import (
	"fmt"
	"regexp"
	"strings"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// givens are the workspaces that scripts begin with: fill is done once for all
// scripts, with for each.
var givens = map[string]struct {
	fill func(*desk)
	with func(*stage)
}{
	"nothing":             {},
	"a sample":            {fill: sample},
	"a ticket":            {fill: ticketed},
	"a crowd":             {fill: crowd},
	"a past":              {fill: charted},
	"three conflicts":     {fill: contested},
	"other versions":      {fill: judged},
	"rules":               {fill: ruled},
	"refused tickets":     {fill: refusedTickets},
	"hostile texts":       {fill: func(d *desk) { besieged(strings.Join(hostileTexts, " "))(d) }},
	"a Jira":              {with: (*stage).simulates},
	"a Jira to set up":    {with: func(g *stage) { g.simulates(); g.desk.administers(model.Cloud) }},
	"a connected Jira":    {fill: sample, with: func(g *stage) { g.simulates(); g.desk.adds(g.sim) }},
	"a Jira with consent": {with: (*stage).awaitsConsent},
}

// ticketed is the sample with a ticket in Jira.
func ticketed(d *desk) {
	sample(d)
	d.requests(1)
	d.jira(nil)
}

// requests asks for tickets.
func (d *desk) requests(ids ...model.ViolationID) {
	d.t.Helper()
	plan, err := d.store.PlanTickets(d.t.Context(), model.PlanRequest{IDs: ids})
	d.must(err)
	_, err = d.store.RequestTickets(d.t.Context(), analyst, plan)
	d.must(err)
}

// contested is the sample with three tickets of which Jira says two things
// differently.
func contested(d *desk) {
	sample(d)
	d.disputes(1, 2, 3)
}

// judged is the same flaw in two versions of one product, of which the older
// was decided, and in another one.
func judged(d *desk) {
	lineage(d)
	_, err := d.store.SetVEX(d.t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{
		model.FieldStatus: "not_affected", model.FieldJustification: "code_not_reachable", model.FieldImpact: "Never called."})
	d.must(err)
}

// ruled is the sample with two policies and a watch.
func ruled(d *desk) {
	sample(d)
	ctx := d.t.Context()
	for _, p := range []model.Policy{
		{Name: "later", Mode: model.PolicyLog, Rules: []model.Rule{{Query: "severity:low", IgnoreUntil: "2036-01-01"}}},
		{Name: "urgent", Rules: []model.Rule{{Query: "severity:critical", CreateTicket: true}}},
	} {
		_, err := d.store.AddPolicy(ctx, analyst, p)
		d.must(err)
	}
	_, err := d.store.AddWatch(ctx, analyst, model.Watch{Name: "shipping", Policies: []string{"urgent", "later"}, Profile: "security"})
	d.must(err)
}

// refusedTickets are three tickets that Jira was asked for and refused.
func refusedTickets(d *desk) {
	sample(d)
	d.requests(1, 2, 3)
	d.jira(func(*model.Operation) string { return "Team is required" })
}

// simulates starts a Jira.
func (g *stage) simulates() {
	g.sim = jiratest.NewServer(jiratest.Options{})
	g.desk.t.Cleanup(func() {
		if err := g.sim.Close(); err != nil {
			g.desk.t.Error(err)
		}
	})
}

// awaitsConsent starts a Jira with connections to it that want a person's
// consent.
func (g *stage) awaitsConsent() {
	g.simulates()
	const callback = "http://127.0.0.1:8737/callback"
	g.sim.RegisterApp("client", "app-secret", callback, "read:jira-user", "read:jira-work", "write:jira-work", "offline_access")
	_, err := g.desk.store.AddConnectionWith(g.desk.t.Context(), analyst, model.Connection{Name: "acme", Type: model.Cloud, Auth: model.AuthOAuth2, URL: g.sim.URL, ClientID: "client",
		Options: model.ConnectionOptions{Gateway: g.sim.URL}}, map[storage.SecretName][]byte{storage.SecretClient: []byte("app-secret")})
	g.desk.must(err)
}

// events are what somebody else does while the console is open.
var events = []struct {
	words *regexp.Regexp
	do    func(g *stage, word []string)
}{
	{regexp.MustCompile(`^Jira answers$`), func(g *stage, _ []string) { g.desk.jira(nil) }},
	{regexp.MustCompile(`^Jira refuses (\S+): (.+)$`), func(g *stage, word []string) {
		g.desk.jira(func(op *model.Operation) string {
			rows, err := g.desk.store.RowsByID(g.desk.t.Context(), op.Violations)
			g.desk.must(err)
			if rows[0].Issue == word[1] {
				return word[2]
			}
			return ""
		})
	}},
	{regexp.MustCompile(`^Jira says (\S+) (.+)$`), func(g *stage, word []string) { g.desk.status(word[1], word[2], model.CategoryInProgress) }},
	{regexp.MustCompile(`^(\d+) critical violations are imported$`), func(g *stage, word []string) {
		var n int
		_, err := fmt.Sscan(word[1], &n)
		g.desk.must(err)
		var worse []model.Finding
		for i := range n {
			worse = append(worse, finding(fmt.Sprintf("CVE-2026-%04d", i+1), model.SeverityCritical, "openssl", "3.0", ""))
		}
		g.desk.imports("another", "1", worse...)
	}},
	{regexp.MustCompile(`^another analyst sets the project of (\S+) to (\S+)$`), func(g *stage, word []string) {
		_, err := g.desk.store.SetProduct(g.desk.t.Context(), model.Actor{Name: "bo", Source: "console"}, word[1], storage.ProductChange{Project: &word[2]})
		g.desk.must(err)
	}},
	{regexp.MustCompile(`^sync carries it out$`), func(g *stage, _ []string) { g.desk.provisions(g.sim) }},
	{regexp.MustCompile(`^a second passes$`), func(g *stage, _ []string) { g.Send("\x1b[24~") }},
}

func (g *stage) meanwhile(event string) {
	g.t.Helper()
	for _, e := range events {
		if word := e.words.FindStringSubmatch(event); word != nil {
			e.do(g, word)
			return
		}
	}
	g.t.Fatalf("nobody knows how %q comes about: see events", event)
}
