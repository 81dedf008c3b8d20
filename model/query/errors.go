package query

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Error is a mistake in a query or a sort order: where it is, what is wrong,
// and what would fit there.
type Error struct {
	Offset     int      // where the mistake begins, in bytes
	Length     int      // how many bytes it covers; 0 where something is missing
	Message    string   // what is wrong, without position and remedy
	Hint       string   // what to do
	Candidates []string // what would fit at the place, the most likely first; may be empty

	text string
}

// Error tells the mistake, its column and the remedy in one sentence.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s (column %d)", e.Message, e.Column())
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Column is the place of the mistake counted in runes, the first being 1.
func (e *Error) Column() int {
	return utf8.RuneCountInString(e.text[:e.Offset]) + 1
}

// oneOf words the candidates as a hint: the near ones as a question, else all
// of them.
func oneOf(wrong string, candidates []string) string {
	if near := Nearest(wrong, candidates); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	return "use one of " + strings.Join(candidates, ", ")
}

// nearFirst orders the candidates with those that resemble wrong in front.
func nearFirst(wrong string, candidates []string) []string {
	near := Nearest(wrong, candidates)
	for _, c := range candidates {
		if !slices.Contains(near, c) {
			near = append(near, c)
		}
	}
	return near
}

// Nearest returns up to three candidates that a slip of the finger, an
// unfinished word or the last part of a path turns into wrong, without case
// and the most similar first.
func Nearest(wrong string, candidates []string) []string {
	const most, longest = 3, 200
	wrong = fold(wrong)
	if wrong == "" || len(wrong) > longest {
		return nil
	}
	type scored struct {
		name  string
		score int
	}
	var near []scored
	for _, name := range candidates {
		c := fold(name)
		if len(c) > longest {
			continue
		}
		d := distance(wrong, c)
		switch {
		case d <= 1 || d == 2 && min(len(wrong), len(c)) > 3:
			near = append(near, scored{name, d})
		case strings.HasSuffix(c, "."+wrong), strings.HasSuffix(c, "/"+wrong):
			near = append(near, scored{name, 2})
		case len(wrong) > 1 && (strings.HasPrefix(c, wrong) || strings.HasPrefix(wrong, c) && len(c) > 2):
			near = append(near, scored{name, 3})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return a.score - b.score })
	var names []string
	for _, n := range near[:min(most, len(near))] {
		names = append(names, n.name)
	}
	return names
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours each count one.
func distance(a, b string) int {
	before := make([]int, len(b)+1)
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// quoted shows a piece of the input in a message: cut, and with everything
// escaped that a terminal would act on.
func quoted(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
