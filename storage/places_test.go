package storage

import (
	"fmt"
	"testing"

	"example.com/vexdesk/model"
)

// TestPathsAreFoundWhereverAComponentLies: in one product here and in another
// there, by two scanners in two places, moved by an import, and in more places
// than are kept for a component.
func TestPathsAreFoundWhereverAComponentLies(t *testing.T) {
	s := open(t)
	in := func(scanner, product string, places ...string) {
		t.Helper()
		f := finding("CVE-2024-0001", "left", "1", model.SeverityHigh)
		f.Locations = places
		take(t, s, report(scanner, product, "1"), ImportOptions{}, f)
		checkInvariants(t, s)
	}
	counts := func(want map[string]int) {
		t.Helper()
		for text, n := range want {
			got, err := s.Count(bg, mustParse(t, text))
			rows, failed := s.Page(bg, Window{Filter: mustParse(t, text)}, Page{Limit: 50})
			if got != n || len(rows) != n || err != nil || failed != nil {
				t.Errorf("%s: %d counted (%v), %d listed (%v), want %d", text, got, err, len(rows), failed, n)
			}
		}
	}
	in("trivy", "shop", "app/a.jar", "app/b.jar")
	in("trivy", "bank", "srv/a.jar")
	in("grype", "bank")
	in("trivy", "gate")
	counts(map[string]int{"path:app/a.jar": 1, "path:APP/b*": 1, "path:*.jar": 2, "path:none": 1, "path:any": 2, "-path:srv/*": 2, "path:!=app/b.jar": 1, "path:b.jar": 0})
	in("trivy", "bank", "opt/a.jar")
	counts(map[string]int{"path:srv/*": 0, "path:opt/*": 1, "path:*/a.jar": 2})
	for i := range mostPlaces + 3 {
		in("trivy", "gate", fmt.Sprintf("tmp/%d/a.jar", i))
	}
	kept, err := strs(bg, s.read, `SELECT places FROM component_places`)
	if err != nil || len(kept) != 1 || kept[0] != placeMark {
		t.Errorf("kept are %q, %v", kept, err)
	}
	counts(map[string]int{"path:tmp/34/*": 1, "path:tmp/33/*": 0, "path:app/a.jar": 1, "path:*.jar": 3, "path:none": 0})
}
