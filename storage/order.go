package storage

import (
	"strings"

	"example.com/vexdesk/model/query"
)

// ordered is one column of an order.
type ordered struct {
	column string
	down   bool
}

// order is the order of a list: total, since the id comes last.
type order struct {
	columns []ordered
	// lead is the table and index that give the order over the default list
	// without sorting, ending in violations v; empty where several keys are
	// combined and no index does. key is the key whose column of v it is.
	lead string
	key  query.Key
}

// orderOf turns sort keys into columns. The natural order of severity is the
// worst first (ruling 9), which is ascending as it is stored. What issues,
// components and products say is ordered by theirs before the violation's id,
// so that their index gives the order.
func orderOf(keys []query.SortKey) order {
	if len(keys) == 0 {
		keys = []query.SortKey{{Key: query.KeySeverity}}
	}
	var o order
	for _, k := range keys {
		names, lead := sortColumns(k.Key)
		for _, name := range names {
			o.columns = append(o.columns, ordered{name, k.Reverse})
		}
		o.lead = lead
	}
	if o.key = keys[0].Key; len(keys) > 1 {
		o.lead, o.key = "", ""
	}
	o.columns = append(o.columns, ordered{"v.id", keys[len(keys)-1].Reverse})
	return o
}

const (
	leadIssues     = `issues i CROSS JOIN violations v INDEXED BY violations_issue ON v.issue_id = i.id`
	leadComponents = `components c CROSS JOIN violations v INDEXED BY violations_component ON v.component_id = c.id`
	leadProducts   = `products p CROSS JOIN violations v INDEXED BY violations_by_product ON v.product_id = p.id`
	leadOwn        = `violations v INDEXED BY violations_by_`
)

// sortColumns are the columns of a key, and what leads the list in its order.
func sortColumns(key query.Key) (columns []string, lead string) {
	switch key {
	case query.KeyIssue:
		return []string{"i.display", "i.id"}, leadIssues
	case query.KeyCVSS:
		return []string{"i.cvss", "i.id"}, leadIssues
	case query.KeyEPSS:
		return []string{"i.epss", "i.id"}, leadIssues
	case query.KeyKEV:
		return []string{"i.kev", "i.id"}, leadIssues
	case query.KeyComponent:
		return []string{"c.name", "c.version", "c.id"}, leadComponents
	case query.KeyVersion:
		return []string{"c.version", "c.id"}, leadComponents
	case query.KeyProduct:
		return []string{"p.name", "p.id"}, leadProducts
	case query.KeyFix:
		return []string{"v.fix"}, leadOwn + "fix"
	case query.KeyVEX:
		return []string{"v.vex_status"}, leadOwn + "vex"
	case query.KeyTicket:
		return []string{"v.lead"}, leadOwn + "ticket"
	case query.KeyTicketStatus:
		return []string{"v.ticket_status"}, leadOwn + "ticket_status"
	case query.KeySeen:
		return []string{"v.first_seen"}, leadOwn + "first_seen"
	case query.KeyUpdated:
		return []string{"v.updated"}, leadOwn + "updated"
	case query.KeyPriority:
		return []string{"v.priority"}, leadOwn + "priority"
	case query.KeyType:
		return []string{"v.type"}, leadOwn + "type"
	}
	return []string{"v.severity"}, leadOwn + "severity"
}

// names are the columns, for a SELECT.
func (o order) names() string {
	names := make([]string, len(o.columns))
	for i, c := range o.columns {
		names[i] = c.column
	}
	return strings.Join(names, ", ")
}

// tables joins what the columns of the order come from, violations first.
func (o order) tables() string {
	tables := "violations v"
	names := o.names()
	for _, t := range []struct{ alias, join string }{
		{"i.", " JOIN issues i ON i.id = v.issue_id"}, {"c.", " JOIN components c ON c.id = v.component_id"}, {"p.", " JOIN products p ON p.id = v.product_id"},
	} {
		if strings.Contains(names, t.alias) {
			tables += t.join
		}
	}
	return tables
}

// by is the ORDER BY. sorting keeps SQLite from walking an index for the sake
// of the order where a filter leads to few rows.
func (o order) by(backward, sorting bool) string {
	parts := make([]string, len(o.columns))
	for i, c := range o.columns {
		parts[i] = c.column
		if i == 0 && sorting {
			parts[i] = "+" + c.column
		}
		if c.down != backward {
			parts[i] += " DESC"
		}
	}
	return " ORDER BY " + strings.Join(parts, ", ")
}

// place is a row's values in the columns of an order.
type place []any

// beyond are the conditions for rows behind a place (in front of it for
// backward), as stretches that follow one another: equal in all columns but
// the last and further there, then equal in one column less, and so on. Each
// is one seek in an index that has the columns.
func (o order) beyond(at place, backward, inclusive bool) []sqlText {
	var stretches []sqlText
	for last := len(o.columns) - 1; last >= 0; last-- {
		var all []sqlText
		for i := range last {
			all = append(all, sqlf(o.columns[i].column+" = ?", at[i]))
		}
		sign := " > ?"
		if o.columns[last].down != backward {
			sign = " < ?"
		}
		if inclusive && last == len(o.columns)-1 {
			sign = sign[:2] + "= ?"
		}
		stretches = append(stretches, joinText(append(all, sqlf(o.columns[last].column+sign, at[last])), " AND "))
	}
	return stretches
}
