package model

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMergeOfThreeValues(t *testing.T) {
	for _, c := range []struct {
		base, local, remote string
		want                MergeAction
	}{
		{"", "", "", MergeNothing},
		{"a", "a", "a", MergeNothing},
		{"a", "a", "b", MergePull},
		{"a", "a", "", MergePull}, // emptied in Jira: a change
		{"a", "b", "a", MergeAhead},
		{"a", "", "a", MergeAhead},
		{"a", "b", "b", MergeAgreed},
		{"a", "b", "c", MergeConflict},
		{"a", "", "c", MergeConflict},
		{"", "a", "", MergeAhead}, // first contact: the empty side is filled
		{"", "", "a", MergePull},
		{"", "a", "a", MergeAgreed},
		{"", "a", "b", MergeConflict},
	} {
		if got := Merge(c.base, c.local, c.remote); got != c.want {
			t.Errorf("base %q, here %q, Jira %q: %s, want %s", c.base, c.local, c.remote, got, c.want)
		}
	}
}

func TestAWordOutsideTheVocabularyIsAProblemOfItsField(t *testing.T) {
	if r := ReadRemote(FieldStatus, "Not Affected"); r.Value != "not_affected" || r.Problem != "" {
		t.Errorf("a label with a blank: %+v", r)
	}
	if r := ReadRemote(FieldStatus, ""); r.Value != "" || r.Problem != "" {
		t.Errorf("an empty select: %+v", r)
	}
	if r := ReadRemote(FieldStatus, "Won't matter"); r.Value != "" || !strings.Contains(r.Problem, "Won't matter") {
		t.Errorf("a renamed option: %+v", r)
	}
	if r := ReadRemote(FieldImpact, "none"); r.Value != "none" {
		t.Errorf("a text is no word: %+v", r)
	}
}

func TestTextsAreComparedAsRichTextKeepsThem(t *testing.T) {
	if got := SyncForm(FieldImpact, "\n a  \r\n\n\n\nb\u202e\n"); got != "a\n\nb" {
		t.Errorf("%q", got)
	}
	long := SyncForm(FieldNotes, strings.Repeat("word \n", 20_000))
	if len([]rune(long)) > maxSyncedText || SyncForm(FieldNotes, long) != long {
		t.Errorf("%d runes, not stable", len([]rune(long)))
	}
}

func TestViolationsOfOneTicket(t *testing.T) {
	for _, c := range []struct {
		name    string
		members string // local/base, local/base
		remote  string
		want    string // actions; push or mixed
	}{
		{"Jira's value applies to all", "a/a b/b", "c", "pull pull"},
		{"one moved, the other not: they differ and wait", "b/a a/a", "a", "ahead nothing mixed"},
		{"both moved to the same", "b/a b/a", "a", "ahead ahead push=b"},
		{"one moved apart from Jira", "b/a a/a", "c", "conflict pull"},
		{"one in conflict holds the other's push back", "b/a x/c", "c", "conflict ahead"},
		{"a new one takes the ticket's value", "a/a /", "a", "nothing pull"},
		{"a new one differs", "a/a b/", "a", "nothing conflict"},
		{"one that was away follows", "a/a b/b", "b", "pull nothing"},
	} {
		f := SyncField{Field: FieldStatus}
		for i, pair := range strings.Split(c.members, " ") {
			local, base, _ := strings.Cut(pair, "/")
			f.Members = append(f.Members, SyncMember{Violation: ViolationID(i + 1), Local: local, Base: base})
		}
		m := f.Merge(c.remote)
		var got []string
		for _, one := range m.Members {
			got = append(got, string(one.Action))
		}
		if m.Push {
			got = append(got, "push="+m.Value)
		}
		if m.Mixed {
			got = append(got, "mixed")
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.name, strings.Join(got, " "), c.want)
		}
	}
}

func TestHeldNotesArePulledAndNotPushed(t *testing.T) {
	f := SyncField{Field: FieldNotes, Held: true, Members: []SyncMember{{Violation: 1, Local: "mine"}}}
	if m := f.Merge(""); m.Push || m.Members[0].Action != MergeAhead {
		t.Errorf("%+v", m)
	}
	f.Members[0].Local = ""
	if m := f.Merge("theirs"); m.Members[0].Action != MergePull {
		t.Errorf("%+v", m)
	}
}

