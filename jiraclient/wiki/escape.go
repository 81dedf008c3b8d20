package wiki

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escapable are the characters before which Jira takes a backslash away.
const escapable = `-#*_+?^~|%{}[]()!@`

// emoticons are what Jira shows as pictures, besides smileys.
var emoticons = []string{"(!)", "(?)", "(/)", "(x)", "(i)", "(y)", "(n)", "(+)", "(-)", "(*)", "(on)", "(off)", "(flag)", "(flagoff)"}

var (
	// reference is what Jira would resolve as a character reference.
	reference = regexp.MustCompile(`^&(#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);`)
	// address is the part of a web address that stands in markup as it is.
	address = regexp.MustCompile(`^https?://[A-Za-z0-9\-._~:/?#@$&'+,;=%]+`)
	// block begins a heading or a quoted line.
	block  = regexp.MustCompile(`^(h[1-6]|bq)\.`)
	smiley = regexp.MustCompile(`^[:;](-?[()]|[PDp]([^A-Za-z0-9]|$))`)
)

// Escape makes markup that shows as the given line. A line end in it stays.
func Escape(s string) string {
	var b strings.Builder
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		escapeLine(&b, line, true)
	}
	return b.String()
}

// escapeLine escapes a part of a line; start says that nothing but space stands
// before it.
func escapeLine(b *strings.Builder, s string, start bool) {
	prev := ' '
	for i := 0; i < len(s); {
		rest := s[i:]
		if !wordRune(prev) {
			if url := address.FindString(rest); url != "" {
				b.WriteString(url)
				i += len(url)
				prev, start = rune(url[len(url)-1]), false
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(rest)
		next, _ := utf8.DecodeRuneInString(rest[size:])
		if len(rest) == size {
			next = ' '
		}
		switch {
		case r == '\\', r == '&' && reference.MatchString(rest), start && block.MatchString(rest), smiley.MatchString(rest):
			writeReference(b, r)
		case special(r, prev, next, rest, start):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		start = start && unicode.IsSpace(r)
		prev, i = r, i+size
	}
}

// special tells whether a character could be read as markup where it stands.
func special(r, prev, next rune, rest string, start bool) bool {
	switch r {
	case '{', '}', '[', ']', '*', '_', '|', '^', '~':
		return true
	case '-':
		return start || prev == '-' || next == '-' || !wordRune(prev) && next != ' '
	case '+':
		return !wordRune(prev) && next != ' '
	case '?':
		return prev == '?' || next == '?'
	case '!':
		return next != ' '
	case '#':
		return start
	case '(':
		for _, e := range emoticons {
			if strings.HasPrefix(rest, e) {
				return true
			}
		}
	}
	return false
}

// writeReference writes a character so that it is nothing but itself.
func writeReference(b *strings.Builder, r rune) {
	if r == '&' {
		b.WriteString("&amp;")
		return
	}
	b.WriteString("&#")
	b.WriteString(itoa(int(r)))
	b.WriteByte(';')
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
