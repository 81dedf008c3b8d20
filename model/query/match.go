package query

import (
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// Match tells whether the whole text equals the value, or fits its pattern,
// without case. Special values match no text.
func (v Value) Match(text string) bool {
	if v.Special != "" {
		return false
	}
	text = fold(text)
	if !v.Pattern() {
		return text == fold(v.Text)
	}
	first, last := fold(v.Parts[0]), fold(v.Parts[len(v.Parts)-1])
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	return inOrder(text[len(first):len(text)-len(last)], v.Parts[1:len(v.Parts)-1])
}

// inOrder tells whether the parts stand in the folded text one after another.
func inOrder(text string, parts []string) bool {
	for _, part := range parts {
		i := strings.Index(text, fold(part))
		if i < 0 {
			return false
		}
		text = text[i+len(fold(part)):]
	}
	return true
}

// Match tells whether any of the texts contains the word, without case. The
// texts are the ids of the issue, the component, the title and the product.
func (w Word) Match(texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return inOrder(fold(text), w.Value.parts()) })
}

// match applies the term to a field that is there or not; holds applies one
// value that is not special.
func (t Term) match(present bool, holds func(Value) bool) bool {
	some := slices.ContainsFunc(t.Values, func(v Value) bool {
		switch v.Special {
		case None, No:
			return !present
		case Any, Yes:
			return present
		case All:
			return true
		default:
			return present && holds(v)
		}
	})
	if t.Op == NotEqual {
		return present && !some
	}
	return some
}

// MatchText applies a term of [KindText] or [KindID] to the texts of a field,
// of which there may be none or several. [Latest] matches no text: only the
// store knows which version is current.
func (t Term) MatchText(texts ...string) bool {
	return t.match(len(texts) > 0, func(v Value) bool { return slices.ContainsFunc(texts, v.Match) })
}

// MatchBesides applies a term of [KeyBesides] to the texts of a field: it holds
// where one of them fits none of the values.
func (t Term) MatchBesides(texts ...string) bool {
	other := slices.ContainsFunc(texts, func(text string) bool {
		return !slices.ContainsFunc(t.Values, func(v Value) bool { return v.Match(text) })
	})
	return len(texts) > 0 && other == (t.Op == Equal)
}

// MatchVersion applies a term of [KindVersion] to a field, "" being missing.
func (t Term) MatchVersion(field string) bool {
	return t.match(field != "", func(v Value) bool { return v.MatchVersion(t.Op, field) })
}

// MatchVersion compares a version with the value: equality is that of texts,
// order that of [model.CompareVersions].
func (v Value) MatchVersion(op Op, version string) bool {
	c := 0
	if op != Equal && op != NotEqual {
		c = model.CompareVersions(version, v.Text)
	}
	switch op {
	case Less:
		return c < 0
	case LessEqual:
		return c <= 0
	case Greater:
		return c > 0
	case GreaterEqual:
		return c >= 0
	default:
		return v.Match(version)
	}
}

// MatchNumber applies a term of [KindNumber] to a field, nil being missing.
func (t Term) MatchNumber(field *float64) bool {
	return t.match(field != nil, func(v Value) bool {
		switch t.Op {
		case Less:
			return *field < v.Number
		case LessEqual:
			return *field <= v.Number
		case Greater:
			return *field > v.Number
		case GreaterEqual:
			return *field >= v.Number
		default:
			return *field == v.Number
		}
	})
}

// MatchTime applies a term of [KindTime] or [KindAge] to a field, the zero
// time being missing.
func (t Term) MatchTime(field time.Time) bool {
	return t.match(!field.IsZero(), func(v Value) bool {
		return (v.From.IsZero() || !field.Before(v.From)) && (v.To.IsZero() || field.Before(v.To))
	})
}

// MatchChoice applies a term of [KindEnum] or [KindFlag] to the names of a
// field, of which there may be none or several (several tickets, say).
func (t Term) MatchChoice(names ...string) bool {
	return t.match(len(names) > 0, func(v Value) bool {
		fit := t.fit(v)
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(fit, name) })
	})
}

// Choices are the values of an enumeration that the term's values and operator
// allow, special ones apart: severity:>=high allows critical and high. With
// [NotEqual] they are the values that the field must not have.
func (t Term) Choices() []string {
	var names []string
	for _, v := range t.Values {
		for _, name := range t.fit(v) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// fit are the names of the enumeration that hold for one value.
func (t Term) fit(v Value) []string {
	if v.Special != "" {
		return nil
	}
	info, _ := Lookup(string(t.Key))
	bound, _ := info.choice(v.Text)
	var names []string
	for _, c := range info.Values {
		ok := c.Name == bound.Name
		if t.Op != Equal && t.Op != NotEqual {
			ok = c.Rank > 0 && compareRank(t.Op, c.Rank, bound.Rank)
		}
		if ok {
			names = append(names, c.Name)
		}
	}
	return names
}

func compareRank(op Op, a, b int) bool {
	switch op {
	case Less:
		return a < b
	case LessEqual:
		return a <= b
	case Greater:
		return a > b
	default:
		return a >= b
	}
}

// HasSpecial tells whether a special value is among the term's values.
func (t Term) HasSpecial(s Special) bool {
	return slices.ContainsFunc(t.Values, func(v Value) bool { return v.Special == s })
}
