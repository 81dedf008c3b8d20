package jiratest

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// jqlToken is a word, a quoted string, or a sign.
type jqlToken struct {
	text   string
	quoted bool
	sign   bool
}

func (t jqlToken) is(word string) bool { return !t.quoted && strings.EqualFold(t.text, word) }

func jqlError(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "Error in the JQL Query: "+format, args...)
}

// jqlTokens cuts a query into tokens.
func jqlTokens(query string) ([]jqlToken, *apiError) {
	var out []jqlToken
	for i := 0; i < len(query); {
		r, size := utf8.DecodeRuneInString(query[i:])
		switch {
		case unicode.IsSpace(r):
			i += size
		case r == '"' || r == '\'':
			text, n, ok := jqlString(query[i:])
			if !ok {
				return nil, jqlError("The quoted string %s has not been completed.", query[i:])
			}
			out = append(out, jqlToken{text: text, quoted: true})
			i += n
		case strings.ContainsRune("()=,!<>~", r):
			sign := query[i : i+1]
			if i+1 < len(query) && strings.Contains(" != >= <= !~ ", " "+query[i:i+2]+" ") {
				sign = query[i : i+2]
			}
			out = append(out, jqlToken{text: sign, sign: true})
			i += len(sign)
		default:
			end := strings.IndexFunc(query[i:], func(r rune) bool {
				return unicode.IsSpace(r) || strings.ContainsRune("()=,!<>~\"'", r)
			})
			if end < 0 {
				end = len(query) - i
			}
			out = append(out, jqlToken{text: query[i : i+end]})
			i += end
		}
	}
	return out, nil
}

// jqlString reads a quoted string at the beginning of s and its length there.
func jqlString(s string) (text string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return b.String(), i + 1, true
		case s[i] == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case 'r':
				b.WriteByte('\r')
			default:
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}
