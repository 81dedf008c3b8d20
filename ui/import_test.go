package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/importer"
)

// reports is a source whose files are read as their names say.
type reports struct {
	all   []string
	watch func(step string)
	asked [][]string
}

func (r *reports) Files(names []string) ([]string, error) {
	if len(names) == 1 && names[0] == "nothing/" {
		return nil, fmt.Errorf("the folder nothing/ holds no reports")
	}
	if len(names) == 1 && names[0] == "all" {
		return r.all, nil
	}
	return names, nil
}

func (r *reports) Import(ctx context.Context, names []string, tell func(i int, f importer.File)) {
	r.asked = append(r.asked, names)
	for i, name := range names {
		tell(i, importer.File{State: importer.Reading, Bytes: 1_500_000, Size: 3_000_000})
		if r.watch != nil {
			r.watch(name)
		}
		if strings.Contains(name, "slow") {
			<-ctx.Done()
		}
		if ctx.Err() != nil {
			return
		}
		f := importer.File{State: importer.Done, Format: "trivy", Product: "shop", Version: "1.0", Violations: 120, New: 7, Updated: 110, Removed: 2,
			Notes: []string{"shop 1.0: 130 entries, 120 findings"}}
		switch {
		case strings.Contains(name, "bad"):
			f = importer.File{State: importer.Failed, Error: name + ": line 3: no known format"}
		case strings.Contains(name, "odd"):
			f.Warnings = []string{"2 findings name no version"}
		}
		tell(i, f)
	}
}

func importing(r *reports) func(*Options) { return func(o *Options) { o.Import = r } }

func TestImportShowsWhatBecomesOfEachFile(t *testing.T) {
	r := &reports{all: []string{"a.json", "bad.json", "odd.json"}}
	d := sit(t, 120, 40, sample, importing(r))
	r.watch = func(name string) {
		d.root.Update(timerMsg{d.now}) // as the clock would
		d.sees("importing", "Import", "━━━━━━━━━━──────────  1.5 MB of 3.0 MB")
		if name == "a.json" {
			d.sees("waits", "importing 1 of 3")
		}
	}
	d.press("i", "all").sees("enter imports 3 files: a.json … odd.json").press("enter")
	d.sees("3 of 3 files", "1 failed", "trivy", "shop 1.0", "120", "110", "2 files imported, 14 violations new; 1 failed").seesNot("importing")
	d.sees("130 entries").press("j").sees("line 3: no known format").press("j").sees("2 findings name no version")
	d.press("t")
	if got := fmt.Sprint(r.asked); got != "[[a.json bad.json odd.json] [bad.json]]" {
		t.Errorf("asked for %s", got)
	}
	d.press("q").seesNot("FORMAT")
}

func TestImportIsStoppedAfterAsking(t *testing.T) {
	r := &reports{all: []string{"a.json", "b.json", "c.json"}}
	d := sit(t, 80, 24, sample, importing(r))
	r.watch = func(name string) {
		if name == "b.json" {
			d.root.Update(timerMsg{d.now})
			d.press("x").sees("This stops 2 files; what is imported stays").press("x") // typed ahead
			d.now = d.now.Add(time.Second)
			d.press("x").sees("stopping")
		}
	}
	d.press("i", "all", "enter").sees("2 stopped", "1 file imported", "2 not begun or given up")
	d.press("x").sees("The import has ended")
}

func TestImportGoesOnWhenItsScreenIsLeft(t *testing.T) {
	r := &reports{all: []string{"a.json", "b.json"}}
	d := sit(t, 120, 40, sample, importing(r))
	r.watch = func(name string) {
		if name == "a.json" {
			d.press("q").sees("importing 1 of 2", "COMPONENT").press("i").sees("goes on when you leave").press("esc", "j")
			d.onCursor("CVE-2022-37434")
		}
	}
	d.press("i", "all", "enter").sees("2 files imported").seesNot("importing")
	d.press("i").sees("Import reports").press("nothing/", "enter").sees("holds no reports")
}

func TestTheKeyThatShowsWhyAnImportFailedIsNamedWhileItDoes(t *testing.T) {
	r := &reports{all: []string{"a.json", "bad.json"}}
	d := sit(t, 120, 40, sample, importing(r))
	d.press("i", "all", "enter").sees("1 failed.", "line 3: no known format").seesNot("shows why")
	r.watch = func(name string) {
		if name == "a.json" {
			d.press("esc")
		}
	}
	d.press("esc", "i", "all", "enter").sees("1 failed, i shows why").seesNot("Import reports")
	d.press("i").sees("line 3: no known format").seesNot("shows why")
	d.press("esc", "i").sees("Import reports")
}

func TestAnImportThatIsStoredElsewhereIsTold(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.store.importing = "scans/payments.json"
	d.changed().sees("acme-cloud ●  importing payments.json  outbox 0")
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.sees("acme-cloud ●  importing  outbox 0", "▲18 high")
	d.store.importing = ""
	if len(d.alarm) > 0 {
		t.Errorf("a timer runs for it: %v", d.alarm)
	}
	d.changed().seesNot("importing")
}

func TestPathsAreCompleted(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one report.json", "other.json", "sub/x.json", "evil\x1b[2J.json", "\xff.json"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := &reports{}
	d := sit(t, 120, 40, sample, importing(r))
	d.press("i", dir+"/o").sees("one\\ report.json", "other.json", "2 B").seesNot("evil", "sub")
	d.press("tab").sees("one\\ report.json").press(" "+dir+"/s", "tab").press("x", "tab", "enter").sees("2 of 2 files")
	if want := []string{dir + "/one report.json", dir + "/sub/x.json"}; fmt.Sprint(r.asked) != fmt.Sprint([][]string{want}) {
		t.Errorf("asked for %q", r.asked)
	}
}

func TestGoldenImport(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		r := &reports{all: []string{"scans/2026/payments-api.json", "scans/2026/bad.json", "scans/2026/odd.json"}}
		d := sit(t, size[0], size[1], sample, importing(r))
		name := fmt.Sprintf("%dx%d-none", size[0], size[1])
		golden(t, d.press("i", "all"), "import-ask-"+name)
		golden(t, d.press("enter", "j", "j"), "import-"+name)
	}
}
