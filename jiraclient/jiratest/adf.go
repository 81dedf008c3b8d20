package jiratest

import (
	"encoding/json"
	"slices"
	"strings"
)

// invalidInput is what Jira says, and all that it says, about a document that
// breaks the format.
const invalidInput = "INVALID_INPUT"

// CheckADF tells what Jira would say about a document, "" when it accepts it.
func CheckADF(raw []byte) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return notADocument
	}
	return documentProblem(v)
}

func documentProblem(v any) string {
	root, ok := v.(map[string]any)
	if !ok || root["type"] != "doc" || root["version"] != float64(1) {
		return notADocument
	}
	if _, ok := root["content"].([]any); !ok || !onlyMembers(root, "type", "version", "content") {
		return notADocument
	}
	if !validNode(root, "doc", 0) {
		return invalidInput
	}
	return ""
}

var (
	inlineNodes = []string{"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"}
	listNodes   = []string{"bulletList", "orderedList"}
	cellBlocks  = append([]string{"paragraph", "heading", "codeBlock", "blockquote", "rule", "panel"}, listNodes...)
)

// mayHold lists what each kind of node may contain. Kinds without an entry are
// unknown here and refused; nil means no content.
var mayHold = map[string][]string{
	"doc":         append([]string{"table"}, cellBlocks...),
	"paragraph":   inlineNodes,
	"heading":     inlineNodes,
	"codeBlock":   {"text"},
	"blockquote":  append([]string{"paragraph", "codeBlock"}, listNodes...),
	"panel":       append([]string{"paragraph", "heading", "codeBlock"}, listNodes...),
	"bulletList":  {"listItem"},
	"orderedList": {"listItem"},
	"listItem":    append([]string{"paragraph", "codeBlock"}, listNodes...),
	"table":       {"tableRow"},
	"tableRow":    {"tableCell", "tableHeader"},
	"tableCell":   cellBlocks,
	"tableHeader": cellBlocks,
	"rule":        nil,
	"text":        nil, "hardBreak": nil, "mention": nil, "emoji": nil, "inlineCard": nil, "date": nil, "status": nil,
}

// mustHold are the kinds that may not be empty.
var mustHold = []string{"blockquote", "panel", "bulletList", "orderedList", "listItem", "table", "tableRow", "tableCell", "tableHeader"}

const maxNesting = 60

func onlyMembers(object map[string]any, names ...string) bool {
	for name := range object {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

func validNode(n map[string]any, kind string, depth int) bool {
	allowed, known := mayHold[kind]
	if !known || depth > maxNesting || !onlyMembers(n, "type", "version", "content", "attrs", "text", "marks") {
		return false
	}
	if n["version"] != nil && kind != "doc" || !validAttrs(n, kind) {
		return false
	}
	if kind == "text" {
		text, ok := n["text"].(string)
		return ok && text != "" && n["content"] == nil && validMarks(n["marks"])
	}
	if n["text"] != nil || n["marks"] != nil {
		return false
	}
	content, ok := n["content"].([]any)
	if n["content"] != nil && !ok || allowed == nil && n["content"] != nil {
		return false
	}
	if len(content) == 0 {
		return !slices.Contains(mustHold, kind)
	}
	for i, one := range content {
		child, ok := one.(map[string]any)
		if !ok {
			return false
		}
		childKind, _ := child["type"].(string)
		if !slices.Contains(allowed, childKind) || !validNode(child, childKind, depth+1) {
			return false
		}
		if kind == "listItem" && i == 0 && slices.Contains(listNodes, childKind) || kind == "codeBlock" && child["marks"] != nil {
			return false
		}
	}
	return true
}

func validAttrs(n map[string]any, kind string) bool {
	attrs, ok := n["attrs"].(map[string]any)
	if n["attrs"] != nil && !ok {
		return false
	}
	switch kind {
	case "heading":
		level, ok := attrs["level"].(float64)
		return ok && level >= 1 && level <= 6 && level == float64(int(level))
	case "orderedList":
		order, ok := attrs["order"].(float64)
		return attrs["order"] == nil || ok && order >= 0
	case "codeBlock":
		_, ok := attrs["language"].(string)
		return attrs["language"] == nil || ok
	case "mention", "emoji", "inlineCard", "date", "status", "panel":
		return len(attrs) > 0
	case "doc", "paragraph", "text", "rule", "blockquote", "bulletList", "listItem":
		return len(attrs) == 0
	}
	return true
}

func validMarks(v any) bool {
	if v == nil {
		return true
	}
	list, ok := v.([]any)
	if !ok {
		return false
	}
	var kinds []string
	for _, one := range list {
		mark, ok := one.(map[string]any)
		if !ok || !onlyMembers(mark, "type", "attrs") {
			return false
		}
		kind, _ := mark["type"].(string)
		attrs, _ := mark["attrs"].(map[string]any)
		switch kind {
		case "strong", "em", "strike", "underline", "code":
			if len(attrs) > 0 {
				return false
			}
		case "link":
			if href, ok := attrs["href"].(string); !ok || href == "" {
				return false
			}
		case "subsup", "textColor":
			if len(attrs) == 0 {
				return false
			}
		default:
			return false
		}
		if slices.Contains(kinds, kind) {
			return false
		}
		kinds = append(kinds, kind)
	}
	if slices.Contains(kinds, "code") {
		return len(kinds) == 1 || len(kinds) == 2 && slices.Contains(kinds, "link")
	}
	return true
}

// documentText is the text of a document for people, search and limits; wiki
// markup stands for itself.
func documentText(v any) string {
	if markup, ok := v.(string); ok {
		return markup // Data Center
	}
	var b strings.Builder
	writeText(&b, v)
	return strings.TrimRight(b.String(), "\n")
}

func writeText(b *strings.Builder, v any) {
	n, _ := v.(map[string]any)
	kind, _ := n["type"].(string)
	switch kind {
	case "text":
		text, _ := n["text"].(string)
		b.WriteString(text)
		return
	case "hardBreak":
		b.WriteByte('\n')
		return
	}
	content, _ := n["content"].([]any)
	for _, child := range content {
		writeText(b, child)
	}
	switch kind {
	case "paragraph", "heading", "codeBlock":
		b.WriteByte('\n')
	}
}

// document makes a document of what a person types: markup on Data Center.
func (s *Server) document(text string) any {
	if s.dc {
		return strings.ReplaceAll(text, "\r\n", "\n")
	}
	return textDocument(text)
}

// textDocument makes a document of plain text, one paragraph for each line.
func textDocument(s string) any {
	content := []any{}
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		paragraph := map[string]any{"type": "paragraph"}
		if line != "" {
			paragraph["content"] = []any{map[string]any{"type": "text", "text": line}}
		}
		content = append(content, paragraph)
	}
	return map[string]any{"type": "doc", "version": float64(1), "content": content}
}
