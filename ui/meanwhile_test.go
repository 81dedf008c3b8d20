package ui

import (
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// colleague changes things while a form is open.
var colleague = model.Actor{Name: "ben", Source: "command"}

func TestPolicyChangedByTwoKeepsBoth(t *testing.T) {
	d := sit(t, 120, 40, sample)
	ctx := t.Context()
	_, err := d.store.AddPolicy(ctx, analyst, model.Policy{Name: "later", Rules: []model.Rule{{Query: "severity:low"}}})
	d.must(err)
	d.press("W").sees("later").press("j", "enter").sees("Policy later").press("tab", "tab", "tab", "1", "tab", "tab", "mine")
	p, err := d.store.Policy(ctx, "later")
	d.must(err)
	p.Mode, p.GraceDays, p.Rules[0].Query = model.PolicyLog, 7, "severity:medium"
	_, err = d.store.SetPolicy(ctx, colleague, "later", p)
	d.must(err)
	d.press("enter").sees("ben (command) changed later meanwhile", "taken over: Mode", "changed by both: Grace, the rules", "theirs: 7", "theirs: the rules 1 severity:medium", "log: record")
	d.press("up", "ctrl-y").sees("yours: the rules 1 severity:low", "severity:medium").press("up", "ctrl-y").sees("yours: 1").press("ctrl-y").sees("theirs: 7")
	d.press("enter").sees("Stored: policy later")
	p, err = d.store.Policy(ctx, "later")
	d.must(err)
	if p.Mode != model.PolicyLog || p.GraceDays != 1 || len(p.Rules) != 1 || p.Rules[0].Query != "severity:medium" {
		t.Errorf("stored as %+v", p)
	}
}

func TestWatchChangedByTwoKeepsBoth(t *testing.T) {
	d := sit(t, 120, 40, sample)
	ctx := t.Context()
	for _, name := range []string{"one", "two"} {
		_, err := d.store.AddPolicy(ctx, analyst, model.Policy{Name: name, Mode: model.PolicyLog, Rules: []model.Rule{{Query: "severity:low"}}})
		d.must(err)
	}
	_, err := d.store.AddWatch(ctx, analyst, model.Watch{Name: "all", Policies: []string{"one"}})
	d.must(err)
	d.press("W", "tab").sees("Watches").press("k", "enter").sees("Watch all").press("tab", "product:pay* ")
	w, err := d.store.Watch(ctx, "all")
	d.must(err)
	w.Scope, w.Policies = "product:gate*", []string{"two", "one"}
	_, err = d.store.SetWatch(ctx, colleague, "all", w)
	d.must(err)
	d.press("enter").later(time.Second).press("enter").sees("taken over: Policies", "changed by both: Scope", "theirs: product:gate*")
	d.later(time.Second).press("enter").later(time.Second).press("enter").sees("Stored: watch all")
	w, err = d.store.Watch(ctx, "all")
	d.must(err)
	if w.Scope != "product:pay*" || strings.Join(w.Policies, ",") != "two,one" {
		t.Errorf("stored as %+v", w)
	}
}

func TestProductChangedByTwoKeepsBoth(t *testing.T) {
	d := sit(t, 120, 40, sample)
	ctx := t.Context()
	d.press("P", "enter").sees("Product gateway").press("tab", "PAY", "tab", "Bug")
	project, epic := "WEB", "SEC-7"
	_, err := d.store.SetProduct(ctx, colleague, "gateway", storage.ProductChange{Project: &project, Epic: &epic})
	d.must(err)
	d.press("enter").sees("taken over: Epic", "changed by both: Project", "theirs: WEB", "SEC-7")
	d.press("up", "ctrl-y").sees("yours: PAY").press("enter").sees("Stored: gateway")
	p, err := d.store.Product(ctx, "gateway")
	d.must(err)
	if p.Project != "WEB" || p.Epic != "SEC-7" || p.IssueType != "Bug" {
		t.Errorf("stored as %+v", p)
	}
}

func TestProfileChangedByTwoKeepsBoth(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, sample, jiratest.Options{})
	ctx := t.Context()
	d.adds(sim)
	_, err := d.store.AddProfile(ctx, analyst, model.Profile{Name: "triage", Connection: "acme", Project: "SEC", IssueType: "Bug", Labels: []string{"old"}})
	d.must(err)
	d.changed().press("T", "G").press("e").sees("Profile triage").press("ctrl-g").sees("Map a field").press("severity", "enter", "{{.Severity}}").press("shift-tab").sees("▌ Labels").press(" mine")
	p, err := d.store.Profile(ctx, "triage")
	d.must(err)
	p.Labels, p.OnGone, p.Fields = []string{"theirs"}, model.GoneNothing, map[string]string{"Environment": "{{.Product}}"}
	d.must(d.store.SetProfile(ctx, colleague, p))
	d.press("enter").sees("ben (command) changed triage meanwhile", "taken over:", "changed by both: Labels", "theirs: theirs", "Environment")
	d.press("enter").sees("Profile triage is stored")
	p, err = d.store.Profile(ctx, "triage")
	d.must(err)
	if strings.Join(p.Labels, " ") != "old mine" || p.OnGone != model.GoneNothing || p.Fields["Severity"] != "{{.Severity}}" || p.Fields["Environment"] != "{{.Product}}" {
		t.Errorf("stored as %+v", p)
	}
}

func TestConnectionChangedByTwoKeepsBoth(t *testing.T) {
	d, sim := sitWithJira(t, 120, 40, sample, jiratest.Options{})
	c := d.adds(sim)
	ctx := t.Context()
	d.changed().press("T").sees("acme").press("k", "e").sees("Connection acme").press("tab", jiratest.AnalystToken)
	c = d.connection(c.Name)
	c.CAFile = ""
	d.must(d.store.ChangeConnection(ctx, colleague, c, map[storage.SecretName][]byte{storage.SecretMain: []byte("theirs")}))
	d.press("enter").sees("ben (command) changed acme meanwhile", "a secret")
	if secret, err := d.store.ConnectionSecret(ctx, c); err != nil || string(secret) != "theirs" {
		t.Errorf("the other's secret is overwritten: %q, %v", secret, err)
	}
	d.press("enter").sees("passed")
	if secret, err := d.store.ConnectionSecret(ctx, c); err != nil || string(secret) != jiratest.AnalystToken {
		t.Errorf("the secret is %q, %v", secret, err)
	}
}
