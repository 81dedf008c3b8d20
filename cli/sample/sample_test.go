package sample

import (
	"reflect"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestTheSampleIsTheSameEveryTime(t *testing.T) {
	a, err := Reports(now)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Reports(now)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("two samples differ: %v", err)
	}
}

func TestTheSampleShowsWhatThereIsToShow(t *testing.T) {
	reports, err := Reports(now)
	if err != nil {
		t.Fatal(err)
	}
	types, severities := map[model.ViolationType]int{}, map[model.Severity]int{}
	names, exploited, total := map[string]int{}, 0, 0
	for i, r := range reports {
		names[r.Product]++
		if i > 0 && r.At.Before(reports[i-1].At) {
			t.Errorf("%s is older than the report before it", r.File)
		}
		seen := map[string]bool{}
		for _, f := range r.Findings {
			total++
			types[f.Type]++
			severities[f.Severity]++
			if f.KEV != nil && *f.KEV {
				exploited++
			}
			key := f.Identity() + " " + model.ComponentKey(f.Component)
			if seen[key] {
				t.Errorf("%s holds %s twice", r.File, key)
			}
			seen[key] = true
		}
	}
	t.Logf("%d findings in %d reports of %d products: %v, %v, %d exploited", total, len(reports), len(names), types, severities, exploited)
	if total < 300 || len(names) != 6 || len(types) != 3 || len(severities) < 5 || exploited < 10 {
		t.Errorf("the sample is too poor")
	}
}

func TestDecisionsAreQueriesAndWordsThatExist(t *testing.T) {
	for _, d := range Decisions() {
		if _, err := query.Parse(d.Where, now); err != nil {
			t.Errorf("%s: %v", d.Where, err)
		}
		var a model.Assessment
		for field, value := range d.Fields {
			if err := a.Set(field, value); err != nil {
				t.Errorf("%s: %v", d.Where, err)
			}
		}
		if err := a.Validate(); err != nil {
			t.Errorf("%s: %v", d.Where, err)
		}
	}
}
