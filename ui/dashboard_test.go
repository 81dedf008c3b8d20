package ui

import (
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
)

// charted is the sample with decisions, ages and a past.
func charted(d *desk) {
	now := d.now
	d.now = now.AddDate(0, 0, -40)
	d.imports("ledger", "1", finding("CVE-2020-0001", model.SeverityHigh, "openssl", "1.0", ""), finding("CVE-2020-0002", model.SeverityLow, "openssl", "1.0", ""))
	d.now = now.AddDate(0, 0, -9)
	sample(d)
	d.now = now
	_, err := d.store.SetVEX(d.t.Context(), analyst, []model.ViolationID{1, 2, 3}, map[model.VEXField]string{model.FieldStatus: "not_affected", model.FieldJustification: "code_not_reachable"})
	d.must(err)
	d.imports("payments-api", "4.2", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.1", "5.6.2"))
}

func TestDashboardLeadsToTheList(t *testing.T) {
	d := sit(t, 120, 40, charted)
	d.press("D").sees("Dashboard", "Severity", "VEX status", "Age", "Trend", "gateway", "libsample00", "undecided")
	d.press("j", "enter").sees("severity:high", "16 of").seesNot("Dashboard")
	d.press("-").sees("Dashboard").press("tab", "enter").sees("vex:none")
	d.press("-", "tab", "j", "enter").sees("age:>=7d age:<30d").press("-").sees("Dashboard")
	d.press("q").seesNot("Dashboard").press("-").seesNot("Dashboard")
}

// TestEveryBarCountsItsList opens the list of each bar and compares.
func TestEveryBarCountsItsList(t *testing.T) {
	d := sit(t, 200, 50, charted)
	d.press("D")
	last := ""
	for n := range 60 {
		line := d.cursorAnywhere()
		if line == last {
			if n < 20 {
				t.Errorf("only %d bars", n)
			}
			return
		}
		last = line
		fields := strings.Fields(line)
		d.press("enter")
		count := fields[len(fields)-1]
		if count != "0" {
			d.sees(" " + count + " of ")
		} else {
			d.sees("Nothing matches this filter")
		}
		d.press("-", "j")
	}
	t.Error("the cursor does not come to an end")
}

// cursorAnywhere is the text from the cursor to the end of its chart.
func (d *desk) cursorAnywhere() string {
	for _, line := range strings.Split(d.screen(), "\n") {
		if _, rest, ok := strings.Cut(line, "▌"); ok {
			cells := []rune(rest)
			return string(cells[:min(len(cells), d.root.width/3-2)])
		}
	}
	return ""
}

func TestDashboardFollowsChanges(t *testing.T) {
	d := sit(t, 120, 40, charted)
	d.press("D", "tab", "tab", "tab").sees("▌ gateway")
	d.imports("aaa-first", "1", finding("CVE-2026-1", model.SeverityCritical, "glibc", "1", ""))
	d.changed().later(4*time.Second).sees("aaa-first", "▌ gateway")
	_, err := d.store.SetVEX(t.Context(), analyst, []model.ViolationID{4}, map[model.VEXField]string{model.FieldStatus: "fixed"})
	d.must(err)
	d.changed().later(4 * time.Second)
	sent := len(d.sent)
	d.later(time.Hour)
	if n := len(d.sent) - sent; n > 30 { // the head's "synced" and nothing else
		t.Errorf("%d messages in an hour in which nothing changed", n)
	}
}

func TestGoldenDashboard(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"60x15", 60, 15}, {"80x24", 80, 24}, {"120x40", 120, 40}, {"200x50", 200, 50}} {
		for _, theme := range []string{"dark", "light", "none", "ascii"} {
			if size.width == 60 && theme != "none" {
				continue
			}
			d := sit(t, size.width, size.height, charted, func(o *Options) {
				if o.Theme = theme; theme == "ascii" {
					o.Theme, o.ASCII = "none", true
				}
			})
			d.press("D", "j", "j")
			golden(t, d, "dashboard-"+size.name+"-"+theme)
		}
	}
	golden(t, sit(t, 80, 24, nil).press("D"), "dashboard-empty-80x24-none")
}
