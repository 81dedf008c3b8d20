package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math/bits"

	"golang.org/x/image/vector"
)

// curve is the distance of a cubic Bézier's control points that makes it a
// quarter of a circle of radius 1, to 0.03 %.
const curve = 0.5522847

// path fills an outline with soft edges. Points are in the picture's pixels.
type path struct {
	raster vector.Rasterizer
	bounds image.Rectangle
}

// newPath starts a path that paints within bounds alone.
func newPath(bounds image.Rectangle) *path {
	p := &path{bounds: bounds}
	p.raster.Reset(bounds.Dx(), bounds.Dy())
	return p
}

func (p *path) at(x, y float64) (float32, float32) {
	return float32(x - float64(p.bounds.Min.X)), float32(y - float64(p.bounds.Min.Y))
}

func (p *path) move(x, y float64) { p.raster.MoveTo(p.at(x, y)) }

func (p *path) line(x, y float64) { p.raster.LineTo(p.at(x, y)) }

func (p *path) cube(x1, y1, x2, y2, x, y float64) {
	ax, ay := p.at(x1, y1)
	bx, by := p.at(x2, y2)
	cx, cy := p.at(x, y)
	p.raster.CubeTo(ax, ay, bx, by, cx, cy)
}

func (p *path) fill(dst draw.Image, c color.Color) {
	p.raster.ClosePath()
	p.raster.Draw(dst, p.bounds, image.NewUniform(c), image.Point{})
}

// rounded fills a rectangle with round corners.
func rounded(dst *image.RGBA, r image.Rectangle, radius float64, c color.Color) {
	x0, y0, x1, y1 := float64(r.Min.X), float64(r.Min.Y), float64(r.Max.X), float64(r.Max.Y)
	k := radius * (1 - curve)
	p := newPath(r)
	p.move(x0+radius, y0)
	p.line(x1-radius, y0)
	p.cube(x1-k, y0, x1, y0+k, x1, y0+radius)
	p.line(x1, y1-radius)
	p.cube(x1, y1-k, x1-k, y1, x1-radius, y1)
	p.line(x0+radius, y1)
	p.cube(x0+k, y1, x0, y1-k, x0, y1-radius)
	p.line(x0, y0+radius)
	p.cube(x0, y0+k, x0+k, y0, x0+radius, y0)
	p.fill(dst, c)
}

// disc fills a circle.
func disc(dst *image.RGBA, x, y, radius float64, c color.Color) {
	r := image.Rect(int(x-radius), int(y-radius), int(x+radius)+1, int(y+radius)+1)
	k := radius * curve
	p := newPath(r)
	p.move(x+radius, y)
	p.cube(x+radius, y+k, x+k, y+radius, x, y+radius)
	p.cube(x-k, y+radius, x-radius, y+k, x-radius, y)
	p.cube(x-radius, y-k, x-k, y-radius, x, y-radius)
	p.cube(x+k, y-radius, x+radius, y-k, x+radius, y)
	p.fill(dst, c)
}

// drawArc draws a round corner (U+256D to U+2570): a quarter of a ring whose
// ends meet the light lines of the neighbouring cells.
func drawArc(dst *image.RGBA, p pen, r rune, ink color.RGBA) {
	side, below := 1.0, 1.0 // towards which edges the corner opens: right and down
	if r == 0x256e || r == 0x256f {
		side = -1
	}
	if r == 0x256f || r == 0x2570 {
		below = -1
	}
	half, rest := float64(p.light/2), float64(p.light-p.light/2)
	middleX, middleY := float64(p.center.X)+(rest-half)/2, float64(p.center.Y)+(rest-half)/2
	edgeX := float64(p.cell.Max.X)
	if side < 0 {
		edgeX = float64(p.cell.Min.X)
	}
	radius := side * (edgeX - middleX)
	x, y := edgeX, middleY+below*radius // the ring's centre
	outer, inner := radius+float64(p.light)/2, radius-float64(p.light)/2

	ring := newPath(p.cell)
	ring.move(x, y-below*outer)
	ring.cube(x-side*curve*outer, y-below*outer, x-side*outer, y-below*curve*outer, x-side*outer, y)
	ring.line(x-side*inner, y)
	ring.cube(x-side*inner, y-below*curve*inner, x-side*curve*inner, y-below*inner, x, y-below*inner)
	ring.fill(dst, ink)

	stem := p.line(down, 0, 0, p.light)
	stem.Min.Y, stem.Max.Y = int(y), p.cell.Max.Y
	if below < 0 {
		stem.Min.Y, stem.Max.Y = p.cell.Min.Y, int(y+0.999)
	}
	fill(dst, stem, ink)
}

