package cli

import (
	"context"
	"io"
)

// stdinUntil is standard input that ends with ctx: a read of a pipe or a
// terminal cannot be broken off, but need not be waited for.
func (a *app) stdinUntil(ctx context.Context) io.Reader {
	return &pump{ctx: ctx, from: a.stdin, chunks: make(chan chunk)}
}

// pump reads ahead, one chunk, in a goroutine that ends with the input, with
// ctx, or with the program.
type pump struct {
	ctx     context.Context
	from    io.Reader
	chunks  chan chunk
	rest    []byte
	err     error
	started bool
}

type chunk struct {
	data []byte
	err  error
}

func (p *pump) run() {
	for {
		data := make([]byte, 64<<10)
		n, err := p.from.Read(data)
		select {
		case p.chunks <- chunk{data[:n], err}:
		case <-p.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// Read implements io.Reader.
func (p *pump) Read(into []byte) (int, error) {
	if !p.started {
		p.started = true
		go p.run()
	}
	for len(p.rest) == 0 && p.err == nil {
		select {
		case c := <-p.chunks:
			p.rest, p.err = c.data, c.err
		case <-p.ctx.Done():
			p.err = p.ctx.Err()
		}
	}
	if len(p.rest) == 0 {
		return 0, p.err
	}
	n := copy(into, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
