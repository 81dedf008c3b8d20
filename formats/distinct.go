package formats

import (
	"hash/maphash"

	"example.com/vexdesk/model"
)

// teller takes what tells one finding from another, with its severity.
type teller func(severity model.Severity, id, name, version string)

// distinct counts findings that differ. It keeps a hash of each, so that a
// large report costs eight bytes for a finding.
type distinct struct {
	seed maphash.Seed
	seen map[uint64]struct{}
}

func newDistinct() *distinct {
	return &distinct{seed: maphash.MakeSeed(), seen: make(map[uint64]struct{})}
}

func (d *distinct) add(_ model.Severity, id, name, version string) {
	d.seen[maphash.Comparable(d.seed, [...]string{id, name, version})] = struct{}{}
}

func (d *distinct) count() int { return len(d.seen) }
