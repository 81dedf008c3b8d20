package picture

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestParseStyles(t *testing.T) {
	red := ansi.BasicColor(1)
	for _, tc := range []struct {
		name, text string
		want       Style // of the last cell
	}{
		{"plain", "a", Style{}},
		{"bold and dim", "\x1b[1;2ma", Style{Bold: true, Dim: true}},
		{"both end at 22", "\x1b[1;2m-\x1b[22ma", Style{}},
		{"reset by nothing", "\x1b[1;31m-\x1b[ma", Style{}},
		{"italic, underline, reverse, strike", "\x1b[3;4;7;9ma", Style{Italic: true, Underline: true, Reverse: true, Strike: true}},
		{"curly underline", "\x1b[4:3ma", Style{Underline: true}},
		{"no underline, colon form", "\x1b[4m-\x1b[4:0ma", Style{}},
		{"16 colours", "\x1b[31;102ma", Style{Foreground: red, Background: ansi.BasicColor(10)}},
		{"256 colours", "\x1b[38;5;208;48;5;17ma", Style{Foreground: ansi.IndexedColor(208), Background: ansi.IndexedColor(17)}},
		{"true colour", "\x1b[38;2;1;2;3ma", Style{Foreground: color.RGBA{R: 1, G: 2, B: 3, A: 255}}},
		{"true colour among others", "\x1b[1;48;2;1;2;3;4ma", Style{Bold: true, Underline: true, Background: color.RGBA{R: 1, G: 2, B: 3, A: 255}}},
		{"underline colour is not a colour", "\x1b[58;5;3;31ma", Style{Foreground: red}},
		{"default colours", "\x1b[31;41m-\x1b[39;49ma", Style{}},
		{"links and cursor movements are passed over", "\x1b]8;;https://example.com\x1b\\\x1b[31m\x1b[2Ca\x1b]8;;\x1b\\", Style{Foreground: red}},
		{"the style runs on to the next line", "\x1b[31m-\na", Style{Foreground: red}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rows := Parse(tc.text, 0, 0).Rows
			var last Cell
			for _, cell := range rows[len(rows)-1] {
				if cell.Text == "a" {
					last = cell
				}
			}
			if !reflect.DeepEqual(last, Cell{Text: "a", Width: 1, Style: tc.want}) {
				t.Errorf("got %+v, want the style %+v", last, tc.want)
			}
		})
	}
}

func TestParseKeepsColumns(t *testing.T) {
	screen := Parse("日本 e\u0301x\nlonger than the screen\n", 8, 3)
	var rows []string
	for _, row := range screen.Rows {
		var line strings.Builder
		for x := 0; x < len(row); x++ {
			switch {
			case row[x].Width == 2:
				line.WriteString(row[x].Text)
				x++
			case row[x].Text == "":
				line.WriteByte('.')
			default:
				line.WriteString(row[x].Text)
			}
		}
		rows = append(rows, line.String())
	}
	if want := []string{"日本 éx.", "longer t", "........"}; !reflect.DeepEqual(rows, want) {
		t.Errorf("got %q, want %q", rows, want)
	}
}

// Every character must show: a picture with holes lies about the program.
func TestEveryCharacterOfTheCardLeavesInk(t *testing.T) {
	card, err := os.ReadFile("testdata/card.ansi")
	if err != nil {
		t.Fatal(err)
	}
	screen := Parse(string(card), 0, 0)
	f, err := newFonts(30)
	if err != nil {
		t.Fatal(err)
	}
	for y, row := range screen.Rows {
		for x, cell := range row {
			if strings.Trim(cell.Text, " \u2800") == "" {
				continue
			}
			img := image.NewRGBA(image.Rect(0, 0, 2*f.cell.X, f.cell.Y))
			cell.Style = Style{Bold: cell.Style.Bold, Italic: cell.Style.Italic}
			paintInk(img, image.Point{}, cell, Dark(), f)
			if blank(img) {
				t.Errorf("row %d, column %d: %q draws nothing", y, x, cell.Text)
			}
		}
	}
}

func blank(img *image.RGBA) bool {
	for _, b := range img.Pix {
		if b != 0 {
			return false
		}
	}
	return true
}

