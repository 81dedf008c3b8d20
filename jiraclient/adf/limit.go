package adf

import (
	"strings"
	"unicode/utf16"
)

// Limits of Jira Cloud. Jira counts as Java does, in UTF-16 code units, so that
// a character outside the basic plane counts twice.
const (
	MaxText    = 32767 // of a description, a comment or a paragraph field
	MaxSummary = 255   // of a summary or a single-line text field
)

// units is the length of s as Jira counts it.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// cut is the longest beginning of s, in whole runes, within max units.
func cut(s string, max int) string {
	n := 0
	for i, r := range s {
		if n += utf16.RuneLen(r); n > max {
			return s[:i]
		}
	}
	return s
}

// Line makes one line of s that fits into max units, with an ellipsis where
// something was cut: for summaries and single-line text fields.
func Line(s string, max int) string {
	s = strings.Join(strings.Fields(cleanText(s)), " ")
	if units(s) <= max {
		return s
	}
	return strings.TrimRight(cut(s, max-1), " ") + "…"
}

// Summary makes a valid summary of s.
func Summary(s string) string { return Line(s, MaxSummary) }

// Length is the length of the document's text as Jira limits it, with one for
// each block and hard break.
func (n Node) Length() int {
	length := units(n.Text)
	if n.Text == "" {
		length++
	}
	for _, child := range n.Content {
		length += child.Length()
	}
	return length
}

// Limit cuts the document to max units of text. Where something is cut, a last
// paragraph says so, with a link to the whole when more is an address.
func Limit(d Node, max int, more string) Node {
	if d.Length() <= max {
		return d
	}
	note := paragraph([]Node{text("… shortened.")})
	if safeLink(more) {
		note = paragraph([]Node{text("… shortened; the whole text: "), text(more, link(more))})
	}
	left := max - note.Length() - 1 // the root counts one
	content, _ := limitContent(d.Content, &left)
	d.Content = append(content, note)
	return d
}

// limitContent keeps nodes while room is left. A node that has to hold
// something and is left with nothing goes too. It tells whether it cut.
func limitContent(nodes []Node, left *int) ([]Node, bool) {
	var out []Node
	for _, n := range nodes {
		if *left <= 0 {
			return out, true
		}
		if n.Text != "" {
			part := cut(n.Text, *left)
			short := part != n.Text
			*left -= units(part)
			if n.Text = part; part != "" {
				out = append(out, n)
			}
			if short {
				return out, true
			}
			continue
		}
		*left--
		had := len(n.Content)
		var short bool
		n.Content, short = limitContent(n.Content, left)
		if had == 0 || len(n.Content) > 0 {
			out = append(out, n)
		}
		if short {
			return out, true
		}
	}
	return out, false
}
