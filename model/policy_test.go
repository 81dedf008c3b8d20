package model

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCompareVersions(t *testing.T) {
	ordered := [][]string{
		{"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2", "1.10", "2"}, // semver.org, section 11
		{"1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0"},                                                    // PEP 440
		{"1.0~rc1-1", "1.0-1", "1.0-1ubuntu1", "1.0-2", "1:0.9"},                                           // deb-version(7)
		{"1.0-SNAPSHOT", "1.0"},
		{"99999999999999999999", "100000000000000000000"},
	}
	for _, list := range ordered {
		for i := range list {
			for j := range list {
				got := CompareVersions(list[i], list[j])
				if (got < 0) != (i < j) || (got > 0) != (i > j) {
					t.Errorf("%s against %s: %d", list[i], list[j], got)
				}
			}
		}
	}
	for _, same := range [][2]string{{"1.0", "1.0.0"}, {"v1.2", "1.2"}, {"1.2+build", "1.2"}, {"01.2", "1.2"}, {"1.0.Final", "1.0"}} {
		if CompareVersions(same[0], same[1]) != 0 {
			t.Errorf("%s and %s mean the same", same[0], same[1])
		}
	}
}

func TestCompareVersionsIsAnOrder(t *testing.T) {
	version := rapid.StringMatching(`[0-9a-c.~-]{0,8}`)
	sign := func(n int) int { return min(max(n, -1), 1) }
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := version.Draw(t, "a"), version.Draw(t, "b"), version.Draw(t, "c")
		if sign(CompareVersions(a, b)) != -sign(CompareVersions(b, a)) || CompareVersions(a, a) != 0 {
			t.Fatalf("%q and %q are not ordered one way", a, b)
		}
		if CompareVersions(a, b) <= 0 && CompareVersions(b, c) <= 0 && CompareVersions(a, c) > 0 {
			t.Fatalf("%q <= %q <= %q", a, b, c)
		}
	})
}

func TestPolicyCheckSaysWhatIsWrong(t *testing.T) {
	good := Policy{Name: "p", Mode: PolicyApply, Rules: []Rule{{Query: "severity:high", CreateTicket: true}}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Policy){
		"no name":              func(p *Policy) { p.Name = "" },
		"is not a type":        func(p *Policy) { p.Type = "licence" },
		"grace period":         func(p *Policy) { p.GraceDays = -1 },
		"no rule":              func(p *Policy) { p.Rules = nil },
		"is not a mode":        func(p *Policy) { p.Mode = "on" },
		"is not a severity":    func(p *Policy) { p.Type = "license"; p.Rules = []Rule{{Severity: "bad"}} },
		"give the policy that": func(p *Policy) { p.Rules = []Rule{{Severity: "high"}} },
		"is not a date":        func(p *Policy) { p.Rules = []Rule{{IgnoreUntil: "soon"}} },
		"gets no ticket":       func(p *Policy) { p.Rules = []Rule{{IgnoreUntil: "2030-01-01", CreateTicket: true}} },
	} {
		p := good
		change(&p)
		if err := p.Check(); !errors.Is(err, ErrPolicy) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}
