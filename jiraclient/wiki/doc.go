// Package wiki makes and reads Jira's wiki markup, in which Jira Data Center
// keeps descriptions, comments and paragraph fields.
//
// What it makes is read from an adf document, so that both dialects say the
// same. Text from outside never becomes markup: what could be taken for it is
// escaped by a backslash where Jira knows that, else by a character reference.
// The markup is described in Jira's own help page "Text formatting notation"
// (secure/WikiRendererHelpAction.jspa of any Jira).
package wiki

import (
	"unicode/utf16"

	"example.com/vexdesk/jiraclient/adf"
)

// MaxText is the longest text that a Jira Data Center takes as it is delivered
// (jira.text.field.character.limit), markup included. Jira counts as Java does,
// in UTF-16 code units.
const MaxText = 32767

// Limit is FromDocument within max units of markup. Where something is cut, a
// last paragraph says so, with a link to the whole when more is an address.
func Limit(d adf.Node, max int, more string) string {
	markup := FromDocument(d)
	// Escapes and marks come on top of the text, by an amount that is known
	// only after writing.
	for room := max; Length(markup) > max && room > 0; room -= 1 + room/16 {
		markup = FromDocument(adf.Limit(d, room, more))
	}
	if Length(markup) > max {
		return ""
	}
	return markup
}

// Length is the length of the markup as Jira limits it.
func Length(markup string) int {
	n := 0
	for _, r := range markup {
		n += utf16.RuneLen(r)
	}
	return n
}
