package storage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// A query becomes a condition over the violations (alias v). Every term asks
// v's own columns, or for membership in a set drawn from the small tables
// around it (issues, components, products), so that a count needs no join and
// a selective term is answered from an index. All values are parameters.

// sqlText is a piece of SQL with its arguments.
type sqlText struct {
	text string
	args []any
}

func sqlf(text string, args ...any) sqlText { return sqlText{text, args} }

// within puts pieces into a format, each at its own %s, with their arguments
// in the same order.
func within(format string, pieces ...sqlText) sqlText {
	texts := make([]any, len(pieces))
	var args []any
	for i, p := range pieces {
		texts[i] = p.text
		args = append(args, p.args...)
	}
	return sqlText{fmt.Sprintf(format, texts...), args}
}

// joinText joins conditions; none at all is always true.
func joinText(pieces []sqlText, with string) sqlText {
	switch len(pieces) {
	case 0:
		return always
	case 1:
		return pieces[0]
	}
	format := "(" + strings.Join(slices.Repeat([]string{"%s"}, len(pieces)), with) + ")"
	return within(format, pieces...)
}

// standardList is what a query means that names neither version nor state:
// current versions and open violations (ruling 8). The indexes of the list
// cover it.
const standardList = "v.current = 1 AND v.state = 0"

// filter is a compiled query. text is the whole condition. Over the standard
// list, own is the part that asks the column of the order alone, which its
// index answers, and far the rest; reaching tells that there is a rest.
// Where a rare word leads, leading are its rows and rest is the whole condition
// without it; found is in how many places it was found.
type filter struct {
	text, own, far     sqlText
	rest               sqlText
	leading            []sqlText
	found              int
	standard, reaching bool
}

// compile turns a query into a condition, for a list in the order of a key.
// known says what is known of the query's words and paths.
func compile(q *query.Query, by query.Key, known findings) filter {
	if q == nil {
		q = &query.Query{}
	}
	var f filter
	var all, own, far, rest []sqlText
	all, f.standard = meant(q)
	rest = slices.Clone(all)
	for _, part := range q.Parts() {
		text := wording{findings: known}.expression(part)
		all = append(all, text)
		if rows, found := known.rows(part); rows != nil && f.leading == nil {
			f.leading, f.found = rows, found
		} else {
			rest = append(rest, text)
		}
		if isOwn(part, by) {
			own = append(own, text)
		} else {
			far = append(far, wording{known, true}.expression(part))
		}
	}
	f.text, f.own, f.far, f.rest = oneSet(joinText(all, " AND ")), joinText(own, " AND "), oneSet(joinText(far, " AND ")), oneSet(joinText(rest, " AND "))
	f.reaching = len(far) > 0
	return f
}

// meant are the conditions that a query means without saying so; standard tells
// that it means the standard list.
func meant(q *query.Query) (all []sqlText, standard bool) {
	if !q.Names(query.KeyVersion) {
		all = append(all, sqlf("v.current = 1"))
	}
	if !q.Names(query.KeyState) {
		all = append(all, sqlf("v.state = 0"))
	}
	return all, len(all) == 2
}

// oneSet keeps SQLite from combining several sets of violations in one search,
// which would cost the product of their sizes: where there is more than one,
// none of them leads (sqlite.org, queryplanner, unary "+").
func oneSet(condition sqlText) sqlText {
	const set = "v.id IN ("
	if strings.Count(condition.text, set) > 1 {
		condition.text = strings.ReplaceAll(condition.text, set, "+"+set)
	}
	return condition
}

// where is the condition of a query alone.
func where(q *query.Query) sqlText { return compile(q, "", findings{}).text }

// whereRow is the condition for a violation that is known: it looks at what
// belongs to that one alone.
func whereRow(q *query.Query) sqlText {
	if q == nil {
		q = &query.Query{}
	}
	all, _ := meant(q)
	return joinText(append(all, wording{byRow: true}.expressions(q.Parts())...), " AND ")
}

func expression(e query.Expr) sqlText { return wording{}.expression(e) }

func (how wording) expression(e query.Expr) sqlText {
	switch e := e.(type) {
	case query.And:
		return joinText(how.expressions(e.Of), " AND ")
	case query.Or:
		return joinText(how.expressions(e.Of), " OR ")
	case query.Not:
		return within("NOT %s", how.expression(e.Of))
	case query.Term:
		return how.term(e)
	case query.Word:
		return how.word(e)
	}
	return never
}

func (how wording) expressions(of []query.Expr) []sqlText {
	out := make([]sqlText, len(of))
	for i, e := range of {
		out[i] = how.expression(e)
	}
	return out
}

// among is the condition of one of the selections.
func among(rows []sqlText) sqlText {
	if len(rows) == 0 {
		return always
	}
	return within("v.id IN (%s)", unionText(rows, " UNION "))
}

