package adf

import (
	"net/url"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	gtext "github.com/yuin/goldmark/text"
)

// FromMarkdown converts CommonMark with tables and strike-through. HTML in it
// stands as text; links other than http, https and mailto lose their target.
func FromMarkdown(markdown string) Node {
	source := []byte(cleanText(markdown))
	c := converter{source: source}
	return doc(c.blocks(newParser().Parse(gtext.NewReader(source)), inDoc, 0))
}

func newParser() parser.Parser {
	return goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify)).Parser()
}

// place is where blocks stand, which decides which of them are allowed.
type place uint8

const (
	inDoc place = iota
	inListItem
	inQuote
	inCell
)

// maxDepth bounds the nesting of blocks; what lies deeper is plain text.
const maxDepth = 6

type converter struct {
	source []byte
}

// blocks converts the block children of n for a place.
func (c converter) blocks(n ast.Node, at place, depth int) []Node {
	var out []Node
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		out = append(out, c.block(child, at, depth)...)
	}
	return out
}

// block converts one block. Where a kind must not stand it becomes paragraphs
// that say the same.
func (c converter) block(n ast.Node, at place, depth int) []Node {
	if depth > maxDepth {
		return c.plain(n)
	}
	switch n := n.(type) {
	case *ast.Heading:
		inline := c.inline(n, nil)
		if len(inline) == 0 {
			return nil
		}
		if at == inListItem || at == inQuote {
			return []Node{paragraph(strong(inline))}
		}
		return []Node{{Type: "heading", Attrs: map[string]any{"level": n.Level}, Content: inline}}
	case *ast.Paragraph, *ast.TextBlock:
		if inline := c.inline(n, nil); len(inline) > 0 {
			return []Node{paragraph(inline)}
		}
		return nil
	case *ast.ThematicBreak:
		if at == inDoc {
			return []Node{{Type: "rule"}}
		}
		return nil
	case *ast.FencedCodeBlock:
		return c.code(n, string(n.Language(c.source)), at)
	case *ast.CodeBlock, *ast.HTMLBlock:
		return c.code(n, "", at)
	case *ast.Blockquote:
		content := c.blocks(n, inQuote, depth+1)
		if at != inDoc || len(content) == 0 {
			return content
		}
		return []Node{{Type: "blockquote", Content: content}}
	case *ast.List:
		return c.list(n, at, depth)
	case *extast.Table:
		return c.table(n, at)
	default:
		return c.blocks(n, at, depth+1)
	}
}

// plain makes a paragraph of all text below n.
func (c converter) plain(n ast.Node) []Node {
	s := strings.TrimSpace(cleanLine(c.text(n)))
	if s == "" {
		return nil
	}
	return []Node{paragraph([]Node{text(s)})}
}

// text gathers the text below n.
func (c converter) text(n ast.Node) string {
	var b strings.Builder
	// The walker returns no error, so neither does Walk.
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(c.value(n))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(c.source))
		case *ast.CodeBlock, *ast.FencedCodeBlock, *ast.HTMLBlock:
			b.WriteString(c.lines(n))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

func (c converter) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		b.Write(segment.Value(c.source))
	}
	if html, ok := n.(*ast.HTMLBlock); ok && html.HasClosure() {
		b.Write(html.ClosureLine.Value(c.source))
	}
	return strings.TrimRight(b.String(), "\n")
}

// code makes a code block; HTML becomes one too, so that it is seen and inert.
func (c converter) code(n ast.Node, language string, at place) []Node {
	s := c.lines(n)
	if strings.TrimSpace(s) == "" {
		return nil
	}
	if at == inQuote {
		return []Node{paragraph(lineBroken(s, Mark{Type: "code"}))}
	}
	block := Node{Type: "codeBlock", Content: []Node{text(s)}}
	if language = cleanLine(language); language != "" {
		block.Attrs = map[string]any{"language": language}
	}
	return []Node{block}
}

// lineBroken makes text nodes with hard breaks between the lines.
func lineBroken(s string, marks ...Mark) []Node {
	var out []Node
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			out = append(out, hardBreak)
		}
		if line != "" {
			out = append(out, text(line, marks...))
		}
	}
	return out
}

func (c converter) list(n *ast.List, at place, depth int) []Node {
	if at == inQuote {
		var out []Node
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			for _, p := range c.plain(item) {
				p.Content[0].Text = "• " + p.Content[0].Text
				out = append(out, p)
			}
		}
		return out
	}
	list := Node{Type: "bulletList"}
	if n.IsOrdered() {
		list.Type = "orderedList"
		list.Attrs = map[string]any{"order": n.Start}
	}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		content := c.blocks(item, inListItem, depth+1)
		// An item must begin with a paragraph or a code block.
		if len(content) == 0 || content[0].Type != "paragraph" && content[0].Type != "codeBlock" {
			content = append([]Node{{Type: "paragraph"}}, content...)
		}
		list.Content = append(list.Content, Node{Type: "listItem", Content: content})
	}
	if len(list.Content) == 0 {
		return nil
	}
	return []Node{list}
}

func (c converter) table(n *extast.Table, at place) []Node {
	if at != inDoc {
		var out []Node
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			out = append(out, c.plain(row)...)
		}
		return out
	}
	table := Node{Type: "table"}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		kind := "tableCell"
		if _, header := row.(*extast.TableHeader); header {
			kind = "tableHeader"
		}
		out := Node{Type: "tableRow"}
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			out.Content = append(out.Content, Node{Type: kind, Content: []Node{paragraph(c.inline(cell, nil))}})
		}
		if len(out.Content) > 0 {
			table.Content = append(table.Content, out)
		}
	}
	if len(table.Content) == 0 {
		return nil
	}
	return []Node{table}
}

// safeLink tells whether a link may be clickable in Jira.
func safeLink(href string) bool {
	u, err := url.Parse(href)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}
