package formats

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"
)

// interner hands out one string for equal texts. Reports repeat themselves: the
// same package with a hundred vulnerabilities, the same vulnerability, with its
// description, in ten packages. Its tables are of fixed size; a newer text takes
// an older one's place.
type interner struct {
	seed     maphash.Seed
	table    [4096]string
	passages [128]passage
	// list is where lists are gathered before they have their length.
	list []string
}

// passage is a long text, or one with escapes, beside how it is written.
type passage struct {
	raw  []byte
	text string
}

const (
	// internLimit is the longest text of the table.
	internLimit = 160
	// passageLimit is the longest passage that is looked up.
	passageLimit = 8 << 10
)

func newInterner() *interner { return &interner{seed: maphash.MakeSeed()} }

// text is value.text.
func (n *interner) text(v value) string {
	if v.kind() != '"' {
		return v.text()
	}
	inner := v.inner()
	switch {
	case len(inner) == 0:
		return ""
	case len(inner) > passageLimit:
		return v.text()
	case len(inner) > internLimit, v.doc.nodes[v.n].escaped:
		return n.passage(v, inner)
	}
	slot := n.slot(inner)
	if *slot != string(inner) {
		*slot = v.text()
	}
	return *slot
}

// name is a member's name as a text.
func (n *interner) name(name []byte) string {
	slot := n.slot(name)
	if *slot != string(name) {
		*slot = strings.ToValidUTF8(string(name), "\uFFFD")
	}
	return *slot
}

func (n *interner) slot(text []byte) *string {
	return &n.table[maphash.Bytes(n.seed, text)%uint64(len(n.table))]
}

// passage finds a text by how it is written, so that it need not be unescaped.
func (n *interner) passage(v value, inner []byte) string {
	const told = 64 // bytes at the end tell a passage from others: many begin alike
	sum := maphash.Bytes(n.seed, inner[max(0, len(inner)-told):]) + uint64(len(inner))
	p := &n.passages[sum%uint64(len(n.passages))]
	if !bytes.Equal(p.raw, inner) {
		p.raw, p.text = append(p.raw[:0], inner...), v.text()
	}
	return p.text
}

// addresses are the http and https addresses of a list, each once.
func (n *interner) addresses(v value) []string {
	n.list = n.list[:0]
	for each := range v.items() {
		if s := strings.TrimSpace(n.text(each)); isWeb(s) {
			n.list = append(n.list, s)
		}
	}
	return slices.Clone(nonEmpty(n.list...))
}
