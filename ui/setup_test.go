package ui

import (
	"encoding/base64"
	"net"
	"net/url"
	"strings"
	"testing"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
	"example.com/vexdesk/ui/widget"
)

// sitWithJira sits down at a console that can ask a simulated Jira.
func sitWithJira(t *testing.T, width, height int, fill func(*desk), o jiratest.Options, with ...func(*Options)) (*desk, *jiratest.Server) {
	t.Helper()
	sim := jiratest.NewServer(o)
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	asks := func(o *Options) {
		live := vexsync.NewLive(o.Store.(*deskStore).Store)
		t.Cleanup(live.Close)
		o.Jira = live
	}
	return sit(t, width, height, fill, append([]func(*Options){asks}, with...)...), sim
}

// adds connects the simulated Jira, verified, under the name acme.
func (d *desk) adds(sim *jiratest.Server) model.Connection {
	d.t.Helper()
	ctx := d.t.Context()
	c, err := d.store.AddConnection(ctx, analyst, model.Connection{Name: "acme", Type: model.Cloud, Auth: model.AuthBasic, URL: sim.URL, User: jiratest.AnalystEmail}, []byte(jiratest.AnalystToken))
	d.must(err)
	d.must(d.store.SetVerified(ctx, analyst, c, sim.URL))
	return c
}

func (d *desk) connection(name string) model.Connection {
	d.t.Helper()
	c, err := d.store.Connection(d.t.Context(), name)
	d.must(err)
	return c
}

// fills goes from field to field of a form; an empty text passes one by.
func (d *desk) fills(texts ...string) *desk {
	for i, text := range texts {
		if i > 0 {
			d.press("tab")
		}
		d.press(text)
	}
	return d
}

func TestConnectingCloudWithAToken(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, nil, jiratest.Options{})
	d.press("T").sees("There is no connection to Jira yet", "n  connects one")
	d.press("n").sees("Connect Jira", "e-mail and API token", "API token", "https://acme.atlassian.net")
	d.press("enter").sees("a connection needs a name", "the API token is needed", "the e-mail address of the account")
	d.fills("acme", "", "", sim.URL, jiratest.AnalystEmail, "wrong").seesNot("wrong").sees("•••••").press("enter")
	d.sees("Connection acme", "draft", "does not pass", "does not accept the credentials")
	if c := d.connection("acme"); c.State != model.ConnectionDraft || c.Problem == "" {
		t.Errorf("it is %s with the problem %q", c.State, c.Problem)
	}

	// It is resumed where it was left, and the token replaced.
	d.press("esc").changed().sees("acme", "draft").press("e").sees("stored; type to replace it", sim.URL)
	d.press("tab", "tab", "tab", "tab", "tab", jiratest.AnalystToken, "enter")
	d.sees("passed", "Connection acme", "active", "held", "CREATE_ISSUES", "for creating tickets", "server", "account")
	if c := d.connection("acme"); c.State != model.ConnectionActive {
		t.Errorf("it is %s", c.State)
	}
	for _, said := range d.root.toast.Past() {
		if strings.Contains(said.Text, jiratest.AnalystToken) {
			t.Errorf("a message holds the token: %s", said.Text)
		}
	}
}

func TestTheSupportMatrixIsToldWhileChoosing(t *testing.T) {
	d, _ := sitWithJira(t, 120, 40, nil, jiratest.Options{})
	d.press("T", "n", "acme", "tab", "tab")
	d.press("right", "right").sees("Jira Cloud has no personal access tokens: use basic")
	d.press("right").sees("Jira Cloud does not sign in with OAuth 1")
	d.press("shift-tab", "right").seesNot("does not sign in").sees("Consumer key", "OAuth 1.0a")
	d.press("tab", "left", "left").sees("Data Center is not signed in to with OAuth 2 here: use pat, basic or oauth1")
}

func TestAConnectionThatIsLeftIsADraftToGoOnWith(t *testing.T) {
	d, _ := sitWithJira(t, 80, 24, nil, jiratest.Options{})
	d.press("T", "n").fills("acme", "", "", "https://acme.example.net", "", "secret").press("esc")
	d.sees("Kept as the draft acme, without a secret").changed()
	if has, err := d.store.HasSecret(t.Context(), d.connection("acme").ID, storage.SecretMain); has || err != nil {
		t.Errorf("the secret of a form that was left is stored (%v)", err)
	}
	d.press("enter").sees("Connection acme", "https://acme.example.net", "of the account")
	d.press("esc").sees("acme")
	if all, err := d.store.Connections(t.Context()); len(all) != 1 || err != nil {
		t.Errorf("there are %d connections (%v)", len(all), err)
	}
}

