package picture

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// Options say how a screen is drawn.
type Options struct {
	Theme Theme
	Title string  // shown in the window's bar
	Scale float64 // 2 is crisp on screens of today; 1 makes a cell about 9 by 19 pixels
}

// Render draws the screen in a window with a title bar and rounded corners on
// a transparent ground.
func Render(s *Screen, o Options) (*image.RGBA, error) {
	fonts, err := newFonts(15 * o.Scale)
	if err != nil {
		return nil, err
	}
	px := func(n float64) int { return int(n*o.Scale + 0.5) }
	bar, pad := px(34), px(14)
	grid := image.Pt(s.Cols*fonts.cell.X, len(s.Rows)*fonts.cell.Y)
	img := image.NewRGBA(image.Rect(0, 0, grid.X+2*pad, grid.Y+bar+2*pad))

	window(img, o, bar, fonts)
	origin := image.Pt(pad, bar+pad)
	for pass, paint := range []func(image.Point, Cell){
		func(at image.Point, c Cell) { paintGround(img, at, c, o.Theme, fonts) },
		func(at image.Point, c Cell) { paintInk(img, at, c, o.Theme, fonts) },
	} {
		for y, row := range s.Rows {
			for x, cell := range row {
				if pass == 0 || cell.Text != "" {
					paint(origin.Add(image.Pt(x*fonts.cell.X, y*fonts.cell.Y)), cell)
				}
			}
		}
	}
	return img, nil
}

// window draws what is around the screen.
func window(img *image.RGBA, o Options, bar int, f *fonts) {
	edge := max(1, int(o.Scale/2+0.5))
	bounds := img.Bounds()
	radius := 10 * o.Scale
	rounded(img, bounds, radius, o.Theme.Edge)
	inner := bounds.Inset(edge)
	rounded(img, inner, radius-float64(edge), o.Theme.Background)
	top := inner
	top.Max.Y = bar + int(2*radius)
	rounded(img, top, radius-float64(edge), o.Theme.Bar)
	top.Min.Y = bar
	fill(img, top, o.Theme.Background)
	fill(img, image.Rect(inner.Min.X, bar-edge, inner.Max.X, bar), o.Theme.Edge)

	for i, c := range []color.RGBA{o.Theme.Palette[1], o.Theme.Palette[3], o.Theme.Palette[2]} {
		disc(img, (22+20*float64(i))*o.Scale, float64(bar)/2, 5.5*o.Scale, mix(c, o.Theme.Bar, 0.15))
	}
	title := &font.Drawer{Dst: img, Src: image.NewUniform(mix(o.Theme.Foreground, o.Theme.Bar, 0.4)), Face: f.faces[0]}
	title.Dot = fixed.P((bounds.Dx()-title.MeasureString(o.Title).Round())/2, (bar-f.cell.Y)/2+f.baseline)
	title.DrawString(o.Title)
}

func paintGround(img *image.RGBA, at image.Point, c Cell, t Theme, f *fonts) {
	if _, ground := t.colors(c.Style); ground != t.Background {
		fill(img, image.Rectangle{Min: at, Max: at.Add(f.cell)}, ground)
	}
}

func paintInk(img *image.RGBA, at image.Point, c Cell, t Theme, f *fonts) {
	ink, _ := t.colors(c.Style)
	box := image.Rectangle{Min: at, Max: at.Add(image.Pt(f.cell.X*c.Width, f.cell.Y))}
	if !drawShape(img, box, []rune(c.Text)[0], ink) {
		f.draw(img, at, c, ink)
	}
	line := max(1, f.cell.Y/18)
	if c.Style.Underline {
		y := at.Y + f.baseline + 2*line
		fill(img, image.Rect(box.Min.X, y, box.Max.X, y+line), ink)
	}
	if c.Style.Strike {
		y := at.Y + f.baseline - f.cell.Y/4
		fill(img, image.Rect(box.Min.X, y, box.Max.X, y+line), ink)
	}
}

func fill(dst draw.Image, r image.Rectangle, c color.Color) {
	draw.Draw(dst, r, image.NewUniform(c), image.Point{}, draw.Over)
}

func outline(dst draw.Image, r image.Rectangle, width int, c color.Color) {
	fill(dst, image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+width), c)
	fill(dst, image.Rect(r.Min.X, r.Max.Y-width, r.Max.X, r.Max.Y), c)
	fill(dst, image.Rect(r.Min.X, r.Min.Y+width, r.Min.X+width, r.Max.Y-width), c)
	fill(dst, image.Rect(r.Max.X-width, r.Min.Y+width, r.Max.X, r.Max.Y-width), c)
}
