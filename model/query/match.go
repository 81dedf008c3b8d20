package query

import (
	"slices"
	"strings"
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
