package query

import "time"

// Parse reads a query. Durations are counted from now. The error is an
// [*Error]; nothing of a query with a mistake is returned.
func Parse(text string, now time.Time) (*Query, error) {
	p := &parser{scanner: scanner{text: text}, now: now.UTC().Truncate(tick)}
	if err := p.checkText(); err != nil {
		return nil, err
	}
	p.space()
	if p.done() {
		return &Query{Text: text}, nil
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.done() { // or stops before the end at a closing parenthesis only
		return nil, p.fail(Span{p.pos, p.pos + 1}, nil, "remove it, or open one before", "the closing parenthesis closes nothing")
	}
	return &Query{Expr: e, Text: text}, nil
}

type parser struct {
	scanner
	now   time.Time
	after connective // what was passed last; zero at the start and after a term

	depth, terms, valueCount int
}

// connective is an and, or, not, - or ( that wants a term after it.
type connective struct {
	sign string
	at   Span
}

func (p *parser) or() (Expr, error) {
	first, err := p.and()
	if err != nil {
		return nil, err
	}
	of := []Expr{first}
	for p.keyword() == "or" {
		p.passed(len("or"))
		next, err := p.and()
		if err != nil {
			return nil, err
		}
		of = append(of, next)
	}
	if len(of) == 1 {
		return first, nil
	}
	return Or{Of: of, At: cover(of)}, nil
}

func (p *parser) and() (Expr, error) {
	first, err := p.not()
	if err != nil {
		return nil, err
	}
	of := []Expr{first}
	for !p.done() && p.peek() != ')' && p.keyword() != "or" {
		if p.keyword() == "and" {
			p.passed(len("and"))
		}
		next, err := p.not()
		if err != nil {
			return nil, err
		}
		of = append(of, next)
	}
	if len(of) == 1 {
		return first, nil
	}
	return And{Of: of, At: cover(of)}, nil
}

func cover(of []Expr) Span { return Span{of[0].Span().Start, of[len(of)-1].Span().End} }

// passed notes a connective of n bytes and moves behind it.
func (p *parser) passed(n int) {
	at := Span{p.pos, p.pos + n}
	p.after = connective{fold(p.text[at.Start:at.End]), at}
	p.pos = at.End
	p.space()
}

// not leaves the position behind the space that follows.
func (p *parser) not() (Expr, error) {
	start := p.pos
	negated := false
	switch {
	case p.peek() == '-':
		negated = true
		p.passed(1)
		if p.pos != start+1 {
			return nil, p.fail(Span{start, start + 1}, nil, `write it right before the term, or "-" in quotes to search for it`,
				"a minus stands alone")
		}
	case p.keyword() == "not":
		negated = true
		p.passed(len("not"))
	}
	if negated && (p.peek() == '-' || p.keyword() == "not") {
		return nil, p.fail(Span{start, p.pos + 1}, nil, "leave both out, or put parentheses around the inner one", "two negations stand side by side")
	}
	e, err := p.primary()
	if err != nil {
		return nil, err
	}
	p.after = connective{}
	if negated {
		e = Not{Of: e, At: Span{start, p.pos}}
	}
	p.space()
	return e, nil
}

// primary is a term, a word or a group.
func (p *parser) primary() (Expr, error) {
	switch {
	case p.done(), p.peek() == ')', p.keyword() != "":
		return nil, p.missing()
	case p.peek() == '(':
		return p.group()
	}
	if err := p.count(); err != nil {
		return nil, err
	}
	start := p.pos
	if p.peek() == '"' {
		l, err := p.str()
		return wordOf(l), p.listless(err)
	}
	key := p.head()
	known, isKey := Lookup(key)
	switch op := operatorAt(p.text[p.pos:]); {
	case p.peek() == ':':
		return p.term(key, start)
	case op != Equal && key == "":
		return nil, p.fail(Span{start, start + len(op)}, nil, "write them together: severity:>=high", "the operator %s has no key before it", op)
	case op != Equal:
		return p.term(key, start)
	case p.peek() == '=' && isKey:
		return nil, p.fail(Span{p.pos, p.pos + 1}, nil, "write "+string(known.Key)+":…", "a value follows its key after a colon, not after =")
	}
	p.pos = start
	l, err := p.word()
	return wordOf(l), p.listless(err)
}

func wordOf(l lexeme) Word {
	w := Word{Value: Value{Text: l.text(), Span: l.at}, At: l.at}
	if l.wild() {
		w.Value.Parts = l.parts
	}
	return w
}

// listless refuses a comma behind a word that has no key.
func (p *parser) listless(err error) error {
	if err == nil && p.peek() == ',' {
		return p.fail(Span{p.pos, p.pos + 1}, nil, "name the key, as in issue:A,B, or put the words in quotes", "a comma stands outside a key's values")
	}
	return err
}

func (p *parser) group() (Expr, error) {
	start := p.pos
	if p.depth++; p.depth > MaxDepth {
		return nil, p.fail(Span{start, start + 1}, nil, "simplify it", "more than %d parentheses stand inside each other", MaxDepth)
	}
	p.passed(1)
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.done() {
		return nil, p.fail(Span{start, start + 1}, nil, "add a closing one", "the parenthesis is not closed")
	}
	p.pos++
	p.depth--
	return at(e, Span{start, p.pos}), nil
}

// at is the expression with another span.
func at(e Expr, span Span) Expr {
	switch e := e.(type) {
	case Or:
		e.At = span
		return e
	case And:
		e.At = span
		return e
	case Not:
		e.At = span
		return e
	case Term:
		e.At = span
		return e
	case Word:
		e.At = span
		return e
	}
	return e
}

// missing explains why there is no term at the position, by what was passed
// before and what comes instead.
func (p *parser) missing() error {
	next := p.keyword()
	if next == "not" {
		next = ""
	}
	opened := p.after.sign == "("
	switch {
	case next != "" && (opened || p.after.sign == ""):
		return p.fail(Span{p.pos, p.pos + len(next)}, nil, "remove it, or put it in quotes to search for the word", "%q has nothing before it", next)
	case opened && p.done():
		return p.fail(p.after.at, nil, "add a closing one", "the parenthesis is not closed")
	case opened:
		return p.fail(Span{p.after.at.Start, p.pos + 1}, nil, "remove them, or put a term inside", "the parentheses are empty")
	case p.after.sign == "":
		return p.fail(Span{p.pos, p.pos + 1}, nil, "remove it, or open one before", "the closing parenthesis closes nothing")
	}
	return p.fail(p.after.at, nil, "remove it, or put it in quotes to search for the word", "%q has nothing after it", p.after.sign)
}

func (p *parser) count() error {
	if p.terms++; p.terms > MaxTerms {
		return p.fail(Span{p.pos, p.pos}, nil, "write lists as key:a,b, or split the query", "the query has more than %d terms and wildcards", MaxTerms)
	}
	return nil
}
