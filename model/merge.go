package model

import (
	"strings"
	"unicode"
)

// SyncedFields returns the fields of an assessment that have a counterpart in
// Jira (I9). Qualifier and review date have none.
func SyncedFields() []VEXField {
	return []VEXField{FieldStatus, FieldJustification, FieldResponse, FieldImpact, FieldNotes, FieldAction}
}

// IsText reports whether the field is free text rather than a word of a
// vocabulary.
func (f VEXField) IsText() bool { return f == FieldImpact || f == FieldNotes || f == FieldAction }

// maxSyncedText is how much of a text takes part in the sync: Jira Cloud takes
// 32,767 UTF-16 units in a paragraph field, block ends included.
const maxSyncedText = 16_000

// SyncForm is the form in which a value is compared with Jira's and written
// there (ruling 23): a text without what a rich-text field does not keep
// (blanks at line ends, empty lines beyond one, those at the ends) and no
// longer than such a field takes; a word as it is.
func SyncForm(f VEXField, value string) string {
	if !f.IsText() {
		return value
	}
	var lines []string
	empty := false
	for line := range strings.SplitSeq(CleanText(value), "\n") {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line == "" {
			empty = len(lines) > 0
			continue
		}
		if empty {
			lines = append(lines, "")
		}
		lines, empty = append(lines, line), false
	}
	text := strings.Join(lines, "\n")
	if short := CutRunes(text, maxSyncedText); short != text {
		return SyncForm(f, short)
	}
	return text
}

// RemoteValue is what Jira says of a field. A field that is missing from
// Jira's answer is not readable, which is not the same as empty (ruling 23):
// there is no RemoteValue for it.
type RemoteValue struct {
	// Value is in our vocabulary and in SyncForm.
	Value string
	// Problem says why Jira's value cannot be understood, "" where it can.
	Problem string
}

// ReadRemote understands what a person reads in a field in Jira. A word
// outside the vocabulary is a problem of that field, never a silent blank.
func ReadRemote(f VEXField, text string) RemoteValue {
	if f.IsText() {
		return RemoteValue{Value: SyncForm(f, text)}
	}
	var a Assessment
	if err := a.Set(f, text); err != nil {
		return RemoteValue{Problem: "jira holds a value that is not in the vocabulary: " + err.Error()}
	}
	return RemoteValue{Value: a.Get(f)}
}

// MergeAction says what a comparison of three values comes to.
type MergeAction string

// The outcomes of a comparison.
const (
	// MergeNothing: no side has moved.
	MergeNothing MergeAction = "nothing"
	// MergeAgreed: both sides moved to the same value.
	MergeAgreed MergeAction = "agreed"
	// MergePull: Jira moved.
	MergePull MergeAction = "pull"
	// MergeAhead: the record here moved; Jira is to get its value.
	MergeAhead MergeAction = "ahead"
	// MergeConflict: both moved apart; neither is overwritten.
	MergeConflict MergeAction = "conflict"
)

// Merge compares the value here and Jira's with the one both agreed on last
// (B3). At first contact the base is empty, so that a value on one side alone
// fills the other (ruling 23).
func Merge(base, local, remote string) MergeAction {
	switch {
	case local == remote && remote == base:
		return MergeNothing
	case local == remote:
		return MergeAgreed
	case local == base:
		return MergePull
	case remote == base:
		return MergeAhead
	}
	return MergeConflict
}

// SyncMember is one violation of a ticket with its value of one field.
type SyncMember struct {
	Violation ViolationID
	// Local is the value here, Base the one on which both sides last agreed.
	Local, Base string
	// Sent, unless nil, was written to Jira without an answer that settles
	// whether it arrived.
	Sent *string
}

// SyncField is one VEX field of a ticket and of the violations that share it.
type SyncField struct {
	Field   VEXField
	Members []SyncMember
	// Held keeps the field from being written to Jira, such as internal notes
	// (ruling 25).
	Held bool
}

// MemberMerge is what becomes of one violation's value.
type MemberMerge struct {
	Violation ViolationID
	Action    MergeAction
	// Base is the new base; with MergePull it is the new value, too.
	Base string
	// Settled tells that what was sent needs no watching any more.
	Settled bool
}

// FieldMerge is what the comparison of a ticket's field comes to.
type FieldMerge struct {
	Field   VEXField
	Members []MemberMerge
	// Push tells that Jira is to get Value.
	Push  bool
	Value string
	// Mixed: the violations of the ticket differ, so that nothing is written
	// until they agree (ruling 22).
	Mixed bool
}

// Merge compares the field with what Jira was seen to hold. Jira's value
// applies to every violation of the ticket whose own has not moved; Jira gets
// a value only when all of them agree on it and none is in conflict.
func (s *SyncField) Merge(remote string) FieldMerge {
	out := FieldMerge{Field: s.Field}
	agree, ahead, conflict := true, false, false
	for i, m := range s.Members {
		base := m.Base
		if m.Sent != nil && *m.Sent == remote {
			// What we wrote ourselves is not news.
			base = remote
		}
		local := SyncForm(s.Field, m.Local)
		one := MemberMerge{Violation: m.Violation, Action: Merge(base, local, remote), Base: base, Settled: m.Sent != nil}
		switch one.Action {
		case MergeAgreed:
			one.Base = remote
		case MergePull:
			one.Base, local = remote, remote
		case MergeAhead:
			ahead = true
		case MergeConflict:
			conflict = true
		case MergeNothing:
		}
		if i == 0 {
			out.Value = local
		}
		agree = agree && local == out.Value
		out.Members = append(out.Members, one)
	}
	out.Mixed = ahead && !agree && !conflict
	out.Push = ahead && agree && !conflict && !s.Held
	return out
}
