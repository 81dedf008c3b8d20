package vt

import "fmt"

// Diff describes the cells in which a screen looks different from the one that
// was wanted, at most limit of them; nil means that there are none. Screens of
// unlike size differ.
func (s *Screen) Diff(want *Screen, limit int) []string {
	a, b := s, want
	if a.cols != b.cols || a.rows != b.rows {
		return []string{fmt.Sprintf("size %dx%d, not %dx%d", a.cols, a.rows, b.cols, b.rows)}
	}
	var out []string
	for y := range a.rows {
		for x := range a.cols {
			c, d := a.cells[y][x].Visible(), b.cells[y][x].Visible()
			if c == d {
				continue
			}
			if len(out) == limit {
				return append(out, "and more")
			}
			out = append(out, fmt.Sprintf("column %d of row %d is %+v, not %+v", x, y, c, d))
		}
	}
	return out
}