func TestConnectingDataCenterWithOAuth1(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, nil, jiratest.Options{Deployment: jiraclient.DataCenter, ContextPath: "/jira"})
	d.press("T", "n").fills("dc", "").press("right", "tab", "right", "right", "right").sees("Consumer key").fills("", sim.URL, "vexdesk").press("enter")
	d.sees("What is left to do", "BEGIN PUBLIC KEY", "consumer key vexdesk", "draft")
	d.press("a").sees("does not know the consumer key").press("esc")
	d.press("y").sees("Copied the public key")
	c := d.connection("dc")
	live := d.root.opts.Jira
	key, err := live.PublicKey(t.Context(), c)
	d.must(err)
	if !strings.Contains(strings.Join(d.copied(), ""), base64.StdEncoding.EncodeToString([]byte(key))) {
		t.Error("the key that was copied is not the public one")
	}
	d.must(sim.RegisterConsumer("vexdesk", key))
	d.press("a").sees("Consent for dc", "/plugins/servlet/oauth/authorize", "the code that Jira shows")
	code, err := sim.AllowAccess(jiratest.AnalystEmail, d.address("/plugins/servlet/oauth/authorize"))
	d.must(err)
	d.press("0000", "enter").seesNot("passed")
	for range 4 {
		d.press("backspace")
	}
	d.press(code, "enter").sees("passed", "active")
}

func TestConnectingCloudWithOAuth2(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, nil, jiratest.Options{})
	const callback = "http://127.0.0.1:8737/callback"
	sim.RegisterApp("client", "app-secret", callback, "read:jira-user", "write:jira-work", "offline_access")
	d.press("T", "n").fills("acme", "").press("tab", "right").fills("", sim.URL, "client", "app-secret", "-read:jira-work", "", "").sees("Gateway")
	d.fills("", sim.URL).press("enter").sees("developer.atlassian.com", callback, "What is left to do")
	d.press("a").sees("Consent for acme", "the address at which the browser ends up")
	to, err := sim.Consent(jiratest.AnalystEmail, d.address("/authorize"))
	d.must(err)
	d.press("nonsense", "enter").sees("not the address at which the browser ends up")
	d.press("ctrl-u", to, "enter").sees("lacks the scope read:jira-work", "the OAuth app the scope", "not retrieved")
}

// TestConsentAgainTurnsRetrievalOn is S5: the scope was added, and consented to.
func TestConsentAgainTurnsRetrievalOn(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, nil, jiratest.Options{})
	const callback = "http://127.0.0.1:8737/callback"
	sim.RegisterApp("client", "app-secret", callback, "read:jira-user", "read:jira-work", "write:jira-work", "offline_access")
	ctx := t.Context()
	c, err := d.store.AddConnectionWith(ctx, analyst, model.Connection{Name: "acme", Type: model.Cloud, Auth: model.AuthOAuth2, URL: sim.URL, ClientID: "client",
		Options: model.ConnectionOptions{Gateway: sim.URL, Granted: []string{"write:jira-work"}}}, map[storage.SecretName][]byte{storage.SecretClient: []byte("app-secret")})
	d.must(err)
	d.must(d.store.SetRetrieveTickets(ctx, analyst, c, false))
	d.changed().press("T").sees("not retrieved").press("a")
	to, err := sim.Consent(jiratest.AnalystEmail, d.address("/authorize"))
	d.must(err)
	d.press(to, "enter").sees("passed", "active")
	if !d.connection("acme").RetrieveTickets {
		t.Error("statuses are not retrieved after the consent with the scopes")
	}
}

func TestWhatWorksStaysUntilSomethingBetterDoes(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, nil, jiratest.Options{})
	c := d.adds(sim)
	d.changed().press("T", "enter").sees("Connection acme", "v  signs in").press("e").sees("proves this with Jira first")
	d.press("tab", "worse", "enter").sees("acme is unchanged, because what is new does not pass")
	if secret, err := d.store.ConnectionSecret(t.Context(), c); string(secret) != jiratest.AnalystToken || err != nil {
		t.Errorf("the token that works was replaced (%v)", err)
	}
	d.press("ctrl-u", jiratest.AnalystToken, "enter").sees("passed")
}

func TestSwitchingAndRemovingAConnection(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, nil, jiratest.Options{})
	d.adds(sim)
	_, err := d.store.AddProfile(t.Context(), analyst, model.Profile{Name: "security", Connection: "acme", Project: "SEC", IssueType: "Bug"})
	d.must(err)
	d.changed().press("T", "t").changed().sees("statuses are not retrieved")
	d.press("x").sees("removes connection acme with 1 profile and its secret; press again")
	d.press("x").sees("press again").later(1e9).press("x").changed().sees("There is no connection to Jira yet")

	d = sit(t, 120, 40, sample)
	d.press("C").later(1e9).press("enter")
	d.jira(nil)
	d.changed().press("esc", "T", "x").sees("Acme-cloud holds 1 ticket and is kept")
}

