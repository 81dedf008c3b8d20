package formats

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Finding the ends of entries and checking them takes as long as reading them.
// In a long list both are done at once: a goroutine goes ahead with the
// cursor, and what it has found is read behind it, in order.

const (
	// alone is how many entries of a list are read before help is called.
	alone = 64
	// batchBytes is about how much is handed over at a time, batchesAhead how
	// many batches there are.
	batchBytes   = 256 << 10
	batchesAhead = 3
)

// batch is some entries, and the error behind them: errEndOfList at the end of
// the list.
type batch struct {
	document
	entries []value
	err     error
}

// entries calls entry for each element of a list of objects. The entry is
// valid during the call; the call must not use the cursor.
func (c *cursor) entries(entry func(value) error) error {
	ok, err := c.open(jsontext.KindBeginArray, "a list")
	if !ok || err != nil {
		return err
	}
	for range alone {
		v, err := c.element()
		if errors.Is(err, errEndOfList) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := entry(v); err != nil {
			return err
		}
	}
	return c.readAhead(entry)
}

// errEndOfList is not io.EOF, which is the end of the file.
var errEndOfList = errors.New("end of the list")

// element reads the next object of a list.
func (c *cursor) element() (value, error) {
	if k := c.kind(); k == jsontext.KindEndArray || k == jsontext.KindInvalid {
		if _, err := c.d.ReadToken(); err != nil {
			return value{}, err
		}
		return value{}, errEndOfList
	}
	return c.entry()
}

// readAhead reads the rest of a list. The cursor belongs to the goroutine until
// readAhead returns.
func (c *cursor) readAhead(entry func(value) error) error {
	full, empty := make(chan *batch), make(chan *batch, batchesAhead)
	for range batchesAhead {
		empty <- &batch{document: document{mended: c.read.mended}}
	}
	stop := make(chan struct{})
	go func() {
		defer close(full)
		lane := fastLane{cursor: c}
		for b := range empty {
			lane.fill(b)
			select {
			case full <- b:
			case <-stop:
				return
			}
			if b.err != nil {
				return
			}
		}
	}()
	err := behind(full, empty, entry)
	close(stop)
	close(empty)
	for range full { // until the goroutine has ended
	}
	return err
}

// behind reads the batches as they come and gives them back.
func behind(full <-chan *batch, empty chan<- *batch, entry func(value) error) error {
	for b := range full {
		for _, each := range b.entries {
			if err := entry(each); err != nil {
				return err
			}
		}
		if errors.Is(b.err, errEndOfList) {
			return nil
		}
		if b.err != nil {
			return b.err
		}
		empty <- b
	}
	return io.ErrUnexpectedEOF // a batch with an error comes before the end
}
