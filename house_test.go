package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "example.com/vexdesk"

// rooms says which rooms the code of a room may import. A package belongs to
// the room with the longest matching path and may import its own room freely.
var rooms = map[string][]string{
	"":                    {"cli", "ui"}, // ui: the early-init package alone, see mainImports
	"cli":                 {"model", "model/query", "formats", "storage", "jiraclient", "jiraclient/jiratest", "sync", "ui"},
	"model":               {},
	"model/query":         {"model"},
	"formats":             {"model", "model/query"},
	"storage":             {"model", "model/query"},
	"jiraclient":          {"model"},
	"jiraclient/jiratest": {"jiraclient", "model"},
	"sync":                {"model", "model/query", "storage", "jiraclient", "formats"},
	"ui":                  {"model", "model/query", "storage", "sync"},
	"tools":               {"cli", "model", "model/query", "formats", "storage", "jiraclient", "jiraclient/jiratest", "sync", "ui"},
}

// mainImports are the only packages that main.go may name.
var mainImports = []string{module + "/cli", module + "/ui/early"}

// sharedUI are the parts below ui that any screen may use. Every other package
// below ui is a screen, and only ui itself (the root, which routes) imports it.
var sharedUI = []string{
	"ui/early", "ui/paint", "ui/paint/vt", "ui/ptytest", "ui/term", "ui/vt",
	"ui/form", "ui/help", "ui/keys", "ui/picker", "ui/table", "ui/theme", "ui/toast", "ui/widget",
}

// libraries with one home: whoever else imports them works in the wrong room.
var homes = map[string][]string{
	"github.com/charmbracelet/bubbles":   {"ui"},
	"github.com/charmbracelet/bubbletea": {"ui"},
	"github.com/charmbracelet/lipgloss":  {"ui"},
	"github.com/spf13/cobra":             {"cli"},
	"modernc.org/sqlite":                 {"storage", "tools"},
	"database/sql":                       {"storage", "tools"},
}

// impure are the standard packages through which the model could do I/O.
var impure = []string{"net", "net/http", "os", "os/exec", "os/user", "syscall"}

// testOnly are libraries for tests; the shipped program must not carry them.
var testOnly = []string{
	"testing", "github.com/creack/pty", "github.com/getkin/kin-openapi", "github.com/hinshun/vt10x",
	"github.com/rogpeppe/go-internal", "go.uber.org/goleak", "golang.org/x/image", "pgregory.net/rapid",
}

// topLevel is everything that may lie in the root of the repository.
var topLevel = []string{
	".ci", ".gitignore", ".golangci.yml", "LICENSE", "Makefile", "README.md", "cli", "docs", "formats",
	"go.mod", "go.sum", "house_test.go", "jiraclient", "main.go", "model", "screenshots", "storage", "sync",
	"tools", "ui",
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

// goList returns what `go list` says of the packages that match the arguments.
func goList(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Imports"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, &stderr)
	}
	var pkgs []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return pkgs
		case err != nil:
			t.Fatalf("go list %v: reading its output: %v", args, err)
		}
		pkgs = append(pkgs, p)
	}
}

