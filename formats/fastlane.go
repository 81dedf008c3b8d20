package formats

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// fastLane reads the entries of a list past the decoder, as long as a
// document takes them for well formed. The decoder is stopped behind an element, with
// nothing in its buffer; then entries are taken out of the input as though
// they had never been there; and from the first doubt on (the end of the list
// is one) the decoder goes on with what is left, and judges it. Its offsets and
// list indexes lack what was taken, which input.taken knows.
type fastLane struct {
	*cursor
	state laneState
	// slow tells that the decoder is fed byte by byte.
	slow bool
	// rest is the beginning of the entry that follows.
	rest []byte
}

// laneState is how far a lane has come.
type laneState int

const (
	// laneApproach: the decoder still holds text that follows.
	laneApproach laneState = iota
	laneOpen
	// laneClosed: the decoder reads the rest of the list.
	laneClosed
)

const (
	// longestTaken is the size from which on an entry is left to the decoder.
	longestTaken = 1 << 20
	// longestSingle is how many bytes are read one by one, at most, until the
	// decoder stands still behind an element.
	longestSingle = 32 << 10
)

// fill reads entries into a batch.
func (l *fastLane) fill(b *batch) {
	b.clear()
	b.entries, b.err = b.entries[:0], nil
	if l.state == laneOpen {
		l.take(b)
		return
	}
	for b.size() < batchBytes {
		if l.state == laneApproach && l.approach() {
			return
		}
		v, err := l.element()
		if err != nil {
			l.in.single, b.err = 0, err
			if errors.Is(err, errEndOfList) {
				l.in.taken.elements = 0
			}
			return
		}
		b.entries = append(b.entries, b.add(v.raw()))
	}
}

// approach opens the lane as soon as the decoder holds nothing that follows.
func (l *fastLane) approach() (open bool) {
	switch {
	case len(l.d.UnreadBuffer()) == 0:
		l.in.single, l.state = 0, laneOpen
		l.in.taken.depth = l.d.StackDepth()
		return true
	case !l.slow:
		l.in.single, l.slow = longestSingle, true
	case l.in.single == 0: // the entries are too long
		l.state = laneClosed
	}
	return false
}

// leave gives what is left to the decoder.
func (l *fastLane) leave(rest []byte) {
	l.in.putBack(rest)
	l.state, l.rest = laneClosed, nil
}

// take reads a batch of entries from the input itself.
func (l *fastLane) take(b *batch) {
	b.text = append(b.text[:0], l.rest...)
	for {
		have := len(b.text) // one entry may need more than one batch
		b.text = slices.Grow(b.text, batchBytes+sentinel)[:have+batchBytes]
		l.in.mark = l.in.delivered - int64(have)
		n, err := l.in.Read(b.text[have:])
		b.text = append(b.text[:have+n], zeros[:]...)
		done := b.find()
		l.in.taken.bytes += int64(done)
		l.in.taken.elements += len(b.entries)
		rest := b.text[done:b.size()]
		switch more := b.stopped == b.size() && err == nil; {
		case more && done > 0:
			l.rest = append(l.rest[:0], rest...)
		case more && len(rest) < longestTaken:
			b.text = b.text[:b.size()]
			continue
		default:
			l.leave(rest)
		}
		return
	}
}

// find finds the entries that follow one another, and returns where they end.
func (b *batch) find() (done int) {
	b.vetted, b.nodes, b.entries = false, b.nodes[:0], b.entries[:0]
	for {
		b.names = b.names[:0]
		i := b.space(done)
		if b.text[i] != ',' {
			b.stopped = i
			return done
		}
		if i = b.space(i + 1); b.text[i] != '{' {
			b.stopped = i
			return done
		}
		n := len(b.nodes)
		end, ok := b.object(i, 0)
		if !ok {
			return done
		}
		b.entries = append(b.entries, value{&b.document, uint32(n)})
		done = end
	}
}

// pointer puts the index that an element has in the text into a JSON pointer
// of the decoder's.
func (t taken) pointer(p string) string {
	parts := strings.Split(p, "/")
	if t.elements == 0 || t.depth >= len(parts) {
		return p
	}
	index, err := strconv.Atoi(parts[t.depth])
	if err != nil {
		return p
	}
	parts[t.depth] = strconv.Itoa(index + t.elements)
	return strings.Join(parts, "/")
}
