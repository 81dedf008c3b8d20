package formats

import (
	"bytes"
	"hash/maphash"
)

// interner hands out one string for equal short texts. Reports repeat
// themselves: the same package with a hundred vulnerabilities, the same
// vulnerability in ten packages. It is a table of fixed size in which a newer
// text takes an older one's place.
type interner struct {
	seed  maphash.Seed
	table [4096]string
}

// internLimit is the longest text that is looked up.
const internLimit = 160

func newInterner() *interner { return &interner{seed: maphash.MakeSeed()} }

// text is value.text.
func (n *interner) text(v value) string {
	if len(v) < 3 || len(v) > internLimit || v[0] != '"' || bytes.IndexByte(v, '\\') >= 0 {
		return v.text()
	}
	inner := v[1 : len(v)-1]
	slot := &n.table[maphash.Bytes(n.seed, inner)%uint64(len(n.table))]
	if *slot != string(inner) {
		*slot = v.text()
	}
	return *slot
}

// texts is value.texts.
func (n *interner) texts(v value) []string {
	if len(v) < 3 {
		return nil
	}
	all := make([]string, 0, 8)
	for each := range v.items() {
		if s := n.text(each); s != "" {
			all = append(all, s)
		}
	}
	return all
}
