package ui

import (
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func TestPolicyIsTriedBeforeItIsStored(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("W").sees("Policies", "all findings", "apply", "everything")
	d.press("n").sees("A new policy", "matches 67 violations now")
	d.press("urgent", "tab", "tab", "tab", "tab").press("severity:crit").sees("critical", "^ ").press("tab").sees("severity:critical", "matches 2 violations now", "CVE-2024-3094")
	d.press("down", "down", "right").sees("created by itself")
	d.press("enter").sees("Stored: policy urgent").changed().sees("urgent", "none: it does nothing")
	p, err := d.store.Policy(t.Context(), "urgent")
	d.must(err)
	if p.Rules[0].Query != "severity:critical" || !p.Rules[0].CreateTicket || p.Mode != model.PolicyApply {
		t.Errorf("stored as %+v", p)
	}
}

func TestPolicyMistakeIsShownAtItsPlace(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("W", "n", "wrong", "tab", "tab", "tab", "tab", "severity:horrible ").sees("^ ", "the form has a mistake")
	d.press("enter").sees("A new policy", "horrible") // it is kept, and what was typed with it
	if _, err := d.store.Policy(t.Context(), "wrong"); err == nil {
		t.Error("a policy with a mistake was stored")
	}
}

func TestRulesHaveAnOrder(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("W", "n", "two rules", "tab", "tab", "tab", "tab", "severity:>=high ")
	d.press("ctrl-n", "severity:critical ").sees("Rule 2", "rule 1: 20", "rule 2: 0")
	d.press("ctrl-t").sees("rule 1: 2", "rule 2: 18")
	d.press("down", "down", "down", "down", "ctrl-x").seesNot("Rule 2").sees("rule 1: 2")
	d.press("ctrl-x").sees("at least one rule")
	d.press("enter").sees("Stored: policy two rules")
}

func TestFarReachingPolicyAsksOnceWithNumbers(t *testing.T) {
	d := sit(t, 120, 40, sample)
	ctx := t.Context()
	_, err := d.store.AddPolicy(ctx, analyst, model.Policy{Name: "later", Mode: model.PolicyLog, Rules: []model.Rule{{Query: "severity:low", IgnoreUntil: "2027-01-01"}}})
	d.must(err)
	_, err = d.store.AddWatch(ctx, analyst, model.Watch{Name: "all", Policies: []string{"later"}})
	d.must(err)
	d.press("W").sees("later", "log").press("j", "enter").sees("Policy later", "matches 16 violations now")
	d.press("tab", "left").sees("apply")
	d.press("enter").sees("rule 1 touches 16 violations; ignored until 2027-01-01", "enter again does it")
	d.press("enter").sees("enter again") // typed ahead: it confirms nothing
	d.later(time.Second).press("enter").sees("Stored: policy later").changed()
	d.press("x").sees("is in use by all")
	d.press("esc").changed().press("/", "state:ignored", "enter").sees("16 of")
}

func TestWatchIsMadeAndRun(t *testing.T) {
	d := sit(t, 120, 40, sample)
	ctx := t.Context()
	_, err := d.store.AddPolicy(ctx, analyst, model.Policy{Name: "urgent", Rules: []model.Rule{{Query: "severity:critical", CreateTicket: true}}})
	d.must(err)
	d.press("W", "tab").sees("Watches", "everything")
	d.press("n", "shipping", "tab", `product:pay`, "tab").sees("product:payments-api")
	d.press("down", "down", "space", "tab", "right", "tab", "right").sees("created by rules")
	d.press("enter").sees("first seen from now on", "enter again").later(time.Second).press("enter").sees("Stored: watch shipping")
	w, err := d.store.Watch(ctx, "shipping")
	d.must(err)
	if strings.Join(w.Policies, ",") != "urgent" || !w.CreateTickets || w.Profile != "security" {
		t.Fatalf("stored as %+v", w)
	}
	d.changed().press("G").sees("tickets: on, for what is first seen").press("c").later(time.Second).sees("Plan of the watch shipping", "create 2").press("enter").sees("0 of 2")
	d.jira(nil)
	d.changed().sees("2 of 2").press("esc").press("G", "x").sees("is taken back", "press again").later(time.Second).press("x").sees("its tickets stay")
	if _, err := d.store.Watch(ctx, "shipping"); err == nil {
		t.Error("the watch is still there")
	}
}

func TestProductSettings(t *testing.T) {
	d := sit(t, 120, 40, sample, func(o *Options) { o.Jira = people{} })
	d.press("P").sees("Products", "payments-api", "gateway", "no tickets yet").press("enter").sees("Product gateway", "as the profile says")
	d.press("right", "tab", "PAY", "tab", "tab", "mei").sees("Ana Meier", "ana@example.net").press("tab").sees("Ana Meier")
	d.press("down", "down", "down", "right").press("enter").sees("0 tickets are no longer kept in step", "enter again").later(time.Second).press("enter").sees("Stored: gateway")
	d.changed().sees("PAY", "security", "off", "assignee 712020:meier").press("s").sees("The sync of gateway is off")
	d.press("j", "s").sees("All tickets of payments-api are compared").press("l").sees(`product:payments-api`, "7 of 67")
}

// TestAnAnswerFindsTheScreenThatWasLeft: the products were being read when their
// violations were listed; behind "-" they go on following changes.
func TestAnAnswerFindsTheScreenThatWasLeft(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("P")
	_, reading := d.root.Update(storeChanged{})
	d.press("l").sees("60 of 67")
	d.run(reading)
	d.press("-").sees("Products").seesNot("PAY")
	project := "PAY"
	_, err := d.store.SetProduct(t.Context(), analyst, "gateway", storage.ProductChange{Project: &project})
	d.must(err)
	d.changed().sees("PAY")
}

func TestFailedSyncOfAProductSaysWhyAndWhatToDo(t *testing.T) {
	d := sit(t, 120, 40, sample)
	ctx := t.Context()
	d.press("C").later(time.Second).press("enter")
	d.jira(nil)
	on := true
	_, err := d.store.SetProduct(ctx, analyst, "payments-api", storage.ProductChange{Sync: &on})
	d.must(err)
	c, err := d.store.Connection(ctx, "acme-cloud")
	d.must(err)
	d.must(d.store.VEXSynced(ctx, c.ID, errString("Jira has no field VEX Status: run 'vexdesk provision'")))
	d.press("esc", "P", "j").sees("1 not in step", "failed, in step never", "failed: Jira has no field VEX Status: run 'vexdesk provision'", "tries again at once")
}

type errString string

func (e errString) Error() string { return string(e) }

func TestReadOnlyChangesNoRules(t *testing.T) {
	d := sit(t, 120, 40, sample, func(o *Options) { o.ReadOnly = true })
	d.press("W", "enter").seesNot("Grace").press("n").seesNot("A new policy").press("x").seesNot("removes")
	d.press("tab", "n").seesNot("A new watch").press("c").seesNot("Plan of")
	d.press("esc", "P", "enter").seesNot("Issue type").press("s").seesNot("compared")
}
