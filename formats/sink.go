package formats

import (
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// parser is one reading: the decoder, and where findings go.
type parser struct {
	*interner
	in     *input
	shape  *shape
	json   *cursor
	xml    *xmlCursor
	limits Limits
	emit   Emit
	// stated takes statements; nil where nobody wants them.
	stated func(*model.Statement) error
	// tell counts a finding in formats that tell findings apart by something
	// else than what is emitted (model.Report.Findings).
	tell   teller
	report *model.Report
	// skipped counts what was passed over, by sentence, in order of
	// appearance.
	skipped []tally
}

// tally counts one kind of thing that was skipped or adapted.
type tally struct {
	what string
	n    int
}

// note counts something that was skipped or adapted; what is a constant phrase.
func (p *parser) note(what string) {
	for i := range p.skipped {
		if p.skipped[i].what == what {
			p.skipped[i].n++
			return
		}
	}
	p.skipped = append(p.skipped, tally{what, 1})
}

// warn adds a sentence to the report's warnings.
func (p *parser) warn(format string, args ...any) {
	p.report.Warnings = append(p.report.Warnings, fmt.Sprintf(format, args...))
}

// finish turns the tallies into warnings and cleans what the report says about
// itself.
func (p *parser) finish() {
	r := p.report
	for _, s := range [...]*string{&r.Scanner, &r.Artifact, &r.Product, &r.Version, &r.Variant} {
		*s = model.CutRunes(model.Clean(*s), 300)
	}
	for _, t := range p.skipped {
		p.warn("%s: %d", t.what, t.n)
	}
	if p.json == nil {
		return
	}
	if p.json.read.mended.garbled {
		p.warn("texts hold bytes that are not UTF-8: each stands as U+FFFD")
	}
	if huge := p.json.read.mended.huge; huge != "" {
		p.warn("left out numbers that are too large, such as %s", model.CutRunes(huge, 40))
	}
}

// count counts a raw entry (ruling 2).
func (p *parser) count() { p.report.Entries++ }

// add hands a finding on. One without any identity is skipped with a note.
func (p *parser) add(f *model.Finding) error {
	f.ID = spell(f.ID)
	spellAll(f.Aliases)
	spellAll(f.CVEs)
	if f.Identity() == "" {
		p.note("skipped entries without an id")
		return nil
	}
	if f.Component.Name == "" && f.Component.PURL == "" {
		p.note("skipped entries without a package")
		return nil
	}
	f.Description = p.cut(f.Description)
	f.Title = p.cut(f.Title)
	if f.Component.Type == "" {
		f.Component.Type = purlType(f.Component.PURL)
	}
	if err := p.emit(f); err != nil {
		return passOn{err}
	}
	return nil
}

// state hands a statement on. One without a vulnerability or product is
// skipped with a note.
func (p *parser) state(s *model.Statement) error {
	spellAll(s.IDs)
	if len(s.IDs) == 0 {
		p.note("skipped statements without a vulnerability")
		return nil
	}
	if c := s.Subject(); c.Name == "" && c.PURL == "" {
		p.note("skipped statements without a product")
		return nil
	}
	s.Assessment.Impact, s.Assessment.Action = p.cut(s.Assessment.Impact), p.cut(s.Assessment.Action)
	if p.stated == nil {
		return nil
	}
	if err := p.stated(s); err != nil {
		return passOn{err}
	}
	return nil
}

// cut shortens a text to Limits.Text, at the border of a character.
func (p *parser) cut(s string) string {
	if len(s) <= p.limits.Text {
		return s
	}
	p.note("cut texts because of their length")
	return strings.ToValidUTF8(s[:p.limits.Text], "") + "…"
}

// relate adds further ids of the finding's issue. They are aliases, unless
// that would make two CVEs one: then the issue covers them.
func relate(f *model.Finding, ids ...string) {
	if len(ids) == 0 {
		return
	}
	all := slices.Concat([]string{f.ID}, f.Aliases, f.CVEs, ids)
	spellAll(all)
	f.ID, all = all[0], nonEmpty(all...)
	var cves []string
	for _, id := range all {
		if isCVE(id) {
			cves = append(cves, id)
		}
	}
	f.Aliases, f.CVEs = nil, nil
	if len(cves) > 1 {
		f.CVEs = cves
	}
	for _, id := range all {
		if id != f.ID && (len(cves) < 2 || !isCVE(id)) {
			f.Aliases = append(f.Aliases, id)
		}
	}
}

func isCVE(id string) bool  { return len(id) > 4 && strings.EqualFold(id[:4], "CVE-") }
func isGHSA(id string) bool { return len(id) > 5 && strings.EqualFold(id[:5], "GHSA-") }

// spell writes an id as its issuer does: MITRE in upper case, GitHub in lower
// case behind its prefix. Others may mean something by their case, and what
// follows an id.
func spell(id string) string {
	id = strings.TrimSpace(id)
	switch {
	case isCVE(id) && strings.Trim(id[4:], "-0123456789") == "":
		return strings.ToUpper(id)
	case isGHSA(id) && len(id) == len("GHSA-xxxx-xxxx-xxxx"):
		if rest := strings.ToLower(id[5:]); rest != id[5:] || id[:5] != "GHSA-" {
			return "GHSA-" + rest
		}
	}
	return id
}

func spellAll(ids []string) {
	for i := range ids {
		ids[i] = spell(ids[i])
	}
}

// webAddresses keeps http and https addresses, each once.
func webAddresses(all ...string) []string {
	kept := make([]string, 0, len(all))
	for _, a := range all {
		if a = strings.TrimSpace(a); isWeb(a) {
			kept = append(kept, a)
		}
	}
	return nonEmpty(kept...)
}

func isWeb(a string) bool {
	return strings.HasPrefix(a, "https://") || strings.HasPrefix(a, "http://")
}

func webAddress(a string) string {
	if isWeb(a) {
		return a
	}
	return ""
}

// nonEmpty returns the strings that are not empty, each once; all is used up.
func nonEmpty(all ...string) []string {
	kept := all[:0]
	var seen map[string]bool
	if len(all) > 16 {
		seen = make(map[string]bool, len(all))
	}
	for _, s := range all {
		if s == "" || seen[s] || seen == nil && slices.Contains(kept, s) {
			continue
		}
		if seen != nil {
			seen[s] = true
		}
		kept = append(kept, s)
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}
