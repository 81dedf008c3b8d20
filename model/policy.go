package model

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// PolicyMode says what the matches of a policy lead to.
type PolicyMode string

// The modes of a policy.
const (
	PolicyOff   PolicyMode = "off"   // it is not evaluated
	PolicyLog   PolicyMode = "log"   // matches are recorded and shown, nothing is done
	PolicyApply PolicyMode = "apply" // the actions of its rules are carried out
)

// PolicyModes returns all modes.
func PolicyModes() []PolicyMode { return []PolicyMode{PolicyOff, PolicyLog, PolicyApply} }

// ParsePolicyMode reads a mode as commands and settings write it.
func ParsePolicyMode(word string) (PolicyMode, error) {
	for _, m := range PolicyModes() {
		if strings.EqualFold(word, string(m)) {
			return m, nil
		}
	}
	return "", fmt.Errorf("%q is not a mode: use off, log or apply", word)
}

// Policy is an ordered list of rules, of which the first that matches a
// violation wins (ruling 13). It works through the watches that name it.
type Policy struct {
	ID   int64
	Name string
	// Type is security, license or operational_risk: the policy then looks at
	// violations of that type alone, and one of the last two makes them where
	// a component fits and no report states one (ruling 3). Empty: any type,
	// as reports state them.
	Type string
	Mode PolicyMode
	// GraceDays is how long a violation has to match before its automatic
	// ticket is created.
	GraceDays int
	Rules     []Rule
	// Revision tells the state that was read from later ones; 0 where none was.
	Revision int64
}

// Rule is a query with what follows where it holds. No action at all only
// marks the violation as one of the policy's.
type Rule struct {
	Name  string `json:"name"`
	Query string `json:"query"`
	// CreateTicket asks for a ticket by itself, through the watch's profile
	// (X10).
	CreateTicket bool `json:"create_ticket,omitempty"`
	// Severity is the severity that the violation gets, one of the six words;
	// licence and operational-risk violations have none of their own.
	Severity string `json:"severity,omitempty"`
	// IgnoreUntil is a date (2026-12-31, UTC) up to which the violation is
	// ignored; on that day it is back.
	IgnoreUntil string `json:"ignore_until,omitempty"`
}

// MaxGraceDays bounds the grace period.
const MaxGraceDays = 3650

// ErrPolicy means: a policy or a rule that cannot be.
var ErrPolicy = errors.New("the policy cannot be kept")

// Check tells what is wrong with a policy, its queries apart, which whoever
// stores it parses.
func (p *Policy) Check() error {
	switch {
	case p.Name == "":
		return fmt.Errorf("%w: it has no name", ErrPolicy)
	case p.Type != "" && !isViolationType(p.Type):
		return InField("type", fmt.Errorf("%w: %q is not a type: use security, license or operational_risk", ErrPolicy, p.Type))
	case p.GraceDays < 0 || p.GraceDays > MaxGraceDays:
		return InField("grace_days", fmt.Errorf("%w: a grace period of %d days is not from 0 to %d", ErrPolicy, p.GraceDays, MaxGraceDays))
	case len(p.Rules) == 0:
		return fmt.Errorf("%w: it has no rule", ErrPolicy)
	}
	if _, err := ParsePolicyMode(string(p.Mode)); err != nil {
		return InField("mode", fmt.Errorf("%w: %w", ErrPolicy, err))
	}
	for i := range p.Rules {
		if field, err := p.Rules[i].check(p.Type); err != nil {
			return InField(fmt.Sprintf("rules[%d].%s", i, field), fmt.Errorf("%w: rule %d: %w", ErrPolicy, i+1, err))
		}
	}
	return nil
}

// check tells what is wrong with a rule, and in which field.
func (r *Rule) check(kind string) (field string, err error) {
	if r.Severity != "" {
		if _, err := ParseSeverity(r.Severity); err != nil {
			return "severity", err
		}
		if kind != License.String() && kind != OperationalRisk.String() {
			return "severity", errors.New("a severity is set for licence and operational-risk violations only: give the policy that type")
		}
	}
	if r.IgnoreUntil == "" {
		return "", nil
	}
	if _, err := r.Until(); err != nil {
		return "ignore_until", err
	}
	if r.CreateTicket {
		return "ignore_until", errors.New("what is ignored gets no ticket: choose one of the two")
	}
	return "", nil
}

// Until is the moment at which the rule ceases to ignore; the zero time where
// it does not ignore.
func (r *Rule) Until() (time.Time, error) {
	if r.IgnoreUntil == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, r.IgnoreUntil)
	if err != nil {
		return at, fmt.Errorf("%q is not a date: write it as 2026-12-31", r.IgnoreUntil)
	}
	return at, nil
}

// Acts tells whether anything follows from the rule.
func (r *Rule) Acts() bool { return r.CreateTicket || r.Severity != "" || r.IgnoreUntil != "" }

// MatchesAll tells whether the policy's first rule holds for every violation
// and does nothing, as that of the policy a workspace begins with: it need not
// be evaluated.
func (p *Policy) MatchesAll() bool {
	return p.Mode != PolicyOff && p.Type == "" && len(p.Rules) > 0 && strings.TrimSpace(p.Rules[0].Query) == "" && !p.Rules[0].Acts()
}

func isViolationType(word string) bool {
	for _, t := range ViolationTypes() {
		if word == t.String() {
			return true
		}
	}
	return false
}

// Watch says where policies work: on what, with which profile, and whether
// tickets are created by themselves (X11).
type Watch struct {
	ID   int64
	Name string
	// Scope is a query; empty is everything.
	Scope    string
	Policies []string
	// Profile is the one for its tickets; empty follows ruling 12.
	Profile string
	// CreateTickets is the switch; CreateSince is when it was last turned on:
	// what is first seen afterwards gets tickets by itself (ruling 13).
	CreateTickets bool
	CreateSince   time.Time
	// Revision tells the state that was read from later ones; 0 where none was.
	Revision int64
}

// ErrWatch means: a watch that cannot be.
var ErrWatch = errors.New("the watch cannot be kept")

// Check tells what is wrong with a watch, its scope apart, which whoever
// stores it parses.
func (w *Watch) Check() error {
	switch {
	case w.Name == "":
		return fmt.Errorf("%w: it has no name", ErrWatch)
	case len(w.Policies) == 0:
		return fmt.Errorf("%w: it names no policy", ErrWatch)
	}
	seen := map[string]bool{}
	for i, name := range w.Policies {
		if seen[strings.ToLower(name)] {
			return InField(fmt.Sprintf("policies[%d]", i), fmt.Errorf("%w: it names the policy %q twice", ErrWatch, name))
		}
		seen[strings.ToLower(name)] = true
	}
	return nil
}

// RuleMatches counts what a rule matches; Examples are some of it.
type RuleMatches struct {
	Rule     Rule
	Count    int
	Examples []Row
}

// PolicyMatches is what a policy matches now, rule by rule.
type PolicyMatches struct {
	Rules []RuleMatches
	// Shared counts, by name, the violations that another policy matches too
	// (I18): one ticket comes of both.
	Shared map[string]int
}

// Total counts what all rules match together.
func (m *PolicyMatches) Total() int {
	n := 0
	for i := range m.Rules {
		n += m.Rules[i].Count
	}
	return n
}
