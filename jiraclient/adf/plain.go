package adf

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Parse reads a document as Jira answered it.
func Parse(raw []byte) (Node, error) {
	var n Node
	if err := json.Unmarshal(raw, &n); err != nil {
		return Node{}, fmt.Errorf("not an Atlassian document: %w", err)
	}
	if n.Type != "doc" {
		return Node{}, fmt.Errorf("not an Atlassian document: its root is %q", n.Type)
	}
	return n, nil
}

// PlainText is the text of a document as a person reads it, normalised: the
// form in which texts are compared (ruling 23).
func PlainText(n Node) string {
	var b strings.Builder
	writePlain(&b, n, 0)
	return Normalize(b.String())
}

// maxRead bounds the nesting of foreign documents.
const maxRead = 100

func writePlain(b *strings.Builder, n Node, depth int) {
	if depth > maxRead {
		return
	}
	switch n.Type {
	case "text":
		b.WriteString(n.Text)
	case "hardBreak":
		b.WriteByte('\n')
	case "mention", "emoji", "status", "date", "inlineCard":
		b.WriteString(inlineText(n))
	case "rule":
		b.WriteString("\n---\n\n")
	case "bulletList", "orderedList":
		writeList(b, n, depth)
	case "tableRow":
		writeRow(b, n, depth)
	default:
		for _, child := range n.Content {
			writePlain(b, child, depth+1)
		}
		if isTextBlock(n.Type) {
			b.WriteString("\n\n")
		}
	}
}

func isTextBlock(kind string) bool {
	switch kind {
	case "paragraph", "heading", "codeBlock", "table":
		return true
	}
	return false
}

// inlineText is what stands for an inline node without text of its own.
func inlineText(n Node) string {
	for _, name := range []string{"text", "shortName", "url", "timestamp"} {
		if s, ok := n.Attrs[name].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func writeList(b *strings.Builder, n Node, depth int) {
	number := 1
	if order, ok := n.Attrs["order"].(float64); ok {
		number = int(order)
	}
	if order, ok := n.Attrs["order"].(int); ok {
		number = order
	}
	for _, item := range n.Content {
		mark := "- "
		if n.Type == "orderedList" {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		b.WriteString(mark + strings.ReplaceAll(tight(item, depth), "\n", "\n  ") + "\n")
	}
	b.WriteByte('\n')
}

func writeRow(b *strings.Builder, n Node, depth int) {
	cells := make([]string, len(n.Content))
	for i, cell := range n.Content {
		cells[i] = strings.ReplaceAll(tight(cell, depth), "\n", " ")
	}
	b.WriteString(strings.Join(cells, " | ") + "\n")
}

// tight is the text of a node's children without empty lines.
func tight(n Node, depth int) string {
	var b strings.Builder
	for _, child := range n.Content {
		writePlain(&b, child, depth+1)
	}
	return strings.ReplaceAll(Normalize(b.String()), "\n\n", "\n")
}

// FieldText is the plain text of a field value, whatever its shape: a string, a
// number, a document, an option or another named thing, or a list of these.
// null and nothing are "".
func FieldText(raw json.RawMessage) string {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return ""
	}
	return valueText(v, raw)
}

func valueText(v any, raw json.RawMessage) string {
	switch v := v.(type) {
	case string:
		return Normalize(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		var parts []string
		for _, one := range v {
			if s := valueText(one, nil); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		if v["type"] == "doc" {
			if n, err := Parse(raw); err == nil {
				return PlainText(n)
			}
			return ""
		}
		for _, name := range []string{"value", "displayName", "name", "key", "id"} {
			if s, ok := v[name].(string); ok && s != "" {
				return Normalize(s)
			}
		}
	}
	return ""
}
