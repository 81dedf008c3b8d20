package paint

import (
	"strconv"
	"strings"
)

// colour is a terminal colour: its kind in the top byte, its value below.
// Zero is the terminal's default.
type colour uint32

const (
	basic   colour = 1 << 24 // 0–15, SGR 30–37 and 90–97
	indexed colour = 2 << 24 // 0–255, SGR 38;5
	rgb     colour = 3 << 24 // 24 bits, SGR 38;2
	kind    colour = 0xff << 24
)

// attr is a set of SGR attributes without a value.
type attr uint16

const (
	bold attr = 1 << iota
	faint
	italic
	blink
	fastBlink
	reverse
	conceal
	strike
	overline
)

// pen is what a cell is drawn with (ECMA-48 8.3.117; the underline styles,
// SGR 58 and OSC 8 as xterm, kitty and VTE document them).
type pen struct {
	fg, bg, ul colour
	attr       attr
	under      uint8  // underline style, 0 none, 1 single … 5 dashed
	link       string // OSC 8 "params;uri", empty for none
}

// onBlank is the part of the pen that can be seen on a space.
func (p pen) onBlank() pen {
	if p.under != 0 || p.attr&(reverse|strike|overline) != 0 {
		return p
	}
	return pen{bg: p.bg, link: p.link}
}

// sgr applies the parameters of one SGR sequence.
func (p *pen) sgr(params string) {
	for more := true; more; {
		var group string
		group, params, more = strings.Cut(params, ";")
		code, sub, _ := strings.Cut(group, ":")
		n := number(code)
		switch {
		case n == 38 || n == 48 || n == 58:
			var c colour
			var ok bool
			if sub != "" {
				c, ok = colonColour(sub)
			} else {
				c, params, more, ok = semicolonColour(params, more)
			}
			if ok {
				p.setColour(n, c)
			}
		case n == 4 && sub != "":
			p.under = uint8(min(number(sub), 5))
		default:
			p.set(n)
		}
	}
}

func (p *pen) setColour(code int, c colour) {
	switch code {
	case 38:
		p.fg = c
	case 48:
		p.bg = c
	case 58:
		p.ul = c
	}
}

// set applies one SGR code that takes no further parameter.
func (p *pen) set(n int) {
	switch {
	case n == 0:
		*p = pen{link: p.link}
	case n >= 30 && n <= 37:
		p.fg = basic | colour(n-30)
	case n >= 40 && n <= 47:
		p.bg = basic | colour(n-40)
	case n >= 90 && n <= 97:
		p.fg = basic | colour(n-90+8)
	case n >= 100 && n <= 107:
		p.bg = basic | colour(n-100+8)
	case n == 39:
		p.fg = 0
	case n == 49:
		p.bg = 0
	case n == 59:
		p.ul = 0
	case n == 4:
		p.under = 1
	case n == 21:
		p.under = 2
	case n == 24:
		p.under = 0
	default:
		on, off := attrCode(n)
		p.attr = p.attr&^off | on
	}
}

// attrCode gives the attributes that an SGR code switches on and off.
func attrCode(n int) (on, off attr) {
	switch n {
	case 1:
		on = bold
	case 2:
		on = faint
	case 3:
		on = italic
	case 5:
		on = blink
	case 6:
		on = fastBlink
	case 7:
		on = reverse
	case 8:
		on = conceal
	case 9:
		on = strike
	case 53:
		on = overline
	case 22:
		off = bold | faint
	case 23:
		off = italic
	case 25:
		off = blink | fastBlink
	case 27:
		off = reverse
	case 28:
		off = conceal
	case 29:
		off = strike
	case 55:
		off = overline
	}
	return on, off
}

// semicolonColour reads "5;n" or "2;r;g;b" from the start of params; more says
// whether there are parameters at all, and after it whether any are left.
func semicolonColour(params string, more bool) (c colour, rest string, left, ok bool) {
	next := func() int {
		if !more {
			return 1 << 16
		}
		var s string
		s, params, more = strings.Cut(params, ";")
		return number(s)
	}
	switch next() {
	case 5:
		n := next()
		return indexed | colour(n&0xff), params, more, n <= 255
	case 2:
		r, g, b := next(), next(), next()
		return rgb | colour(r&0xff)<<16 | colour(g&0xff)<<8 | colour(b&0xff), params, more, r <= 255 && g <= 255 && b <= 255
	}
	return 0, params, more, false
}

