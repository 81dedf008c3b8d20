package vt

import "strings"

// sgr applies SGR parameters (ECMA-48 8.3.117, xterm) and says whether all of
// them are known.
func (st *Style) sgr(params string) bool {
	groups := strings.Split(params, ";")
	known := true
	for i := 0; i < len(groups); i++ {
		sub := strings.Split(groups[i], ":")
		n := number(sub[0])
		switch {
		case n == 38 || n == 48 || n == 58:
			fields := sub[1:]
			if len(sub) == 1 {
				fields = groups[i+1:]
			} else if sub[1] == "2" && len(sub) > 5 {
				fields = append([]string{"2"}, sub[3:]...) // without the colour space
			}
			c, used := colour(fields)
			if len(sub) == 1 {
				i += used
			}
			known = known && used > 0
			switch n {
			case 38:
				st.FG = c
			case 48:
				st.BG = c
			case 58:
				st.UnderlineColor = c
			}
		case n == 4 && len(sub) == 2:
			st.Underline = uint8(min(number(sub[1]), 5))
		default:
			known = st.set(n) && known && len(sub) == 1
		}
	}
	return known
}

// colour reads "5 n" or "2 r g b" and says how many fields that took.
func colour(f []string) (c Color, used int) {
	switch {
	case len(f) >= 2 && f[0] == "5":
		return Color{Kind: 255, Value: uint32(number(f[1]) & 0xff)}, 2
	case len(f) >= 4 && f[0] == "2":
		r, g, b := uint32(number(f[1])), uint32(number(f[2])), uint32(number(f[3]))
		return Color{Kind: 24, Value: r&0xff<<16 | g&0xff<<8 | b&0xff}, 4
	}
	return Color{}, 0
}

func (st *Style) set(n int) bool {
	switch {
	case n >= 30 && n <= 37:
		st.FG = Color{16, uint32(n - 30)}
	case n >= 40 && n <= 47:
		st.BG = Color{16, uint32(n - 40)}
	case n >= 90 && n <= 97:
		st.FG = Color{16, uint32(n - 90 + 8)}
	case n >= 100 && n <= 107:
		st.BG = Color{16, uint32(n - 100 + 8)}
	default:
		return st.setAttribute(n)
	}
	return true
}

func (st *Style) setAttribute(n int) bool {
	switch n {
	case 0:
		*st = Style{Link: st.Link}
	case 1:
		st.Bold = true
	case 2:
		st.Faint = true
	case 3, 23:
		st.Italic = n == 3
	case 4:
		st.Underline = 1
	case 21:
		st.Underline = 2
	case 24:
		st.Underline = 0
	case 5:
		st.Blink = true
	case 6:
		st.RapidBlink = true
	case 25:
		st.Blink, st.RapidBlink = false, false
	case 7, 27:
		st.Reverse = n == 7
	case 8, 28:
		st.Conceal = n == 8
	case 9, 29:
		st.Strike = n == 9
	case 22:
		st.Bold, st.Faint = false, false
	case 39:
		st.FG = Color{}
	case 49:
		st.BG = Color{}
	case 53, 55:
		st.Overline = n == 53
	case 59:
		st.UnderlineColor = Color{}
	default:
		return false
	}
	return true
}
