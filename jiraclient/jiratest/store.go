package jiratest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"
)

// record is an issue as it is kept. Field values are normalised: options,
// priorities, versions and parents by id, users by account id, documents as
// decoded JSON. A record's maps and slices are replaced, never changed, so that
// a copy of the record is a picture of the moment.
type record struct {
	ID         int64                      `json:"id"`
	Project    string                     `json:"project"`
	Number     int                        `json:"number"`
	Type       string                     `json:"type"`
	Status     string                     `json:"status"`
	Fields     map[string]any             `json:"fields"`
	Properties map[string]json.RawMessage `json:"properties,omitempty"`
	Comments   []comment                  `json:"comments,omitempty"`
	Creator    string                     `json:"creator"`
	Created    time.Time                  `json:"created"`
	Updated    time.Time                  `json:"updated"`
	OldKeys    []string                   `json:"old_keys,omitempty"`
	Hidden     bool                       `json:"hidden,omitempty"` // by issue security
}

type comment struct {
	ID      int64     `json:"id"`
	Author  string    `json:"author"`
	Body    any       `json:"body"`
	Created time.Time `json:"created"`
}

func (r *record) key() string { return fmt.Sprintf("%s-%d", r.Project, r.Number) }

func (r *record) id() string { return strconv.FormatInt(r.ID, 10) }

func (r *record) text(field string) string {
	s, _ := r.Fields[field].(string)
	return s
}

func (r *record) labels(field string) []string {
	list, _ := r.Fields[field].([]any)
	out := make([]string, 0, len(list))
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// set replaces a field; nil empties it.
func (r *record) set(field string, value any) {
	r.Fields = maps.Clone(r.Fields)
	if value == nil {
		delete(r.Fields, field)
		return
	}
	r.Fields[field] = value
}

func (r *record) setProperty(key string, value json.RawMessage) {
	next := map[string]json.RawMessage{}
	maps.Copy(next, r.Properties)
	next[key] = value
	r.Properties = next
}

// entry is a record with what the search index knows of it.
type entry struct {
	record
	indexed *record   // what search still shows while pending is set; nil: nothing
	pending time.Time // since when there is something that search does not show
}

// store holds the issues in the order of their ids.
type store struct {
	order   []*entry
	byID    map[int64]*entry
	byKey   map[string]*entry // present and former keys
	nextID  int64
	numbers map[string]int // highest number given out, by project
}

func newStore() store {
	return store{byID: map[int64]*entry{}, byKey: map[string]*entry{}, nextID: 10000, numbers: map[string]int{}}
}

func (st *store) add(e *entry) {
	st.order = append(st.order, e)
	st.byID[e.ID] = e
	st.byKey[e.key()] = e
	for _, key := range e.OldKeys {
		st.byKey[key] = e
	}
	st.nextID = max(st.nextID, e.ID+1)
	st.numbers[e.Project] = max(st.numbers[e.Project], e.Number)
}

// find takes an id or a key, present or former.
func (st *store) find(idOrKey string) *entry {
	if id, err := strconv.ParseInt(idOrKey, 10, 64); err == nil {
		return st.byID[id]
	}
	return st.byKey[upper(idOrKey)]
}

func (st *store) remove(e *entry) {
	for i, other := range st.order {
		if other == e {
			st.order = append(st.order[:i:i], st.order[i+1:]...)
			break
		}
	}
	delete(st.byID, e.ID)
	delete(st.byKey, e.key())
	for _, key := range e.OldKeys {
		delete(st.byKey, key)
	}
}

// create gives the record its id and key and stores it.
func (s *Server) create(r record) *entry {
	now := s.now()
	s.issues.numbers[r.Project]++
	r.ID, r.Number = s.issues.nextID, s.issues.numbers[r.Project]
	r.Created, r.Updated = now, now
	e := &entry{record: r}
	if s.lag > 0 {
		e.pending = now
	}
	s.issues.add(e)
	s.changed()
	return e
}

// change alters an issue and moves its updated time; search goes on showing the
// old state for the lag.
func (s *Server) change(e *entry, alter func(*record)) {
	now := s.now()
	s.settle(e, now)
	if s.lag > 0 && e.pending.IsZero() {
		old := e.record
		e.indexed, e.pending = &old, now
	}
	alter(&e.record)
	e.Updated = now
	s.changed()
}

// settle lets the index catch up with an issue.
func (s *Server) settle(e *entry, now time.Time) {
	if !e.pending.IsZero() && now.Sub(e.pending) >= s.lag {
		e.indexed, e.pending = nil, time.Time{}
	}
}

// inIndex is what search sees of an issue; nil when it does not see it.
func (s *Server) inIndex(e *entry, now time.Time) *record {
	s.settle(e, now)
	if !e.pending.IsZero() {
		return e.indexed
	}
	// A fresh issue comes and goes, by a fixed pattern.
	if s.flicker && now.Sub(e.Updated) < 3*s.lag && (e.ID+s.searches.count)%3 == 0 {
		return nil
	}
	return &e.record
}

// changed notes that there is something to save.
func (s *Server) changed() {
	if s.saver != nil {
		s.saver.wake()
	}
}