func drawDiagonal(dst *image.RGBA, p pen, r rune, ink color.RGBA) {
	x0, y0 := float64(p.cell.Min.X), float64(p.cell.Min.Y)
	x1, y1 := float64(p.cell.Max.X), float64(p.cell.Max.Y)
	w := float64(p.light) * 0.6
	if r == 0x2571 || r == 0x2573 {
		slash := newPath(p.cell)
		slash.move(x1-w, y0)
		slash.line(x1+w, y0)
		slash.line(x0+w, y1)
		slash.line(x0-w, y1)
		slash.fill(dst, ink)
	}
	if r == 0x2572 || r == 0x2573 {
		slash := newPath(p.cell)
		slash.move(x0-w, y0)
		slash.line(x0+w, y0)
		slash.line(x1+w, y1)
		slash.line(x1-w, y1)
		slash.fill(dst, ink)
	}
}

// drawBlock draws the eighths, shades and quadrants of U+2580 to U+259F.
func drawBlock(dst *image.RGBA, cell image.Rectangle, r rune, ink color.RGBA) {
	w, h := cell.Dx(), cell.Dy()
	part := func(x0, y0, x1, y1 int) { // in eighths of the cell
		fill(dst, image.Rect(x0*w/8, y0*h/8, x1*w/8, y1*h/8).Add(cell.Min), ink)
	}
	switch n := int(r - 0x2580); {
	case n == 0:
		part(0, 0, 8, 4)
	case n <= 8:
		part(0, 8-n, 8, 8)
	case n <= 0xf:
		part(0, 0, 16-n, 8)
	case n == 0x10:
		part(4, 0, 8, 8)
	case n <= 0x13:
		share := uint8(64 * (n - 0x10))
		fill(dst, cell, color.NRGBA{R: ink.R, G: ink.G, B: ink.B, A: share})
	case n == 0x14:
		part(0, 0, 8, 1)
	case n == 0x15:
		part(7, 0, 8, 8)
	default:
		quadrants := [...]uint8{0b0010, 0b0001, 0b1000, 0b1011, 0b1001, 0b1110, 0b1101, 0b0100, 0b0110, 0b0111}[n-0x16]
		for i, at := range [4]image.Point{{X: 4, Y: 4}, {X: 0, Y: 4}, {X: 4, Y: 0}, {X: 0, Y: 0}} {
			if quadrants&(1<<i) != 0 {
				part(at.X, at.Y, at.X+4, at.Y+4)
			}
		}
	}
}

// drawBraille draws the dots of U+2800 to U+28FF: bits 0 to 2 down the left
// column, 3 to 5 down the right one, 6 and 7 the bottom row.
func drawBraille(dst *image.RGBA, cell image.Rectangle, r rune, ink color.RGBA) {
	w, h := float64(cell.Dx()), float64(cell.Dy())
	for dots := uint8(r - 0x2800); dots != 0; dots &= dots - 1 {
		i := bits.TrailingZeros8(dots)
		column, row := i/3, i%3
		if i >= 6 {
			column, row = i-6, 3
		}
		disc(dst, float64(cell.Min.X)+w*(0.28+0.44*float64(column)), float64(cell.Min.Y)+h*(0.2+0.2*float64(row)), w*0.12, ink)
	}
}