// tracked returns the paths of the files under version control.
func tracked(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z").Output()
	if err != nil {
		t.Skipf("NOT CHECKED: this rule asks git for the tracked files, and git says: %v", err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
}

// within reports whether a package or file path is root or lies below it.
func within(name, root string) bool {
	return root == "" || name == root || strings.HasPrefix(name, strings.TrimSuffix(root, "/")+"/")
}

// inModule cuts the module's path off an import path.
func inModule(importPath string) (name string, ours bool) {
	if !within(importPath, module) {
		return "", false
	}
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/"), true
}

// roomOf returns the room that a package of ours belongs to.
func roomOf(name string) (room string, known bool) {
	for candidate := name; ; candidate = path.Dir(candidate) {
		if candidate == "." {
			return "", name == ""
		}
		if _, ok := rooms[candidate]; ok {
			return candidate, true
		}
	}
}

func isScreen(name string) bool {
	return name != "ui" && within(name, "ui") && !slices.Contains(sharedUI, name)
}

// breach says what is wrong with one import, or nothing.
func breach(from, importPath string) string {
	room, known := roomOf(from)
	if !known {
		return "lies in no room: move it, or add its room to architecture and to this test"
	}
	to, ours := inModule(importPath)
	if !ours {
		return foreignBreach(room, importPath)
	}
	toRoom, _ := roomOf(to)
	switch {
	case room == "" && !slices.Contains(mainImports, importPath):
		return "main.go starts cli and does nothing else"
	case toRoom != room && !slices.Contains(rooms[room], toRoom):
		return "may import only these rooms: " + strings.Join(append(rooms[room], "its own"), ", ")
	case isScreen(to) && !within(to, from) && !within(from, to):
		return "is not the root of ui, and the root alone knows the screens (a shared part is listed in sharedUI)"
	}
	return ""
}

func foreignBreach(room, importPath string) string {
	if within(room, "model") && slices.Contains(impure, importPath) {
		return "is part of model, which does no I/O"
	}
	for library, home := range homes {
		if within(importPath, library) && !slices.ContainsFunc(home, func(h string) bool { return within(room, h) }) {
			return "is not the home of this library: " + strings.Join(home, ", ")
		}
	}
	return ""
}

// TestHouseImports keeps the rooms apart. Imports of tests are free.
func TestHouseImports(t *testing.T) {
	pkgs := goList(t, "./...")
	if len(pkgs) == 0 {
		t.Fatal("go list found no package of ours: the rule would check nothing")
	}
	for _, pkg := range pkgs {
		from, _ := inModule(pkg.ImportPath)
		for _, imported := range pkg.Imports {
			if why := breach(from, imported); why != "" {
				t.Errorf("%s imports %s, but %s", pkg.ImportPath, imported, why)
			}
		}
	}
}

// TestHouseImportRuleSeesBreaches shows that the rule above can fail at all.
func TestHouseImportRuleSeesBreaches(t *testing.T) {
	for _, tc := range []struct {
		from, to string
		allowed  bool
	}{
		{"", module + "/cli", true},
		{"", module + "/storage", false},
		{"", module + "/ui/early", true},
		{"", module + "/ui", false},
		{"cli", module + "/jiraclient/jiratest", true},
		{"model", module + "/model/query", false},
		{"model/query", module + "/model", true},
		{"model", "os", false},
		{"model", "net/url", true},
		{"storage", module + "/model", true},
		{"storage", module + "/sync", false},
		{"storage", "modernc.org/sqlite", true},
		{"sync", "database/sql", false},
		{"jiraclient", module + "/storage", false},
		{"sync", module + "/jiraclient", true},
		{"sync", module + "/jiraclient/jiratest", false},
		{"ui", module + "/jiraclient", false},
		{"ui/list", module + "/jiraclient", false},
		{"ui", module + "/ui/list", true},
		{"ui/list", module + "/ui/theme", true},
		{"ui/list", module + "/ui/detail", false},
		{"ui/theme", module + "/ui/list", false},
		{"ui/list", module + "/ui/list/row", true},
		{"sync", "github.com/charmbracelet/lipgloss", false},
		{"ui/list", "github.com/charmbracelet/bubbles/textinput", true},
		{"extra", "fmt", false},
	} {
		if why := breach(tc.from, tc.to); (why == "") != tc.allowed {
			t.Errorf("%q imports %q: allowed should be %v, the rule says %q", tc.from, tc.to, tc.allowed, why)
		}
	}
}

// TestHouseProgramIsLean keeps the libraries of tests out of the program.
func TestHouseProgramIsLean(t *testing.T) {
	for _, pkg := range goList(t, "-deps", ".") {
		for _, lib := range testOnly {
			if within(pkg.ImportPath, lib) {
				t.Errorf("the program links %s, which is for tests only: `go list -deps .` and `go mod why -m` name the way in", pkg.ImportPath)
			}
		}
	}
}

// TestHouseTopLevel keeps the first thing that a newcomer sees short.
func TestHouseTopLevel(t *testing.T) {
	for _, file := range tracked(t) {
		first, _, _ := strings.Cut(file, "/")
		if !slices.Contains(topLevel, first) {
			t.Errorf("%s: %s does not belong to the top level; put it into a room, docs or tools", file, first)
		}
	}
}

// machinePath matches an absolute path of somebody's machine: a work folder,
// root's home or a user's home that begins a path.
var machinePath = regexp.MustCompile(`(?:^|[\s"'` + "`" + `=:(,\[<]|file://)/(?:` + strings.Join([]string{"work", "root", "Users/[A-Za-z]+", "home/[a-z]+"}, "|") + `)/`)

// TestHouseNoMachinePaths keeps the repository independent of where it lies.
func TestHouseNoMachinePaths(t *testing.T) {
	for _, file := range tracked(t) {
		content, err := os.ReadFile(file)
		if err != nil || bytes.IndexByte(content, 0) >= 0 {
			continue // removed but still in the index, or a picture
		}
		for n, line := range bytes.Split(content, []byte("\n")) {
			if found := machinePath.Find(line); found != nil {
				t.Errorf("%s:%d: names a path of one machine (%s...)", file, n+1, bytes.TrimSpace(found))
			}
		}
	}
}
