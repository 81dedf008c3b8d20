package ui

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.com/vexdesk/ui/keys"
)

// TestScripts plays every script, and sees to it that each row of the key table
// is run by each of its keys, in the place where it holds.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "terminal", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	did := map[string]bool{}
	played := t.Run("each", func(t *testing.T) {
		for _, path := range paths {
			s := read(t, path)
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				g := s.play(t)
				text, err := os.ReadFile(g.trace)
				if err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, line := range strings.Split(string(text), "\n") {
					did[line] = true
				}
			})
		}
	})
	if !played {
		return // what is missing is known then
	}
	for _, a := range keys.Table() {
		for _, key := range a.Keys {
			if !did[a.ID+" "+key] {
				t.Errorf("no script does %q with %s (%s)", a.Title, key, a.ID)
			}
		}
	}
}
