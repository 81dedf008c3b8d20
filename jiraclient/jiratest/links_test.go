package jiratest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/oauth"
)

// TestAnApplicationLinkIsMadeOnAPage: the public key that is pasted there is the
// one whose signatures are good from then on.
func TestAnApplicationLinkIsMadeOnAPage(t *testing.T) {
	jira := jiratest.NewServer(jiratest.Options{Deployment: jiraclient.DataCenter, ContextPath: "/jira"})
	t.Cleanup(func() {
		if err := jira.Close(); err != nil {
			t.Error(err)
		}
	})
	post := func(key, public string) (int, string) {
		t.Helper()
		answer, err := http.PostForm(jira.URL+"/links", url.Values{"key": {key}, "public": {public}})
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(page)
	}
	pair, err := oauth.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	consumer := oauth.Consumer{BaseURL: jira.URL, Key: "vexdesk", Pair: pair}
	if _, err := consumer.Ask(t.Context(), oauth.OutOfBand); err == nil {
		t.Error("a consumer that has no link may ask")
	}
	if status, page := post("vexdesk", "no key"); status != http.StatusBadRequest || !strings.Contains(page, "not in PEM form") || !strings.Contains(page, "no key") {
		t.Errorf("what is no key is answered with %d: %s", status, page)
	}
	if status, page := post("vexdesk", public); status != http.StatusOK || !strings.Contains(page, "<li>vexdesk</li>") {
		t.Errorf("the link is not listed (%d): %s", status, page)
	}
	if _, err := consumer.Ask(t.Context(), oauth.OutOfBand); err != nil {
		t.Errorf("a consumer with a link may not ask: %v", err)
	}
}
