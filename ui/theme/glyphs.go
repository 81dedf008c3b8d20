package theme

// Glyphs are the signs of the console. None needs a special font; the plain
// set needs no more than ASCII.
type Glyphs struct {
	Cursor, Mark, Range, Changed string
	Up, Down                     string // sort order
	Online, Offline, Draft       string
	Alarm                        string // before counts of bad things
	Missing                      string // no value
	Masked                       string // a rune of a secret
	Rule, Ellipsis, Dot          string
	Full, Empty                  string // of a progress bar
	Yes, No                      string // check boxes
	Done, Failed, Waiting        string
	Left, Right                  string // of a value that can be stepped through
	Corner                       [4]string
	Side                         string
	Shade                        [6]string // of a bar, by severity
	Steps                        []string  // of a column's top, the lowest first
	Area                         string    // of what is below it
}

func fancy() Glyphs {
	return Glyphs{
		Cursor: "▌", Mark: "✓", Range: "┃", Changed: "Δ",
		Up: "▲", Down: "▼", Online: "●", Offline: "○", Draft: "◌", Alarm: "▲",
		Missing: "—", Masked: "•", Rule: "─", Ellipsis: "…", Dot: "·",
		Full: "━", Empty: "─", Yes: "[✓]", No: "[ ]",
		Done: "✓", Failed: "✗", Waiting: "·", Left: "‹", Right: "›",
		Corner: [4]string{"┌", "┐", "└", "┘"}, Side: "│",
		Shade: [6]string{"━", "╍", "─", "┄", "·", "·"}, Steps: []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, Area: "░",
	}
}

func plain() Glyphs {
	return Glyphs{
		Cursor: ">", Mark: "*", Range: "|", Changed: "~",
		Up: "^", Down: "v", Online: "+", Offline: "-", Draft: "?", Alarm: "!",
		Missing: "-", Masked: "*", Rule: "-", Ellipsis: "~", Dot: "-",
		Full: "#", Empty: ".", Yes: "[x]", No: "[ ]",
		Done: "+", Failed: "x", Waiting: ".", Left: "<", Right: ">",
		Corner: [4]string{"+", "+", "+", "+"}, Side: "|",
		Shade: [6]string{"#", "=", "-", ".", ".", "."}, Steps: []string{".", "#"}, Area: ":",
	}
}
