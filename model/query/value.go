package query

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Value is what a field is compared with, checked and resolved for the kind of
// its key.
type Value struct {
	Special Special // set where the value is one of the special ones; then nothing else is

	// Text is the value: an enumeration's own spelling, the name of a key, a
	// number, duration or date as written, or the text to be matched.
	Text string

	// Parts is set where a text holds wildcards: the pieces between them, the
	// first and last of which may be empty. "a*" has the parts "a" and "".
	Parts []string

	Number float64 // of KindNumber; an EPSS in percent is already divided

	// From and To are the instants, together with the operator, of KindTime
	// and KindAge: From included, To excluded, a zero one being open. They are
	// whole milliseconds, UTC. With [NotEqual] the field must lie outside.
	From, To time.Time

	Span Span // where the value stands in the query's text
}

// Pattern tells whether the value holds wildcards.
func (v Value) Pattern() bool { return len(v.Parts) > 0 }

func (v Value) same(w Value) bool {
	return v.Special == w.Special && v.Text == w.Text && slices.Equal(v.Parts, w.Parts) &&
		v.Number == w.Number && v.From.Equal(w.From) && v.To.Equal(w.To)
}

// values resolves a lexeme for a key. An enumeration's pattern yields all that
// it matches, everything else one value.
func (p *parser) values(k KeyInfo, op Op, l lexeme) ([]Value, error) {
	if special, ok := k.special(l); ok {
		if op != Equal && (op != NotEqual || special == Any || special == All) {
			return nil, p.fail(l.at, nil, "leave the operator out", "%s:%s takes no operator %s", k.Key, special, op)
		}
		return []Value{{Special: special, Text: string(special), Span: l.at}}, nil
	}
	v := Value{Text: l.text(), Span: l.at}
	var err error
	switch k.Kind {
	case KindEnum, KindFlag:
		return p.choices(k, op, l)
	case KindKey:
		v.Text, err = p.optionalKey(k, l)
	case KindNumber:
		v.Text = fold(v.Text)
		v.Number, err = p.number(k, l)
	case KindTime, KindAge:
		v.Text, v.From, v.To, err = p.moment(k, op, l)
	case KindID:
		if l.wild() {
			err = p.fail(l.at, nil, "write the whole id", "%s takes no wildcard", k.Key)
		}
	case KindVersion:
		if l.wild() && op != Equal && op != NotEqual {
			err = p.fail(l.at, nil, "write the version without a star", "%s has no place in an order of versions", quoted(l.text()))
		}
		v.Parts = l.wildParts()
	case KindText:
		v.Parts = l.wildParts()
	}
	return []Value{v}, err
}

// wildParts are the pieces between wildcards, none where there is no wildcard.
func (l lexeme) wildParts() []string {
	if l.wild() {
		return l.parts
	}
	return nil
}

// special recognises special values. In quotes they are plain text where the
// key takes text, so that a licence that is called NONE can be found.
func (k KeyInfo) special(l lexeme) (Special, bool) {
	text := k.Kind == KindText || k.Kind == KindID || k.Kind == KindVersion
	if text && l.quoted {
		return "", false
	}
	word := Special(fold(l.text()))
	switch {
	case l.wild() && word == All && slices.Contains(k.Specials, All):
		return All, true
	case l.wild() && word == All && !text && slices.Contains(k.Specials, Any):
		return Any, true
	case l.wild():
		return "", false
	case word == "all" && slices.Contains(k.Specials, All):
		return All, true
	case word != All && slices.Contains(k.Specials, word):
		return word, true
	}
	return "", false
}

// choice finds an enumeration's value by its name or a synonym; hyphens and
// spaces stand for underscores.
func (k KeyInfo) choice(word string) (Choice, bool) {
	word = strings.NewReplacer("-", "_", " ", "_").Replace(fold(word))
	for _, c := range k.Values {
		if c.Name == word || slices.Contains(c.Synonyms, word) {
			return c, true
		}
	}
	return Choice{}, false
}

func (p *parser) choices(k KeyInfo, op Op, l lexeme) ([]Value, error) {
	candidates := k.candidates()
	ordering := op != Equal && op != NotEqual
	if l.wild() && !ordering {
		pattern := Value{Text: l.text(), Parts: l.parts}
		var values []Value
		for _, c := range k.Values {
			if pattern.Match(c.Name) {
				values = append(values, Value{Text: c.Name, Span: l.at})
			}
		}
		if len(values) > 0 {
			return values, nil
		}
	}
	c, ok := k.choice(l.text())
	if l.wild() || !ok {
		return nil, p.fail(l.at, nearFirst(l.text(), candidates), oneOf(l.text(), candidates),
			"%s is not a value of %s", quoted(l.text()), k.Key)
	}
	if ordering && c.Rank == 0 {
		return nil, p.fail(l.at, nil, "match it by name: "+string(k.Key)+":"+c.Name,
			"%s has no place in the order of %s", c.Name, k.Key)
	}
	return []Value{{Text: c.Name, Span: l.at}}, nil
}

func (p *parser) optionalKey(k KeyInfo, l lexeme) (string, error) {
	info, known := Lookup(l.text())
	if known && info.Optional() {
		return string(info.Key), nil
	}
	candidates := k.candidates()
	if known {
		return "", p.fail(l.at, candidates, "compare it with a value: "+string(info.Key)+":…", "%s is never missing", info.Key)
	}
	return "", p.fail(l.at, nearFirst(l.text(), candidates), oneOf(l.text(), candidates),
		"%s is not a key that can be missing", quoted(l.text()))
}

// number reads a plain decimal number, or a percentage where the range is that
// of a probability.
func (p *parser) number(k KeyInfo, l lexeme) (float64, error) {
	const digits = "0123456789"
	plain, percent := strings.CutSuffix(l.text(), "%")
	exponent := ""
	if percent {
		exponent = "e-2"
	}
	example := "for example " + string(k.Key) + ":" + k.Examples[0]
	whole, fraction, point := strings.Cut(plain, ".")
	malformed := whole == "" || point && fraction == "" || strings.Trim(whole+fraction, digits) != ""
	n, err := strconv.ParseFloat(plain+exponent, 64)
	if l.wild() || malformed || err != nil || percent && k.Max != 1 {
		return 0, p.fail(l.at, k.candidates(), example, "%s is not a number that %s takes", quoted(l.text()), k.Key)
	}
	if n < k.Min || n > k.Max {
		return 0, p.fail(l.at, nil, example, "%s is outside the range of %s, which is %v to %v", quoted(l.text()), k.Key, k.Min, k.Max)
	}
	return n, nil
}
