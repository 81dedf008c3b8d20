package sync_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/jiraclient/wiki"
	"example.com/vexdesk/model"
)

// TestATextComesBackAsItWasWritten, from Jira Cloud and from Jira Data Center: else
// what we wrote ourselves would be read back as somebody's change.
func TestATextComesBackAsItWasWritten(t *testing.T) {
	const f = model.FieldImpact
	comesBack := func(t rapid.TB, text string) {
		t.Helper()
		want := model.SyncForm(f, text)
		document := adf.FromText(want)
		if got := model.ReadRemote(f, adf.FieldText(adf.Limit(document, adf.MaxText, "").JSON())).Value; got != want {
			t.Fatalf("Cloud: %+q came back as %+q", want, got)
		}
		markup := strings.ReplaceAll(wiki.Limit(document, wiki.MaxText, ""), "\n", "\r\n")
		if got := model.ReadRemote(f, wiki.PlainText(markup)).Value; got != want {
			t.Fatalf("Data Center: %+q came back as %+q, written %+q", want, got, markup)
		}
	}
	for _, text := range []string{"\ufffd", "+\u00a0+", "!\u00a0a.png!", strings.Repeat("😀", 20_000), strings.Repeat("a\n\n", 20_000), strings.Repeat("{a}*", 9_000)} {
		comesBack(t, text)
	}
	letters := rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" \n\n\t\r-*_{}[]|!h1.#\\'\"~^+?@:/)(%=&\u00a0")))
	rapid.Check(t, func(t *rapid.T) { comesBack(t, rapid.StringOf(letters).Draw(t, "text")) })
}
