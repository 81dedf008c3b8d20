package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/vexdesk/cli"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/jiratest/contract"
	_ "example.com/vexdesk/ui/early"
	"example.com/vexdesk/ui/ptytest"
)

// underRace is set in a build with the race detector.
var underRace bool

// TestMain makes the command vexdesk of this test binary. With the race
// detector the scripts get an ordinary build instead (ruling 35): they start
// hundreds of processes, which would take minutes.
func TestMain(m *testing.M) {
	commands := map[string]func(){
		"vexdesk": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)) },
	}
	if !underRace {
		testscript.Main(m, commands)
	}
	testscript.Main(ordinary{m}, nil)
}

// ordinary runs the tests with an ordinary build of the program in PATH.
type ordinary struct{ *testing.M }

// Run builds, runs the tests, and removes the build.
func (o ordinary) Run() int {
	dir, err := os.MkdirTemp("", "vexdesk-scripts-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "vexdesk"), "example.com/vexdesk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the program for the scripts cannot be built: %v\n%s", err, out)
		return 1
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return o.M.Run()
}

// jiraKey finds the simulated Jira of a script.
type jiraKey struct{}

type gateKey struct{}

// gate is the door of the simulated Jira: shut, nothing listens there.
type gate struct {
	handler http.Handler
	address string
	release func()
	server  *http.Server
	done    chan struct{}
}

func (g *gate) open() error {
	if g.address == "" {
		var err error
		if g.address, g.release, err = ptytest.FreeAddress(); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", g.address)
	if err != nil {
		return err
	}
	server, done := &http.Server{Handler: g.handler, ReadHeaderTimeout: time.Minute}, make(chan struct{})
	g.address, g.server, g.done = l.Addr().String(), server, done
	go func() {
		defer close(done)
		_ = server.Serve(l) // it ends when the gate is shut
	}()
	return nil
}

func (g *gate) shut() {
	_ = g.server.Close()
	<-g.done
}

// TestScripts runs the commands as a person or a script would, each in a
// process of its own, against a simulated Jira whose traffic is held against
// Atlassian's description where that is present.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			sim, err := jiratest.New(jiratest.Options{})
			if err != nil {
				return err
			}
			gate := &gate{handler: contract.Wrap(t, sim)}
			if err := gate.open(); err != nil {
				return err
			}
			current := sim
			env.Values[jiraKey{}], env.Values[gateKey{}] = &current, gate
			env.Defer(gate.release)
			env.Defer(gate.shut)
			redirect, release, err := ptytest.FreeAddress()
			if err != nil {
				return err
			}
			env.Defer(release)
			env.Defer(func() {
				if err := sim.Close(); err != nil {
					t.Error(err)
				}
			})
			env.Vars = append(env.Vars, "JIRA=http://"+gate.address, "USER_EMAIL="+jiratest.AnalystEmail, "TOKEN="+jiratest.AnalystToken, "REDIRECT=http://"+redirect+"/callback",
				"VEXDESK_HOME="+filepath.Join(env.WorkDir, "home"), "VEXDESK_USER=ana", "HOME="+env.WorkDir, "TMPDIR="+filepath.Join(env.WorkDir, ".tmp"))
			return os.CopyFS(filepath.Join(env.WorkDir, "reports"), os.DirFS(filepath.Join("testdata", "reports")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"jira": jiraCommand, "json": jsonCommand, "docs": docsCommand, "capture": captureCommand, "exits": exitsCommand,
			"authorize": authorizeCommand, "nosecrets": noSecretsCommand, "crash": crashCommand,
		},
	})
}

// jiraOf is the simulated Jira that a script speaks to at present.
func jiraOf(ts *testscript.TestScript) *jiratest.Server {
	return *ts.Value(jiraKey{}).(**jiratest.Server)
}

