package query_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/vexdesk/model/query"
)

func stored(key query.Key, prefix string) []string {
	all := map[query.Key][]string{
		query.KeyProduct:      {"payments-api", "payments (old)", "gateway"},
		query.KeyTicketStatus: {"In Progress", "To Do"},
		query.KeyLicense:      {"none", "MIT"},
	}
	return slices.DeleteFunc(all[key], func(s string) bool { return !strings.HasPrefix(strings.ToLower(s), strings.ToLower(prefix)) })
}

// The bar marks the cursor. A completion is shown by the whole line that it
// makes.
func TestComplete(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{`sev|`, []string{`severity:`}},
		{`SEV|`, []string{`severity:`}},
		{`a -sev| b`, []string{`a -severity: b`}},
		{`(kev:yes or ju|)`, []string{`(kev:yes or justification:)`}},
		{`se|verity:high`, []string{`severity:high`, `seen:high`}},
		{`a o|`, []string{`a or`}},
		{`stat|`, []string{`state:`, `ticket.status:`}},
		{`nosuch|`, nil},

		{`severity:h|`, []string{`severity:high`}},
		{`severity:|`, []string{`severity:>=high`, `severity:critical`, `severity:high`, `severity:medium`, `severity:low`, `severity:info`, `severity:unknown`}},
		{`severity:>|`, []string{`severity:>=high`, `severity:>critical`, `severity:>high`, `severity:>medium`, `severity:>low`, `severity:>info`}},
		{`severity>=c|`, []string{`severity>=critical`}},
		{`severity:high,m| x`, []string{`severity:high,medium x`}},
		{`vex:in_triage,|`, []string{`vex:in_triage,affected`, `vex:in_triage,not_affected`, `vex:in_triage,fixed`, `vex:in_triage,none`, `vex:in_triage,any`}},
		{`severity:m|edium kev:yes`, []string{`severity:medium kev:yes`}},
		{`age:|`, []string{`age:>30d`, `age:<7d`}},
		{`has:ticket.|`, []string{`has:ticket.status`, `has:ticket.category`}},

		{`product:pay|`, []string{`product:payments-api`, `product:"payments (old)"`}},
		{`product:"pay|`, []string{`product:payments-api`, `product:"payments (old)"`}},
		{`product:"pay|" kev:yes`, []string{`product:payments-api kev:yes`, `product:"payments (old)" kev:yes`}},
		{`product:"gat| component:"x"`, []string{`product:gateway component:"x"`}},
		{`ticket.status:"in |`, []string{`ticket.status:"In Progress"`}},
		{`license:n|`, []string{`license:none`, `license:"none"`}},
		{`version:|`, []string{`version:latest`, `version:*`}},
		{`nosuch:x|`, nil},
		{`"quoted wor|`, nil},
		{`a=b|`, nil},
	} {
		cursor := strings.Index(test.text, "|")
		text := strings.Replace(test.text, "|", "", 1)
		var lines []string
		for _, c := range query.Complete(text, cursor, stored) {
			lines = append(lines, text[:c.Start]+c.Text+text[c.End:])
		}
		if !slices.Equal(lines, test.want) {
			t.Errorf("%s\n got %q\nwant %q", test.text, lines, test.want)
		}
	}
	if n := len(query.Complete("", 0, nil)); n != len(query.Keys()) {
		t.Errorf("an empty bar proposes %d keys", n)
	}
}

// Anywhere in any text, a completion replaces a piece that holds the cursor.
func TestCompleteAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(seeds), plainText()), 0, 3).Draw(t, "text"), "")
		cursor := rapid.IntRange(-1, len(text)+1).Draw(t, "cursor")
		for _, c := range query.Complete(text, cursor, stored) {
			at := max(0, min(cursor, len(text)))
			if c.Start < 0 || c.Start > c.End || c.End > len(text) || c.Start > at {
				t.Fatalf("%q at %d: %+v", text, cursor, c)
			}
		}
	})
}
