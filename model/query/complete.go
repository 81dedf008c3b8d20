package query

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Completion is one way to go on at the cursor.
type Completion struct {
	Text       string // what comes in place of the bytes from Start up to End
	Start, End int
	Doc        string // what it means; may be empty
}

// Complete proposes keys, keywords and values for the word under the cursor,
// which counts in bytes. values yields what the store has for a key of
// [KindText] or [KindID] with a prefix (in any case); it may be nil. Text
// completions come quoted where they need it.
func Complete(text string, cursor int, values func(key Key, prefix string) []string) []Completion {
	cursor = max(0, min(cursor, len(text)))
	for cursor > 0 && cursor < len(text) && !utf8.RuneStart(text[cursor]) {
		cursor--
	}
	c := &completer{text: text, cursor: cursor}
	start := c.tokenStart()
	head := scanner{text: text[:cursor], pos: start}
	name := head.head()
	if head.done() {
		c.keys(start, name)
		return c.found
	}
	info, ok := Lookup(name)
	if !ok || head.peek() != ':' && operatorAt(text[head.pos:]) == Equal {
		return nil
	}
	if head.peek() == ':' {
		head.pos++
	}
	c.values(info, head.pos, values)
	return c.found
}

type completer struct {
	text   string
	cursor int
	found  []Completion
}

func (c *completer) add(text string, start, end int, doc string) {
	same := func(f Completion) bool { return f.Text == text && f.Start == start }
	if !slices.ContainsFunc(c.found, same) {
		c.found = append(c.found, Completion{Text: text, Start: start, End: end, Doc: doc})
	}
}

// eachUnquoted calls visit for the runes from a place up to the cursor that
// stand outside quotes, the quotes included, and tells whether the cursor
// stands inside.
func (c *completer) eachUnquoted(from int, visit func(at int, r rune)) (quoted bool) {
	escaped := false
	for i, r := range c.text[from:c.cursor] {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = r == '\\'
			quoted = r != '"'
		default:
			quoted = r == '"'
			visit(from+i, r)
		}
	}
	return quoted
}

// tokenStart is where the term or word under the cursor begins, behind its
// minus.
func (c *completer) tokenStart() int {
	start := 0
	c.eachUnquoted(0, func(at int, r rune) {
		if unicode.IsSpace(r) || r == '(' || r == ')' {
			start = at + utf8.RuneLen(r)
		}
	})
	if strings.HasPrefix(c.text[start:c.cursor], "-") {
		start++
	}
	return start
}

func (c *completer) keys(start int, prefix string) {
	whole := scanner{text: c.text, pos: start}
	whole.head()
	end := whole.pos
	if whole.peek() == ':' {
		end++
	}
	prefix = fold(prefix)
	for _, info := range index().all {
		name := string(info.Key)
		if strings.HasPrefix(name, prefix) || strings.Contains(name, "."+prefix) {
			c.add(name+":", start, end, info.Doc)
		}
	}
	if prefix == "" {
		return
	}
	for _, k := range [][2]string{
		{"and", "both sides hold; needs not be written"},
		{"or", "one side or the other holds"},
		{"not", "what follows does not hold"},
	} {
		if strings.HasPrefix(k[0], prefix) {
			c.add(k[0], start, whole.pos, k[1])
		}
	}
}

// values proposes values of a key; from is behind its colon.
func (c *completer) values(info KeyInfo, from int, stored func(Key, string) []string) {
	op := operatorAt(c.text[from:c.cursor])
	start := from + len(op)
	var taken []string
	quoted := c.eachUnquoted(start, func(at int, r rune) {
		if r == ',' {
			taken = append(taken, fold(c.text[start:at]))
			start = at + 1
		}
	})
	end := c.valueEnd(start, quoted)
	prefix := c.text[start:c.cursor]
	if strings.HasPrefix(prefix, `"`) {
		prefix, quoted = strings.TrimSuffix(prefix[1:], `"`), true
	}
	propose := func(name, doc string) {
		if strings.HasPrefix(name, fold(prefix)) && !slices.Contains(taken, name) {
			c.add(name, start, end, doc)
		}
	}

	if info.Kind != KindText && len(taken) == 0 {
		for _, example := range info.Examples {
			if strings.HasPrefix(example, fold(c.text[from:c.cursor])) {
				c.add(example, from, end, info.Doc)
			}
		}
	}
	for _, choice := range info.Values {
		if op == Equal || op == NotEqual || choice.Rank > 0 {
			propose(choice.Name, choice.Doc)
		}
	}
	if info.Kind == KindKey {
		for _, name := range info.candidates() {
			other, _ := Lookup(name)
			propose(name, other.Doc)
		}
	}
	textual := info.Kind == KindText || info.Kind == KindID || info.Kind == KindVersion
	if op == Equal && (!textual || !quoted) {
		for _, s := range info.Specials {
			propose(string(s), s.doc())
		}
	}
	if textual && stored != nil {
		for _, text := range stored(info.Key, prefix) {
			v := Value{Text: text}
			c.add(v.print(v.bareIn(info)), start, end, "")
		}
	}
}

// valueEnd is where the value that begins at start ends. An open quote ends at
// the cursor, unless the text behind the cursor closes it properly.
func (c *completer) valueEnd(start int, quoted bool) int {
	s := scanner{text: c.text, pos: start}
	if s.peek() == '"' {
		if l, err := s.str(); err == nil && l.at.End >= c.cursor {
			return l.at.End
		}
		return c.cursor
	}
	if quoted {
		return c.cursor
	}
	s.rest()
	return max(s.pos, c.cursor)
}

func (s Special) doc() string {
	switch s {
	case None:
		return "there is no value"
	case Any:
		return "there is a value"
	case All:
		return "all of them"
	case Latest:
		return "the current version"
	case Yes:
		return "there is one"
	case No:
		return "there is none"
	}
	return ""
}
