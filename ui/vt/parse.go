package vt

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// maxRest bounds a control string that never ends.
const maxRest = 1 << 20

// Write takes output of a program. It never fails. A sequence may be cut
// between two calls.
func (s *Screen) Write(p []byte) (int, error) {
	n := len(p)
	if len(s.rest) > 0 {
		p = append(s.rest, p...)
		s.rest = nil
	}
	for len(p) > 0 {
		used := s.step(p)
		if used == 0 {
			if len(p) < maxRest {
				s.rest = append([]byte(nil), p...)
			}
			break
		}
		p = p[used:]
	}
	return n, nil
}

// step consumes one character or sequence; 0 means that it is not complete.
func (s *Screen) step(p []byte) int {
	switch c := p[0]; {
	case c == 0x1b:
		return s.escape(p)
	case c < 0x20 || c == 0x7f:
		s.control(c)
		return 1
	}
	if !utf8.FullRune(p) {
		return 0
	}
	r, n := utf8.DecodeRune(p)
	if r >= 0x80 && r < 0xa0 {
		s.note(string(r), false)
		return n
	}
	s.print(r)
	return n
}

func (s *Screen) note(seq string, known bool) {
	s.log = append(s.log, seq)
	if !known {
		s.unknown = append(s.unknown, seq)
	}
}

func (s *Screen) control(c byte) {
	known := true
	switch c {
	case '\a':
		s.bells++
	case '\b':
		s.cur.x, s.cur.wrap = max(s.cur.x-1, 0), false
	case '\t':
		s.cur.x, s.cur.wrap = min(s.cur.x/8*8+8, s.cols-1), false
	case '\n', '\v', '\f':
		s.lineFeed()
	case '\r':
		s.cur.x, s.cur.wrap = 0, false
	default:
		known = false
	}
	s.note(string(c), known)
}

// escape consumes the sequence at the start of p.
func (s *Screen) escape(p []byte) int {
	if len(p) < 2 {
		return 0
	}
	switch p[1] {
	case '[':
		return s.csi(p)
	case ']', 'P', 'X', '^', '_':
		return s.controlString(p)
	}
	i := 1
	for i < len(p) && p[i] >= 0x20 && p[i] <= 0x2f {
		i++
	}
	if i == len(p) {
		return 0
	}
	if p[i] < 0x30 || p[i] > 0x7e {
		s.note(string(p[:i]), false)
		return i
	}
	seq := string(p[:i+1])
	known := true
	switch seq[1:] {
	case "7":
		s.saved = s.cur
	case "8":
		s.cur = s.saved
	case "D":
		s.lineFeed()
	case "E":
		s.cur.x = 0
		s.lineFeed()
	case "M":
		s.reverseIndex()
	case "c":
		log, unknown := s.log, s.unknown
		s.Reset()
		s.log, s.unknown = log, unknown
	case "=", ">", "(B", "\\":
	default:
		known = false
	}
	s.note(seq, known)
	return len(seq)
}

// controlString consumes OSC, DCS, SOS, PM or APC.
func (s *Screen) controlString(p []byte) int {
	end, size := 0, 0
	for i := 2; i < len(p) && size == 0; i++ {
		switch {
		case p[i] == '\a':
			end, size = i, i+1
		case p[i] == 0x1b && i+1 == len(p):
			return 0
		case p[i] == 0x1b && p[i+1] == '\\':
			end, size = i, i+2
		case p[i] == 0x1b:
			s.note(string(p[:i]), false)
			return i
		}
	}
	if size == 0 {
		return 0
	}
	known := p[1] == ']' && s.osc(string(p[2:end]))
	s.note(string(p[:size]), known)
	return size
}

func (s *Screen) osc(body string) (known bool) {
	code, arg, _ := strings.Cut(body, ";")
	switch code {
	case "0", "2":
		s.title = arg
	case "8":
		s.cur.style.Link = ""
		if _, uri, _ := strings.Cut(arg, ";"); uri != "" {
			s.cur.style.Link = arg
		}
	case "52":
		_, data, _ := strings.Cut(arg, ";")
		text, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return false
		}
		s.clipboard = string(text)
	default:
		return false
	}
	return true
}

// csi consumes a control sequence (ECMA-48 5.4).
func (s *Screen) csi(p []byte) int {
	i := 2
	for i < len(p) && p[i] >= 0x20 && p[i] <= 0x3f {
		i++
	}
	if i == len(p) {
		return 0
	}
	if p[i] < 0x40 || p[i] > 0x7e {
		s.note(string(p[:i]), false)
		return i
	}
	seq := string(p[:i+1])
	params := seq[2:i]
	prefix := ""
	if params != "" && strings.ContainsRune("<=>?", rune(params[0])) {
		prefix, params = params[:1], params[1:]
	}
	known := false
	switch {
	case strings.ContainsAny(params, " !\"#$%&'()*+,-./<=>?"):
	case prefix == "?" && (p[i] == 'h' || p[i] == 'l'):
		known = s.setModes(params, p[i] == 'h')
	case prefix == "" && p[i] == 'm':
		known = s.cur.style.sgr(params)
	case prefix == "":
		known = s.function(p[i], numbers(params))
	}
	s.note(seq, known)
	return len(seq)
}

// numbers splits parameters; an empty one is 0.
func numbers(params string) []int {
	var out []int
	for f := range strings.SplitSeq(params, ";") {
		out = append(out, number(f))
	}
	return out
}

func number(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0
		}
		n = min(n*10+int(s[i]-'0'), 1<<20)
	}
	return n
}
