package picture

import (
	"bufio"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"slices"
)

// WriteFile draws the screen and writes it to a PNG file.
func WriteFile(name string, s *Screen, o Options) (err error) {
	img, err := Render(s, o)
	if err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	defer func() {
		if closing := file.Close(); err == nil && closing != nil {
			err = fmt.Errorf("writing the picture %s: %w", name, closing)
		}
	}()
	out := bufio.NewWriter(file)
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(out, paletted(img)); err != nil {
		return fmt.Errorf("encoding the picture %s: %w", name, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the picture %s: %w", name, err)
	}
	return nil
}

// paletted reduces a picture to its 256 most frequent colours, which cuts the
// file to a third. A screen has few colours; what is rare is the softness of
// the edges of letters, and takes the nearest one.
func paletted(img *image.RGBA) *image.Paletted {
	counts := make(map[color.RGBA]int)
	for i := 0; i < len(img.Pix); i += 4 {
		counts[rgbaAt(img.Pix[i:])]++
	}
	colors := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(
			cmp.Compare(counts[b], counts[a]),
			cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B), cmp.Compare(a.A, b.A),
		)
	})
	palette := make(color.Palette, min(len(colors), 256))
	for i := range palette {
		palette[i] = colors[i]
	}
	index := make(map[color.RGBA]uint8, len(colors))
	for i, c := range colors {
		if i >= len(palette) {
			i = palette.Index(c)
		}
		index[c] = uint8(i)
	}
	out := image.NewPaletted(img.Bounds(), palette)
	for i := range out.Pix {
		out.Pix[i] = index[rgbaAt(img.Pix[4*i:])]
	}
	return out
}

func rgbaAt(pix []uint8) color.RGBA { return color.RGBA{R: pix[0], G: pix[1], B: pix[2], A: pix[3]} }