func TestReadOnlyLeavesTheSetUpAlone(t *testing.T) {
	d := sit(t, 120, 40, sample, func(o *Options) { o.ReadOnly = true })
	d.press("T").sees("acme-cloud").press("n", "x", "t", "e").sees("Connections and profiles").seesNot("press again", "new connection")
	d.press("enter").sees("Connection acme-cloud", "https://acme.example.net")
}

// copied is what was put on the clipboard.
func (d *desk) copied() (texts []string) {
	for _, msg := range d.sent {
		if m, ok := msg.(copiedMsg); ok {
			texts = append(texts, m.sequence)
		}
	}
	return texts
}

// address is the last one that the console wanted a browser for.
func (d *desk) address(path string) string {
	d.t.Helper()
	for i := len(d.sent) - 1; i >= 0; i-- {
		if m, ok := d.sent[i].(widget.ShowBrowser); ok {
			if u, err := url.Parse(m.Address); err == nil && strings.HasSuffix(u.Path, path) {
				return u.String()
			}
		}
	}
	d.t.Fatalf("no address of %s was opened", path)
	return ""
}

func TestMakingAProfile(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, sample, jiratest.Options{})
	c := d.adds(sim)
	d.changed().press("T", "p").sees("New profile", "Connection", "acme", "The ticket of the first violation, as it would be", "CVE-2024-3094")
	d.press("triage", "tab").sees("acme ›").press("tab")
	d.press("S").sees("SEC", "Security").press("EC").sees("what Jira offers was asked now")

	// X6: what is not offered says why, and is offered once the mapping fills it.
	d.press("tab", "a").sees("Audit Finding   not offered", "while these have no value", "Audit Reference *", "required: one of", "fill them below")
	d.press("enter").sees("New profile", "not offered while these have no value: Audit Reference, Risk")
	d.press("tab", "tab", "A-{{.VulnerabilityI").press("tab", "}}").sees("A-CVE-2024-3094")
	d.press("tab", "Enormous").sees("it has no option", "Legal").press("ctrl-u", "Legal").later(60e9).seesNot("not offered", "no option")

	// X7: a label that Jira does not know is pointed out and kept.
	d.press("up", "up", "brand-new ").sees("Jira does not know brand-new yet")

	d.press("down", "down", "down", "{{.Nothing}}").sees("uses what does not").press("ctrl-u")
	d.press("{{.Severity}} in {{.Product}}").sees("critical in payments-api")
	d.press("enter").sees("Profile triage", "it fits Audit Finding in project SEC", "does not know the label", "A-{{.VulnerabilityID}}")
	p, err := d.store.Profile(t.Context(), "triage")
	d.must(err)
	if p.Connection != c.Name || p.Project != "SEC" || p.IssueType != "Audit Finding" || p.Fields["Audit Reference"] != "A-{{.VulnerabilityID}}" || p.Fields["Risk Category"] != "Legal" ||
		strings.Join(p.Labels, " ") != "brand-new" || p.Summary != "{{.Severity}} in {{.Product}}" {
		t.Errorf("the profile is %+v", p)
	}
	if n := len(sim.Issues()); n != 0 {
		t.Errorf("the check made %d issues", n)
	}
}

func TestChangingAProfile(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, sample, jiratest.Options{})
	d.adds(sim)
	_, err := d.store.AddProfile(t.Context(), analyst, model.Profile{Name: "triage", Connection: "acme", Project: "SEC", IssueType: "Bug", Labels: []string{"old"}})
	d.must(err)
	d.changed().press("T", "G").sees("labels old, one ticket for each version").press("e").sees("Profile triage", "SEC", "Bug")

	// Another field of Jira, its kind at hand; what no text fills says why.
	d.press("ctrl-g").sees("Map a field of Jira", "Severity", "option").press("severity", "enter").sees("Severity", "one of Critical, High")
	d.press("{{.Sev").press("tab", "}}").sees("Severity critical")
	d.press("ctrl-t").sees("Only summary and description have a built-in template")
	d.press("tab", "ctrl-t").sees("CVE-2024-3094")
	for range 3 {
		d.press("down")
	}
	for range 8 { // the description, and on to the priorities
		d.press("tab")
	}
	d.press("enter").sees("Profile triage is stored", "it fits Bug in project SEC").press("esc", "v").sees("it fits Bug in project SEC")
	p, err := d.store.Profile(t.Context(), "triage")
	d.must(err)
	if p.Fields["Severity"] != "{{.Severity}}" || p.Summary != model.DefaultSummary {
		t.Errorf("the profile is %+v", p)
	}
	d.press("x").sees("removes profile triage; its 0 tickets stay; press again").later(1e9).press("x").changed().seesNot("triage / ")
}

