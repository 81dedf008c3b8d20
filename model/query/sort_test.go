package query_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/vexdesk/model/query"
)

func TestParseSort(t *testing.T) {
	for text, want := range map[string]string{
		``:                             ``,
		`  `:                           ``,
		`severity,-epss`:               `severity,-epss`,
		` Severity , -TICKET.status `:  `severity,-ticket.status`,
		`-severity`:                    `-severity`,
		`seen,updated,type,issue,-kev`: `seen,updated,type,issue,-kev`,
	} {
		order, err := query.ParseSort(text)
		if err != nil {
			t.Errorf("ParseSort(%q): %v", text, err)
			continue
		}
		var keys []string
		for _, k := range order {
			keys = append(keys, k.String())
		}
		if got := strings.Join(keys, ","); got != want {
			t.Errorf("ParseSort(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestSortMistakes(t *testing.T) {
	for _, test := range []struct{ text, at, message, fits string }{
		{`severity,eps`, `eps`, "did you mean epss?", "epss"},
		{`license`, `license`, "use one of severity, priority", "severity"},
		{`severity,`, ``, "a key is missing", "severity"},
		{`,severity`, ``, "a key is missing", "severity"},
		{`severity,-`, `-`, "a key is missing", "severity"},
		{`severity, -severity`, `-severity`, "stands twice", ""},
		{`severity epss`, `severity epss`, "cannot be sorted by", "severity"},
		{"\x1b", "\x1b", "control character", ""},
	} {
		_, err := query.ParseSort(test.text)
		var e *query.Error
		if !errors.As(err, &e) {
			t.Errorf("ParseSort(%q) = %v, want an *Error", test.text, err)
			continue
		}
		if got := test.text[e.Offset : e.Offset+e.Length]; got != test.at || !strings.Contains(err.Error(), test.message) {
			t.Errorf("ParseSort(%q): %v at %q, want %q at %q", test.text, err, got, test.message, test.at)
		}
		if test.fits != "" && (len(e.Candidates) == 0 || e.Candidates[0] != test.fits) {
			t.Errorf("ParseSort(%q) proposes %q, want %q first", test.text, e.Candidates, test.fits)
		}
	}
}

// FuzzParseSort: no input panics, and mistakes lie inside the text.
func FuzzParseSort(f *testing.F) {
	for _, seed := range []string{``, `severity,-epss`, ` a , ,`, `-,-`, `é,`, `severity,severity`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var e *query.Error
		if _, err := query.ParseSort(text); errors.As(err, &e) && (e.Offset < 0 || e.Offset+e.Length > len(text)) {
			t.Fatalf("mistake outside the text: %+v", e)
		}
	})
}
