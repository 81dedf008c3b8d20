package query

import (
	"slices"
	"strings"
)

// term reads the rest of key:value,value; the position is behind the key.
func (p *parser) term(name string, start int) (Expr, error) {
	info, ok := Lookup(name)
	if !ok {
		return nil, p.unknownKey(name, start)
	}
	if p.peek() == ':' {
		p.pos++
	}
	opAt := p.pos
	op := operatorAt(p.text[p.pos:])
	p.pos += len(op)
	if !slices.Contains(info.Ops(), op) {
		return nil, p.wrongOp(info, op, Span{opAt, p.pos})
	}
	t := Term{Key: info.Key, Op: op}
	for {
		l, err := p.value(info, start, len(t.Values) > 0)
		if err != nil {
			return nil, err
		}
		if l.wild() {
			if err := p.count(); err != nil {
				return nil, err
			}
		}
		values, err := p.values(info, op, l)
		if err != nil {
			return nil, err
		}
		t.Values = append(t.Values, values...)
		if p.valueCount += len(values); p.valueCount > MaxValues {
			return nil, p.fail(l.at, nil, "split the query", "the query has more than %d values", MaxValues)
		}
		if p.peek() != ',' {
			t.At = Span{start, p.pos}
			return t, nil
		}
		p.pos++
	}
}

// value reads one word or string behind a key, an operator or a comma.
func (p *parser) value(info KeyInfo, start int, listed bool) (lexeme, error) {
	next := p.peek()
	op := operatorAt(p.text[p.pos:])
	switch {
	case next == '"':
		return p.str()
	case p.done() || delimits(next):
		if listed {
			return lexeme{}, p.fail(Span{p.pos - 1, p.pos}, info.candidates(), "add a value right after it, or remove it", "the comma has no value after it")
		}
		return lexeme{}, p.fail(Span{start, p.pos}, info.candidates(), info.valueHint(), "%s has no value", info.Key)
	case op != Equal:
		return lexeme{}, p.fail(Span{p.pos, p.pos + len(op)}, nil, "write one operator, right after the key, or put the value in quotes",
			"the operator %s stands where a value belongs", op)
	case next == ':' || next == '=':
		return lexeme{}, p.fail(Span{p.pos, p.pos + 1}, nil, "remove it, or put the value in quotes", "%q stands where a value belongs", next)
	}
	return p.word()
}

// valueHint says what can follow the key's colon.
func (k KeyInfo) valueHint() string {
	switch {
	case len(k.Values) > 0:
		return oneOf("", k.candidates())
	case len(k.Examples) > 0:
		return "for example " + string(k.Key) + ":" + k.Examples[0]
	}
	return "write it right after the colon"
}

func (p *parser) unknownKey(name string, start int) error {
	names := index().names
	at := Span{start, p.pos}
	if name == "" {
		return p.fail(Span{p.pos, p.pos + 1}, names, "write key:value, or put the text in quotes", "the colon has no key before it")
	}
	if strings.HasPrefix(name, "!") {
		return p.fail(at, nil, "negate with - or not, or put the text in quotes", "%s is no key, and ! does not negate", quoted(name))
	}
	hint := "put the text in quotes to search for it as a word"
	if near := Nearest(name, names); len(near) > 0 {
		hint = oneOf(name, names)
	}
	return p.fail(at, nearFirst(name, names), hint, "unknown key %s", quoted(name))
}

func (p *parser) wrongOp(info KeyInfo, op Op, at Span) error {
	var fit []string
	for _, o := range info.Ops() {
		fit = append(fit, ":"+string(o))
	}
	hint := "write " + string(info.Key) + strings.Join(fit, "… or "+string(info.Key)) + "…"
	if op == NotEqual {
		hint = "write -" + string(info.Key) + ":…"
	}
	return p.fail(at, fit, hint, "%s takes no %s", info.Key, op)
}
