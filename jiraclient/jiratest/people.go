package jiratest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient/wiki"
)

// What a person, or a test in their place, does to the site without the API.

// ErrNoIssue means that there is no issue with this key or id.
var ErrNoIssue = errors.New("no such issue")

const colleagueName = "Robin Reviewer"

// Issue is an issue as a test looks at it.
type Issue struct {
	ID, Key, Project, Type, Summary string
	Description                     string // plain text
	Status, Category                string
	Priority                        string
	Assignee, Reporter              string // display names
	Labels                          []string
	Fields                          map[string]any             // custom fields as the simulation keeps them
	Properties                      map[string]json.RawMessage // issue entity properties
	Comments                        []string                   // plain texts, oldest first
	Created, Updated                time.Time
}

func (s *Server) view(r *record) Issue {
	st, t := s.site.status(r.Status), s.site.issueType(r.Type)
	priority, _ := s.site.priority(r.text("priority"))
	v := Issue{
		ID: r.id(), Key: r.key(), Project: r.Project, Type: t.Name, Summary: r.text("summary"),
		Description: plain(r.Fields["description"]), Status: st.Name, Category: st.Category, Priority: priority.Name,
		Assignee: s.nameOf(r.text("assignee")), Reporter: s.nameOf(r.text("reporter")), Labels: r.labels("labels"),
		Fields: maps.Clone(r.Fields), Properties: maps.Clone(r.Properties), Created: r.Created, Updated: r.Updated,
	}
	for _, c := range r.Comments {
		v.Comments = append(v.Comments, plain(c.Body))
	}
	return v
}

// plain is the text of a document without markup.
func plain(document any) string {
	if markup, ok := document.(string); ok {
		return wiki.PlainText(markup)
	}
	return documentText(document)
}

func (s *Server) nameOf(accountID string) string {
	if a := s.site.account(accountID); a != nil {
		return a.Name
	}
	return ""
}

// Issues gives all issues in the order of their creation.
func (s *Server) Issues() []Issue {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Issue, 0, len(s.issues.order))
	for _, e := range s.issues.order {
		out = append(out, s.view(&e.record))
	}
	return out
}

// Issue finds one by id or key.
func (s *Server) Issue(idOrKey string) (Issue, error) {
	var out Issue
	err := s.with(idOrKey, func(e *entry) error {
		out = s.view(&e.record)
		return nil
	})
	return out, err
}

func (s *Server) with(idOrKey string, do func(*entry) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.issues.find(idOrKey)
	if e == nil {
		return fmt.Errorf("%w: %s", ErrNoIssue, idOrKey)
	}
	return do(e)
}

// SetStatus puts an issue into a status by its name, wherever it was.
func (s *Server) SetStatus(idOrKey, name string) error {
	return s.with(idOrKey, func(e *entry) error {
		st := find(s.site.statuses, func(st *status) bool { return strings.EqualFold(st.Name, name) })
		if st == nil {
			return fmt.Errorf("no status is called %q", name)
		}
		s.moveTo(e, st.ID)
		return nil
	})
}

// SetField changes a field; the value is as the API takes it. A document may be
// given as plain text.
func (s *Server) SetField(idOrKey, id string, value any) error {
	return s.with(idOrKey, func(e *entry) error { return s.setField(e, id, value) })
}

func (s *Server) setField(e *entry, id string, value any) error {
	f := s.site.field(id)
	if f == nil {
		return fmt.Errorf("no field has the id %q", id)
	}
	if text, ok := value.(string); ok && f.Kind == kindDocument {
		value = s.document(text)
		if text == "" {
			value = nil
		}
	}
	checked, problem := s.checkValue(f, s.site.project(e.Project), value)
	if problem != "" {
		return errors.New(f.Name + ": " + problem)
	}
	s.alter(e, s.colleague().ID, map[string]any{id: checked}, nil)
	return nil
}

// Comment adds a comment by the colleague.
func (s *Server) Comment(idOrKey, text string) error {
	return s.with(idOrKey, func(e *entry) error {
		s.addComment(e, s.colleague().ID, s.document(text))
		return nil
	})
}

func (s *Server) colleague() *Account {
	return find(s.site.accounts, func(a *Account) bool { return a.Name == colleagueName })
}

// Delete removes an issue without a trace.
func (s *Server) Delete(idOrKey string) error {
	return s.with(idOrKey, func(e *entry) error {
		s.issues.remove(e)
		s.changed()
		return nil
	})
}

// Hide puts an issue under a security level that no account has, or takes it out
// again. For the API it is then as if it were not there.
func (s *Server) Hide(idOrKey string, hidden bool) error {
	return s.with(idOrKey, func(e *entry) error {
		s.change(e, func(r *record) { r.Hidden = hidden })
		return nil
	})
}

// Move takes an issue to another project, where it gets a new key. The id stays
// and the old key still leads to it.
func (s *Server) Move(idOrKey, projectKey string) (newKey string, err error) {
	err = s.with(idOrKey, func(e *entry) error {
		p := s.site.project(projectKey)
		if p == nil {
			return fmt.Errorf("no project has the key %q", projectKey)
		}
		s.issues.numbers[p.Key]++
		s.change(e, func(r *record) {
			r.OldKeys = append(append([]string{}, r.OldKeys...), r.key())
			r.Project, r.Number = p.Key, s.issues.numbers[p.Key]
		})
		newKey = e.key()
		s.issues.byKey[newKey] = e
		return nil
	})
	return newKey, err
}

// Colleague is someone else who works on the tickets. What they do follows from
// the seed.
type Colleague struct {
	server *Server
	random *rand.Rand
}

// Colleague hires one.
func (s *Server) Colleague(seed uint64) *Colleague {
	return &Colleague{server: s, random: rand.New(rand.NewPCG(seed, seed))}
}

// Step is a move of an issue along its workflow.
type Step struct{ Key, From, To string }

// Move takes a random issue that is not done one random step along its workflow.
// It reports false where there is none.
func (c *Colleague) Move() (Step, bool) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []*entry
	for _, e := range s.issues.order {
		if s.site.status(e.Status).Category != "done" {
			open = append(open, e)
		}
	}
	if len(open) == 0 {
		return Step{}, false
	}
	e := open[c.random.IntN(len(open))]
	steps := s.site.steps(e.Status)
	to := steps[c.random.IntN(len(steps))].To
	step := Step{Key: e.key(), From: s.site.status(e.Status).Name, To: s.site.status(to).Name}
	s.moveTo(e, to)
	return step, true
}
