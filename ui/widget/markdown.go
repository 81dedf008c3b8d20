package widget

import (
	"strings"

	"example.com/vexdesk/ui/theme"
)

// Markdown lays a description out for reading: headings and bold lines stand
// out, tables of two columns become labels and values. It is a preview, not a
// renderer: what it does not know it shows as it is written.
func Markdown(t *theme.Theme, text string, width int) []string {
	var out []string
	blank := false
	add := func(lines ...string) {
		for _, line := range lines {
			if line == "" && (blank || len(out) == 0) {
				continue
			}
			blank = line == ""
			out = append(out, line)
		}
	}
	for _, line := range strings.Split(unescaped(text), "\n") {
		trimmed := strings.TrimSpace(line)
		switch cells, row := tableRow(trimmed); {
		case row && len(cells) == 0: // the rule under a table's head, or an empty head
		case row && len(cells) == 2:
			label := Fit(cells[0], 14, t.Glyphs.Ellipsis)
			for i, part := range Wrap(cells[1], width-15) {
				if i > 0 {
					label = Spaces(14)
				}
				add(t.Dim.Of(label) + " " + part)
			}
		case strings.HasPrefix(trimmed, "#"):
			add(t.Strong.Of(Cut(strings.TrimLeft(trimmed, "# "), width, t.Glyphs.Ellipsis)))
		case strings.HasPrefix(trimmed, "**"):
			for _, part := range Wrap(strings.ReplaceAll(trimmed, "**", ""), width) {
				add(t.Strong.Of(part))
			}
		case trimmed == "":
			add("")
		default:
			add(Wrap(line, width)...)
		}
	}
	return out
}

// unescaped takes the backslashes off that keep outside text from acting as
// Markdown.
func unescaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && strings.IndexByte("\\`*_{}[]()<>#+-.!|~", text[i+1]) >= 0 {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// tableRow splits a row of a Markdown table; rules and empty rows have no
// cells.
func tableRow(line string) (cells []string, ok bool) {
	if !strings.HasPrefix(line, "|") || !strings.HasSuffix(line, "|") || len(line) < 3 {
		return nil, false
	}
	if strings.Trim(line, "|-: ") == "" {
		return nil, true
	}
	for _, cell := range strings.Split(line[1:len(line)-1], "|") {
		cells = append(cells, strings.TrimSpace(cell))
	}
	return cells, true
}