// colonColour reads "5:n", "2:r:g:b" or, with a colour space, "2::r:g:b".
func colonColour(sub string) (colour, bool) {
	f := strings.Split(sub, ":")
	switch {
	case f[0] == "5" && len(f) >= 2:
		n := number(f[1])
		return indexed | colour(n&0xff), n <= 255
	case f[0] == "2" && len(f) >= 4:
		f = f[1:]
		if len(f) > 3 {
			f = f[1:]
		}
		r, g, b := number(f[0]), number(f[1]), number(f[2])
		return rgb | colour(r&0xff)<<16 | colour(g&0xff)<<8 | colour(b&0xff), r <= 255 && g <= 255 && b <= 255
	}
	return 0, false
}

// number reads a decimal parameter. Empty is 0; what is none is too large to
// mean anything.
func number(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 1 << 16
	}
	return int(n)
}

// appendPen appends what turns the terminal's pen from one into the other:
// the shorter of the difference and a reset with everything anew.
func appendPen(b []byte, from, to pen) []byte {
	if from.link != to.link {
		b = append(b, "\x1b]8;"...)
		if to.link == "" {
			b = append(b, ';')
		}
		b = append(b, to.link...)
		b = append(b, "\x1b\\"...)
		from.link = to.link
	}
	if from == to {
		return b
	}
	b = append(b, "\x1b["...)
	if to == (pen{link: to.link}) {
		return append(b, 'm')
	}
	var x, y [96]byte
	delta := appendCodes(x[:0], from, to)
	anew := appendCodes(append(y[:0], "0;"...), pen{link: to.link}, to)
	if len(anew) < len(delta) {
		delta = anew
	}
	delta[len(delta)-1] = 'm' // over the last separator
	return append(b, delta...)
}

// attrCodes lists each attribute with its code and the code that ends it.
var attrCodes = [...]struct {
	attr    attr
	on, off int
}{
	{italic, 3, 23}, {blink, 5, 25}, {fastBlink, 6, 25}, {reverse, 7, 27},
	{conceal, 8, 28}, {strike, 9, 29}, {overline, 53, 55},
}

// appendCodes appends the SGR codes from one pen to the other, each followed
// by a semicolon.
func appendCodes(b []byte, from, to pen) []byte {
	code := func(n int) {
		b = append(strconv.AppendInt(b, int64(n), 10), ';')
	}
	if from.attr&^to.attr&(bold|faint) != 0 {
		code(22)
		from.attr &^= bold | faint
	}
	if from.attr&^to.attr&(blink|fastBlink) != 0 {
		code(25)
		from.attr &^= blink | fastBlink
	}
	for _, a := range attrCodes {
		if from.attr&^to.attr&a.attr != 0 {
			code(a.off)
		}
	}
	added := to.attr &^ from.attr
	if added&bold != 0 {
		code(1)
	}
	if added&faint != 0 {
		code(2)
	}
	for _, a := range attrCodes {
		if added&a.attr != 0 {
			code(a.on)
		}
	}
	if from.under != to.under {
		switch to.under {
		case 0:
			code(24)
		case 1:
			code(4)
		default:
			b = append(b, "4:"...)
			code(int(to.under))
		}
	}
	if from.fg != to.fg {
		b = appendColour(b, to.fg, 30)
	}
	if from.bg != to.bg {
		b = appendColour(b, to.bg, 40)
	}
	if from.ul != to.ul {
		b = appendColour(b, to.ul, 50)
	}
	return b
}

// appendColour appends the codes of a colour; base is 30 for the foreground,
// 40 for the background and 50 for the underline.
func appendColour(b []byte, c colour, base int64) []byte {
	n := int64(c &^ kind)
	switch c & kind {
	case 0:
		b = strconv.AppendInt(b, base+9, 10)
	case basic:
		if n >= 8 {
			n += 60 - 8
		}
		b = strconv.AppendInt(b, base+n, 10)
	case indexed:
		b = strconv.AppendInt(b, base+8, 10)
		b = append(b, ";5;"...)
		b = strconv.AppendInt(b, n, 10)
	case rgb:
		b = strconv.AppendInt(b, base+8, 10)
		b = append(b, ";2"...)
		for shift := 16; shift >= 0; shift -= 8 {
			b = append(b, ';')
			b = strconv.AppendInt(b, n>>shift&0xff, 10)
		}
	}
	return append(b, ';')
}
