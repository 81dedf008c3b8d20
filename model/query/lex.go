package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits keep a hostile query cheap for the parser and for the database.
const (
	MaxLength    = 32 << 10 // bytes of text
	MaxDepth     = 32       // parentheses inside each other
	MaxTerms     = 200      // terms and words; a value with a wildcard counts as one, too
	MaxValues    = 1000     // values of all terms together
	MaxWildcards = 8        // * in one value
)

// fold prepares text for comparison without case.
func fold(s string) string { return strings.ToLower(s) }

// scanner walks through the text of a query or a sort order.
type scanner struct {
	text string
	pos  int
}

// lexeme is a word or a string as it stands in the text.
type lexeme struct {
	parts  []string // the text between wildcards; a single part without one
	quoted bool
	at     Span
}

// text shows the lexeme in one piece.
func (l lexeme) text() string { return strings.Join(l.parts, "*") }

func (l lexeme) wild() bool { return len(l.parts) > 1 }

// fail reports a mistake at a place of the text.
func (s *scanner) fail(at Span, candidates []string, hint, format string, args ...any) error {
	return &Error{
		Offset: at.Start, Length: at.End - at.Start,
		Message: fmt.Sprintf(format, args...), Hint: hint, Candidates: candidates,
		text: s.text,
	}
}

// checkText refuses what no query contains, before anything looks closer.
func (s *scanner) checkText() error {
	if len(s.text) > MaxLength {
		return s.fail(Span{0, 0}, nil, "make it shorter, or split it",
			"the text is %d bytes long, at most %d are allowed", len(s.text), MaxLength)
	}
	for i, r := range s.text {
		_, size := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return s.fail(Span{i, i + 1}, nil, "remove it", "the text holds a byte that is not UTF-8")
		case unicode.IsControl(r) && !unicode.IsSpace(r):
			return s.fail(Span{i, i + size}, nil, "remove it", "the text holds the control character %U", r)
		}
	}
	return nil
}

func (s *scanner) done() bool { return s.pos == len(s.text) }

// peek is the next rune, 0 at the end.
func (s *scanner) peek() rune {
	if s.done() {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s.text[s.pos:])
	return r
}

func (s *scanner) space() {
	s.pos = len(s.text) - len(strings.TrimLeftFunc(s.text[s.pos:], unicode.IsSpace))
}

// delimits tells whether r ends a word.
func delimits(r rune) bool {
	return r == '"' || r == '(' || r == ')' || r == ',' || unicode.IsSpace(r)
}

// rest moves to the end of the word and returns what it passed.
func (s *scanner) rest() string {
	from := s.pos
	n := strings.IndexFunc(s.text[from:], delimits)
	if n < 0 {
		n = len(s.text) - from
	}
	s.pos = from + n
	return s.text[from:s.pos]
}

// head moves to the end of the word, or to a colon or comparison inside it,
// and returns what it passed.
func (s *scanner) head() string {
	from := s.pos
	for i, r := range s.text[from:] {
		if delimits(r) || r == ':' || r == '=' || operatorAt(s.text[from+i:]) != Equal {
			s.pos = from + i
			return s.text[from:s.pos]
		}
	}
	s.pos = len(s.text)
	return s.text[from:]
}

// operatorAt is the operator that text begins with, [Equal] where there is
// none.
func operatorAt(text string) Op {
	for _, op := range []Op{GreaterEqual, LessEqual, NotEqual, Greater, Less} {
		if strings.HasPrefix(text, string(op)) {
			return op
		}
	}
	return Equal
}

// keyword is "and", "or" or "not" where one of them comes next, unquoted and
// not as part of something else.
func (s *scanner) keyword() string {
	ahead := *s
	word := fold(ahead.head())
	if word != "and" && word != "or" && word != "not" {
		return ""
	}
	if r := ahead.peek(); !ahead.done() && (!delimits(r) || r == ',') {
		return ""
	}
	return word
}

// wildcards drops the empty pieces between neighbouring stars: ** means no
// more than *.
func wildcards(pieces []string) []string {
	parts := pieces[:1]
	for i, piece := range pieces[1:] {
		if last := i+2 == len(pieces); piece != "" || last {
			parts = append(parts, piece)
		}
	}
	return parts
}

// word reads an unquoted word.
func (s *scanner) word() (lexeme, error) {
	start := s.pos
	l := lexeme{parts: wildcards(strings.Split(s.rest(), "*")), at: Span{start, s.pos}}
	if s.peek() == '"' {
		return l, s.fail(Span{s.pos, s.pos + 1}, nil,
			"put the quotes around the whole, or a space before them", "a quote begins in the middle of a word")
	}
	return l, s.checkWild(l)
}

// str reads a string in quotes.
func (s *scanner) str() (lexeme, error) {
	start := s.pos
	var pieces []string
	var piece strings.Builder
	for s.pos++; !s.done(); {
		at, r := s.pos, s.peek()
		s.pos += utf8.RuneLen(r)
		switch {
		case r == '"':
			l := lexeme{parts: wildcards(append(pieces, piece.String())), quoted: true, at: Span{start, s.pos}}
			return l, s.checkString(l)
		case r == '*':
			pieces = append(pieces, piece.String())
			piece.Reset()
		case r == '\\':
			escaped := s.peek()
			if escaped != '"' && escaped != '\\' && escaped != '*' {
				return lexeme{}, s.fail(Span{at, s.pos}, nil, `write \\ for a backslash`, `a backslash must stand before ", \ or *`)
			}
			s.pos++
			piece.WriteRune(escaped)
		case unicode.IsControl(r):
			return lexeme{}, s.fail(Span{at, s.pos}, nil, "use a space", "a line break or tab stands inside quotes")
		default:
			piece.WriteRune(r)
		}
	}
	return lexeme{}, s.fail(Span{start, start + 1}, nil, `add the closing "`, "the quote is not closed")
}

func (s *scanner) checkString(l lexeme) error {
	if l.text() == "" {
		return s.fail(l.at, nil, "write something between the quotes", "the quotes are empty")
	}
	if r := s.peek(); !s.done() && (!delimits(r) || r == '"') {
		return s.fail(Span{s.pos, s.pos + utf8.RuneLen(r)}, nil, "put a space after the quotes", "a word begins right after a quote")
	}
	return s.checkWild(l)
}

func (s *scanner) checkWild(l lexeme) error {
	if n := len(l.parts) - 1; n > MaxWildcards {
		return s.fail(l.at, nil, "use fewer", "%d wildcards in one value, at most %d are allowed", n, MaxWildcards)
	}
	return nil
}