// pair is one field on both sides as a desk and a Jira would keep it, driven by
// SyncField.Merge alone.
type pair struct {
	field  SyncField
	remote string
	// seen is the value of Jira's that this side knows of; edited tells whose
	// value a person put there since both agreed.
	seen   string
	edited []bool
	writes int
}

// look is a poll: what was sent before it is settled by it.
func (p *pair) look(t *rapid.T) FieldMerge {
	m := p.field.Merge(p.remote)
	p.seen = p.remote
	for i, one := range m.Members {
		member := &p.field.Members[i]
		if one.Action == MergePull {
			if p.edited[i] && member.Local != member.Base {
				t.Fatalf("the edit %q of violation %d was overwritten by Jira's %q", member.Local, one.Violation, p.remote)
			}
			member.Local = one.Base
		}
		if one.Action != MergeConflict && one.Action != MergeAhead {
			p.edited[i] = false
		}
		member.Base = one.Base
		if one.Settled {
			member.Sent = nil
		}
	}
	return m
}

// round is what the syncer does: look, mark, write. dies tells where it ends.
func (p *pair) round(t *rapid.T, dies string) {
	m := p.look(t)
	if !m.Push || dies == "before marking" {
		return
	}
	value := m.Value
	for i := range p.field.Members {
		p.field.Members[i].Sent = &value
	}
	if dies == "before writing" {
		return
	}
	if p.remote != p.seen {
		t.Fatalf("Jira's %q was overwritten unseen", p.remote)
	}
	p.remote, p.seen, p.writes = value, value, p.writes+1
	if dies == "before the answer" {
		return
	}
	for i := range p.field.Members {
		p.field.Members[i].Base, p.field.Members[i].Sent = value, nil
		p.edited[i] = p.field.Members[i].Local != value
	}
}

func TestAnyInterleavingEndsEqualOrInAConflictWithBothValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3).Draw(t, "violations")
		value := rapid.SampledFrom([]string{"", "a", "b", "c"})
		p := &pair{field: SyncField{Field: FieldStatus}, edited: make([]bool, n), remote: value.Draw(t, "in Jira")}
		for i := range n {
			p.field.Members = append(p.field.Members, SyncMember{Violation: ViolationID(i + 1), Local: value.Draw(t, "here")})
			p.edited[i] = true
		}
		deaths := rapid.SampledFrom([]string{"", "", "before marking", "before writing", "before the answer"})
		t.Repeat(map[string]func(*rapid.T){
			"an analyst decides": func(t *rapid.T) {
				i := rapid.IntRange(0, n-1).Draw(t, "violation")
				p.field.Members[i].Local, p.edited[i] = value.Draw(t, "value"), true
			},
			"an analyst decides for all": func(t *rapid.T) {
				v := value.Draw(t, "value")
				for i := range n {
					p.field.Members[i].Local, p.edited[i] = v, true
				}
			},
			"somebody edits in Jira": func(t *rapid.T) { p.remote = value.Draw(t, "value") },
			"poll":                   func(t *rapid.T) { p.look(t) },
			"sync":                   func(t *rapid.T) { p.round(t, deaths.Draw(t, "dies")) },
		})
		p.quiet(t)
	})
}

// quiet checks what is true once nobody edits any more.
func (p *pair) quiet(t *rapid.T) {
	local := func() (all []string) {
		for _, m := range p.field.Members {
			all = append(all, m.Local)
		}
		return all
	}
	for range 3 {
		p.round(t, "")
	}
	remote, here, writes := p.remote, fmt.Sprint(local()), p.writes
	p.round(t, "")
	p.round(t, "")
	if p.remote != remote || p.writes != writes || fmt.Sprint(local()) != here {
		t.Fatalf("ping-pong: Jira %q, here %s; then Jira %q, here %v", remote, here, p.remote, local())
	}
	m := p.field.Merge(p.remote)
	for i, one := range m.Members {
		equal := p.field.Members[i].Local == p.remote
		if !equal && one.Action != MergeConflict && !m.Mixed && !waitsForAnother(m) {
			t.Fatalf("violation %d holds %q, Jira %q, and nothing says why: %+v", one.Violation, p.field.Members[i].Local, p.remote, m)
		}
	}
}

// waitsForAnother tells whether a member's conflict holds the push back.
func waitsForAnother(m FieldMerge) bool {
	for _, one := range m.Members {
		if one.Action == MergeConflict {
			return true
		}
	}
	return false
}
