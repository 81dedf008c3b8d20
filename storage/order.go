package storage

import (
	"strings"

	"example.com/vexdesk/model/query"
)

// ordered is one column of an order.
type ordered struct {
	column string
	down   bool
	// outer names the table that leads the join, so that the order comes from
	// its index rather than from sorting: issues for what issues say.
	outer string
}

// orderOf turns sort keys into columns, the id last so that the order is
// total. The natural order of severity is the worst first (ruling 9), which is
// ascending as it is stored.
func orderOf(keys []query.SortKey) []ordered {
	if len(keys) == 0 {
		keys = []query.SortKey{{Key: query.KeySeverity}}
	}
	var order []ordered
	down := false
	for _, k := range keys {
		down = k.Reverse
		for _, o := range sortColumns(k.Key) {
			o.down = down
			order = append(order, o)
		}
	}
	return append(order, ordered{column: "v.id", down: down})
}

func sortColumns(key query.Key) []ordered {
	switch key {
	case query.KeyIssue:
		return []ordered{{column: "i.display", outer: "issues"}, {column: "i.id"}}
	case query.KeyCVSS:
		return []ordered{{column: "i.cvss", outer: "issues"}, {column: "i.id"}}
	case query.KeyEPSS:
		return []ordered{{column: "i.epss", outer: "issues"}, {column: "i.id"}}
	case query.KeyKEV:
		return []ordered{{column: "i.kev"}}
	case query.KeyComponent:
		return []ordered{{column: "c.name", outer: "components"}, {column: "c.version"}, {column: "c.id"}}
	case query.KeyProduct:
		return []ordered{{column: "p.name", outer: "products"}, {column: "p.id"}}
	case query.KeyVersion:
		return []ordered{{column: "c.version"}}
	case query.KeyFix:
		return []ordered{{column: "v.fix"}}
	case query.KeyVEX:
		return []ordered{{column: "v.vex_status"}}
	case query.KeyTicket:
		return []ordered{{column: "coalesce(v.lead_ticket_id, 0)"}}
	case query.KeyTicketStatus:
		return []ordered{{column: "coalesce(t.status, '')"}}
	case query.KeySeen:
		return []ordered{{column: "v.first_seen"}}
	case query.KeyUpdated:
		return []ordered{{column: "v.updated"}}
	case query.KeyType:
		return []ordered{{column: "v.type"}}
	}
	return []ordered{{column: "v.severity"}}
}

// tablesFor joins the tables of a list. An order by what an issue, component
// or product says, over everything, is led by that table: its index gives the
// order and the first page comes at once. A filter that selects goes the
// other way and is sorted.
func tablesFor(w Window, order []ordered) string {
	outer := order[0].outer
	if outer == "" || w.Filter != nil && w.Filter.Expr != nil {
		return rowTables
	}
	const rest = ` JOIN versions r ON r.id = v.version_id LEFT JOIN tickets t ON t.id = v.lead_ticket_id LEFT JOIN connections co ON co.id = t.connection_id`
	switch outer {
	case "issues":
		return ` FROM issues i CROSS JOIN violations v INDEXED BY violations_issue ON v.issue_id = i.id JOIN components c ON c.id = v.component_id JOIN products p ON p.id = v.product_id` + rest
	case "components":
		return ` FROM components c CROSS JOIN violations v INDEXED BY violations_component ON v.component_id = c.id JOIN issues i ON i.id = v.issue_id JOIN products p ON p.id = v.product_id` + rest
	}
	return ` FROM products p CROSS JOIN violations v ON v.product_id = p.id JOIN issues i ON i.id = v.issue_id JOIN components c ON c.id = v.component_id` + rest
}

func orderBy(order []ordered, backward bool) string {
	parts := make([]string, len(order))
	for i, o := range order {
		parts[i] = o.column
		if o.down != backward {
			parts[i] += " DESC"
		}
	}
	return " ORDER BY " + strings.Join(parts, ", ")
}

// beyond is the condition for rows behind a place of the order. Where all
// columns run the same way it is one comparison of row values, which SQLite
// answers with a seek; else it is spelt out column by column, with the first
// column bounding the search.
func beyond(order []ordered, place []any, backward, inclusive bool) sqlText {
	same := true
	for _, o := range order {
		same = same && o.down == order[0].down
	}
	sign := func(o ordered) string {
		if o.down != backward {
			return "<"
		}
		return ">"
	}
	equal := ""
	if inclusive {
		equal = "="
	}
	if same {
		columns := make([]string, len(order))
		for i, o := range order {
			columns[i] = o.column
		}
		return sqlf("("+strings.Join(columns, ", ")+") "+sign(order[0])+equal+" ("+placeholders(len(order))+")", place...)
	}
	var cases []sqlText
	for i, o := range order {
		var all []sqlText
		for j := 0; j < i; j++ {
			all = append(all, sqlf(order[j].column+" = ?", place[j]))
		}
		last := sign(o)
		if i == len(order)-1 {
			last += equal
		}
		all = append(all, sqlf(o.column+" "+last+" ?", place[i]))
		cases = append(cases, joinText(all, " AND "))
	}
	bound := sqlf(order[0].column+" "+sign(order[0])+"= ?", place[0])
	return within("(%s AND %s)", bound, joinText(cases, " OR "))
}
