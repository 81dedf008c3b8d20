package jiratest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// jqlField is how JQL sees a field.
type jqlField struct {
	name string
	// values are what equality looks at, in canonical form.
	values func(*record) []string
	// canonical turns an operand into that form, or says that there is no
	// such thing.
	canonical func(operand string) (string, bool)
	// text is what ~ looks at; nil where ~ does not apply.
	text func(*record) string
	// compare orders records; time is set where operands are times.
	compare func(a, b *record) int
	time    func(*record) time.Time
	number  func(*record) (float64, bool)
	lenient bool // operands that do not exist are passed over
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func asIs(s string) (string, bool) { return s, true }

func (s *Server) jqlField(name string) (*jqlField, *apiError) {
	f := s.jqlBuiltIn(strings.ToLower(name))
	if f == nil {
		f = s.jqlCustom(name)
	}
	if f == nil {
		return nil, refuse(http.StatusBadRequest, "Field '%s' does not exist or you do not have permission to view it.", name)
	}
	f.name = name
	if f.compare == nil {
		f.compare = func(a, b *record) int { return slices.Compare(f.values(a), f.values(b)) }
	}
	return f, nil
}

func (s *Server) jqlBuiltIn(name string) *jqlField {
	switch name {
	case "project":
		return &jqlField{values: func(r *record) []string { return one(r.Project) }, canonical: func(v string) (string, bool) {
			for _, p := range s.site.projects {
				if p.ID == v || strings.EqualFold(p.Key, v) || strings.EqualFold(p.Name, v) {
					return p.Key, true
				}
			}
			return "", false
		}}
	case "key", "issuekey", "id", "issue":
		return &jqlField{values: func(r *record) []string { return one(r.id()) }, compare: compareKeys, canonical: func(v string) (string, bool) {
			e := s.issues.find(v)
			if e == nil {
				return "", false
			}
			return e.id(), true
		}}
	case "status":
		return &jqlField{values: func(r *record) []string { return one(r.Status) }, canonical: func(v string) (string, bool) {
			st := find(s.site.statuses, func(st *status) bool { return st.ID == v || strings.EqualFold(st.Name, v) })
			return idOf(st != nil, func() string { return st.ID })
		}}
	case "statuscategory":
		return &jqlField{values: func(r *record) []string { return one(s.site.status(r.Status).Category) }, canonical: func(v string) (string, bool) {
			for key, c := range categories {
				if strings.EqualFold(key, v) || strings.EqualFold(c.name, v) || strconv.Itoa(c.id) == v {
					return key, true
				}
			}
			return "", false
		}}
	case "issuetype", "type":
		return &jqlField{values: func(r *record) []string { return one(r.Type) }, canonical: func(v string) (string, bool) {
			t := find(s.site.types, func(t *issueType) bool { return t.ID == v || strings.EqualFold(t.Name, v) })
			return idOf(t != nil, func() string { return t.ID })
		}}
	case "priority":
		return &jqlField{values: func(r *record) []string { return one(r.text("priority")) }, canonical: func(v string) (string, bool) {
			return choiceID(s.site.priorities, v)
		}}
	case "assignee", "reporter":
		return s.jqlUser(name)
	case "labels":
		return &jqlField{values: func(r *record) []string { return r.labels("labels") }, canonical: asIs}
	case "parent":
		return &jqlField{values: func(r *record) []string { return one(r.text("parent")) }, canonical: func(v string) (string, bool) {
			e := s.issues.find(v)
			return idOf(e != nil, func() string { return e.id() })
		}}
	case "created", "updated":
		at := func(r *record) time.Time { return r.Created }
		if name == "updated" {
			at = func(r *record) time.Time { return r.Updated }
		}
		return &jqlField{time: at, compare: func(a, b *record) int { return at(a).Compare(at(b)) }}
	case "summary", "description", "text":
		return &jqlField{text: recordText(name), values: func(*record) []string { return nil }, compare: func(a, b *record) int {
			return cmp.Compare(recordText(name)(a), recordText(name)(b))
		}}
	}
	return nil
}

func idOf(ok bool, id func() string) (string, bool) {
	if !ok {
		return "", false
	}
	return id(), true
}

func choiceID(list []choice, v string) (string, bool) {
	for _, c := range list {
		if c.ID == v || strings.EqualFold(c.Name, v) {
			return c.ID, true
		}
	}
	return "", false
}

func (s *Server) jqlUser(id string) *jqlField {
	return &jqlField{values: func(r *record) []string { return one(r.text(id)) }, canonical: func(v string) (string, bool) {
		a := find(s.site.accounts, func(a *Account) bool {
			return a.ID == v || strings.EqualFold(a.Name, v) || strings.EqualFold(a.Email, v)
		})
		return idOf(a != nil, func() string { return a.ID })
	}}
}

// jqlCustom knows custom fields as cf[10041], customfield_10041, or by name.
func (s *Server) jqlCustom(name string) *jqlField {
	id := name
	if number, ok := strings.CutPrefix(strings.ToLower(name), "cf["); ok {
		id = "customfield_" + strings.TrimSuffix(number, "]")
	}
	f := find(s.site.fields, func(f *field) bool { return f.custom() && (f.ID == id || strings.EqualFold(f.Name, name)) })
	if f == nil {
		return nil
	}
	switch f.Kind {
	case kindNumber:
		number := func(r *record) (float64, bool) { v, ok := r.Fields[f.ID].(float64); return v, ok }
		return &jqlField{number: number, compare: func(a, b *record) int {
			x, _ := number(a)
			y, _ := number(b)
			return cmp.Compare(x, y)
		}}
	case kindSelect:
		return &jqlField{values: func(r *record) []string { return one(r.text(f.ID)) }, canonical: func(v string) (string, bool) { return choiceID(f.Options, v) }}
	case kindMultiSelect:
		return &jqlField{values: func(r *record) []string { return r.labels(f.ID) }, canonical: func(v string) (string, bool) { return choiceID(f.Options, v) }}
	case kindLabels:
		return &jqlField{values: func(r *record) []string { return r.labels(f.ID) }, canonical: asIs}
	case kindUser:
		return s.jqlUser(f.ID)
	default:
		return &jqlField{text: recordText(f.ID), values: func(r *record) []string { return one(r.text(f.ID)) }, canonical: asIs}
	}
}

// recordText gives the words of a field, or with "text" of summary and
// description together.
func recordText(id string) func(*record) string {
	return func(r *record) string {
		if id == "text" {
			return r.text("summary") + "\n" + documentText(r.Fields["description"])
		}
		if text := r.text(id); text != "" {
			return text
		}
		return documentText(r.Fields[id])
	}
}

func compareKeys(a, b *record) int {
	return cmp.Or(cmp.Compare(a.Project, b.Project), cmp.Compare(a.Number, b.Number))
}

// jqlClause makes the test of one clause.
func (s *Server) jqlClause(f *jqlField, operator string, operands []jqlToken) (jqlTest, *apiError) {
	switch {
	case operator == "is" || operator == "is not":
		if !operands[0].is("empty") && !operands[0].is("null") {
			return nil, jqlError("The operator '%s' needs EMPTY or NULL.", operator)
		}
		return func(r *record) bool { return f.empty(r) == (operator == "is") }, nil
	case operator == "~" || operator == "!~":
		return jqlContains(f, operator, operands[0].text)
	case f.time != nil:
		return s.jqlTime(f, operator, operands)
	case f.number != nil:
		return jqlNumber(f, operator, operands[0].text)
	}
	return s.jqlEquality(f, operator, operands)
}

func (f *jqlField) empty(r *record) bool {
	switch {
	case f.time != nil:
		return f.time(r).IsZero()
	case f.number != nil:
		_, ok := f.number(r)
		return !ok
	case f.text != nil:
		return f.text(r) == ""
	}
	return len(f.values(r)) == 0
}

// jqlEquality: like Jira's, the negative operators do not match empty fields.
func (s *Server) jqlEquality(f *jqlField, operator string, operands []jqlToken) (jqlTest, *apiError) {
	negative := operator == "!=" || operator == "not in"
	if f.canonical == nil || !negative && operator != "=" && operator != "in" {
		return s.jqlKeyRange(f, operator, operands)
	}
	wanted := map[string]bool{}
	for _, operand := range operands {
		v, ok := f.canonical(operand.text)
		if !ok && f.lenient {
			continue
		}
		if !ok {
			if slices.Contains([]string{"key", "issuekey", "id", "issue"}, strings.ToLower(f.name)) {
				return nil, refuse(http.StatusBadRequest, "An issue with key '%s' does not exist for field '%s'.", operand.text, f.name)
			}
			return nil, refuse(http.StatusBadRequest, "The value '%s' does not exist for the field '%s'.", operand.text, f.name)
		}
		wanted[strings.ToLower(v)] = true
	}
	return func(r *record) bool {
		values := f.values(r)
		found := slices.ContainsFunc(values, func(v string) bool { return wanted[strings.ToLower(v)] })
		if negative {
			return len(values) > 0 && !found
		}
		return found
	}, nil
}

// jqlKeyRange compares keys within the operand's project.
func (s *Server) jqlKeyRange(f *jqlField, operator string, operands []jqlToken) (jqlTest, *apiError) {
	project, number, _ := strings.Cut(operands[0].text, "-")
	n, err := strconv.Atoi(number)
	if !strings.Contains(strings.ToLower(f.name), "key") || err != nil {
		return nil, refuse(http.StatusBadRequest, "The operator '%s' is not supported by the '%s' field.", operator, f.name)
	}
	return func(r *record) bool {
		return strings.EqualFold(r.Project, project) && holds(cmp.Compare(r.Number, n), operator)
	}, nil
}

// jqlContains looks for all words of the operand, without case.
func jqlContains(f *jqlField, operator, operand string) (jqlTest, *apiError) {
	if f.text == nil {
		return nil, refuse(http.StatusBadRequest, "The operator '%s' is not supported by the '%s' field.", operator, f.name)
	}
	words := strings.Fields(strings.ToLower(strings.Trim(operand, `"*`)))
	return func(r *record) bool {
		text := strings.ToLower(f.text(r))
		missing := slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, strings.Trim(w, "*")) })
		return missing == (operator == "!~")
	}, nil
}