func unionText(rows []sqlText, with string) sqlText {
	return within(strings.Join(slices.Repeat([]string{"%s"}, len(rows)), with), rows...)
}

// field says how a key's terms become SQL: present holds where the field has a
// value, holds where it fits one value that is not special.
type field struct {
	present sqlText
	holds   func(t query.Term, v query.Value) sqlText
	// whole, where it is set, stands for the term as one: its values do not
	// count each for itself.
	whole func(t query.Term) sqlText
}

// always and never are the constants of SQL.
var always, never = sqlf("true"), sqlf("false")

// term applies query.Term's rule: special values ask for presence, != needs
// presence and no fit.
func (how wording) term(t query.Term) sqlText {
	if t.Key == query.KeyHas {
		return how.hasTerm(t)
	}
	f := how.field(t.Key)
	if f.whole != nil {
		return f.whole(t)
	}
	some := make([]sqlText, 0, len(t.Values))
	for _, v := range t.Values {
		switch v.Special {
		case query.None, query.No:
			some = append(some, within("NOT %s", f.present))
		case query.Any, query.Yes:
			some = append(some, f.present)
		case query.All:
			some = append(some, always)
		case query.Latest:
			some = append(some, sqlf("v.current = 1"))
		default:
			holds := f.holds(t, v)
			if v.Match("") { // a missing text fits nothing
				holds = within("(%s AND %s)", f.present, holds)
			}
			some = append(some, holds)
		}
	}
	if t.Op == query.NotEqual {
		return within("(%s AND NOT %s)", f.present, joinText(some, " OR "))
	}
	return joinText(some, " OR ")
}

// hasTerm is -key:none for each key named.
func (how wording) hasTerm(t query.Term) sqlText {
	var some []sqlText
	for _, v := range t.Values {
		some = append(some, how.field(query.Key(v.Text)).present)
	}
	return joinText(some, " OR ")
}

// inSet is a field whose texts stand in a table that leads to violations:
// format has one %s for the condition on the column.
func inSet(format, column, present string) field {
	f := field{present: always, holds: func(_ query.Term, v query.Value) sqlText { return within(format, matches(column, v)) }}
	if present != "" {
		f.present = sqlf(present)
	}
	return f
}

// numbered is a field whose choices are stored as numbers.
func numbered(column string, number func(name string) int, present string) field {
	f := field{present: always, holds: func(t query.Term, v query.Value) sqlText {
		one := t
		one.Values = []query.Value{v}
		var args []any
		for _, name := range one.Choices() {
			args = append(args, number(name))
		}
		if len(args) == 0 {
			return never // such as severity:>critical
		}
		return sqlf("("+column+" IN ("+placeholders(len(args))+"))", args...)
	}}
	if present != "" {
		f.present = sqlf(present)
	}
	return f
}

// counted is a field of numbers of which a negative one is a missing value.
func counted(column string) field {
	set := func(condition string, args ...any) sqlText {
		return sqlf("v.issue_id IN (SELECT id FROM issues WHERE "+condition+")", args...)
	}
	return field{present: set(column + " >= 0"), holds: func(t query.Term, v query.Value) sqlText {
		op := string(t.Op)
		if t.Op == query.Equal || t.Op == query.NotEqual {
			op = "="
		}
		return set(column+" >= 0 AND "+column+" "+op+" ?", v.Number)
	}}
}

// timed is a field of times; %s stands for the condition.
func timed(format, column, present string) field {
	return field{present: sqlf(present), holds: func(_ query.Term, v query.Value) sqlText {
		condition := sqlf(column + " IS NOT NULL")
		if !v.From.IsZero() {
			condition = within("%s AND %s", condition, sqlf(column+" >= ?", v.From.UnixMilli()))
		}
		if !v.To.IsZero() {
			condition = within("%s AND %s", condition, sqlf(column+" < ?", v.To.UnixMilli()))
		}
		return within(format, condition)
	}}
}

// yesNo is a flag: condition holds for yes.
func yesNo(condition string) field {
	return field{present: always, holds: func(_ query.Term, v query.Value) sqlText {
		if v.Text == "yes" {
			return sqlf(condition)
		}
		return sqlf("NOT " + condition)
	}}
}

// field is how the terms of a key are written.
func (how wording) field(key query.Key) field {
	switch {
	case key != query.KeyPath:
		return fieldOf(key)
	case how.places != nil:
		return how.path()
	case how.byRow:
		return pathOfRow
	}
	return pathOfSet
}