// TestAProfileWithoutJira is B1: what Jira told before is there, and what cannot
// be checked is stored and said.
func TestAProfileWithoutJira(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, sample, jiratest.Options{})
	d.adds(sim)
	d.changed().press("T", "p", "triage", "tab", "tab", "SEC", "tab", "b").sees("Bug").press("esc")
	d.must(sim.Close())
	d.press("p", "triage", "tab", "tab", "SEC", "tab", "b").sees("Bug").press("ctrl-r").sees("Jira could not be asked", "Bug")
	d.press("enter").sees("Profile triage", "it is not checked, since Jira could not be asked")
}

// TestGoldenSetup holds the screens of connections and profiles; the simulated
// Jira's port, which differs from run to run, is kept out of sight.
func TestGoldenSetup(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"120x40", 120, 40}, {"80x24", 80, 24}} {
		t.Run(size.name, func(t *testing.T) {
			empty, _ := sitWithJira(t, size.width, size.height, nil, jiratest.Options{})
			golden(t, empty.press("T"), "setup-empty-"+size.name+"-none")
			golden(t, empty.press("n"), "connect-"+size.name+"-none")
			empty.press("acme", "tab", "tab", "right", "right", "right")
			golden(t, empty, "connect-refused-"+size.name+"-none")

			d, sim := sitWithJira(t, size.width, size.height, sample, jiratest.Options{})
			d.adds(sim)
			d.changed().press("T", "p", "triage", "tab", "tab", "SEC", "tab", "a")
			golden(t, d, "profile-form-"+size.name+"-none")
			_, err := d.store.AddProfile(t.Context(), analyst, model.Profile{Name: "triage", Connection: "acme", Project: "SEC", IssueType: "Bug", Labels: []string{"new"}})
			d.must(err)
			d.press("esc").changed().press("G", "v")
			golden(t, d, "profile-"+size.name+"-none")
			d.press("esc", "gg", "v")
			d.hides(sim)
			golden(t, d, "connection-"+size.name+"-none")
		})
	}
}

// hides keeps the address of the simulated Jira out of the frame.
func (d *desk) hides(sim *jiratest.Server) { d.blank = sim.URL }

func TestChangingTheAppOfAConsent(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, nil, jiratest.Options{})
	ctx := t.Context()
	c, err := d.store.AddConnectionWith(ctx, analyst, model.Connection{Name: "acme", Type: model.Cloud, Auth: model.AuthOAuth2, URL: sim.URL, ClientID: "client"},
		map[storage.SecretName][]byte{storage.SecretClient: []byte("app-secret")})
	d.must(err)
	d.must(d.store.SetVerified(ctx, analyst, c, sim.URL))
	d.changed().press("T", "e").sees("Connection acme", "stored; type to replace it").press("ctrl-u", "other", "tab", " new-secret ", "enter")
	d.sees("a asks for it anew", "other")
	if secret, err := d.store.NamedSecret(ctx, c.ID, storage.SecretClient); string(secret) != "new-secret" || err != nil {
		t.Errorf("the client secret is %d characters long (%v)", len(secret), err)
	}
	d.press("q", "v").sees("has not been authorized", "does not pass")
}

// TestAConsentWhosePortIsTaken is pasted, and says why.
func TestAConsentWhosePortIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	callback := "http://" + l.Addr().String() + "/callback"
	d, sim := sitWithJira(t, 80, 24, nil, jiratest.Options{})
	sim.RegisterApp("client", "app-secret", callback, "read:jira-user", "read:jira-work", "write:jira-work", "offline_access")
	_, err = d.store.AddConnectionWith(t.Context(), analyst, model.Connection{Name: "acme", Type: model.Cloud, Auth: model.AuthOAuth2, URL: sim.URL, ClientID: "client",
		Options: model.ConnectionOptions{Gateway: sim.URL, RedirectURL: callback}}, map[storage.SecretName][]byte{storage.SecretClient: []byte("app-secret")})
	d.must(err)
	d.root.env.Browser = true
	d.changed().press("T", "a").sees("Consent for acme", "2. Paste the address", "cannot be listened at")
	to, err := sim.Consent(jiratest.AnalystEmail, d.address("/authorize"))
	d.must(err)
	d.press(to, "enter").sees("passed", "active")
}

func TestALongAddressGivesWayToTheKindOfConnection(t *testing.T) {
	for width, sees := range map[int][]string{60: {"https://acme."}, 80: {"https://acme.", "cloud, basic", "datacenter, oauth1"}} {
		d := sit(t, width, 24, func(d *desk) {
			d.connects()
			_, err := d.store.AddConnection(d.t.Context(), analyst, model.Connection{Name: "the-old-data-center-of-the-bank", Type: model.DataCenter, Auth: model.AuthOAuth1, URL: "https://jira.very.long.example.net/path"}, nil)
			d.must(err)
		})
		d.press("T").sees(sees...)
	}
}
