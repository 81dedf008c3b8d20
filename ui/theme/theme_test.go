package theme_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/theme"
)

func TestThemesShowTheSameText(t *testing.T) {
	for _, name := range theme.Names() {
		for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii} {
			th, err := theme.New(name, profile, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range model.Severities() {
				if got := ansi.Strip(th.Severity(s).Of(s.String())); got != s.String() {
					t.Errorf("%s: severity %s shows as %q", name, s, got)
				}
			}
		}
	}
}

func TestNoColourMeansNoColour(t *testing.T) {
	for _, name := range theme.Names() {
		th, err := theme.New(name, termenv.Ascii, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, pen := range []theme.Pen{th.Accent, th.Bad, th.Good, th.Chosen, th.Mark, th.Dim, th.Severity(model.SeverityHigh)} {
			if strings.Contains(pen.On, "[3") || strings.Contains(pen.On, ";3") || strings.Contains(pen.On, "[4;") {
				t.Errorf("%s without colours draws %q", name, pen.On)
			}
		}
	}
}

func TestSixteenColoursStaySixteen(t *testing.T) {
	th, err := theme.New(theme.Dark, termenv.ANSI, false)
	if err != nil {
		t.Fatal(err)
	}
	if on := th.Severity(model.SeverityCritical).On; strings.Contains(on, "38;5") {
		t.Errorf("a 16-colour terminal gets %q", on)
	}
}

func TestUnknownThemeNamesTheKnownOnes(t *testing.T) {
	_, err := theme.New("pink", termenv.ANSI, false)
	if err == nil || !strings.Contains(err.Error(), theme.Contrast) {
		t.Errorf("got %v", err)
	}
}
