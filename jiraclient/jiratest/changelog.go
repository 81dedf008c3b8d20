package jiratest

import (
	"fmt"
	"strconv"
	"time"
)

// fieldChange is an entry of an issue's history.
type fieldChange struct {
	ID       int64
	Author   string // account id
	Field    string // id
	From, To string
	At       time.Time
}

// alter changes fields of an issue in somebody's name and enters that into its
// history.
func (s *Server) alter(e *entry, author string, fields map[string]any, more func(*record)) {
	var log []fieldChange
	for id, value := range fields {
		f := s.site.field(id)
		from, to := s.historyText(f, e.Fields[id]), s.historyText(f, value)
		if from != to {
			log = append(log, fieldChange{Author: author, Field: id, From: from, To: to})
		}
	}
	s.change(e, func(r *record) {
		for id, value := range fields {
			r.set(id, value)
		}
		if more != nil {
			more(r)
		}
	})
	if s.history == nil {
		s.history = map[int64][]fieldChange{}
	}
	for _, c := range log {
		c.ID, c.At = int64(10000+len(s.history[e.ID])), e.Updated
		s.history[e.ID] = append(s.history[e.ID], c)
	}
}

// historyText is a value as the history shows it.
func (s *Server) historyText(f *field, v any) string {
	switch {
	case v == nil:
		return ""
	case f.Kind == kindDocument:
		if text, ok := v.(string); ok {
			return text
		}
		return documentText(v)
	case f.Kind == kindSelect:
		id, _ := v.(string)
		c, _ := choiceByID(f.Options, id)
		return c.Name
	}
	return fmt.Sprint(v)
}

// getChangelog gives the history of an issue, the oldest first.
func (s *Server) getChangelog(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults"); err != nil {
		return 0, nil, err
	}
	e, err := s.visible(q, q.args[0])
	if err != nil {
		return 0, nil, err
	}
	return bean(q, s.history[e.ID], func(c fieldChange) any {
		return map[string]any{"id": strconv.FormatInt(c.ID, 10), "author": q.renderUser(s.site.account(c.Author)), "created": stamp(c.At), "items": []any{map[string]any{
			"field": s.site.field(c.Field).Name, "fieldId": c.Field, "fieldtype": "custom", "fromString": c.From, "toString": c.To}}}
	})
}
