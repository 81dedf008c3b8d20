package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"

	"example.com/vexdesk/model/query"
)

// A path is looked for in what is known of each component first (migration 11):
// where all sets of places that sightings of it give fit, so do all its
// violations that any source shows; where some do, each violation's sightings
// tell. Sets that no sighting gives any more stay, which costs time and changes
// no answer.

const (
	// placeMark divides places; alone it stands for any.
	placeMark = "\x1f"
	// mostPlaces is how many sets are kept for a component.
	mostPlaces = 32
)

// stagePlaces notes where a finding's component was found.
func (im *Import) stagePlaces(ctx context.Context, component int, places []string) error {
	text := strings.Join(places, placeMark)
	sum := maphash.String(im.seed, text)
	if component < len(im.places) && im.places[component] == sum {
		return nil
	}
	if component == len(im.places) {
		im.places = append(im.places, sum)
	} else {
		im.places[component] = sum
	}
	return im.staged["places"].add(ctx, component, text)
}

// recordPlaces adds the places of the portion's components.
func (c *commit) recordPlaces() error {
	added, err := c.run1(`INSERT OR IGNORE INTO component_places SELECT k.id, p.places FROM stage_places p CROSS JOIN stage_components k ON k.n = p.component
		WHERE p.component >= @from AND p.component < @to`)
	if err != nil || added == 0 {
		return err
	}
	many := fmt.Sprintf(`(SELECT component_id FROM component_places WHERE component_id IN (SELECT id FROM stage_components WHERE n >= @from AND n < @to)
		GROUP BY component_id HAVING count(*) > %d OR max(places = char(31)))`, mostPlaces)
	return c.exec(`INSERT OR IGNORE INTO component_places SELECT component_id, char(31) FROM `+many,
		`DELETE FROM component_places WHERE places <> char(31) AND component_id IN `+many)
}

// placeSet are the components of which all sets of places fit a value of path:,
// and those of which some do, as lists for json_each.
type placeSet struct {
	all, some     string
	found, unsure int
}

// placeKey is how a value of path: is known; none is any place at all.
func placeKey(v *query.Value) string {
	if v == nil {
		return ""
	}
	return "path " + listPattern(*v)
}

// findPlaces looks for the paths of a query.
func (s *Store) findPlaces(ctx context.Context, q *query.Query) (map[string]*placeSet, error) {
	sets := map[string]*placeSet{}
	var err error
	find := func(v *query.Value) {
		if _, done := sets[placeKey(v)]; !done && err == nil {
			sets[placeKey(v)], err = s.findPlace(ctx, v)
		}
	}
	query.Walk(q.Expr, func(e query.Expr) bool {
		t, ok := e.(query.Term)
		if !ok {
			return err == nil
		}
		for i, v := range t.Values {
			switch {
			case t.Key == query.KeyHas && query.Key(v.Text) == query.KeyPath:
				find(nil)
			case t.Key == query.KeyPath && (v.Special != "" || t.Op == query.NotEqual || v.Match("")):
				find(nil)
			}
			if t.Key == query.KeyPath && v.Special == "" {
				find(&t.Values[i])
			}
		}
		return err == nil
	})
	return sets, err
}

// placeFits is the condition that a set of places fits a value.
func placeFits(v *query.Value) sqlText {
	if v == nil {
		return sqlf("places <> ''")
	}
	return within("CASE WHEN instr(places, char(31)) THEN fits(places, char(31), %s) ELSE places <> '' AND %s END", sqlf("?", listPattern(*v)), matches("places", *v))
}

func (s *Store) findPlace(ctx context.Context, v *query.Value) (*placeSet, error) {
	text := within(`SELECT component_id, min(places <> char(31) AND %s) FROM component_places
		WHERE component_id IN (SELECT component_id FROM component_places WHERE places = char(31) OR %s) GROUP BY 1`, placeFits(v), placeFits(v))
	rows, err := s.read.QueryContext(ctx, text.text, text.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	all, some := []int64{}, []int64{}
	for rows.Next() {
		var id int64
		var whole bool
		if err := rows.Scan(&id, &whole); err != nil {
			return nil, err
		}
		if whole {
			all = append(all, id)
		} else {
			some = append(some, id)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	set := &placeSet{found: len(all), unsure: len(some)}
	for _, list := range []struct {
		to   *string
		from []int64
	}{{&set.all, all}, {&set.some, some}} {
		text, err := json.Marshal(list.from)
		if err != nil {
			return nil, err
		}
		*list.to = string(text)
	}
	return set, nil
}

// field is what path: asks where sets of places were looked for.
func (f findings) path() field {
	return field{present: f.placed(nil), holds: func(_ query.Term, v query.Value) sqlText { return f.placed(&v) }}
}

// placed is the condition that a source shows violation v at a place that fits.
func (f findings) placed(v *query.Value) sqlText {
	set := f.places[placeKey(v)]
	if set == nil {
		return never // nobody asks
	}
	var some []sqlText
	if set.found > 0 {
		some = append(some, sqlf("v.state <> 1 AND v.component_id IN (SELECT value FROM json_each(?))", set.all))
	}
	if set.unsure > 0 {
		of := pathOfRow.present
		if v != nil {
			of = pathOfRow.holds(query.Term{}, *v)
		}
		some = append(some, within("v.component_id IN %s AND %s", sqlf("(SELECT value FROM json_each(?))", set.some), of))
	}
	if len(some) == 0 {
		return never
	}
	return within("(%s)", joinText(some, " OR "))
}
