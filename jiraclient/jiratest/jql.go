package jiratest

import (
	"strings"
)

// jqlTest tells whether a record fits a clause.
type jqlTest func(*record) bool

// jqlQuery is a query ready to run.
type jqlQuery struct {
	match   jqlTest
	bounded bool // has a restriction besides the order
	order   []jqlOrder
}

type jqlOrder struct {
	compare    func(a, b *record) int
	descending bool
}

// jqlParser reads a query by recursive descent: or, and, not, clause.
type jqlParser struct {
	server *Server
	me     *Account
	tokens []jqlToken
	depth  int
	// lenient passes over issues that do not exist, as Data Center does without
	// validateQuery.
	lenient bool
}

const (
	maxJQLDepth = 50
	maxJQLOrder = 7
)

func (s *Server) parseJQL(query string, me *Account, lenient bool) (*jqlQuery, *apiError) {
	tokens, refused := jqlTokens(query)
	if refused != nil {
		return nil, refused
	}
	p := &jqlParser{server: s, me: me, tokens: tokens, lenient: lenient}
	q := &jqlQuery{match: func(*record) bool { return true }}
	if len(p.tokens) > 0 && !p.at("order") {
		if q.match, refused = p.or(); refused != nil {
			return nil, refused
		}
		q.bounded = true
	}
	if p.take("order") {
		if !p.take("by") {
			return nil, p.unexpected()
		}
		if q.order, refused = p.orders(); refused != nil {
			return nil, refused
		}
	}
	if len(p.tokens) > 0 {
		return nil, p.unexpected()
	}
	return q, nil
}

func (p *jqlParser) at(word string) bool { return len(p.tokens) > 0 && p.tokens[0].is(word) }

func (p *jqlParser) take(word string) bool {
	if !p.at(word) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *jqlParser) next() (jqlToken, bool) {
	if len(p.tokens) == 0 {
		return jqlToken{}, false
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t, true
}

func (p *jqlParser) unexpected() *apiError {
	if len(p.tokens) == 0 {
		return jqlError("Expecting more before the end of the query.")
	}
	return jqlError("Did not expect '%s' here.", p.tokens[0].text)
}

func (p *jqlParser) or() (jqlTest, *apiError) {
	if p.depth++; p.depth > maxJQLDepth {
		return nil, jqlError("The query is nested too deeply.")
	}
	defer func() { p.depth-- }()
	left, refused := p.and()
	for refused == nil && p.take("or") {
		var right jqlTest
		if right, refused = p.and(); refused == nil {
			before := left
			left = func(r *record) bool { return before(r) || right(r) }
		}
	}
	return left, refused
}

func (p *jqlParser) and() (jqlTest, *apiError) {
	left, refused := p.not()
	for refused == nil && p.take("and") {
		var right jqlTest
		if right, refused = p.not(); refused == nil {
			before := left
			left = func(r *record) bool { return before(r) && right(r) }
		}
	}
	return left, refused
}

func (p *jqlParser) not() (jqlTest, *apiError) {
	negations := 0
	for p.take("not") || p.take("!") {
		negations++
	}
	test, refused := p.primary()
	if refused != nil || negations%2 == 0 {
		return test, refused
	}
	return func(r *record) bool { return !test(r) }, nil
}

func (p *jqlParser) primary() (jqlTest, *apiError) {
	if !p.take("(") {
		return p.clause()
	}
	test, refused := p.or()
	if refused == nil && !p.take(")") {
		refused = p.unexpected()
	}
	return test, refused
}

// clause is field, operator, operand.
func (p *jqlParser) clause() (jqlTest, *apiError) {
	name, ok := p.next()
	if !ok || name.sign {
		return nil, jqlError("Expecting a field name.")
	}
	f, refused := p.server.jqlField(name.text)
	if refused != nil {
		return nil, refused
	}
	f.lenient = p.lenient
	operator, refused := p.operator()
	if refused != nil {
		return nil, refused
	}
	switch operator {
	case "in", "not in":
		operands, refused := p.operandList()
		if refused != nil {
			return nil, refused
		}
		return p.server.jqlClause(f, operator, operands)
	default:
		operand, refused := p.operand()
		if refused != nil {
			return nil, refused
		}
		return p.server.jqlClause(f, operator, []jqlToken{operand})
	}
}

func (p *jqlParser) operator() (string, *apiError) {
	t, ok := p.next()
	switch {
	case !ok:
		return "", p.unexpected()
	case t.sign && t.text != "(" && t.text != ")" && t.text != "," && t.text != "!":
		return t.text, nil
	case t.is("in"):
		return "in", nil
	case t.is("not") && p.take("in"):
		return "not in", nil
	case t.is("is") && p.take("not"):
		return "is not", nil
	case t.is("is"):
		return "is", nil
	}
	return "", jqlError("Expecting an operator but got '%s'.", t.text)
}

func (p *jqlParser) operandList() ([]jqlToken, *apiError) {
	if !p.take("(") {
		return nil, p.unexpected()
	}
	var out []jqlToken
	for {
		operand, refused := p.operand()
		if refused != nil {
			return nil, refused
		}
		out = append(out, operand)
		if p.take(")") {
			return out, nil
		}
		if !p.take(",") {
			return nil, p.unexpected()
		}
	}
}

// operand is a value or a function call, of which now() and currentUser() are
// known.
func (p *jqlParser) operand() (jqlToken, *apiError) {
	t, ok := p.next()
	if !ok || t.sign {
		return t, jqlError("Expecting a value.")
	}
	if t.quoted || !p.take("(") {
		return t, nil
	}
	if !p.take(")") {
		return t, p.unexpected()
	}
	switch strings.ToLower(t.text) {
	case "now":
		return jqlToken{text: "0m"}, nil
	case "currentuser":
		return jqlToken{text: p.me.ID, quoted: true}, nil
	}
	return t, jqlError("Unable to find JQL function '%s()'.", t.text)
}

func (p *jqlParser) orders() ([]jqlOrder, *apiError) {
	var out []jqlOrder
	for {
		name, ok := p.next()
		if !ok || name.sign {
			return nil, jqlError("Expecting a field to order by.")
		}
		f, refused := p.server.jqlField(name.text)
		if refused != nil {
			return nil, refused
		}
		order := jqlOrder{compare: f.compare}
		if p.take("desc") {
			order.descending = true
		} else {
			p.take("asc")
		}
		out = append(out, order)
		if len(out) > maxJQLOrder {
			return nil, jqlError("You can order by at most %d fields.", maxJQLOrder)
		}
		if !p.take(",") {
			return out, nil
		}
	}
}
