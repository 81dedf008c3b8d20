package formats

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// input is the text of a file: unpacked, in UTF-8 and without a byte order
// mark. It keeps count for messages and for the limits.
type input struct {
	ctx    context.Context
	r      io.Reader
	limits Limits
	// ahead is what was looked at to recognise the format and not yet read.
	ahead []byte
	// delivered counts bytes, lines the line feeds among them.
	delivered int64
	lines     int
	// mark is where the entry being read begins.
	mark int64
	// single is how many bytes Read delivers one at a time, so that the decoder
	// holds nothing that it does not need yet.
	single int
	// taken is what went past the decoder.
	taken taken
	// unread returns what the decoder holds from offset on.
	unread func() (from int64, rest []byte)
	// err is the first failure other than the end of the file.
	err     error
	closers []func()
	// unpacked is what comes out of a compressed file, else nil.
	unpacked *unpacked
}

// taken is what the decoder has not seen, since others read it: bytes of the
// text, and elements of the list that is open at this depth.
type taken struct {
	bytes           int64
	elements, depth int
}

// openInput looks at the first bytes of r and unpacks and transcodes it.
func openInput(ctx context.Context, r io.Reader, limits Limits) (*input, error) {
	in := &input{ctx: ctx, limits: limits}
	stored := &counter{r: r}
	src := bufio.NewReaderSize(stored, 64<<10)
	head, err := src.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return in, err
	}
	switch {
	case len(head) == 0:
		return in, &Error{Err: ErrEmpty, Hint: "the scan may have failed; make the report again"}
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(src)
		if err != nil {
			return in, &Error{Err: fmt.Errorf("the gzip data are broken: %w", err), Hint: "pack or fetch the file again"}
		}
		in.unpacked = &unpacked{r: z, name: "gzip", packed: stored, limits: limits}
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
		if err != nil {
			return in, &Error{Err: fmt.Errorf("the zstd data are broken: %w", err), Hint: "pack or fetch the file again"}
		}
		in.closers = append(in.closers, z.Close)
		in.unpacked = &unpacked{r: z, name: "zstd", packed: stored, limits: limits}
	}
	if in.unpacked != nil {
		src = bufio.NewReaderSize(in.unpacked, 64<<10)
	}
	in.r, err = plainText(src)
	return in, err
}

// exceeds reads on in a compressed file that holds no report, as far as the
// limit of its expansion needs to be told: what is nothing but zeros should be
// called what it is.
func (in *input) exceeds() error {
	if in.unpacked == nil || in.err != nil {
		return nil
	}
	_, err := io.CopyN(io.Discard, in.r, 2*ratioFrom)
	if errors.Is(err, ErrTooLarge) {
		return err
	}
	return nil
}

// plainText drops a byte order mark and transcodes UTF-16, marked or not.
func plainText(src *bufio.Reader) (io.Reader, error) {
	head, err := src.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, err := src.Discard(3)
		return src, err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		bigEndian := head[0] == 0xfe
		if _, err := src.Discard(2); err != nil {
			return nil, err
		}
		return &utf16Reader{r: src, bigEndian: bigEndian}, nil
	case len(head) > 1 && head[1] == 0 && bytes.IndexByte([]byte("{[<"), head[0]) >= 0: // nobody marked it
		return &utf16Reader{r: src}, nil
	case len(head) > 1 && head[0] == 0 && bytes.IndexByte([]byte("{[<"), head[1]) >= 0:
		return &utf16Reader{r: src, bigEndian: true}, nil
	}
	return src, nil
}

func (in *input) close() {
	for _, c := range in.closers {
		c()
	}
}

// Read implements io.Reader for the decoders.
func (in *input) Read(p []byte) (int, error) {
	if in.err != nil {
		return 0, in.err
	}
	if err := in.ctx.Err(); err != nil {
		return 0, in.fail(err)
	}
	if in.single > 0 {
		p = p[:min(len(p), 1)]
		in.single--
	}
	if in.delivered-in.mark > in.limits.Entry {
		return 0, in.fail(&Error{Offset: in.mark, Err: fmt.Errorf("%w: one entry has more than %d MiB", ErrTooLarge, in.limits.Entry>>20),
			Hint: "no report of this tool has such entries; look at the file at this place"})
	}
	var n int
	var err error
	if len(in.ahead) > 0 {
		n = copy(p, in.ahead)
		in.ahead = in.ahead[n:]
	} else {
		n, err = in.r.Read(p)
	}
	in.delivered += int64(n)
	in.lines += bytes.Count(p[:n], []byte{'\n'})
	switch {
	case errors.Is(err, io.EOF):
		in.r = bytes.NewReader(nil) // a terminal would have to say it twice
	case err != nil:
		err = in.fail(err)
	}
	return n, err
}

func (in *input) fail(err error) error {
	if in.err == nil {
		in.err = err
	}
	return err
}

// putBack gives back the end of what Read delivered.
func (in *input) putBack(rest []byte) {
	in.ahead = append(bytes.Clone(rest), in.ahead...)
	in.delivered -= int64(len(rest))
	in.lines -= bytes.Count(rest, []byte{'\n'})
}

// look returns up to n bytes from the beginning without consuming them, and
// whether that is the whole text. It must not be called after Read.
func (in *input) look(n int) (head []byte, whole bool, err error) {
	have := len(in.ahead)
	if have < n {
		in.ahead = append(in.ahead, make([]byte, n-have)...)
		m, err := io.ReadFull(in.r, in.ahead[have:])
		in.ahead = in.ahead[:have+m]
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, false, in.fail(err)
		}
	}
	return in.ahead, len(in.ahead) < n, nil
}

// lineAt returns the line (from 1) of an offset that the decoder still holds,
// 0 where it is not known or the text has a single line.
func (in *input) lineAt(offset int64) int {
	if in.unread == nil || in.lines == 0 {
		return 0
	}
	from, rest := in.unread()
	if offset < from || offset-from > int64(len(rest)) {
		return 0
	}
	return 1 + in.lines - bytes.Count(rest[offset-from:], []byte{'\n'})
}

// counter counts the bytes of the file as it is stored.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpacked keeps a decompressor within the limits and names its errors.
type unpacked struct {
	r      io.Reader
	name   string
	packed *counter
	limits Limits
	n      int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.n += int64(n)
	switch {
	case u.n > u.limits.Expanded:
		return 0, &Error{Offset: u.n, Err: fmt.Errorf("%w: it unpacks to more than %d MiB", ErrTooLarge, u.limits.Expanded>>20),
			Hint: "unpack it and look at it first"}
	case u.n > ratioFrom && u.n > u.packed.n*u.limits.Ratio:
		return 0, &Error{Offset: u.n, Err: fmt.Errorf("%w: it unpacks to more than %d times its size", ErrTooLarge, u.limits.Ratio),
			Hint: "unpack it and look at it first"}
	case err != nil && !errors.Is(err, io.EOF):
		return n, &Error{Err: fmt.Errorf("the %s data are broken: %w", u.name, err), Hint: "pack or fetch the file again"}
	}
	return n, err
}
