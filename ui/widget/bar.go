package widget

import (
	"math"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/theme"
)

// BarLength is the cells of a bar in proportion to the greatest, which fills
// the room. What is there at all gets a cell.
func BarLength(n, greatest, room int) int {
	if n == 0 || greatest == 0 {
		return 0
	}
	return max(1, int(math.Round(float64(n)/float64(greatest)*float64(room))))
}

// Bar draws counts by severity (model.Severity.Rank) as one bar, the worst
// first, each with a sign and a colour of its own, and tells its cells.
func Bar(t *theme.Theme, parts [6]int, greatest, room int) (drawn string, used int) {
	total := 0
	for _, n := range parts {
		total += n
	}
	length := BarLength(total, greatest, room)
	var out strings.Builder
	sum := 0
	for rank, n := range parts {
		sum += n
		if to := int(math.Round(float64(sum) / float64(max(1, total)) * float64(length))); to > used {
			out.WriteString(t.Severity(model.SeverityOfRank(rank)).Of(strings.Repeat(t.Glyphs.Shade[rank], to-used)))
			used = to
		}
	}
	return out.String(), used
}
