package model

import (
	"reflect"
	"strings"
)

// markdownSigns are the characters that can begin markup anywhere in a line
// (CommonMark 0.31, section 2.4: each may be escaped by a backslash).
const markdownSigns = "\\`*_[]<>|~&#!"

// EscapeMarkdown makes text from outside stand for itself in Markdown, within
// a line.
func EscapeMarkdown(s string) string {
	if !strings.ContainsAny(s, markdownSigns) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && strings.ContainsRune(markdownSigns, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// markdown returns the placeholders for a Markdown template: what comes from
// outside is escaped, but for the description, which is Markdown itself, and
// the references, which were checked to be addresses.
func (p *Placeholders) markdown() *Placeholders {
	escaped := *p
	v := reflect.ValueOf(&escaped).Elem()
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; {
		case name == "Description" || name == "References" || name == "Link":
		case v.Field(i).Kind() == reflect.String:
			v.Field(i).SetString(EscapeMarkdown(v.Field(i).String()))
		case name == "Components":
			escaped.Components = escapeAll(p.Components)
		case name == "Issues":
			escaped.Issues = escapeAll(p.Issues)
		}
	}
	return &escaped
}

func escapeAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = EscapeMarkdown(text)
	}
	return out
}