// A line must meet the cell's edge exactly where its arm says so, or frames
// fall apart between cells.
func TestBoxLinesReachTheirEdges(t *testing.T) {
	for _, size := range []image.Point{{X: 9, Y: 19}, {X: 18, Y: 38}, {X: 27, Y: 56}} {
		for r := rune(0x2500); r <= 0x257f; r++ {
			if dashes(r) > 0 || (r >= 0x2571 && r <= 0x2573) {
				continue
			}
			want := boxArms[(r-0x2500)*5:][:4]
			if r >= 0x256d && r <= 0x2570 {
				want = []string{"-l-l", "l--l", "l-l-", "-ll-"}[r-0x256d]
			}
			img := image.NewRGBA(image.Rectangle{Max: size})
			drawShape(img, img.Bounds(), r, color.RGBA{R: 255, A: 255})
			edges := []image.Rectangle{
				image.Rect(0, 0, 1, size.Y), image.Rect(size.X-1, 0, size.X, size.Y),
				image.Rect(0, 0, size.X, 1), image.Rect(0, size.Y-1, size.X, size.Y),
			}
			for arm, edge := range edges {
				ink := 0
				for y := edge.Min.Y; y < edge.Max.Y; y++ {
					for x := edge.Min.X; x < edge.Max.X; x++ {
						if img.RGBAAt(x, y).A > 127 {
							ink++
						}
					}
				}
				light := newPen(img.Bounds()).light
				if expected := map[byte]int{'-': 0, 'l': light, 'h': 2 * light, 'd': 2 * light}[want[arm]]; ink != expected {
					t.Errorf("%c in %v: %d pixels of ink at edge %d, want %d", r, size, ink, arm, expected)
				}
			}
		}
	}
}

func TestRenderWindow(t *testing.T) {
	for name, theme := range map[string]Theme{"dark": Dark(), "light": Light()} {
		img, err := Render(Parse("\x1b[41m \x1b[m\n", 120, 40), Options{Theme: theme, Title: "vexdesk", Scale: 2})
		if err != nil {
			t.Fatal(err)
		}
		bounds := img.Bounds()
		if img.RGBAAt(0, 0).A != 0 || img.RGBAAt(bounds.Max.X-1, bounds.Max.Y-1).A != 0 {
			t.Errorf("%s: the corners are not transparent", name)
		}
		if got := img.RGBAAt(bounds.Max.X/2, bounds.Max.Y/2); got != theme.Background {
			t.Errorf("%s: the middle is %v, want the background %v", name, got, theme.Background)
		}
		if got := img.RGBAAt(30, 2*34+30); got != theme.Palette[1] {
			t.Errorf("%s: the first cell is %v, want the palette's red %v", name, got, theme.Palette[1])
		}
	}
}

func TestWriteFileKeepsTheColours(t *testing.T) {
	card, err := os.ReadFile("testdata/card.ansi")
	if err != nil {
		t.Fatal(err)
	}
	screen, options := Parse(string(card), 0, 0), Options{Theme: Dark(), Title: "vexdesk", Scale: 2}
	name := filepath.Join(t.TempDir(), "card.png")
	if err := WriteFile(name, screen, options); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	read, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := Render(screen, options)
	if err != nil {
		t.Fatal(err)
	}
	if read.Bounds() != drawn.Bounds() {
		t.Fatalf("the file is %v, the picture %v", read.Bounds(), drawn.Bounds())
	}
	off := 0
	for i := 0; i < len(drawn.Pix); i += 4 {
		x, y := i/4%drawn.Rect.Dx(), i/4/drawn.Rect.Dx()
		got, want := color.RGBAModel.Convert(read.At(x, y)).(color.RGBA), drawn.RGBAAt(x, y)
		if max(apart(got.R, want.R), apart(got.G, want.G), apart(got.B, want.B)) > 16 {
			off++
		}
	}
	t.Logf("%d of %d pixels are more than 16 of 255 off their colour", off, len(drawn.Pix)/4)
	if share := float64(off) / float64(len(drawn.Pix)/4); share > 0.005 {
		t.Errorf("%.2f %% of the pixels are visibly off their colour, want 0.5 %% at most, on a card of all colours", 100*share)
	}
}

func apart(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

// The light theme's promise, and the dark one's: text of every colour but the
// background's own end of the grey scale can be read.
func TestPalettesHaveContrast(t *testing.T) {
	for name, theme := range map[string]Theme{"dark": Dark(), "light": Light()} {
		unread := map[int]bool{0: name == "dark", 8: name == "dark", 7: name == "light", 15: name == "light"}
		for i, c := range theme.Palette {
			if ratio := contrast(c, theme.Background); !unread[i] && ratio < 4.5 {
				t.Errorf("%s: colour %d has a contrast of %.1f:1, want 4.5:1 or more", name, i, ratio)
			}
		}
	}
}

// contrast is the ratio of WCAG 2.1, 1.4.3.
func contrast(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		share := float64(v) / 255
		if share <= 0.04045 {
			return share / 12.92
		}
		return math.Pow((share+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}