func holds(order int, operator string) bool {
	switch operator {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	}
	return false
}

func (s *Server) jqlTime(f *jqlField, operator string, operands []jqlToken) (jqlTest, *apiError) {
	at, ok := s.jqlTimeOperand(operands[0])
	if !ok {
		return nil, refuse(http.StatusBadRequest, "Date value '%s' for field '%s' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.", operands[0].text, f.name)
	}
	if operator == "in" || operator == "not in" {
		return nil, refuse(http.StatusBadRequest, "The operator '%s' is not supported by the '%s' field.", operator, f.name)
	}
	// The index keeps times to the millisecond.
	return func(r *record) bool {
		return holds(f.time(r).Truncate(time.Millisecond).Compare(at), operator)
	}, nil
}

// jqlTimeOperand: unquoted epoch milliseconds, -5m and the like, or a date that
// is read to the minute in the searcher's zone.
func (s *Server) jqlTimeOperand(t jqlToken) (time.Time, bool) {
	if ms, err := strconv.ParseInt(t.text, 10, 64); err == nil && !t.quoted {
		return time.UnixMilli(ms), true
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006/01/02 15:04", "2006-01-02", "2006/01/02"} {
		if at, err := time.ParseInLocation(layout, t.text, s.zone); err == nil {
			return at, true
		}
	}
	if len(t.text) < 2 {
		return time.Time{}, false
	}
	unit, ok := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[t.text[len(t.text)-1]]
	n, err := strconv.Atoi(t.text[:len(t.text)-1])
	if !ok || err != nil {
		return time.Time{}, false
	}
	return s.now().Add(time.Duration(n) * unit), true
}

func jqlNumber(f *jqlField, operator, operand string) (jqlTest, *apiError) {
	n, err := strconv.ParseFloat(operand, 64)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "%s", fmt.Sprintf("The value '%s' is not a number for the field '%s'.", operand, f.name))
	}
	return func(r *record) bool {
		v, ok := f.number(r)
		return ok && holds(cmp.Compare(v, n), operator)
	}, nil
}
