package jiratest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// putIssue edits an issue. Unlike creation it does not look at screens.
func (s *Server) putIssue(q *request) (int, any, error) {
	if err := q.only("returnIssue", "expand"); err != nil {
		return 0, nil, err
	}
	e, err := s.writable(q, "EDIT_ISSUES")
	if err != nil {
		return 0, nil, err
	}
	var body issueBody
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	if body.Transition != nil {
		return 0, nil, refuse(http.StatusBadRequest, "The status cannot be changed by an edit; use the transitions resource.")
	}
	fields, refused := s.checkEdit(e, body)
	if refused != nil {
		return 0, nil, refused
	}
	properties, refused := checkProperties(body.Properties)
	if refused != nil {
		return 0, nil, refused
	}
	s.alter(e, q.account.ID, fields, func(r *record) {
		for key, value := range properties {
			r.setProperty(key, value)
		}
	})
	if q.query.Get("returnIssue") == "true" {
		return http.StatusOK, s.render(q, &e.record, []string{"*all"}, nil), nil
	}
	return http.StatusNoContent, nil, nil
}

// checkEdit turns fields and update verbs into new values.
func (s *Server) checkEdit(e *entry, body issueBody) (map[string]any, *apiError) {
	p := s.site.project(e.Project)
	problems := map[string]string{}
	fields := map[string]any{}
	check := func(id string, v any) {
		f := s.site.field(id)
		if f == nil {
			problems[id] = fmt.Sprintf(notOnScreen, id)
			return
		}
		value, problem := s.checkValue(f, p, v)
		if problem != "" {
			problems[id] = problem
			return
		}
		fields[id] = value
	}
	for id, v := range body.Fields {
		check(id, v)
	}
	for id, operations := range body.Update {
		if _, twice := body.Fields[id]; twice {
			problems[id] = "Field '" + id + "' cannot appear in both fields and update."
			continue
		}
		v, problem := s.applyVerbs(e, id, operations)
		if problem != "" {
			problems[id] = problem
			continue
		}
		check(id, v)
	}
	return fields, problemsError(problems)
}

// applyVerbs carries out set, add and remove on what the field holds.
func (s *Server) applyVerbs(e *entry, id string, operations []map[string]any) (any, string) {
	f := s.site.field(id)
	if f == nil {
		return nil, fmt.Sprintf(notOnScreen, id)
	}
	isList := f.Kind == kindLabels || f.Kind == kindMultiSelect || f.Kind == kindVersions
	var list []any
	if held, ok := e.Fields[id].([]any); ok {
		for _, v := range held {
			list = append(list, sentForm(f, v))
		}
	}
	var value any
	for _, operation := range operations {
		if len(operation) != 1 {
			return nil, "Each operation must have exactly one verb."
		}
		for verb, v := range operation {
			switch {
			case verb == "set" && !isList:
				value = v
			case verb == "set":
				if list, isList = v.([]any); !isList {
					return nil, notAnArray
				}
			case verb == "add" && isList:
				list = append(list, v)
			case verb == "remove" && isList:
				list = slices.DeleteFunc(list, func(have any) bool { return fmt.Sprint(have) == fmt.Sprint(v) })
			default:
				return nil, fmt.Sprintf("Field '%s' does not support operation '%s'.", id, verb)
			}
		}
	}
	if isList {
		if list == nil {
			return nil, ""
		}
		return list, ""
	}
	return value, ""
}

// sentForm is a kept list element as a client would send it.
func sentForm(f *field, v any) any {
	if f.Kind == kindLabels {
		return v
	}
	return map[string]any{"id": v}
}

func (s *Server) getTransitions(q *request) (int, any, error) {
	if err := q.only("expand", "transitionId", "skipRemoteOnlyCondition", "includeUnavailableTransitions", "sortByOpsBarAndStatus"); err != nil {
		return 0, nil, err
	}
	e, err := s.visible(q, q.args[0])
	if err != nil {
		return 0, nil, err
	}
	list := []any{}
	if s.site.may(q.account, "TRANSITION_ISSUES", e.Project) {
		for _, t := range s.site.steps(e.Status) {
			step := map[string]any{"id": t.ID, "name": t.Name, "to": q.renderStatus(s.site.status(t.To))}
			if !s.dc {
				for _, name := range []string{"hasScreen", "isGlobal", "isInitial", "isConditional", "looped"} {
					step[name] = false
				}
				step["isAvailable"] = true
			}
			list = append(list, step)
		}
	}
	return http.StatusOK, map[string]any{"expand": "transitions", "transitions": list}, nil
}

