package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Everything from outside (reports, Jira, file names) passes through Clean or
// CleanText once, at the border of the model, so that no screen, log or
// export has to think about it again (B9).

// Clean makes one line of text from outside safe to lay out and to print:
// control characters (C0, C1, DEL) and line breaks become one space, escape
// sequences lose their introducer, invisible and direction-changing
// characters (bidirectional controls, zero-width characters, byte order
// marks, joiners, variation selectors, tags) are removed, invalid UTF-8
// becomes U+FFFD. Space at both ends is cut and runs of it become one.
func Clean(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := true
	for _, r := range s {
		switch {
		case r == ' ' || unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Zs):
			if !space {
				b.WriteByte(' ')
			}
			space = true
		case invisible(r):
		default:
			b.WriteRune(r)
			space = false
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// CleanText is Clean for text of several lines: line breaks (CRLF, CR, LF)
// become LF and tabs stay; everything else is cleaned as in Clean but runs of
// spaces are kept, since Markdown and code depend on them.
func CleanText(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			b.WriteByte('\n')
		case unicode.IsControl(r):
			b.WriteByte(' ')
		case invisible(r):
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// CutRunes cuts s to at most n runes, ending in an ellipsis where something
// was lost.
func CutRunes(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	seen := 0
	for i := range s {
		if seen == n-1 {
			return s[:i] + "…"
		}
		seen++
	}
	return s
}

// isPlain reports whether s is printable ASCII with no space to fold: by far
// the most frequent case, answered without an allocation.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' ') {
			return false
		}
	}
	return true
}

// invisible reports characters that take no cell of their own or move others
// about: format characters (Cf: zero-width, joiners, bidirectional controls,
// tags), variation selectors, the Hangul fillers, and what Unicode leaves
// unassigned for private use or as surrogates.
func invisible(r rune) bool {
	switch {
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r):
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF:
		return true
	case r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, r == 0x034F, r == 0x17B4, r == 0x17B5:
		return true
	}
	return false
}
