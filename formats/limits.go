package formats

// Limits bound what one file may cost. There is no limit on the number of
// entries.
type Limits struct {
	// Expanded is the most bytes that a compressed file may unpack to;
	// default 8 GiB.
	Expanded int64
	// Ratio is how many times larger than its compressed form the text may
	// be, once it is larger than 16 MiB; default 250. Real reports reach
	// about 60.
	Ratio int64
	// Entry is the most bytes of text that one entry (or one name or text
	// between entries) may have; default 32 MiB.
	Entry int64
	// Text is the most bytes of a description that are kept; default 64 KiB.
	Text int
}

func (l Limits) withDefaults() Limits {
	if l.Expanded <= 0 {
		l.Expanded = 8 << 30
	}
	if l.Ratio <= 0 {
		l.Ratio = 250
	}
	if l.Entry <= 0 {
		l.Entry = 32 << 20
	}
	if l.Text <= 0 {
		l.Text = 64 << 10
	}
	return l
}

// ratioFrom is the size from which on Limits.Ratio counts: little files may
// compress as well as they like.
const ratioFrom = 16 << 20

// maxDepth is how deep elements may be nested in XML. JSON has the same limit
// in jsontext.
const maxDepth = 10000
