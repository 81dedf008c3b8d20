// Package adf makes and reads documents in the Atlassian Document Format, in
// which Jira Cloud keeps descriptions, comments and paragraph fields.
//
// What it makes keeps to the strict parts of the format, because Jira refuses a
// whole issue for one bad node: no empty text, blocks only where they may
// stand, and the code mark beside no other mark than a link.
// See developer.atlassian.com/cloud/jira/platform/apis/document/structure.
package adf

import (
	"encoding/json"
	"strings"
	"unicode"
)

// Node is a node of a document.
type Node struct {
	Type    string         `json:"type"`
	Version int            `json:"version,omitempty"` // 1, of the root alone
	Attrs   map[string]any `json:"attrs,omitempty"`
	Content []Node         `json:"content,omitempty"`
	Text    string         `json:"text,omitempty"`
	Marks   []Mark         `json:"marks,omitempty"`
}

// Mark is a decoration of a text node.
type Mark struct {
	Type  string         `json:"type"`
	Attrs map[string]any `json:"attrs,omitempty"`
}

// MarshalJSON writes the content of a root even when it is empty, as Jira
// demands.
func (n Node) MarshalJSON() ([]byte, error) {
	type plain Node
	if n.Type == "doc" && n.Content == nil {
		return json.Marshal(struct {
			plain
			Content []Node `json:"content"`
		}{plain(n), []Node{}})
	}
	return json.Marshal(plain(n))
}

// JSON is the document as a field value.
func (n Node) JSON() json.RawMessage {
	data, err := json.Marshal(n)
	if err != nil {
		// Strings, ints and maps of them always marshal.
		panic("adf: " + err.Error())
	}
	return data
}

func doc(blocks []Node) Node { return Node{Type: "doc", Version: 1, Content: blocks} }

func paragraph(inline []Node) Node { return Node{Type: "paragraph", Content: inline} }

func text(s string, marks ...Mark) Node { return Node{Type: "text", Text: s, Marks: marks} }

func link(href string) Mark { return Mark{Type: "link", Attrs: map[string]any{"href": href}} }

var hardBreak = Node{Type: "hardBreak"}

// FromText makes a document of plain text: an empty line ends a paragraph, a
// single line end is a hard break. PlainText gives Normalize(s) back.
func FromText(s string) Node {
	s = Normalize(s)
	if s == "" {
		return doc(nil)
	}
	var blocks []Node
	for chunk := range strings.SplitSeq(s, "\n\n") {
		var inline []Node
		for i, line := range strings.Split(chunk, "\n") {
			if i > 0 {
				inline = append(inline, hardBreak)
			}
			if line != "" {
				inline = append(inline, text(line))
			}
		}
		blocks = append(blocks, paragraph(inline))
	}
	return doc(blocks)
}

// Normalize is the form in which plain texts are compared (ruling 23): line
// ends are \n, no line ends in blanks, at most one empty line stands between
// others, none at either end, and no control characters but tabs.
func Normalize(s string) string {
	s = cleanText(s)
	var b strings.Builder
	empty := 0
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n")
			if empty > 0 {
				b.WriteString("\n")
			}
		}
		b.WriteString(line)
		empty = 0
	}
	return b.String()
}

// cleanText drops what JSON or a reader cannot take: invalid UTF-8 and control
// characters; newlines and tabs stay.
func cleanText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// cleanLine is cleanText on one line.
func cleanLine(s string) string {
	return strings.ReplaceAll(cleanText(s), "\n", " ")
}
