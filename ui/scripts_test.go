package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/theme"
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
		for _, s := range scripts(t, paths) {
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

// scripts reads the scripts; one that is given "each theme" is as many.
func scripts(t *testing.T, paths []string) (all []script) {
	t.Helper()
	for _, path := range paths {
		s := read(t, path)
		i := slices.Index(s.flags, "each theme")
		if i < 0 {
			all = append(all, s)
			continue
		}
		for _, name := range theme.Names() {
			variant := s
			variant.name, variant.flags = s.name+" "+name, slices.Replace(slices.Clone(s.flags), i, i+1, name)
			all = append(all, variant)
		}
	}
	return all
}

// TestPromisesAreListed keeps the table of docs/CONTRIBUTING.md and the scripts
// together.
func TestPromisesAreListed(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "terminal", "ux-*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	listed := strings.Count(string(page), "`ux-") - strings.Count(string(page), "`ux-`")
	for _, path := range paths {
		if name := strings.TrimSuffix(filepath.Base(path), ".txt"); !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/CONTRIBUTING.md does not say what %s shows", name)
		}
	}
	if listed != len(paths) {
		t.Errorf("docs/CONTRIBUTING.md lists %d scripts of promises, there are %d", listed, len(paths))
	}
}
