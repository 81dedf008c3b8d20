package query_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model/query"
)

var now = time.Date(2026, 11, 22, 13, 46, 5, 678_901_234, time.UTC)

func parse(t *testing.T, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(text, now)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return q
}

// The canonical form shows how a query was understood.
func TestParse(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, ``},
		{"  \t\n ", ``},
		{`severity:>=high -ticket:any fix:yes`, `severity:>=high -ticket:any fix:yes`},
		{`(kev:yes or epss:>=0.5) product:payments*`, `(kev:yes or epss:>=0.5) product:payments*`},
		{`issue:CVE-2024-3094,CVE-2023-44487`, `issue:CVE-2024-3094,CVE-2023-44487`},
		{`xz "remote code"`, `xz "remote code"`},

		// Precedence and grouping.
		{`a b or c d`, `a b or c d`},
		{`a and b or c`, `a b or c`},
		{`a and (b or c)`, `a (b or c)`},
		{`a or (b or c)`, `a or (b or c)`},
		{`(a b) c`, `(a b) c`},
		{`((a))`, `a`},
		{`(a)(b)`, `a b`},
		{`(a b) or c`, `a b or c`},
		{`not a b`, `-a b`},
		{`-(a b)`, `-(a b)`},
		{`not (a or b)`, `-(a or b)`},
		{`not(a or b)`, `-(a or b)`},
		{`-(-a)`, `-(-a)`},
		{`a and not b and -c`, `a -b -c`},

		// Case.
		{`SEVERITY:HIGH AND NOT Kev:YES OR x`, `severity:high -kev:yes or x`},
		{`ticket:SEC-142`, `ticket:SEC-142`},
		{`TICKET:None`, `ticket:none`},

		// Keywords are words in quotes or as a part of one.
		{`"and" "Or" "not"`, `"and" "Or" "not"`},
		{`android orca nothing`, `android orca nothing`},

		// Operators, with and without the colon.
		{`severity>=high`, `severity:>=high`},
		{`cvss:>7 cvss<9.5 epss<=0.1 age>30d`, `cvss:>7 cvss:<9.5 epss:<=0.1 age:>30d`},
		{`state!=open`, `state:!=open`},
		{`severity:!=low,info`, `severity:!=low,info`},
		{`epss:>=50%`, `epss:>=50%`},

		// Enumerations: separators, synonyms, patterns.
		{`vex:not-affected vex:"in triage"`, `vex:not_affected vex:in_triage`},
		{`ticket.category:todo,in-progress,to_do`, `ticket.category:new,indeterminate,new`},
		{`kev:true conflict:FALSE`, `kev:yes conflict:no`},
		{`vex:*affected`, `vex:affected,not_affected`},
		{`vex:*`, `vex:any`},
		{`state:*`, `state:*`},
		{`state:all version:all`, `state:* version:*`},
		{`justification:protected*`, `justification:protected_by_compiler,protected_at_runtime,protected_at_perimeter,protected_by_mitigating_control`},

		// Special values, and the same as text.
		{`version:* version:latest version:4.*`, `version:* version:latest version:4.*`},
		{`fix:yes fix:no fix:none fix:1.2*`, `fix:yes fix:no fix:none fix:1.2*`},
		{`license:none license:"NONE"`, `license:none license:"NONE"`},
		{`cvss:none cvss:*`, `cvss:none cvss:any`},
		{`has:ticket -has:Ticket.Status`, `has:ticket -has:ticket.status`},

		// Text with signs.
		{`purl:pkg:npm/%40angular/core@17.0.0`, `purl:pkg:npm/%40angular/core@17.0.0`},
		{`component:std::fmt`, `component:std::fmt`},
		{`component:-x`, `component:-x`},
		{`"-x" "a:b" "a>b"`, `"-x" "a:b" "a>b"`},
		{`a=b`, `"a=b"`},
		{`product:"a \"b\" \\ c*d \* e"`, `product:"a \"b\" \\ c*d \* e"`},
		{`product:"plain"`, `product:plain`},
		{`back\slash`, `back\slash`},
		{`"two stars**"`, `"two stars*"`},
		{`a***b`, `a*b`},
		{`ticket.status:"In Progress",Done`, `ticket.status:"In Progress",Done`},
		{"a\u00a0b", `a b`},

		// Dates and durations.
		{`seen:>2026-11-01 updated:<=2026-11-22t08:00:00z`, `seen:>2026-11-01 updated:<=2026-11-22T08:00:00Z`},
		{`review:<14d review:NONE age:8W seen:<1y`, `review:<14d review:none age:8w seen:<1y`},
	} {
		q, err := query.Parse(test.text, now)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.text, err)
			continue
		}
		if got := q.String(); got != test.want {
			t.Errorf("Parse(%q) = %s, want %s", test.text, got, test.want)
		}
	}
}

