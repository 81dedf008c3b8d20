package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// column is a column of a table for people.
type column struct {
	head  string
	right bool
	// give is how much the column may lose where the terminal is narrow: it
	// is cut down to keep cells. 0 never gives.
	keep int
}

// table prints rows in columns. The first rows settle the widths; on a
// terminal what does not fit is cut, elsewhere it is printed whole.
type table struct {
	out     io.Writer
	width   int // of the terminal, 0 for none
	columns []column
	pending [][]string
	widths  []int
}

// settle is how many rows are looked at to choose the widths.
const settle = 500

func (a *app) table(columns ...column) *table {
	return &table{out: a.stdout, width: a.width(), columns: columns}
}

// row adds a row.
func (t *table) row(cells ...string) error {
	if t.widths != nil {
		return t.print(cells)
	}
	t.pending = append(t.pending, cells)
	if len(t.pending) < settle {
		return nil
	}
	return t.flush()
}

// flush prints what waits for the widths. Nothing is printed where there was
// no row.
func (t *table) flush() error {
	if t.widths != nil || len(t.pending) == 0 {
		return nil
	}
	t.measure()
	heads := make([]string, len(t.columns))
	for i, c := range t.columns {
		heads[i] = strings.ToUpper(c.head)
	}
	if err := t.print(heads); err != nil {
		return err
	}
	for _, cells := range t.pending {
		if err := t.print(cells); err != nil {
			return err
		}
	}
	t.pending = nil
	return nil
}

const gap = 2 // blanks between columns

// measure chooses the widths: the widest cell, less what the columns that may
// give have to give, the widest first.
func (t *table) measure() {
	t.widths = make([]int, len(t.columns))
	total := -gap
	for i, c := range t.columns {
		t.widths[i] = ansi.StringWidth(c.head)
		for _, cells := range t.pending {
			t.widths[i] = max(t.widths[i], ansi.StringWidth(cells[i]))
		}
		total += t.widths[i] + gap
	}
	for t.width > 0 && total > t.width {
		widest := -1
		for i, c := range t.columns {
			if c.keep > 0 && t.widths[i] > c.keep && (widest < 0 || t.widths[i] > t.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		t.widths[widest]--
		total--
	}
}

func (t *table) print(cells []string) error {
	var b strings.Builder
	for i, cell := range cells {
		if t.width > 0 {
			cell = ansi.Truncate(cell, t.widths[i], "…")
		}
		pad := strings.Repeat(" ", max(0, t.widths[i]-ansi.StringWidth(cell)))
		if t.columns[i].right {
			cell = pad + cell
		} else {
			cell += pad
		}
		b.WriteString(cell)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", gap))
		}
	}
	line := strings.TrimRight(b.String(), " ")
	if t.width > 0 {
		line = ansi.Truncate(line, t.width, "…")
	}
	_, err := fmt.Fprintln(t.out, line)
	return err
}

// orDash is what a table shows for nothing.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
