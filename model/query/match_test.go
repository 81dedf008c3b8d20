package query_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/vexdesk/model/query"
	"example.com/vexdesk/model/query/querytest"
)

func termOf(t *testing.T, text string) query.Term {
	t.Helper()
	term, ok := parse(t, text).Expr.(query.Term)
	if !ok {
		t.Fatalf("%q is not a term", text)
	}
	return term
}

func TestMatchVersionAndBesides(t *testing.T) {
	for text, want := range map[string]bool{
		"component.version:>=1.9": true, "component.version:>1.10": false, "component.version:<2": true, "component.version:1.1*": true,
		"component.version:>=1.2,<1": false, "component.version:!=1.10": false, "component.version:none": false, "-component.version:<1.9": true,
	} {
		q, err := query.Parse(text, now)
		if text == "component.version:>=1.2,<1" {
			if err == nil {
				t.Errorf("%s: two operators went through", text)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		negated := false
		e := q.Expr
		if not, ok := e.(query.Not); ok {
			e, negated = not.Of, true
		}
		if got := querytest.Version(e.(query.Term), "1.10") != negated; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, c := range []struct {
		text     string
		licenses []string
		want     bool
	}{
		{"license.besides:MIT,Apache-*", []string{"MIT", "apache-2.0"}, false},
		{"license.besides:MIT,Apache-*", []string{"MIT", "GPL-3.0"}, true},
		{"license.besides:MIT", nil, false},
		{"license.besides:!=MIT", []string{"MIT"}, true},
	} {
		if got := querytest.Besides(termOf(t, c.text), c.licenses...); got != c.want {
			t.Errorf("%s over %v: %v", c.text, c.licenses, got)
		}
	}
}

func TestMatchText(t *testing.T) {
	for _, test := range []struct {
		text   string
		fields []string
		want   bool
	}{
		{`product:payments`, []string{"Payments"}, true},
		{`product:payments`, []string{"payments-api"}, false},
		{`product:pay*`, []string{"payments-api"}, true},
		{`product:*API`, []string{"payments-api"}, true},
		{`product:*ments*`, []string{"payments-api"}, true},
		{`product:p*m*i`, []string{"payments-api"}, true},
		{`product:pay*ayments`, []string{"payments"}, false}, // the pieces must not overlap
		{`product:"pay\*"`, []string{"payments"}, false},
		{`product:"pay\*"`, []string{"pay*"}, true},
		{`product:É*`, []string{"école"}, true},

		// Several values in the query, in the field, or none there.
		{`watch:a,b`, []string{"x", "b"}, true},
		{`watch:!=a,b`, []string{"x", "b"}, false},
		{`watch:!=a,b`, []string{"x"}, true},
		{`watch:!=a`, nil, false},
		{`watch:a`, nil, false},
		{`watch:*`, nil, false},
		{`watch:none`, nil, true},
		{`watch:none,a`, []string{"a"}, true},
		{`watch:any`, nil, false},
		{`watch:any`, []string{"x"}, true},
		{`watch:!=none`, []string{"x"}, true},
		{`watch:!=none`, nil, false},
		{`fix:yes`, []string{"1.2"}, true},
		{`fix:no`, []string{"1.2"}, false},
		{`fix:no`, nil, true},
		{`fix:1.*`, []string{"1.2"}, true},
		{`license:"none"`, []string{"NONE"}, true},
		{`license:none`, []string{"NONE"}, false},
		{`version:*`, nil, true},
	} {
		if got := querytest.Text(termOf(t, test.text), test.fields...); got != test.want {
			t.Errorf("%s on %q: %v", test.text, test.fields, got)
		}
	}
}

func TestMatchWord(t *testing.T) {
	fields := []string{"CVE-2024-3094", "xz-utils", "XZ Utils backdoor in liblzma", "payments-api"}
	for text, want := range map[string]bool{
		`xz`: true, `3094`: true, `BACKDOOR`: true, `"utils back"`: true, `pay*api`: true, `api*pay`: false, `log4j`: false, `*`: true,
	} {
		word := parse(t, text).Expr.(query.Word)
		if got := querytest.Word(word, fields...); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestChoices(t *testing.T) {
	for text, want := range map[string][]string{
		`severity:high`:           {"high"},
		`severity:>=high`:         {"critical", "high"},
		`severity:>high`:          {"critical"},
		`severity:<medium`:        {"low", "info"}, // never unknown (ruling 8)
		`severity:<=info`:         {"info"},
		`severity:unknown,low`:    {"unknown", "low"},
		`severity:!=unknown`:      {"unknown"},
		`kev:no`:                  {"no"},
		`applicable:none,unknown`: {"unknown"},
		`vex:any`:                 nil,
	} {
		if got := termOf(t, text).Choices(); !slices.Equal(got, want) {
			t.Errorf("%s allows %q, want %q", text, got, want)
		}
	}
	if got := termOf(t, `applicable:none,unknown`).Values[0].Special; got != query.None {
		t.Errorf("none became %q", got)
	}
	if term := termOf(t, `vex:!=affected`); querytest.Choice(term) || querytest.Choice(term, "affected") || !querytest.Choice(term, "fixed") {
		t.Error("!= must want a value, and another one")
	}
}

func TestMatchNumber(t *testing.T) {
	number := func(n float64) *float64 { return &n }
	for _, test := range []struct {
		text  string
		field *float64
		want  bool
	}{
		{`cvss:7`, number(7), true},
		{`cvss:>7`, number(7), false},
		{`cvss:>=7.0`, number(7), true},
		{`cvss:<7`, number(6.9), true},
		{`cvss:<=7`, number(7), true},
		{`cvss:!=7`, number(7), false},
		{`cvss:!=7`, nil, false},
		{`cvss:<7`, nil, false},
		{`cvss:none`, nil, true},
		{`cvss:none`, number(0), false},
		{`epss:>=7%`, number(0.07), true},
		{`epss:>7%`, number(0.07), false},
		{`epss:85.3%`, number(0.853), true},
	} {
		if got := querytest.Number(termOf(t, test.text), test.field); got != test.want {
			t.Errorf("%s: %v", test.text, got)
		}
	}
}

func TestMatchTime(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	const h = time.Hour
	instant := now.Truncate(time.Millisecond)
	for _, test := range []struct {
		text  string
		field time.Time
		want  bool
	}{
		// A date is its whole day.
		{`seen:2026-11-20`, at("2026-11-20T23:59:59.999Z"), true},
		{`seen:2026-11-20`, at("2026-11-21T00:00:00Z"), false},
		{`seen:>2026-11-20`, at("2026-11-20T12:00:00Z"), false},
		{`seen:>2026-11-20`, at("2026-11-21T00:00:00Z"), true},
		{`seen:>=2026-11-20`, at("2026-11-20T00:00:00Z"), true},
		{`seen:<=2026-11-20`, at("2026-11-20T12:00:00Z"), true},
		{`seen:<2026-11-20`, at("2026-11-20T00:00:00Z"), false},
		{`seen:!=2026-11-20`, at("2026-11-20T12:00:00Z"), false},
		{`seen:!=2026-11-20`, at("2026-11-21T12:00:00Z"), true},
		// A time is its second, or exact where it has a fraction.
		{`seen:2026-11-20T10:00:00+02:00`, at("2026-11-20T08:00:00.7Z"), true},
		{`seen:2026-11-20T08:00:00.5Z`, at("2026-11-20T08:00:00.5Z"), true},
		{`seen:2026-11-20T08:00:00.5Z`, at("2026-11-20T08:00:00.7Z"), false},
		// A duration counts back from now, for review forward.
		{`age:>30d`, now.Add(-31 * 24 * h), true},
		{`age:>30d`, now.Add(-29 * 24 * h), false},
		{`age:>12h`, instant.Add(-12 * h), false},
		{`age:>=12h`, instant.Add(-12 * h), true},
		{`age:<=12h`, instant.Add(-12 * h), true},
		{`age:<12h`, instant.Add(-12 * h), false},
		{`age:1d`, now.Add(-25 * h), true},
		{`age:1d`, now.Add(-23 * h), false},
		{`age:1d`, now.Add(-49 * h), false},
		{`seen:<1w`, now.Add(-6 * 24 * h), true},
		{`updated:<30m`, now.Add(-31 * time.Minute), false},
		{`review:<14d`, now.Add(13 * 24 * h), true},
		{`review:<14d`, now.Add(15 * 24 * h), false},
		{`review:<14d`, now.Add(-24 * h), true}, // overdue is due
		{`review:<0d`, now.Add(-24 * h), true},
		{`review:<0d`, now.Add(24 * h), false},
		{`review:1d`, now.Add(30 * h), true},
		{`review:<14d`, time.Time{}, false},
		{`review:!=14d`, time.Time{}, false},
		{`review:none`, time.Time{}, true},
		{`age:>1y`, now.Add(-366 * 24 * h), true},
	} {
		if got := querytest.Time(termOf(t, test.text), test.field); got != test.want {
			t.Errorf("%s on %v: %v", test.text, test.field, got)
		}
	}
}

// Whatever the distance, the six operators agree with each other.
func TestOperatorsAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.SampledFrom([]string{"age", "review", "seen"}).Draw(rt, "key")
		bounds := []string{"0d", "90m", "12h", "3d"}
		if key != "age" {
			bounds = append(bounds, "2026-11-22", "2026-11-22T13:46:05Z")
		}
		bound := rapid.SampledFrom(bounds).Draw(rt, "bound")
		field := now.Truncate(time.Millisecond).Add(time.Duration(rapid.Int64Range(-400_000_000, 400_000_000).Draw(rt, "ms")) * time.Millisecond)
		holds := func(op string) bool { return querytest.Time(termOf(t, key+":"+op+bound), field) }
		if holds("<") == holds(">=") || holds(">") == holds("<=") || holds("") == holds("!=") || holds("<") && holds(">") {
			rt.Fatalf("%s %s at %v: < %v, <= %v, = %v, >= %v, > %v", key, bound, field, holds("<"), holds("<="), holds(""), holds(">="), holds(">"))
		}
	})
}
