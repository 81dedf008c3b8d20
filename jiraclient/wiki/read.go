package wiki

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"example.com/vexdesk/jiraclient/adf"
)

// PlainText is the text of markup as a person reads it, in the form that
// adf.PlainText gives: texts of both dialects are compared in it (ruling 23).
func PlainText(markup string) string {
	markup = strings.ReplaceAll(strings.ReplaceAll(markup, "\r\n", "\n"), "\r", "\n")
	var r reader
	for markup != "" {
		at := opening.FindStringSubmatchIndex(markup)
		if at == nil {
			break
		}
		name := markup[at[4]:at[5]]
		rest := markup[at[1]:]
		end := strings.Index(rest, "{"+name+"}")
		if end < 0 {
			break
		}
		r.markup(markup[:at[3]])
		r.raw(rest[:end])
		markup = rest[end+len(name)+2:]
	}
	r.markup(markup)
	return adf.Normalize(r.b.String())
}

var (
	// opening is where text begins that is not markup.
	opening = regexp.MustCompile(`(^|[^\\])\{(code|noformat)(?::[^}\n]*)?\}`)
	// frame is a macro that only surrounds text.
	frame   = regexp.MustCompile(`(^|[^\\])\{(?:quote|panel|color|anchor)(?::[^}\n]*)?\}`)
	heading = regexp.MustCompile(`^[ \t]*h[1-6]\.[ \t]+`)
	quoted  = regexp.MustCompile(`^[ \t]*bq\.[ \t]+`)
	item    = regexp.MustCompile(`^[ \t]*([*#]+|-)[ \t]+`)
	rule    = regexp.MustCompile(`^[ \t]*-{4,}[ \t]*$`)
)

// reader writes text line by line.
type reader struct {
	b       strings.Builder
	numbers []int  // of the lists that are open, by depth
	marks   string // of the last item
}

// raw writes the inside of a code block.
func (r *reader) raw(s string) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "\n"), "\n")
	r.b.WriteString(s + "\n")
}

func (r *reader) markup(s string) {
	s = frame.ReplaceAllString(s, "$1")
	for line := range strings.SplitSeq(s, "\n") {
		r.line(line)
	}
}

func (r *reader) line(s string) {
	if m := item.FindStringSubmatch(s); m != nil {
		r.item(m[1], s[len(m[0]):])
		return
	}
	r.numbers, r.marks = nil, ""
	switch {
	case rule.MatchString(s):
		r.b.WriteString("\n---\n\n")
	case heading.MatchString(s):
		r.b.WriteString(text(heading.ReplaceAllString(s, "")) + "\n\n")
	case quoted.MatchString(s):
		r.b.WriteString(text(quoted.ReplaceAllString(s, "")) + "\n\n")
	case strings.HasPrefix(strings.TrimSpace(s), "|"):
		r.b.WriteString(row(strings.TrimSpace(s)) + "\n")
	default:
		r.b.WriteString(text(s) + "\n")
	}
}

// item writes an item of a list; the number of marks is its depth.
func (r *reader) item(marks, s string) {
	depth := len(marks)
	if len(r.marks) >= depth && r.marks[:depth] != marks {
		r.numbers = r.numbers[:min(depth-1, len(r.numbers))] // another list begins
	}
	r.marks = marks
	for len(r.numbers) < depth {
		r.numbers = append(r.numbers, 0)
	}
	r.numbers = r.numbers[:depth]
	r.numbers[depth-1]++
	bullet := "- "
	if marks[depth-1] == '#' {
		bullet = itoa(r.numbers[depth-1]) + ". "
	}
	indent := strings.Repeat("  ", depth-1)
	r.b.WriteString(indent + bullet + strings.ReplaceAll(text(s), "\n", "\n  "+indent) + "\n")
}

// row writes the cells of a table.
func row(s string) string {
	var cells []string
	for _, cell := range split(s, true) {
		cells = append(cells, strings.TrimSpace(strings.ReplaceAll(text(cell), "\n", " ")))
	}
	if len(cells) > 2 { // before the first edge and behind the last is nothing
		cells = cells[1 : len(cells)-1]
	}
	return strings.Join(cells, " | ")
}

