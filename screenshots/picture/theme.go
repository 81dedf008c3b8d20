package picture

import (
	"fmt"
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// Theme is the terminal's own choice of colours.
type Theme struct {
	Background, Foreground color.RGBA
	Bar, Edge              color.RGBA // the window's title bar and outline
	Palette                [16]color.RGBA
}

// ThemeNamed returns the theme called dark or light.
func ThemeNamed(name string) (Theme, error) {
	switch name {
	case "dark":
		return Dark(), nil
	case "light":
		return Light(), nil
	}
	return Theme{}, fmt.Errorf("theme %q is unknown: use dark or light", name)
}

// Dark is a dark terminal with quiet, readable colours.
func Dark() Theme {
	return Theme{
		Background: rgb(0x15181e), Foreground: rgb(0xd6dae2),
		Bar: rgb(0x1d2129), Edge: rgb(0x343a46),
		Palette: [16]color.RGBA{
			rgb(0x2a303b), rgb(0xe5686b), rgb(0x8fbf6f), rgb(0xe0b05c),
			rgb(0x6aa5e8), rgb(0xc087dd), rgb(0x58bcc4), rgb(0xc3c8d2),
			rgb(0x6d7686), rgb(0xff8587), rgb(0xa9dc86), rgb(0xf7cc7c),
			rgb(0x8bbfff), rgb(0xd9a5f2), rgb(0x7bd8df), rgb(0xf4f6fa),
		},
	}
}

// Light is a light terminal; its colours hold a contrast of 4.5:1 to the
// background, but for the two whites.
func Light() Theme {
	return Theme{
		Background: rgb(0xfcfcfb), Foreground: rgb(0x23272e),
		Bar: rgb(0xefefec), Edge: rgb(0xcfcfca),
		Palette: [16]color.RGBA{
			rgb(0x23272e), rgb(0xb3261e), rgb(0x2f6f22), rgb(0x855300),
			rgb(0x1a5fb4), rgb(0x8a3a9e), rgb(0x0b6b75), rgb(0xd9d9d5),
			rgb(0x666d78), rgb(0xc4322a), rgb(0x377d28), rgb(0x915c00),
			rgb(0x2268c0), rgb(0x9642ab), rgb(0x0f7480), rgb(0xf4f4f1),
		},
	}
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

// colors returns what a cell of this style is drawn with.
func (t Theme) colors(s Style) (foreground, background color.RGBA) {
	foreground, background = t.resolve(s.Foreground, t.Foreground), t.resolve(s.Background, t.Background)
	if s.Reverse {
		foreground, background = background, foreground
	}
	if s.Dim {
		foreground = mix(foreground, background, 0.45)
	}
	if s.Conceal {
		foreground = background
	}
	return foreground, background
}

func (t Theme) resolve(c color.Color, byDefault color.RGBA) color.RGBA {
	switch c := c.(type) {
	case nil:
		return byDefault
	case ansi.BasicColor:
		return t.Palette[c&15]
	case ansi.IndexedColor:
		if c < 16 {
			return t.Palette[c]
		}
	}
	return color.RGBAModel.Convert(c).(color.RGBA)
}

// mix moves a colour towards another by a share between 0 and 1.
func mix(from, to color.RGBA, share float64) color.RGBA {
	blend := func(a, b uint8) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share + 0.5) }
	return color.RGBA{R: blend(from.R, to.R), G: blend(from.G, to.G), B: blend(from.B, to.B), A: 0xff}
}
