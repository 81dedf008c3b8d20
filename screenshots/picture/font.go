package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"

	"github.com/go-fonts/dejavu/dejavusansmono"
	"github.com/go-fonts/dejavu/dejavusansmonobold"
	"github.com/go-fonts/dejavu/dejavusansmonoboldoblique"
	"github.com/go-fonts/dejavu/dejavusansmonooblique"
	"github.com/hajimehoshi/bitmapfont/v3"
	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// fonts draws characters. All of it is compiled in, so that a picture looks
// the same on every machine: DejaVu Sans Mono, and for the East Asian scripts
// that it lacks, 12-pixel bitmaps drawn larger.
type fonts struct {
	faces    [4]font.Face // by bold + 2*italic
	cell     image.Point
	baseline int
	wide     int // the factor by which bitmaps are enlarged
}

// newFonts loads the faces at a size in pixels.
func newFonts(size float64) (*fonts, error) {
	f := &fonts{}
	for i, ttf := range [4][]byte{dejavusansmono.TTF, dejavusansmonobold.TTF, dejavusansmonooblique.TTF, dejavusansmonoboldoblique.TTF} {
		parsed, err := opentype.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("reading the built-in font %d: %w", i, err)
		}
		f.faces[i], err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
		if err != nil {
			return nil, fmt.Errorf("scaling the built-in font %d to %g pixels: %w", i, size, err)
		}
	}
	advance, _ := f.faces[0].GlyphAdvance('0')
	metrics := f.faces[0].Metrics()
	f.cell = image.Pt(advance.Round(), int(math.Round(size*1.25)))
	text := metrics.Ascent + metrics.Descent
	f.baseline = ((fixed.I(f.cell.Y)-text)/2 + metrics.Ascent).Round()
	f.wide = max(1, 2*f.cell.X/12)
	return f, nil
}

// draw draws the text of a cell whose top left corner is at.
func (f *fonts) draw(dst draw.Image, at image.Point, cell Cell, ink color.Color) {
	face := f.faces[0]
	switch s := cell.Style; {
	case s.Bold && s.Italic:
		face = f.faces[3]
	case s.Italic:
		face = f.faces[2]
	case s.Bold:
		face = f.faces[1]
	}
	dot := fixed.P(at.X, at.Y+f.baseline)
	for _, r := range cell.Text {
		switch {
		case r == '\u200d' || (r >= '\ufe00' && r <= '\ufe0f'):
			// joiners and variation selectors draw nothing themselves
		case has(face, r):
			(&font.Drawer{Dst: dst, Src: image.NewUniform(ink), Face: face, Dot: dot}).DrawString(string(r))
		case f.drawBitmap(dst, at, r, ink):
		default: // the empty box that says: no font has it
			box := image.Rectangle{Min: at, Max: at.Add(image.Pt(f.cell.X*max(cell.Width, 1), f.cell.Y))}
			outline(dst, box.Inset(f.cell.X/5), max(1, f.cell.X/10), ink)
		}
	}
}

func has(face font.Face, r rune) bool {
	_, ok := face.GlyphAdvance(r)
	return ok
}

// drawBitmap draws a glyph of the bitmap font, each of its pixels as a square,
// and reports whether there is one. (The face itself claims to have them all.)
func (f *fonts) drawBitmap(dst draw.Image, at image.Point, r rune, ink color.Color) bool {
	metrics := bitmapfont.Face.Metrics()
	small := image.NewAlpha(image.Rect(0, 0, 12, (metrics.Ascent + metrics.Descent).Ceil()))
	(&font.Drawer{Dst: small, Src: image.Opaque, Face: bitmapfont.Face, Dot: fixed.Point26_6{Y: metrics.Ascent}}).DrawString(string(r))
	if !slices.ContainsFunc(small.Pix, func(alpha uint8) bool { return alpha != 0 }) {
		return false
	}
	size := small.Bounds().Size().Mul(f.wide)
	large := image.NewAlpha(image.Rectangle{Max: size})
	xdraw.NearestNeighbor.Scale(large, large.Bounds(), small, small.Bounds(), xdraw.Src, nil)
	at.Y += f.baseline - metrics.Ascent.Round()*f.wide + f.wide*3/2 // lower than the baseline: these scripts fill the line
	draw.DrawMask(dst, image.Rectangle{Min: at, Max: at.Add(size)}, image.NewUniform(ink), image.Point{}, large, image.Point{}, draw.Over)
	return true
}