// jiraCommand plays the other side: jira status KEY NAME, jira set KEY FIELD VALUE, jira delete KEY,
// jira fail METHOD ROUTE N STATUS, jira heal, jira token TOKEN, jira count METHOD ROUTE N.
func jiraCommand(ts *testscript.TestScript, _ bool, args []string) {
	sim := jiraOf(ts)
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		ts.Check(err)
		return n
	}
	switch args[0] {
	case "status":
		ts.Check(sim.SetStatus(args[1], args[2]))
	case "set":
		ts.Check(sim.SetFieldNamed(args[1], args[2], args[3]))
	case "delete":
		ts.Check(sim.Delete(args[1]))
	case "fail":
		sim.FailNext(args[1], args[2], number(args[3]), number(args[4]))
	case "heal":
		sim.Heal()
	case "token":
		sim.SetToken(jiratest.AnalystEmail, args[1])
	case "revoke":
		sim.Revoke(jiratest.AnalystEmail, args[1], "")
	case "count":
		if got := sim.Count(args[1], args[2]); got != number(args[3]) {
			ts.Fatalf("%s %s was asked %d times, not %s", args[1], args[2], got, args[3])
		}
	case "down":
		ts.Value(gateKey{}).(*gate).shut()
	case "up":
		ts.Check(ts.Value(gateKey{}).(*gate).open())
	case "issue":
		issue, err := sim.Issue(args[1])
		ts.Check(err)
		text, err := json.MarshalIndent(issue, "", " ")
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("issue.json"), text, 0o600))
	default:
		signInCommand(ts, sim, args)
	}
}

// exitsCommand runs a command and wants this exit status: exits 3 vexdesk ...
func exitsCommand(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil || neg || want == 0 {
		ts.Fatalf("usage: exits STATUS command...")
	}
	// The shell tells the status of what it ran.
	script := `"$@"; echo $? > "$WORK/.status"`
	ts.Check(ts.Exec("sh", append([]string{"-c", script, "sh"}, args[1:]...)...))
	if got := strings.TrimSpace(ts.ReadFile(".status")); got != args[0] {
		ts.Fatalf("exit status %s, not %s", got, args[0])
	}
}

// documents are the JSON documents on the last command's stdout.
func documents(ts *testscript.TestScript) []any {
	var docs []any
	for dec := json.NewDecoder(bytes.NewReader([]byte(ts.ReadFile("stdout")))); ; {
		var d any
		err := dec.Decode(&d)
		if errors.Is(err, io.EOF) {
			return docs
		}
		ts.Check(err)
		docs = append(docs, d)
	}
}

// docsCommand wants that many JSON documents: docs N.
func docsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if docs := documents(ts); (fmt.Sprint(len(docs)) == args[0]) == neg {
		ts.Fatalf("%d JSON documents", len(docs))
	}
}

// jsonCommand compares a value: json N PATH VALUE, N the document from 0, PATH
// with dots; strings are compared as they are, all else as JSON.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	got := at(ts, args[0], args[1])
	if (got == args[2]) == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}

// captureCommand keeps a value in a variable: capture NAME N PATH.
func captureCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], at(ts, args[1], args[2]))
}

func at(ts *testscript.TestScript, n, path string) string {
	docs := documents(ts)
	i, err := strconv.Atoi(n)
	if err != nil || i >= len(docs) {
		ts.Fatalf("there are %d documents and no number %s", len(docs), n)
	}
	value := docs[i]
	for _, step := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			inner, ok := v[step]
			if !ok {
				ts.Fatalf("%s: there is no %q", path, step)
			}
			value = inner
		case []any:
			i, err := strconv.Atoi(step)
			if step == "len" {
				value = len(v)
			} else if err != nil || i >= len(v) {
				ts.Fatalf("%s: there is no element %q of %d", path, step, len(v))
			} else {
				value = v[i]
			}
		default:
			ts.Fatalf("%s: %q of %v", path, step, v)
		}
	}
	if s, ok := value.(string); ok {
		return s
	}
	text, err := json.Marshal(value)
	ts.Check(err)
	return string(text)
}
