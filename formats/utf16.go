package formats

import (
	"bufio"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Reader turns UTF-16 into UTF-8 (RFC 2781); what is no character
// becomes U+FFFD.
type utf16Reader struct {
	r         *bufio.Reader
	bigEndian bool
	out       [64]byte
	pending   []byte
	held      rune // a unit read behind an unpaired surrogate
	isHeld    bool
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(u.pending) == 0 {
			c, err := u.next()
			if err != nil {
				if n > 0 && errors.Is(err, io.EOF) {
					return n, nil
				}
				return n, err
			}
			u.pending = utf8.AppendRune(u.out[:0], c)
		}
		m := copy(p[n:], u.pending)
		u.pending = u.pending[m:]
		n += m
	}
	return n, nil
}

// next returns the next character.
func (u *utf16Reader) next() (rune, error) {
	c, err := u.unit()
	if err != nil || !utf16.IsSurrogate(c) {
		return c, err
	}
	low, err := u.unit()
	if errors.Is(err, io.EOF) {
		return utf8.RuneError, nil
	}
	if err != nil {
		return 0, err
	}
	pair := utf16.DecodeRune(c, low)
	if pair == utf8.RuneError {
		u.held, u.isHeld = low, true
	}
	return pair, nil
}

// unit returns the next 16 bits.
func (u *utf16Reader) unit() (rune, error) {
	if u.isHeld {
		u.isHeld = false
		return u.held, nil
	}
	a, err := u.r.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := u.r.ReadByte()
	if errors.Is(err, io.EOF) {
		return utf8.RuneError, nil
	}
	if err != nil {
		return 0, err
	}
	if u.bigEndian {
		return rune(a)<<8 | rune(b), nil
	}
	return rune(b)<<8 | rune(a), nil
}
