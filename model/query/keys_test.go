package query_test

import (
	"strings"
	"testing"

	"example.com/vexdesk/model/query"
)

// The vocabulary is what the documentation promises, and every key, value,
// synonym and example in it can be typed.
func TestVocabulary(t *testing.T) {
	const promised = "type severity issue component ecosystem purl product version resource license license.besides component.version malicious eol released newer cadence commits committers watch policy fix cvss epss kev " +
		"applicable state vex justification response ticket ticket.status ticket.category connection conflict review seen age updated " +
		"path source has id"
	var names []string
	for _, info := range query.Keys() {
		names = append(names, string(info.Key))
		if info.Doc == "" || strings.HasSuffix(info.Doc, ".") {
			t.Errorf("%s is described by %q", info.Key, info.Doc)
		}
		for _, example := range info.Examples {
			parse(t, string(info.Key)+":"+example)
		}
		for _, special := range info.Specials {
			if term := termOf(t, string(info.Key)+":"+string(special)); term.Values[0].Special != special {
				t.Errorf("%s:%s means %+v", info.Key, special, term.Values[0])
			}
		}
		for _, choice := range info.Values {
			for _, spelling := range append(choice.Synonyms, choice.Name, strings.ToUpper(choice.Name)) {
				term := termOf(t, string(info.Key)+":"+spelling)
				if term.Values[0].Text != choice.Name {
					t.Errorf("%s:%s means %s", info.Key, spelling, term.Values[0].Text)
				}
			}
		}
		if info.Optional() {
			parse(t, "has:"+string(info.Key))
		}
	}
	if got := strings.Join(names, " "); got != promised {
		t.Errorf("keys are\n%s, want\n%s", got, promised)
	}
}

// What a caller does with the table does not reach the parser.
func TestKeysAreTheCallersOwn(t *testing.T) {
	for _, info := range query.Keys() {
		for i := range info.Values {
			info.Values[i].Name = "changed"
		}
	}
	parse(t, "severity:high vex:affected")
}