func fieldOf(key query.Key) field {
	switch key {
	case query.KeyType:
		return numbered("v.type", typeNumber, "")
	case query.KeySeverity:
		return numbered("v.severity", severityNumber, "")
	case query.KeyIssue:
		return issueField()
	case query.KeyComponent:
		return inSet("v.component_id IN (SELECT id FROM components WHERE %s)", "name", "")
	case query.KeyEcosystem:
		return inSet("v.component_id IN (SELECT id FROM components WHERE type <> '' AND %s)", "type", "v.component_id IN (SELECT id FROM components WHERE type <> '')")
	case query.KeyPURL:
		return inSet("v.component_id IN (SELECT id FROM components WHERE purl <> '' AND %s)", "purl", "v.component_id IN (SELECT id FROM components WHERE purl <> '')")
	case query.KeyProduct:
		return inSet("v.product_id IN (SELECT id FROM products WHERE %s)", "name", "")
	case query.KeyVersion:
		return inSet("v.version_id IN (SELECT id FROM versions WHERE %s)", "name", "")
	case query.KeyResource:
		return inSet("v.product_id IN (SELECT id FROM products WHERE %s)", "resource", "")
	case query.KeyLicense:
		return inSet("v.component_id IN (SELECT c.id FROM components c, json_each(c.licenses) l WHERE %s)", "l.value", "v.component_id IN (SELECT id FROM components WHERE licenses <> '[]')")
	case query.KeyFix:
		return field{present: sqlf("v.fixable = 1"), holds: func(_ query.Term, v query.Value) sqlText {
			return sqlf("(v.fixable = 1 AND fits(v.fix, ?, ?))", fixSeparator, listPattern(v))
		}}
	case query.KeyCVSS:
		return counted("cvss")
	case query.KeyEPSS:
		return counted("epss")
	case query.KeyKEV:
		return yesNo("v.issue_id IN (SELECT id FROM issues WHERE kev = 1)")
	case query.KeyApplicable:
		return numbered("v.applicable", func(n string) int { return slices.Index(applicabilities, n) }, "v.applicable > 0")
	case query.KeyState:
		return numbered("v.state", stateNumber, "")
	case query.KeyVEX:
		return numbered("v.vex_status", func(n string) int { return slices.Index(vexStatuses, model.VEXStatus(n)) }, "v.vex_status > 0")
	}
	if f, ok := packageField(key); ok {
		return f
	}
	return wideField(key)
}

// wideField are the keys that lead into tables beside the violation.
func wideField(key query.Key) field {
	const assessed = "v.id IN (SELECT violation_id FROM assessments WHERE %s)"
	const tickets = "v.id IN (SELECT l.violation_id FROM ticket_links l JOIN tickets t ON t.id = l.ticket_id JOIN connections co ON co.id = t.connection_id WHERE %s)"
	switch key {
	case query.KeyWatch:
		return matchField(0, "w.name")
	case query.KeyPolicy:
		return matchField(1, "p.name")
	case query.KeyJustification:
		return inSet(assessed, "justification", fmt.Sprintf(assessed, "justification <> ''"))
	case query.KeyResponse:
		return inSet(assessed, "response", fmt.Sprintf(assessed, "response <> ''"))
	case query.KeyTicket:
		return inSet(tickets, "t.key", "v.lead > 0")
	case query.KeyTicketStatus:
		return inSet(tickets, shownStatus, fmt.Sprintf(tickets, shownStatus+" <> ''"))
	case query.KeyTicketCategory:
		return inSet(tickets, shownCategory, fmt.Sprintf(tickets, shownCategory+" <> ''"))
	case query.KeyConnection:
		return inSet(tickets, "co.name", "v.lead > 0")
	case query.KeyConflict:
		return yesNo("v.id IN (SELECT violation_id FROM conflicts)")
	case query.KeyReview:
		return timed(assessed, "review_by", fmt.Sprintf(assessed, "review_by IS NOT NULL"))
	case query.KeySeen, query.KeyAge:
		return timed("(%s)", "v.first_seen", "true")
	case query.KeyUpdated:
		return timed("(%s)", "v.updated", "true")
	case query.KeySource:
		return sourceField
	case query.KeyID:
		return field{present: always, holds: func(_ query.Term, v query.Value) sqlText {
			id, err := strconv.ParseInt(v.Text, 10, 64)
			if err != nil || strconv.FormatInt(id, 10) != v.Text {
				return never // an id is written in one way
			}
			return sqlf("v.id = ?", id)
		}}
	}
	return field{present: never, holds: func(query.Term, query.Value) sqlText { return never }}
}

func issueField() field {
	return field{present: always, holds: func(_ query.Term, v query.Value) sqlText {
		return within("v.issue_id IN (SELECT issue_id FROM issue_aliases WHERE %s UNION SELECT issue_id FROM issue_cves WHERE %s)", matches("alias", v), matches("cve", v))
	}}
}

func typeNumber(name string) int {
	return slices.IndexFunc(model.ViolationTypes(), func(t model.ViolationType) bool { return t.String() == name })
}

func severityNumber(name string) int {
	return slices.IndexFunc(model.Severities(), func(s model.Severity) bool { return s.String() == name })
}

func stateNumber(name string) int {
	return slices.Index([]string{model.Open.String(), model.Resolved.String(), model.Ignored.String()}, name)
}
