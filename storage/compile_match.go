package storage

import (
	"fmt"

	"example.com/vexdesk/model/query"
)

// standing are the pairs of watch and policy that hold for every violation, and
// are therefore derived rather than stored (model.Policy.MatchesAll).
const standing = ` FROM watches w JOIN watch_policies wp ON wp.watch_id = w.id JOIN policies p ON p.id = wp.policy_id
	WHERE w.scope = '' AND p.matches_all = 1 AND p.mode <> 'off'`

// matchField is the name of a watch or of a policy that matches: by what
// sources report (kind 0 watch, 1 policy), by the workspace's own evaluation,
// or because it matches everything.
func matchField(kind int, name string) field {
	reported := fmt.Sprintf("v.id IN (SELECT violation_id FROM reported_matches WHERE kind = %d AND ", kind)
	const own = "v.id IN (SELECT m.violation_id FROM matches m JOIN watches w ON w.id = m.watch_id JOIN policies p ON p.id = m.policy_id WHERE "
	const all = "EXISTS (SELECT 1" + standing + " AND "
	return field{
		present: sqlf("(" + reported + "true) OR " + own + "true) OR " + all + "true))"),
		holds: func(_ query.Term, v query.Value) sqlText {
			return within("("+reported+"%s) OR "+own+"%s) OR "+all+"%s))", matches("name", v), matches(name, v), matches(name, v))
		},
	}
}

// packageField are the keys about the component itself that policies ask for.
func packageField(key query.Key) (field, bool) {
	switch key {
	case query.KeyBesides:
		return field{present: licensed, whole: licenseBesides}, true
	case query.KeyPackageVersion:
		return field{present: sqlf("v.component_id IN (SELECT id FROM components WHERE version <> '')"), holds: packageVersion}, true
	case query.KeyMalicious:
		return yesNo("v.issue_id IN (SELECT issue_id FROM issue_aliases WHERE alias LIKE 'MAL-%')"), true
	case query.KeyEOL:
		return field{present: risky("eol >= 0"), holds: func(_ query.Term, v query.Value) sqlText {
			return risky("eol = ?", v.Text == "yes")
		}}, true
	case query.KeyReleased:
		return timed("v.component_id IN (SELECT component_id FROM component_risks WHERE %s)", "released", risky("released IS NOT NULL").text), true
	case query.KeyNewer, query.KeyCadence, query.KeyCommits, query.KeyCommitters:
		column := string(key)
		return field{present: risky(column + " >= 0"), holds: func(t query.Term, v query.Value) sqlText {
			return risky(column+" >= 0 AND "+column+" "+sqlOperator(t.Op)+" ?", v.Number)
		}}, true
	}
	return field{}, false
}

var licensed = sqlf("v.component_id IN (SELECT id FROM components WHERE licenses <> '[]')")

// licenseBesides holds where a licence fits none of the values.
func licenseBesides(t query.Term) sqlText {
	some := make([]sqlText, len(t.Values))
	for i, v := range t.Values {
		some[i] = matches("l.value", v)
	}
	other := within("v.component_id IN (SELECT c.id FROM components c, json_each(c.licenses) l WHERE NOT %s)", joinText(some, " OR "))
	if t.Op == query.NotEqual {
		return within("(%s AND NOT %s)", licensed, other)
	}
	return other
}

// packageVersion compares texts for equality, and versions for order.
func packageVersion(t query.Term, v query.Value) sqlText {
	if t.Op == query.Equal || t.Op == query.NotEqual {
		return within("v.component_id IN (SELECT id FROM components WHERE version <> '' AND %s)", matches("version", v))
	}
	return sqlf("v.component_id IN (SELECT id FROM components WHERE version <> '' AND compare_versions(version, ?) "+sqlOperator(t.Op)+" 0)", v.Text)
}

// risky are the components of which an operational-risk report says so.
func risky(condition string, args ...any) sqlText {
	return sqlf("v.component_id IN (SELECT component_id FROM component_risks WHERE "+condition+")", args...)
}

func sqlOperator(op query.Op) string {
	if op == query.Equal || op == query.NotEqual {
		return "="
	}
	return string(op)
}
