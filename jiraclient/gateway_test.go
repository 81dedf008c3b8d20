package jiraclient_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
)

var workScopes = []string{"read:jira-work", "write:jira-work", "read:jira-user"}

// scopedBench signs in with an API token that has scopes; the simulation is its
// own gateway.
func scopedBench(t *testing.T, scopes ...string) bench {
	t.Helper()
	b := newFaultyBench(t, as(jiratest.AnalystEmail, "sc0ped"), func(cfg *jiraclient.Config) { cfg.Gateway = cfg.BaseURL })
	b.jira.SetScopedToken(jiratest.AnalystEmail, "sc0ped", scopes...)
	return b
}

// TestScopedTokensFindTheGateway: the site says 401, the gateway takes the token,
// and what was found works the next time without trying.
func TestScopedTokensFindTheGateway(t *testing.T) {
	b := scopedBench(t, workScopes...)
	v, err := b.Verify(t.Context())
	if err != nil || !v.OK || v.CloudID != jiratest.CloudID || v.Account.Name != "Dana Analyst" {
		t.Fatalf("%+v, %v", v, err)
	}
	key := mustCreate(t, b, task(1))[0].Key
	again, err := jiraclient.New(jiraclient.Config{
		BaseURL: v.Server.URL, Gateway: v.Server.URL, CloudID: v.CloudID, Auth: jiraclient.Basic(jiratest.AnalystEmail, "sc0ped"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	b.jira.ResetLog()
	if _, err := again.GetIssue(t.Context(), key, []string{"summary"}, nil); err != nil || b.jira.Count("", "") != 1 {
		t.Errorf("%v after %d requests", err, b.jira.Count("", ""))
	}
}

func TestAWrongTokenStaysAtTheSite(t *testing.T) {
	b := newFaultyBench(t, as(jiratest.AnalystEmail, "wr0ng"), func(cfg *jiraclient.Config) { cfg.Gateway = cfg.BaseURL })
	v, err := b.Verify(t.Context())
	assertIs(t, err, jiraclient.ErrUnauthorized)
	if v.CloudID != "" || b.CloudID() != "" || v.Server == nil {
		t.Errorf("%+v", v)
	}
}

// TestMissingScopesAreNamed before any ticket is at stake (X21).
func TestMissingScopesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		scopes []string
		want   []string // in the problems
	}{
		"may not write":       {[]string{"read:jira-work", "read:jira-user"}, []string{"write:jira-work, needed for creating", "write:jira-work, needed for updating", "write:jira-work, needed for commenting"}},
		"may not tell who":    {[]string{"read:jira-work", "write:jira-work"}, []string{"read:jira-user, needed for telling whose account"}},
		"granular, all but 1": {slices.DeleteFunc(allGranular(), func(s string) bool { return s == "write:comment:jira" }), []string{"needed for creating", "needed for commenting"}},
		"granular, all":       {allGranular(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := scopedBench(t, c.scopes...)
			v, err := b.Verify(t.Context())
			if (err == nil) != (len(c.want) == 0) || len(v.Problems) != len(c.want) {
				t.Fatalf("%+v, %v", v, err)
			}
			for i, want := range c.want {
				if !strings.Contains(v.Problems[i].Message, want) || !strings.Contains(v.Problems[i].Hint, "or all of") {
					t.Errorf("problem %+v, want %s", v.Problems[i], want)
				}
			}
			if len(b.jira.Issues()) != 0 {
				t.Error("verifying made an issue")
			}
		})
	}
}

// allGranular are the granular scopes of all that vexdesk needs.
func allGranular() []string {
	var all []string
	for _, need := range jiraclient.MissingScopes(nil) {
		all = append(all, need.Granular...)
	}
	return all
}

func TestGrantedScopesAreChecked(t *testing.T) {
	b := newBench(t, func(cfg *jiraclient.Config) { cfg.Scopes = []string{"read:jira-user", "write:jira-work"} })
	v, err := b.Verify(t.Context())
	assertIs(t, err, jiraclient.ErrNotUsable)
	if len(v.Problems) == 0 || !strings.Contains(v.Problems[0].Message, "read:jira-work") {
		t.Errorf("%+v", v.Problems)
	}
	if last := v.Notes[len(v.Notes)-1]; !strings.Contains(last.Message, "retrieving tickets") {
		t.Errorf("%+v", v.Notes)
	}
}

func TestCanRetrieve(t *testing.T) {
	three := []string{"read:issue-details:jira", "read:field.default-value:jira", "read:field.option:jira"}
	for _, c := range []struct {
		granted []string
		want    bool
	}{
		{nil, false}, {workScopes, true}, {three, true}, {three[:2], false}, {[]string{"write:jira-work"}, false},
	} {
		if got := jiraclient.CanRetrieve(c.granted); got != c.want {
			t.Errorf("%v: %v", c.granted, got)
		}
	}
}

// TestALostScopeIsNoLostConnection: it concerns one call, and the credentials
// are good.
func TestALostScopeIsNoLostConnection(t *testing.T) {
	b := scopedBench(t, "read:jira-work", "read:jira-user")
	if _, err := b.Verify(t.Context()); err == nil {
		t.Fatal("a token that cannot write passed")
	}
	_, err := b.CreateIssues(t.Context(), tasks(1))
	assertIs(t, err, jiraclient.ErrMissingScope)
	if jiraclient.OutcomeOf(err) != jiraclient.Refused || strings.Contains(err.Error(), "sc0ped") || !strings.Contains(jiraclient.HintOf(err), "write:jira-work") {
		t.Errorf("%v: %s", err, jiraclient.HintOf(err))
	}
}

func TestCloudIDsAreHeldAgainstTheAddress(t *testing.T) {
	_, err := jiraclient.New(jiraclient.Config{BaseURL: "https://x.atlassian.net", CloudID: "../../evil", Auth: jiraclient.PAT("x")})
	assertIs(t, err, jiraclient.ErrBadRequest)
}