// split cuts at bars that are neither escaped nor, with edges, inside of a
// link. Edges of headings are double bars.
func split(s string, edges bool) []string {
	var out []string
	var b strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			b.WriteString(s[i : i+2])
			i++
			continue
		case c == '[' && edges:
			depth++
		case c == ']' && depth > 0:
			depth--
		case c == '|' && depth == 0:
			if edges && strings.HasPrefix(s[i:], "||") {
				i++
			}
			out = append(out, b.String())
			b.Reset()
			continue
		}
		b.WriteByte(s[i])
	}
	return append(out, b.String())
}

// text reads what stands in a line.
func text(s string) string {
	var b strings.Builder
	prev := ' '
	for s != "" {
		if !wordRune(prev) {
			if url := address.FindString(s); url != "" {
				b.WriteString(url)
				prev, s = rune(url[len(url)-1]), s[len(url):]
				continue
			}
		}
		if words, length, ok := markup(s, prev); ok {
			b.WriteString(words)
			s = s[length:]
			prev = ' '
			if words != "" {
				prev = lastRune(words)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		b.WriteRune(r)
		prev, s = r, s[size:]
	}
	return b.String()
}

// markup reads the markup that s begins with: what it says, and how long it is.
func markup(s string, prev rune) (words string, length int, ok bool) {
	switch s[0] {
	case '\\':
		return escaped(s)
	case '&':
		if m := reference.FindString(s); m != "" {
			return html.UnescapeString(m), len(m), true
		}
	case '[':
		if end := closing(s, "]", 1); end > 1 {
			return linkText(s[1:end]), end + 1, true
		}
	case '{':
		return braces(s)
	case '!':
		if end := closing(s, "!", 1); end > 1 && !wordRune(prev) && strings.ContainsAny(s[1:end], "./") && !strings.ContainsAny(s[1:end], " \t") {
			name, _, _ := strings.Cut(s[1:end], "|")
			return name, end + 1, true
		}
	case '*', '_', '-', '+', '^', '~':
		return phraseText(s, s[:1], prev)
	case '?':
		if strings.HasPrefix(s, "??") {
			return phraseText(s, "??", prev)
		}
	}
	return "", 0, false
}

func escaped(s string) (string, int, bool) {
	switch {
	case strings.HasPrefix(s, forcedBreak):
		return "\n", len(forcedBreak), true
	case strings.HasPrefix(s, `\\`):
		return "\n", 2, true
	case len(s) > 1 && strings.IndexByte(escapable, s[1]) >= 0:
		return s[1:2], 2, true
	}
	return "", 0, false
}

// braces reads {{code}} and marks such as {*}.
func braces(s string) (string, int, bool) {
	if strings.HasPrefix(s, "{{") {
		if end := closing(s, "}}", 2); end > 2 {
			return text(s[2:end]), end + 2, true
		}
	}
	if len(s) > 2 && s[2] == '}' && strings.IndexByte("*_-+^~", s[1]) >= 0 {
		if end := closing(s, s[:3], 3); end > 3 {
			return text(s[3:end]), end + 3, true
		}
	}
	return "", 0, false
}

// phraseText reads *words* and the like: a mark opens beside a space or a sign
// and before a word, and closes the other way round.
func phraseText(s, mark string, prev rune) (string, int, bool) {
	if wordRune(prev) || len(s) <= len(mark) || s[len(mark)] == ' ' {
		return "", 0, false
	}
	s = s[:min(len(s), maxSpan)]
	for from := len(mark); ; {
		end := closing(s, mark, from)
		if end <= len(mark) {
			return "", 0, false
		}
		if s[end-1] != ' ' && !wordRune(firstRune(s[end+len(mark):])) {
			return text(s[len(mark):end]), end + len(mark), true
		}
		from = end + len(mark)
	}
}

// maxSpan bounds how far the end of a mark is looked for, so that a text full of
// open ones does not take long.
const maxSpan = 2048

// closing finds an end that is not escaped, at or after from; -1 without one.
func closing(s, end string, from int) int {
	for i := from; i < min(len(s), maxSpan); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if strings.HasPrefix(s[i:], end) {
			return i
		}
	}
	return -1
}

// linkText is what a link shows: its words, else its target.
func linkText(s string) string {
	if parts := split(s, false); len(parts) > 1 && strings.TrimSpace(parts[0]) != "" {
		return text(parts[0])
	}
	s = strings.Trim(s, "|")
	if name, ok := strings.CutPrefix(s, "~"); ok {
		return "@" + name
	}
	return strings.TrimPrefix(text(s), "^")
}
