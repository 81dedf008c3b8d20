package query

import (
	"slices"
	"strings"
	"unicode"
)

// SortKey is one column of a sort order.
type SortKey struct {
	Key Key

	// Reverse turns the natural order round. Natural is the worst first for
	// severity, and ascending for everything else (ruling 9).
	Reverse bool

	Span Span // where it stands in the text, its minus included
}

// String writes the key as [ParseSort] reads it.
func (k SortKey) String() string {
	if k.Reverse {
		return "-" + string(k.Key)
	}
	return string(k.Key)
}

// KeyPriority is an order alone, of several fields (model.Urgency), and asks for
// none.
const KeyPriority Key = "priority"

// SortDoc says in one sentence what a key sorts by.
func SortDoc(key Key) string {
	if key == KeyPriority {
		return "what needs attention first: exploited, likely to be, severity, applicable, fixable"
	}
	info, _ := Lookup(string(key))
	return info.Doc
}

// SortKeys are the keys that a list can be sorted by.
func SortKeys() []Key {
	return []Key{
		KeySeverity, KeyPriority, KeyIssue, KeyComponent, KeyVersion, KeyProduct, KeyFix, KeyEPSS, KeyCVSS, KeyKEV, KeyVEX,
		KeyTicket, KeyTicketStatus, KeySeen, KeyUpdated, KeyType,
	}
}

// ParseSort reads a sort order: keys with commas, each with a minus before it
// where its natural order is turned round. No text is no order. The error is
// an [*Error].
func ParseSort(text string) ([]SortKey, error) {
	s := &scanner{text: text}
	if err := s.checkText(); err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var order []SortKey
	for {
		key, err := s.sortKey()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(order, func(k SortKey) bool { return k.Key == key.Key }) {
			return nil, s.fail(key.Span, nil, "remove one of them", "%s stands twice in the sort order", key.Key)
		}
		order = append(order, key)
		if s.done() {
			return order, nil
		}
		s.pos++ // the comma
	}
}

// sortKey reads up to the next comma or the end.
func (s *scanner) sortKey() (SortKey, error) {
	end := len(s.text)
	if i := strings.IndexByte(s.text[s.pos:], ','); i >= 0 {
		end = s.pos + i
	}
	s.space()
	start := min(s.pos, end)
	s.pos = end
	word := strings.TrimRightFunc(s.text[start:end], unicode.IsSpace)
	at := Span{start, start + len(word)}
	name, reverse := strings.CutPrefix(word, "-")

	var names []string
	for _, k := range SortKeys() {
		names = append(names, string(k))
	}
	switch {
	case name == "":
		return SortKey{}, s.fail(at, names, "write keys with a comma between them, as in severity,-epss", "a key is missing in the sort order")
	case !slices.Contains(names, fold(name)):
		return SortKey{}, s.fail(at, nearFirst(name, names), oneOf(name, names), "the list cannot be sorted by %s", quoted(name))
	}
	return SortKey{Key: Key(fold(name)), Reverse: reverse, Span: at}, nil
}
