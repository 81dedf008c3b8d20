// Package theme holds the few colours and signs of the console. Body text
// stays in the terminal's own colours; a colour never carries a meaning that
// no word or sign carries too.
package theme

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"example.com/vexdesk/model"
)

// Pen is a look, prepared as the control sequences before and after a text,
// so that drawing a cell costs two copies and no layout.
type Pen struct{ On, Off string }

// Of returns s in the pen's look. Empty text stays empty.
func (p Pen) Of(s string) string {
	if s == "" || p.On == "" {
		return s
	}
	return p.On + s + p.Off
}

// Theme is the set of pens and signs that screens draw with.
type Theme struct {
	Name string

	Text   Pen // the terminal's own
	Strong Pen // names and values that matter
	Dim    Pen // labels, rules, what is secondary
	Accent Pen // cursor, active tab, keys
	Mark   Pen // marks
	Good   Pen
	Warn   Pen
	Bad    Pen
	Link   Pen
	Field  Pen // the place where one types
	Caret  Pen // the cell of the text cursor
	Chosen Pen // the current line of a menu
	Popup  Pen // lines that lie over others
	Aside  Pen // what is secondary on them
	Fresh  Pen // changed a moment ago

	severity [6]Pen
	Glyphs   Glyphs
}

// Severity is the pen for a severity's word.
func (t *Theme) Severity(s model.Severity) Pen { return t.severity[s.Rank()] }

// The names that [New] takes.
const (
	Dark     = "dark"
	Light    = "light"
	Contrast = "high-contrast"
	None     = "none"
)

// Names lists the themes.
func Names() []string { return []string{Dark, Light, Contrast, None} }

// palette names colours by job, in 256-colour numbers; lipgloss turns them
// into the nearest of 16 where the terminal has no more.
type palette struct {
	dim, accent, mark, good, warn, bad, link string
	chosenBg, chosenFg, popupBg              string
	severity                                 [6]string
}

func palettes() map[string]palette {
	return map[string]palette{
		Dark: {dim: "245", accent: "80", mark: "114", good: "114", warn: "221", bad: "203", link: "110",
			chosenBg: "239", popupBg: "236", severity: [6]string{"203", "209", "179", "110", "245", "245"}},
		Light: {dim: "242", accent: "25", mark: "28", good: "28", warn: "130", bad: "160", link: "25",
			chosenBg: "252", popupBg: "255", severity: [6]string{"160", "166", "94", "25", "242", "242"}},
		Contrast: {dim: "", accent: "14", mark: "10", good: "10", warn: "11", bad: "9", link: "14",
			chosenBg: "15", chosenFg: "0", popupBg: "0", severity: [6]string{"9", "11", "15", "14", "", ""}},
	}
}

// New makes a theme by name for a terminal with the given colours; with
// [termenv.Ascii] every theme is [None]. ascii chooses signs that any font has.
func New(name string, profile termenv.Profile, ascii bool) (*Theme, error) {
	glyphs := fancy()
	if ascii {
		glyphs = plain()
	}
	p, known := palettes()[name]
	switch {
	case name == None || known && profile == termenv.Ascii:
		return colourless(glyphs), nil
	case !known:
		return nil, fmt.Errorf("there is no theme %q: use %s", name, strings.Join(Names(), ", "))
	}
	return coloured(name, p, profile, glyphs), nil
}

func coloured(name string, p palette, profile termenv.Profile, glyphs Glyphs) *Theme {
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(profile))
	r.SetColorProfile(profile)
	style := r.NewStyle
	fg := func(c string) Pen {
		if c == "" {
			return Pen{}
		}
		return pen(style().Foreground(lipgloss.Color(c)))
	}
	bold := func(c string) Pen { return pen(style().Bold(true).Foreground(lipgloss.Color(c))) }
	chosen := style().Background(lipgloss.Color(p.chosenBg))
	if p.chosenFg != "" {
		chosen = chosen.Foreground(lipgloss.Color(p.chosenFg))
	}
	t := &Theme{
		Name: name, Glyphs: glyphs,
		Strong: pen(style().Bold(true)), Dim: fg(p.dim), Accent: bold(p.accent), Mark: bold(p.mark),
		Good: fg(p.good), Warn: fg(p.warn), Bad: bold(p.bad), Link: fg(p.link),
		Field: pen(style().Underline(true)), Caret: pen(style().Reverse(true)),
		Chosen: pen(chosen), Fresh: bold(p.accent),
		Popup: pen(style().Background(lipgloss.Color(p.popupBg))),
		Aside: pen(style().Background(lipgloss.Color(p.popupBg)).Foreground(lipgloss.Color(p.dim))),
	}
	for rank, c := range p.severity {
		switch {
		case c == "":
		case rank < 2:
			t.severity[rank] = bold(c)
		default:
			t.severity[rank] = fg(c)
		}
	}
	return t
}

// colourless is the theme of NO_COLOR: weight and inversion only, which are
// not colours, and every meaning in words and signs.
func colourless(glyphs Glyphs) *Theme {
	weight := Pen{"\x1b[1m", "\x1b[0m"}
	inverse := Pen{"\x1b[7m", "\x1b[0m"}
	t := &Theme{
		Name: None, Glyphs: glyphs,
		Strong: weight, Accent: weight, Mark: weight, Bad: weight, Fresh: weight,
		Field: Pen{"\x1b[4m", "\x1b[0m"}, Caret: inverse, Chosen: inverse,
	}
	t.severity[0] = weight
	return t
}

// pen asks lipgloss once how a style looks and keeps what stands around it.
func pen(s lipgloss.Style) Pen {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return Pen{on, off}
}
