package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func TestGroupsAreActedOnAsOne(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("b").sees("Group by", "issue", "component", "product").press("component", "enter")
	d.sees("By component", "14 groups", "libsample00", "9").press("G").onCursor("日志框架-log4j")
	d.press("gg").onCursor("apt").press("b").sees("By product").onCursor("gateway").press("e").sees("VEX decision for 60 violations")
	d.press("a", "enter").sees("Stored on 60 violations").changed().later(time.Second).sees("By product")
	d.press("enter").sees("product:gateway", "60 of 67", "affected").press("-").sees("By product")
	d.press("esc").seesNot("By product").sees("67 open")
}

func TestMarkedGroupsGetTickets(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("/", "severity:high", "enter", "b", "enter").sees("By issue  severity:high", "18 groups")
	d.press("space", "space").sees("2 groups with 2 violations marked").press("C").later(time.Second).sees("create 2").press("enter").later(time.Second)
	d.jira(nil)
	d.changed().press("esc").sees("By issue").seesNot("marked")
	ops, err := d.store.Operations(t.Context(), storage.OperationFilter{})
	if err != nil || len(ops) != 2 {
		t.Errorf("%d operations (%v)", len(ops), err)
	}
	d.press("esc").sees("18 of 67", "SEC-14")
}

// TestKeysTypedAheadWaitForTheGroups that they are for, after the screen was
// opened and after another grouping was chosen.
func TestKeysTypedAheadWaitForTheGroups(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("b", "product").burst("enter", "j", "space").sees("By product", "1 group with 7 violations marked")
	d.press("esc").burst("b", "j", "j", "k", "b", "G").sees("By component").onCursor("日志框架-log4j")
}

func TestManyGroupsArePaged(t *testing.T) {
	d := sit(t, 120, 40, crowd)
	d.press("b", "enter").sees("1,250 groups").press("s", "issue", "enter").sees("ISSUE▲").onCursor("CVE-2025-10000")
	for range 30 {
		d.press("ctrl-f")
	}
	d.onCursor(fmt.Sprintf("CVE-2025-%d", 10000+30*36))
	d.press("G").onCursor("CVE-2025-11249").press("k", "ctrl-u", "ctrl-u").press("gg").onCursor("CVE-2025-10000")
	d.press("G")
	for range 40 {
		d.press("pgup")
	}
	d.onCursor("CVE-2025-10000")
}

func TestAGroupStaysUnderTheCursor(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("b", "product", "enter", "j").onCursor("payments-api")
	d.imports("gateway", "1.9", finding("CVE-2026-0001", model.SeverityLow, "x", "1", ""))
	d.imports("aaa", "1", finding("CVE-2026-0001", model.SeverityLow, "x", "1", ""))
	d.changed().later(time.Second).onCursor("payments-api")
}

func TestGroupsReadOnly(t *testing.T) {
	d := sit(t, 120, 40, sample, func(o *Options) { o.ReadOnly = true })
	d.press("b", "product", "enter", "c", "e", "C").sees("By product")
	d.press("?", "group").seesNot("VEX decision on all")
}

func TestGoldenGroups(t *testing.T) {
	for _, theme := range []string{"dark", "none", "ascii"} {
		for _, by := range []string{"issue", "component", "product"} {
			for _, size := range [][2]int{{80, 24}, {120, 40}} {
				if by != "issue" && (theme != "none" || size[0] > 80) {
					continue
				}
				d := sit(t, size[0], size[1], sample, func(o *Options) {
					if o.Theme = theme; theme == "ascii" {
						o.Theme, o.ASCII = "none", true
					}
				})
				d.press("b", by, "enter", "space", "j")
				golden(t, d, strings.Join([]string{"groups-" + by, fmt.Sprintf("%dx%d", size[0], size[1]), theme}, "-"))
			}
		}
	}
}

func TestGroupsAreSortedByWhatTheyHold(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("b", "component", "enter").sees("COMPONENT▲").onCursor("apt")
	d.press("s").sees("Sort by", "count", "how many violations", "again reverses").press("count", "enter").sees("COUNT▼").seesNot("sorting").onCursor("libsample00")
	d.press("s", "enter").sees("COUNT▲").press("s", "severity", "enter").sees("SEVERITY▼").onCursor("xz-utils").press("b").sees("PRODUCT▲")
	d.press("s", "severity", "enter").sees("SEVERITY▼").onCursor("payments-api")
	// The rows stay where they are when numbers change, and say so.
	var more []model.Finding
	for i := range 4 {
		more = append(more, finding(fmt.Sprintf("CVE-2026-000%d", i), model.SeverityCritical, "x", "1", ""))
	}
	d.imports("aaa", "1", more...)
	d.changed().later(time.Second).onCursor("payments-api").sees("3 groups", "changed since sorted: gg sorts again").seesNot("aaa")
	d.press("gg").seesNot("changed since sorted").onCursor("aaa")
}
