package wiki

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/vexdesk/jiraclient/adf"
)

func itoa(n int) string { return strconv.Itoa(n) }

// forcedBreak is a line break where a line end would end the block.
const forcedBreak = `\\ `

// FromDocument writes a document as markup.
func FromDocument(d adf.Node) string { return strings.Trim(blocks(d.Content), "\n") }

// blocks writes blocks with an empty line between them.
func blocks(nodes []adf.Node) string {
	var parts []string
	for _, n := range nodes {
		if s := writeBlock(n); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n\n")
}

func writeBlock(n adf.Node) string {
	switch n.Type {
	case "paragraph":
		return inline(n.Content, "\n")
	case "heading":
		if s := inline(n.Content, " "); s != "" {
			return "h" + level(n) + ". " + s
		}
		return ""
	case "codeBlock":
		return code(n)
	case "blockquote":
		return "{quote}\n" + blocks(n.Content) + "\n{quote}"
	case "rule":
		return "----"
	case "bulletList", "orderedList":
		return list(n, "")
	case "table":
		return table(n)
	default:
		return blocks(n.Content)
	}
}

func level(n adf.Node) string {
	if l, ok := n.Attrs["level"].(int); ok && l >= 1 && l <= 6 {
		return itoa(l)
	}
	return "6"
}

// languages that Jira's code macro knows; another one makes it show an error.
var languages = []string{
	"bash", "c", "c#", "c++", "css", "erlang", "go", "groovy", "haskell", "html", "java", "javascript", "js", "json", "lua",
	"perl", "php", "python", "r", "ruby", "rust", "scala", "sh", "sql", "swift", "xml", "yaml",
}

// code writes a code block. Inside one nothing can be escaped, so that a text
// which holds the end of both macros is written as lines.
func code(n adf.Node) string {
	var b strings.Builder
	for _, child := range n.Content {
		b.WriteString(child.Text)
	}
	text := b.String()
	language, _ := n.Attrs["language"].(string)
	language = strings.ToLower(language)
	switch {
	case slices.Contains(languages, language) && !strings.Contains(text, "{code"):
		return "{code:" + language + "}\n" + text + "\n{code}"
	case !strings.Contains(text, "{noformat"):
		return "{noformat}\n" + text + "\n{noformat}"
	case !strings.Contains(text, "{code"):
		return "{code:none}\n" + text + "\n{code}"
	default:
		return Escape(text)
	}
}

// list writes a list below the marks of the lists around it.
func list(n adf.Node, outer string) string {
	mark := outer + "*"
	if n.Type == "orderedList" {
		mark = outer + "#"
	}
	var lines []string
	for _, item := range n.Content {
		var words, inner []string
		for _, child := range item.Content {
			switch child.Type {
			case "bulletList", "orderedList":
				if s := list(child, mark); s != "" {
					inner = append(inner, s)
				}
			default:
				if s := inLine(child); s != "" {
					words = append(words, s)
				}
			}
		}
		if len(words) > 0 {
			lines = append(lines, mark+" "+strings.Join(words, forcedBreak))
		}
		lines = append(lines, inner...)
	}
	return strings.Join(lines, "\n")
}

// inLine writes a block into a list item or a cell.
func inLine(n adf.Node) string {
	switch n.Type {
	case "paragraph", "heading":
		return inline(n.Content, forcedBreak)
	case "codeBlock":
		if s := code(n); strings.HasPrefix(s, "{") {
			return s
		}
		return strings.ReplaceAll(code(n), "\n", forcedBreak)
	}
	var parts []string
	for _, child := range n.Content {
		if s := inLine(child); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, forcedBreak)
}

func table(n adf.Node) string {
	var rows []string
	for _, row := range n.Content {
		var b strings.Builder
		edge := "|"
		for _, cell := range row.Content {
			edge = "|"
			if cell.Type == "tableHeader" {
				edge = "||"
			}
			text := strings.TrimSpace(inLine(cell))
			if text == "" {
				text = " "
			}
			b.WriteString(edge + text)
		}
		rows = append(rows, b.String()+edge)
	}
	return strings.Join(rows, "\n")
}

// inline writes the words of a block, with lineEnd for a hard break.
func inline(nodes []adf.Node, lineEnd string) string {
	var b strings.Builder
	start := true
	for i, n := range nodes {
		switch {
		case n.Type == "hardBreak":
			b.WriteString(lineEnd)
			start = true
		case n.Text != "" && len(n.Marks) == 0:
			escapeLine(&b, n.Text, start)
			start = start && strings.TrimSpace(n.Text) == ""
		case n.Text != "":
			after := ""
			if i+1 < len(nodes) {
				after = nodes[i+1].Text
			}
			marked(&b, n, after)
			start = false
		}
	}
	return b.String()
}

// marked writes a text with its marks; Jira wants no space inside of them.
func marked(b *strings.Builder, n adf.Node, after string) {
	core := strings.TrimSpace(n.Text)
	if core == "" {
		b.WriteString(n.Text)
		return
	}
	before, behind, _ := strings.Cut(n.Text, core)
	b.WriteString(before)
	tight := boundary(lastRune(b.String())) && boundary(firstRune(behind+after))
	var words strings.Builder
	escapeLine(&words, core, true)
	s := words.String()
	href, plain := "", true
	for _, m := range n.Marks {
		switch m.Type {
		case "code":
			s, plain = "{{"+s+"}}", false
		case "link":
			href, _ = m.Attrs["href"].(string)
		}
	}
	for _, m := range n.Marks {
		if mark := phrases[m.Type]; mark != "" {
			s, plain = phrase(mark, s, tight || href != ""), false
		}
	}
	switch {
	case href == "":
	case plain && core == href && address.FindString(href) == href:
		s = "[" + href + "]"
	default:
		s = "[" + s + "|" + target.Replace(href) + "]"
	}
	b.WriteString(s + behind)
}

var phrases = map[string]string{"strong": "*", "em": "_", "strike": "-", "underline": "+"}

// phrase sets marks around words; beside a letter they need braces.
func phrase(mark, s string, tight bool) string {
	if !tight {
		mark = "{" + mark + "}"
	}
	return mark + s + mark
}

// target keeps an address within the brackets of its link.
var target = strings.NewReplacer("|", "%7C", "[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D", " ", "%20", `\`, "%5C", "^", "%5E", "!", "%21", "\t", "%09", "\n", "")

// boundary tells whether a mark may stand beside the rune, 0 being the edge of
// the text.
func boundary(r rune) bool {
	return r == 0 || unicode.IsSpace(r) || strings.ContainsRune(`.,;:()"'`, r)
}

func firstRune(s string) rune {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return 0
	}
	return r
}

func lastRune(s string) rune {
	r, size := utf8.DecodeLastRuneInString(s)
	if size == 0 {
		return 0
	}
	return r
}