// Every mistake is answered with its place and what would fit.
func TestMistakes(t *testing.T) {
	for _, test := range []struct {
		text    string
		at      string // the piece of the text that is wrong
		offset  int
		message string // part of the whole sentence
		fits    string // the first candidate
	}{
		{`severty:high`, `severty`, 0, "did you mean severity?", "severity"},
		{`kev:yes sevreity:high`, `sevreity`, 8, "unknown key", "severity"},
		{`status:open`, `status`, 0, "did you mean state or ticket.status?", "state"},
		{`C:\x`, `C`, 0, "put the text in quotes", "type"},
		{`zzzzzz:high`, `zzzzzz`, 0, "put the text in quotes", "type"},
		{`!kev:yes`, `!kev`, 0, "negate with -", ""},
		{`:high`, `:`, 0, "no key before", "type"},
		{`foo>3`, `foo`, 0, "unknown key", ""},
		{`a severity:hihg`, `hihg`, 11, "did you mean high?", "high"},
		{`severity:urgent`, `urgent`, 9, "use one of critical, high, medium", "critical"},
		{`severity:high,x*z`, `x*z`, 14, "is not a value of severity", "critical"},
		{`severity:>unknown`, `unknown`, 10, "match it by name", ""},
		{`severity:>h*`, `h*`, 10, "is not a value", "critical"},
		{`severity=high`, `=`, 8, "write severity:", ""},
		{`severity:=high`, `=`, 9, "where a value belongs", ""},
		{`severity::high`, `:`, 9, "where a value belongs", ""},
		{`severity:>>high`, `>`, 10, "one operator", ""},
		{`cvss:>5,<7`, `<`, 8, "one operator", ""},
		{`severity >= high`, `>=`, 9, "write them together", ""},
		{`product:>x`, `>`, 8, "product takes no >", ":"},
		{`has:!=ticket`, `!=`, 4, "write -has:", ":"},
		{`kev:none`, `none`, 4, "use one of yes, no", "yes"},
		{`ticket:!=any`, `any`, 9, "takes no operator", ""},
		{`cvss:>none`, `none`, 6, "takes no operator", ""},
		{`has:severity`, `severity`, 4, "never missing", "ecosystem"},
		{`has:00`, `00`, 4, "use one of ecosystem, purl", "ecosystem"},
		{`has:tickt`, `tickt`, 4, "did you mean ticket?", "ticket"},
		{`id:4*`, `4*`, 3, "no wildcard", ""},

		{`(a or b`, `(`, 0, "not closed", ""},
		{`(`, `(`, 0, "not closed", ""},
		{`a)`, `)`, 1, "closes nothing", ""},
		{`)`, `)`, 0, "closes nothing", ""},
		{`a ()`, `()`, 2, "empty", ""},
		{`a ( )`, `( )`, 2, "empty", ""},
		{`"abc`, `"`, 0, "not closed", ""},
		{`product:"abc`, `"`, 8, "not closed", ""},
		{`a""`, `"`, 1, "middle of a word", ""},
		{`""`, `""`, 0, "empty", ""},
		{`product:""`, `""`, 8, "empty", ""},
		{`"a"b`, `b`, 3, "right after a quote", ""},
		{`"a\n"`, `\`, 2, "backslash", ""},
		{"\"a\nb\"", "\n", 2, "inside quotes", ""},

		{`severity:`, `severity:`, 0, "has no value", "critical"},
		{`cvss:>= 7`, `cvss:>=`, 0, "for example cvss:>=7", "none"},
		{`(severity:)`, `severity:`, 1, "has no value", "critical"},
		{`severity:high, low`, `,`, 13, "comma has no value", "critical"},
		{`issue:,a`, `issue:`, 0, "has no value", ""},
		{`a,b`, `,`, 1, "outside a key's values", ""},
		{`,`, `,`, 0, "outside a key's values", ""},
		{`a and`, `and`, 2, `"and" has nothing after it`, ""},
		{`a or`, `or`, 2, `"or" has nothing after it`, ""},
		{`a and or b`, `and`, 2, `"and" has nothing after it`, ""},
		{`or a`, `or`, 0, `"or" has nothing before it`, ""},
		{`(and a)`, `and`, 1, `"and" has nothing before it`, ""},
		{`(a or )`, `or`, 3, `"or" has nothing after it`, ""},
		{`not`, `not`, 0, `"not" has nothing after it`, ""},
		{`a -`, `-`, 2, `"-" has nothing after it`, ""},
		{`a - b`, `-`, 2, "stands alone", ""},
		{`--a`, `--`, 0, "two negations", ""},
		{`not -a`, `not -`, 0, "two negations", ""},

		{`cvss:high`, `high`, 5, "is not a number", "none"},
		{`cvss:>=11`, `11`, 7, "0 to 10", ""},
		{`cvss:1e1`, `1e1`, 5, "is not a number", ""},
		{`cvss:70%`, `70%`, 5, "is not a number", ""},
		{`cvss:-1`, `-1`, 5, "is not a number", ""},
		{`cvss:NaN`, `NaN`, 5, "is not a number", ""},
		{`cvss:1.`, `1.`, 5, "is not a number", ""},
		{`epss:>50`, `50`, 6, "0 to 1", ""},
		{`epss:>150%`, `150%`, 6, "0 to 1", ""},
		{`age:>30`, `30`, 5, "is not a duration", ""},
		{`age:>30days`, `30days`, 5, "is not a duration", ""},
		{`age:2026-01-01`, `2026-01-01`, 4, "compare the date with seen:", ""},
		{`age:>200y`, `200y`, 5, "100 years", ""},
		{`seen:2026-02-30`, `2026-02-30`, 5, "write 2026-11-22", ""},
		{`seen:>yesterday`, `yesterday`, 6, "write 2026-11-22", ""},
		{`seen:>1900-01-01`, `1900-01-01`, 6, "from 1970", ""},

		{"a\x00b", "\x00", 1, "control character U+0000", ""},
		{"a\x1b[31m", "\x1b", 1, "control character", ""},
		{"a\xffb", "\xff", 1, "not UTF-8", ""},
		{`ä ö severty:high`, `severty`, 6, "column 5", "severity"},
	} {
		_, err := query.Parse(test.text, now)
		var e *query.Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q) = %v, want an *Error", test.text, err)
			continue
		}
		if got := test.text[e.Offset : e.Offset+e.Length]; e.Offset != test.offset || got != test.at {
			t.Errorf("Parse(%q) points to %q at %d, want %q at %d (%v)", test.text, got, e.Offset, test.at, test.offset, err)
		}
		if !strings.Contains(err.Error(), test.message) {
			t.Errorf("Parse(%q) says %q, want %q in it", test.text, err, test.message)
		}
		if test.fits != "" && (len(e.Candidates) == 0 || e.Candidates[0] != test.fits) {
			t.Errorf("Parse(%q) proposes %q, want %q first", test.text, e.Candidates, test.fits)
		}
		if e.Message == "" || e.Hint == "" {
			t.Errorf("Parse(%q): message %q, hint %q; both must be there", test.text, e.Message, e.Hint)
		}
	}
}

// Hostile input is refused before it costs anything.
func TestLimits(t *testing.T) {
	for name, text := range map[string]string{
		"length":    strings.Repeat("a", query.MaxLength+1),
		"depth":     strings.Repeat("(", query.MaxDepth+1) + "a",
		"terms":     strings.Repeat("a ", query.MaxTerms+1),
		"values":    "issue:" + strings.Repeat("a,", query.MaxValues) + "a",
		"patterns":  "issue:" + strings.Repeat("a*,", query.MaxTerms) + "a*",
		"wildcards": strings.Repeat("a*", query.MaxWildcards+1),
		"minuses":   strings.Repeat("-", 30_000),
		"open":      strings.Repeat("(", 30_000),
		"nots":      strings.Repeat("not ", 8_000),
		"expanded":  "justification:" + strings.Repeat("p*,", query.MaxTerms) + "none",
	} {
		var e *query.Error
		if _, err := query.Parse(text, now); !errors.As(err, &e) {
			t.Errorf("%s: no error", name)
		}
	}
	deep := strings.Repeat("(", query.MaxDepth) + "a" + strings.Repeat(")", query.MaxDepth)
	parse(t, deep+" "+deep)
	parse(t, strings.Repeat("a ", query.MaxTerms))
	parse(t, "issue:"+strings.Repeat("CVE-2024-3094,", query.MaxValues-1)+"x")
}

func TestNames(t *testing.T) {
	for _, test := range []struct {
		text string
		key  query.Key
		want bool
	}{
		{`a -(b or state:open)`, query.KeyState, true},
		{`a b`, query.KeyState, false},
		{`version:*`, query.KeyVersion, true},
		{`has:ticket`, query.KeyTicket, false},
		{`"state:open"`, query.KeyState, false},
		{``, query.KeyState, false},
	} {
		if got := parse(t, test.text).Names(test.key); got != test.want {
			t.Errorf("%q names %s: %v", test.text, test.key, got)
		}
	}
}

func TestParts(t *testing.T) {
	text := `severity:>=high  (kev:yes or epss:>0.5) -ticket:any "remote code"`
	q := parse(t, text)
	var pieces []string
	for _, part := range q.Parts() {
		pieces = append(pieces, text[part.Span().Start:part.Span().End])
	}
	want := []string{`severity:>=high`, `(kev:yes or epss:>0.5)`, `-ticket:any`, `"remote code"`}
	if !slices.Equal(pieces, want) {
		t.Errorf("parts %q, want %q", pieces, want)
	}
	if got := q.Without(1).String(); got != `severity:>=high -ticket:any "remote code"` {
		t.Errorf("without the group: %s", got)
	}
	if got := q.String(); got != `severity:>=high (kev:yes or epss:>0.5) -ticket:any "remote code"` {
		t.Errorf("Without changed the query to %s", got)
	}
	one := parse(t, `a or b`)
	if n := len(one.Parts()); n != 1 || one.Without(0).Expr != nil {
		t.Errorf("%d parts", n)
	}
	if got := parse(t, `a b`).Without(0).String(); got != "b" {
		t.Errorf("without the first of two: %s", got)
	}
}

// Spans name the pieces of the text that values come from.
func TestSpans(t *testing.T) {
	text := `a severity:high,"low"`
	q := parse(t, text)
	term := q.Parts()[1].(query.Term)
	var pieces []string
	for _, v := range term.Values {
		pieces = append(pieces, text[v.Span.Start:v.Span.End])
	}
	if want := []string{`high`, `"low"`}; !slices.Equal(pieces, want) {
		t.Errorf("values at %q, want %q", pieces, want)
	}
	if q.Expr.Span() != (query.Span{Start: 0, End: len(text)}) {
		t.Errorf("the whole is at %v", q.Expr.Span())
	}
}
