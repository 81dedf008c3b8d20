package formats

import "hash/maphash"

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
	if v.kind() != '"' || v.doc.nodes[v.n].escaped {
		return v.text()
	}
	inner := v.inner()
	if len(inner) == 0 || len(inner) > internLimit {
		return v.text()
	}
	slot := &n.table[maphash.Bytes(n.seed, inner)%uint64(len(n.table))]
	if *slot != string(inner) {
		*slot = v.text()
	}
	return *slot
}

// texts is value.texts.
func (n *interner) texts(v value) []string {
	if len(v.raw()) < 3 {
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
