package jiratest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// What Jira says about values.
const (
	notOnScreen   = "Field '%s' cannot be set. It is not on the appropriate screen, or unknown."
	notADocument  = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
	notAString    = "Operation value must be a string"
	notANumber    = "Operation value must be a number"
	notAnArray    = "Operation value must be an array"
	noSummary     = "You must specify a summary of the issue."
	summaryLines  = "The summary is invalid because it contains newline characters."
	summaryLength = "Summary can't exceed 255 characters."
	lineLength    = "The entered text is too long. It exceeds the allowed limit of 255 characters."
	textLength    = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
)

func upper(s string) string { return strings.ToUpper(s) }

// utf16Len is the length of s as Jira counts it.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// checkValue normalises a value that was sent for a field; nil empties it. A
// problem is Jira's message for the field, "" when there is none.
func (s *Server) checkValue(f *field, p *project, v any) (value any, problem string) {
	if v == nil {
		if f.ID == "summary" {
			return nil, noSummary
		}
		return nil, ""
	}
	switch f.Kind {
	case kindLine:
		return checkLine(f, v)
	case kindURL:
		return checkURL(v)
	case kindDocument:
		return s.checkDocument(v)
	case kindNumber:
		if _, ok := v.(float64); !ok {
			return nil, notANumber
		}
		return v, ""
	case kindLabels:
		return checkList(v, checkLabel)
	case kindSelect:
		return checkChoice(f.Options, v, "Option id '%s' is not valid")
	case kindPriority:
		return checkChoice(s.site.priorities, v, "The priority selected is invalid.")
	case kindMultiSelect:
		return checkList(v, func(one any) (any, string) { return checkChoice(f.Options, one, "Option id '%s' is not valid") })
	case kindVersions:
		return checkList(v, func(one any) (any, string) { return checkChoice(p.versions, one, "Version id '%s' is not valid") })
	case kindUser:
		return s.checkUser(f, p, v)
	case kindDate:
		return checkTime(v, "2006-01-02")
	case kindDateTime:
		return checkTime(v, "2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05.000Z07:00", time.RFC3339)
	case kindParent:
		return s.checkParent(v)
	case kindEpicLink:
		return s.checkEpicLink(v)
	default:
		return nil, fmt.Sprintf(notOnScreen, f.ID)
	}
}

func checkLine(f *field, v any) (any, string) {
	text, ok := v.(string)
	switch {
	case !ok:
		return nil, notAString
	case f.ID != "summary" && utf16Len(text) > 255:
		return nil, lineLength
	case f.ID != "summary":
		return text, ""
	case strings.TrimSpace(text) == "":
		return nil, noSummary
	case strings.ContainsAny(text, "\r\n"):
		return nil, summaryLines
	case utf16Len(text) > 255:
		return nil, summaryLength
	}
	return text, ""
}

func checkURL(v any) (any, string) {
	text, ok := v.(string)
	if !ok {
		return nil, notAString
	}
	if u, err := url.Parse(text); err != nil || u.Scheme == "" || u.Host == "" {
		return nil, "The value '" + text + "' is not a valid URL."
	}
	return text, ""
}

func (s *Server) checkDocument(v any) (any, string) {
	if s.dc {
		return checkMarkup(v)
	}
	if problem := documentProblem(v); problem != "" {
		return nil, problem
	}
	if utf16Len(documentText(v)) > 32767 {
		return nil, textLength
	}
	return v, ""
}

func checkList(v any, check func(any) (any, string)) (any, string) {
	list, ok := v.([]any)
	if !ok {
		return nil, notAnArray
	}
	var out []any
	for _, one := range list {
		value, problem := check(one)
		if problem != "" {
			return nil, problem
		}
		if !slices.Contains(out, value) {
			out = append(out, value)
		}
	}
	if len(out) == 0 {
		return nil, ""
	}
	return out, ""
}

func checkLabel(v any) (any, string) {
	label, ok := v.(string)
	switch {
	case !ok:
		return nil, notAString
	case label == "":
		return nil, "The label must not be empty."
	case strings.ContainsFunc(label, unicode.IsSpace):
		return nil, fmt.Sprintf("The label '%s' contains spaces which is invalid.", label)
	case utf16Len(label) > 255:
		return nil, fmt.Sprintf("The label '%s' exceeds the maximum length of 255 characters.", label)
	}
	return label, ""
}

// member reads an object that must consist of exactly one of the names.
func member(v any, names ...string) (name, value string, ok bool) {
	object, isObject := v.(map[string]any)
	if !isObject || len(object) != 1 {
		return "", "", false
	}
	for _, name := range names {
		if value, ok := object[name].(string); ok {
			return name, value, true
		}
	}
	return "", "", false
}

// checkChoice takes a choice by id alone: ids are what createmeta gives, and a
// name may stand for several.
func checkChoice(choices []choice, v any, invalid string) (any, string) {
	_, id, ok := member(v, "id")
	if !ok {
		return nil, "Could not find valid 'id' in the option object."
	}
	if _, known := choiceByID(choices, id); !known {
		if strings.Contains(invalid, "%s") {
			return nil, fmt.Sprintf(invalid, id)
		}
		return nil, invalid
	}
	return id, ""
}

func (s *Server) checkUser(f *field, p *project, v any) (any, string) {
	names := []string{"accountId", "id"}
	if s.dc {
		names = []string{"name"}
	}
	_, id, ok := member(v, names...)
	switch {
	case !ok && s.dc:
		return nil, "expected Object containing a name"
	case !ok:
		return nil, "'accountId' must be the only user identifying query parameter in GDPR strict mode."
	}
	a := s.site.account(id)
	switch {
	case a == nil:
		return nil, "Specify a valid value for " + f.Name
	case f.ID == "assignee" && !s.site.may(a, "ASSIGNABLE_USER", p.Key):
		return nil, fmt.Sprintf("User '%s' cannot be assigned issues.", id)
	}
	return id, ""
}

func checkTime(v any, layouts ...string) (any, string) {
	text, ok := v.(string)
	if !ok {
		return nil, notAString
	}
	for _, layout := range layouts {
		if _, err := time.Parse(layout, text); err == nil {
			return text, ""
		}
	}
	return nil, fmt.Sprintf("Error parsing date string: %s", text)
}

func (s *Server) checkParent(v any) (any, string) {
	_, id, ok := member(v, "key", "id")
	if !ok {
		return nil, "data was not an object"
	}
	parent := s.issues.find(id)
	switch {
	case parent == nil:
		return nil, "Could not find issue by id or key."
	case s.site.issueType(parent.Type).Level != 1:
		return nil, "Given parent work item does not belong to appropriate hierarchy."
	}
	return parent.id(), ""
}