func (s *Server) postTransition(q *request) (int, any, error) {
	e, err := s.visible(q, q.args[0])
	if err != nil {
		return 0, nil, err
	}
	var body issueBody
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	var id string
	if body.Transition == nil || json.Unmarshal(body.Transition.ID, &id) != nil {
		return 0, nil, refuse(http.StatusBadRequest, "Missing 'transition' identifier")
	}
	if _, err := strconv.Atoi(id); err != nil {
		return 0, nil, refuse(http.StatusBadRequest, "'transition' identifier must be an integer")
	}
	if len(body.Fields) > 0 || len(body.Update) > 0 {
		return 0, nil, refuse(http.StatusBadRequest, "The transition has no screen; fields cannot be set.")
	}
	to := ""
	if s.site.may(q.account, "TRANSITION_ISSUES", e.Project) {
		for _, t := range s.site.steps(e.Status) {
			if t.ID == id {
				to = t.To
			}
		}
	}
	if to == "" {
		return 0, nil, refuse(http.StatusBadRequest, "Transition id '%s' is not valid for this issue.", id)
	}
	s.moveTo(e, to)
	return http.StatusNoContent, nil, nil
}

// moveTo changes the status.
func (s *Server) moveTo(e *entry, statusID string) {
	s.change(e, func(r *record) { r.Status = statusID })
}

func (s *Server) getComments(q *request) (int, any, error) {
	if err := q.only("startAt", "maxResults", "orderBy", "expand"); err != nil {
		return 0, nil, err
	}
	e, err := s.visible(q, q.args[0])
	if err != nil {
		return 0, nil, err
	}
	start, size, err := q.page(100, 5000)
	if err != nil {
		return 0, nil, err
	}
	comments := slices.Clone(e.Comments)
	switch order := q.query.Get("orderBy"); order {
	case "", "created", "+created":
	case "-created":
		slices.Reverse(comments)
	default:
		return 0, nil, refuse(http.StatusBadRequest, "'%s' is not a valid order.", order)
	}
	rendered := []any{}
	for _, c := range slice(comments, start, size) {
		rendered = append(rendered, s.renderComment(q, e, c))
	}
	return http.StatusOK, map[string]any{"startAt": start, "maxResults": size, "total": len(comments), "comments": rendered}, nil
}

func (s *Server) postComment(q *request) (int, any, error) {
	if err := q.only("expand"); err != nil {
		return 0, nil, err
	}
	e, err := s.writable(q, "ADD_COMMENTS")
	if err != nil {
		return 0, nil, err
	}
	var body struct {
		Body       any            `json:"body"`
		Properties []propertyBody `json:"properties"`
	}
	if err := q.decode(&body); err != nil {
		return 0, nil, err
	}
	value, problem := s.checkDocument(body.Body)
	if problem == "" && documentText(value) == "" {
		problem = "Comment body can not be empty!"
	}
	if problem != "" {
		return 0, nil, problemsError(map[string]string{"comment": problem})
	}
	return http.StatusCreated, s.renderComment(q, e, s.addComment(e, q.account.ID, value)), nil
}

func (s *Server) addComment(e *entry, author string, body any) comment {
	c := comment{ID: e.ID*1000 + int64(len(e.Comments)), Author: author, Body: body, Created: s.now()}
	s.change(e, func(r *record) { r.Comments = append(slices.Clone(r.Comments), c) })
	return c
}

const maxPropertyKeys = 5

func (s *Server) getProperties(q *request) (int, any, error) {
	e, err := s.visible(q, q.args[0])
	if err != nil {
		return 0, nil, err
	}
	keys := []any{}
	for key := range e.Properties {
		keys = append(keys, map[string]any{"key": key, "self": q.api + "/issue/" + e.id() + "/properties/" + key})
	}
	return http.StatusOK, map[string]any{"keys": keys}, nil
}

func (s *Server) getProperty(q *request) (int, any, error) {
	e, err := s.visible(q, q.args[0])
	if err != nil {
		return 0, nil, err
	}
	value, ok := e.Properties[q.args[1]]
	if !ok {
		return 0, nil, refuse(http.StatusNotFound, "The property '%s' does not exist.", q.args[1])
	}
	return http.StatusOK, map[string]any{"key": q.args[1], "value": value}, nil
}

func (s *Server) putProperty(q *request) (int, any, error) {
	e, err := s.writable(q, "EDIT_ISSUES")
	if err != nil {
		return 0, nil, err
	}
	if refused := checkProperty(q.args[1], q.body); refused != nil {
		return 0, nil, refused
	}
	_, had := e.Properties[q.args[1]]
	s.change(e, func(r *record) { r.setProperty(q.args[1], slices.Clone(q.body)) })
	if had {
		return http.StatusOK, map[string]any{}, nil
	}
	return http.StatusCreated, map[string]any{}, nil
}
