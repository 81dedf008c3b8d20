package adf

import (
	"bufio"
	"bytes"
	"html"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
)

// inline converts the inline children of n; neighbouring texts with the same
// marks become one.
func (c converter) inline(n ast.Node, marks []Mark) []Node {
	var out []Node
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		for _, node := range c.span(child, marks) {
			out = appendInline(out, node)
		}
	}
	return trimBreaks(out)
}

func (c converter) span(n ast.Node, marks []Mark) []Node {
	switch n := n.(type) {
	case *ast.Text:
		out := textNodes(c.value(n), marks)
		switch {
		case n.HardLineBreak():
			out = append(out, hardBreak)
		case n.SoftLineBreak():
			out = append(out, textNodes(" ", marks)...)
		}
		return out
	case *ast.String:
		return textNodes(string(n.Value), marks)
	case *ast.CodeSpan:
		return textNodes(c.text(n), codeMarks(marks))
	case *ast.Emphasis:
		kind := "em"
		if n.Level == 2 {
			kind = "strong"
		}
		return c.inline(n, withMark(marks, Mark{Type: kind}))
	case *extast.Strikethrough:
		return c.inline(n, withMark(marks, Mark{Type: "strike"}))
	case *ast.Link:
		return c.inline(n, withLink(marks, string(n.Destination)))
	case *ast.Image:
		// An address that Jira would have to fetch is only shown as a link.
		alt := c.text(n)
		if strings.TrimSpace(alt) == "" {
			alt = string(n.Destination)
		}
		return textNodes(alt, withLink(marks, string(n.Destination)))
	case *ast.AutoLink:
		return textNodes(string(n.Label(c.source)), withLink(marks, string(n.URL(c.source))))
	case *ast.RawHTML:
		var b strings.Builder
		for i := range n.Segments.Len() {
			segment := n.Segments.At(i)
			b.Write(segment.Value(c.source))
		}
		return textNodes(b.String(), marks)
	default:
		return c.inline(n, marks)
	}
}

// value is a text with its backslash escapes and entities resolved. goldmark
// does that while it writes HTML, so it is asked for that and the HTML undone.
func (c converter) value(n *ast.Text) string {
	raw := n.Value(c.source)
	if n.IsRaw() {
		return string(raw)
	}
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	goldmarkhtml.DefaultWriter.Write(w, raw)
	_ = w.Flush() // into memory
	return html.UnescapeString(b.String())
}

// textNodes makes one text node of s, or none when nothing is left of it.
func textNodes(s string, marks []Mark) []Node {
	if s = cleanLine(s); s == "" {
		return nil
	}
	return []Node{text(s, marks...)}
}

// withMark adds a mark, unless one of its type is set or a code mark, which
// stands alone, is.
func withMark(marks []Mark, m Mark) []Mark {
	for _, have := range marks {
		if have.Type == m.Type || have.Type == "code" {
			return marks
		}
	}
	return append(slices.Clone(marks), m)
}

func withLink(marks []Mark, href string) []Mark {
	if href = cleanLine(href); !safeLink(href) {
		return marks
	}
	return withMark(marks, link(href))
}

// codeMarks keeps of the marks only a link, the one neighbour that code bears.
func codeMarks(marks []Mark) []Mark {
	out := []Mark{{Type: "code"}}
	for _, m := range marks {
		if m.Type == "link" {
			out = append(out, m)
		}
	}
	return out
}

// strong makes bold what has no code mark.
func strong(inline []Node) []Node {
	for i, n := range inline {
		if n.Type == "text" {
			inline[i].Marks = withMark(n.Marks, Mark{Type: "strong"})
		}
	}
	return inline
}

// appendInline adds a node and joins it to the last one where both are texts
// with the same marks.
func appendInline(list []Node, n Node) []Node {
	if last := len(list) - 1; last >= 0 && n.Type == "text" && list[last].Type == "text" && sameMarks(list[last].Marks, n.Marks) {
		list[last].Text += n.Text
		return list
	}
	return append(list, n)
}

func sameMarks(a, b []Mark) bool {
	return slices.EqualFunc(a, b, func(x, y Mark) bool {
		return x.Type == y.Type && x.Attrs["href"] == y.Attrs["href"]
	})
}

// trimBreaks removes hard breaks at the end, which show as empty lines.
func trimBreaks(list []Node) []Node {
	for len(list) > 0 && list[len(list)-1].Type == "hardBreak" {
		list = list[:len(list)-1]
	}
	return list
}
