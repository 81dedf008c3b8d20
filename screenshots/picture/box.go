package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Fonts leave gaps between cells; frames, bars and dots are therefore drawn
// here, to the edge of the cell and to the pixel.

// drawShape draws the characters of the Unicode blocks Box Drawing, Block
// Elements and Braille Patterns, and reports whether it was one.
func drawShape(dst *image.RGBA, cell image.Rectangle, r rune, ink color.RGBA) bool {
	switch {
	case r >= 0x2500 && r <= 0x257f:
		drawBox(dst, cell, r, ink)
	case r >= 0x2580 && r <= 0x259f:
		drawBlock(dst, cell, r, ink)
	case r >= 0x2800 && r <= 0x28ff:
		drawBraille(dst, cell, r, ink)
	default:
		return false
	}
	return true
}

// boxArms holds, for each character from U+2500 on, the weight of its four
// arms (left, right, up, down): light, heavy, double or none. Arcs and
// diagonals have none here.
const boxArms = "" +
	"ll-- hh-- --ll --hh ll-- hh-- --ll --hh ll-- hh-- --ll --hh -l-l -h-l -l-h -h-h " +
	"l--l h--l l--h h--h -ll- -hl- -lh- -hh- l-l- h-l- l-h- h-h- -lll -hll -lhl -llh " +
	"-lhh -hhl -hlh -hhh l-ll h-ll l-hl l-lh l-hh h-hl h-lh h-hh ll-l hl-l lh-l hh-l " +
	"ll-h hl-h lh-h hh-h lll- hll- lhl- hhl- llh- hlh- lhh- hhh- llll hlll lhll hhll " +
	"llhl lllh llhh hlhl lhhl hllh lhlh hhhl hhlh hlhh lhhh hhhh ll-- hh-- --ll --hh " +
	"dd-- --dd -d-l -l-d -d-d d--l l--d d--d -dl- -ld- -dd- d-l- l-d- d-d- -dll -ldd " +
	"-ddd d-ll l-dd d-dd dd-l ll-d dd-d ddl- lld- ddd- ddll lldd dddd ---- ---- ---- " +
	"---- ---- ---- ---- l--- --l- -l-- ---l h--- --h- -h-- ---h lh-- --lh hl-- --hl "

const (
	left = iota
	right
	up
	down
)

// pen is where the lines of a box character run in its cell.
type pen struct {
	cell          image.Rectangle
	center        image.Point // of the line, whose upper left half lies before it
	light, spread int         // thickness of a light line; distance of a double line's rails from the centre
}

func newPen(cell image.Rectangle) pen {
	light := max(1, int(math.Round(float64(cell.Dx())/9)))
	return pen{
		cell:   cell,
		center: image.Pt((cell.Min.X+cell.Max.X)/2, (cell.Min.Y+cell.Max.Y)/2),
		light:  light,
		spread: max(light, cell.Dx()/6),
	}
}

func drawBox(dst *image.RGBA, cell image.Rectangle, r rune, ink color.RGBA) {
	p := newPen(cell)
	switch {
	case r >= 0x256d && r <= 0x2570:
		drawArc(dst, p, r, ink)
		return
	case r >= 0x2571 && r <= 0x2573:
		drawDiagonal(dst, p, r, ink)
		return
	}
	arms := boxArms[(r-0x2500)*5:][:4]
	if n := dashes(r); n > 0 {
		p.drawDashes(dst, arms, n, ink)
		return
	}
	for arm := range 4 {
		for _, line := range p.arm(arms, arm) {
			fill(dst, line, ink)
		}
	}
}

// arm returns the lines of one arm as rectangles: one, or a double's two rails.
func (p pen) arm(arms string, arm int) []image.Rectangle {
	// Across it lie the two arms that it meets: up and down for left and right.
	before, after := up, down
	if arm >= up {
		before, after = left, right
	}
	opposite := arm ^ 1
	rail := func(side int) int { // how far from the centre an arm's line runs
		if arms[side] == 'd' {
			return p.spread
		}
		return 0
	}
	switch arms[arm] {
	case 'd':
		lines := make([]image.Rectangle, 0, 2)
		for _, side := range [][2]int{{before, after}, {after, before}} {
			reach := 0 // beyond the centre is positive
			switch {
			case arms[side[0]] != '-':
				reach = -rail(side[0])
			case arms[side[1]] != '-':
				reach = rail(side[1])
			}
			offset := p.spread
			if side[0] == before {
				offset = -p.spread
			}
			lines = append(lines, p.line(arm, offset, reach, p.light))
		}
		return lines
	case 'l', 'h':
		thick := p.light
		if arms[arm] == 'h' {
			thick *= 2
		}
		reach := 0
		if arms[opposite] == '-' {
			switch {
			case arms[before] == 'd' && arms[after] == 'd':
				reach = -p.spread
			case arms[before] == 'd' || arms[after] == 'd':
				reach = p.spread
			}
		}
		return []image.Rectangle{p.line(arm, 0, reach, thick)}
	}
	return nil
}

// line returns the rectangle from the cell's edge on the arm's side to reach
// pixels beyond the centre, offset across the arm.
func (p pen) line(arm, offset, reach, thick int) image.Rectangle {
	half := thick / 2
	rest := thick - half
	r := p.cell
	if arm <= right {
		r.Min.Y, r.Max.Y = p.center.Y+offset-half, p.center.Y+offset+rest
	} else {
		r.Min.X, r.Max.X = p.center.X+offset-half, p.center.X+offset+rest
	}
	switch arm {
	case left:
		r.Max.X = p.center.X + reach + rest
	case right:
		r.Min.X = p.center.X - reach - half
	case up:
		r.Max.Y = p.center.Y + reach + rest
	case down:
		r.Min.Y = p.center.Y - reach - half
	}
	return r
}

// dashes returns how many dashes a line has, or 0 for a whole one.
func dashes(r rune) int {
	switch {
	case r >= 0x2504 && r <= 0x2507:
		return 3
	case r >= 0x2508 && r <= 0x250b:
		return 4
	case r >= 0x254c && r <= 0x254f:
		return 2
	}
	return 0
}

// drawDashes draws a line through the cell in n dashes, each followed by its
// share of the gaps so that neighbouring cells go on evenly.
func (p pen) drawDashes(dst draw.Image, arms string, n int, ink color.RGBA) {
	first, length := left, p.cell.Dx()
	if arms[left] == '-' {
		first, length = up, p.cell.Dy()
	}
	whole := p.arm(arms, first)[0].Union(p.arm(arms, first+1)[0])
	for i := range n {
		from, to := i*length/n, (i+1)*length/n
		to = from + (to-from)*2/3
		dash := whole
		if first == left {
			dash.Min.X, dash.Max.X = p.cell.Min.X+from, p.cell.Min.X+to
		} else {
			dash.Min.Y, dash.Max.Y = p.cell.Min.Y+from, p.cell.Min.Y+to
		}
		fill(dst, dash, ink)
	}
}
