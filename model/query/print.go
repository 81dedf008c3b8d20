package query

import (
	"slices"
	"strings"
)

// String prints the query in its canonical form: parsed again at the same
// time, it yields the same query.
func (q *Query) String() string { return Print(q.Expr) }

// Print writes an expression in its canonical form; nothing for nil.
func Print(e Expr) string {
	switch e := e.(type) {
	case Or:
		return printAll(e.Of, " or ", func(part Expr) bool { _, or := part.(Or); return or })
	case And:
		return printAll(e.Of, " ", compound)
	case Not:
		_, not := e.Of.(Not)
		return "-" + printIn(e.Of, not || compound(e.Of))
	case Term:
		return e.print()
	case Word:
		return e.Value.print(e.Value.bareWord())
	}
	return ""
}

func compound(e Expr) bool {
	switch e.(type) {
	case Or, And:
		return true
	}
	return false
}

func printAll(of []Expr, between string, group func(Expr) bool) string {
	printed := make([]string, len(of))
	for i, e := range of {
		printed[i] = printIn(e, group(e))
	}
	return strings.Join(printed, between)
}

func printIn(e Expr, group bool) string {
	if group {
		return "(" + Print(e) + ")"
	}
	return Print(e)
}

func (t Term) print() string {
	info, _ := Lookup(string(t.Key))
	values := make([]string, len(t.Values))
	for i, v := range t.Values {
		values[i] = v.print(v.bareIn(info))
	}
	return string(t.Key) + ":" + string(t.Op) + strings.Join(values, ",")
}

// bareWord tells whether the value can stand without quotes as a word of its
// own.
func (v Value) bareWord() bool {
	return v.plain() && !strings.ContainsAny(v.Text, ":<>=!") && !strings.HasPrefix(v.Text, "-") &&
		!slices.Contains([]string{"and", "or", "not"}, fold(v.Text))
}

// bareIn tells whether the value can stand without quotes behind a key.
func (v Value) bareIn(k KeyInfo) bool {
	if v.Special != "" {
		return true
	}
	_, special := k.special(lexeme{parts: v.parts()})
	return v.plain() && !special && !strings.ContainsAny(v.Text[:1], ":<>=!")
}

// plain tells whether no sign in the value needs quotes or an escape.
func (v Value) plain() bool {
	if v.Text == "" {
		return false
	}
	for _, part := range v.parts() {
		if strings.IndexFunc(part, delimits) >= 0 || strings.Contains(part, "*") {
			return false
		}
	}
	return true
}

// parts are the texts between wildcards; one where there is no wildcard.
func (v Value) parts() []string {
	if v.Pattern() {
		return v.Parts
	}
	return []string{v.Text}
}

func (v Value) print(bare bool) string {
	if bare {
		return v.Text
	}
	escape := strings.NewReplacer(`"`, `\"`, `\`, `\\`, `*`, `\*`)
	parts := slices.Clone(v.parts())
	for i, part := range parts {
		parts[i] = escape.Replace(part)
	}
	return `"` + strings.Join(parts, "*") + `"`
}

// Is is the text of a query for exactly one value of a key, quoted where that
// is needed.
func Is(key Key, value string) string {
	return Print(Term{Key: key, Op: Equal, Values: []Value{{Text: value}}})
}
