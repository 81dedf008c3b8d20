package storage

import (
	"errors"
	"fmt"
	"testing"

	"example.com/vexdesk/model"
)

func TestViewsKeepTheirPlaces(t *testing.T) {
	s, _, _ := charted(t)
	actor := model.Actor{Name: "ana"}
	check := func(err error, want ...string) {
		t.Helper()
		views, listErr := s.Views(t.Context())
		var names []string
		for _, v := range views {
			names = append(names, v.Name)
		}
		if err != nil || listErr != nil || fmt.Sprint(names) != fmt.Sprint(want) {
			t.Errorf("%v (%v, %v), want %v", names, err, listErr, want)
		}
	}
	set := func(name, as string, place int) error {
		return s.SetView(t.Context(), actor, name, model.View{Name: as, Query: "kev:yes"}, place)
	}
	check(nil, "all", "needs ticket", "in triage", "fix available", "exploited")
	check(set("", "mine", 2), "all", "mine", "needs ticket", "in triage", "fix available", "exploited")
	check(set("mine", "ours", 6), "all", "needs ticket", "in triage", "fix available", "exploited", "ours")
	check(set("ours", "ours", 1), "ours", "all", "needs ticket", "in triage", "fix available", "exploited")
	check(set("ours", "ours", 99), "all", "needs ticket", "in triage", "fix available", "exploited", "ours")
	check(set("in triage", "in triage", 4), "all", "needs ticket", "fix available", "in triage", "exploited", "ours")
	if err := set("", "OURS", 1); !errors.Is(err, ErrExists) {
		t.Errorf("a name twice: %v", err)
	}
	if err := set("nobody's", "x", 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("a view that is gone: %v", err)
	}
}
