package cli_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/storage"
)

// signInCommand plays the administrator: jira datacenter [PATH], jira tls, jira app ID
// SECRET REDIRECT SCOPE..., jira consumer KEY FILE, jira scoped TOKEN SCOPE...,
// jira grant PERMISSION, jira expire, jira withdraw, jira clock DURATION.
func signInCommand(ts *testscript.TestScript, sim *jiratest.Server, args []string) {
	switch args[0] {
	case "datacenter":
		useDataCenter(ts, args[1:])
	case "tls":
		serveTLS(ts)
	case "app":
		sim.RegisterApp(args[1], args[2], args[3], args[4:]...)
	case "consumer":
		ts.Check(sim.RegisterConsumer(args[1], ts.ReadFile(args[2])))
	case "scoped":
		sim.SetScopedToken(jiratest.AnalystEmail, args[1], args[2:]...)
	case "grant":
		sim.Grant(jiratest.AnalystEmail, args[1], "")
	case "expire":
		sim.ExpireTokens()
	case "withdraw":
		sim.RevokeConsents()
	case "clock":
		d, err := time.ParseDuration(args[1])
		ts.Check(err)
		sim.SetClockOffset(d)
	default:
		ts.Fatalf("jira %s is no command", args[0])
	}
}

// useDataCenter puts a Data Center behind the gate of the script.
func useDataCenter(ts *testscript.TestScript, path []string) {
	sim, err := jiratest.New(jiratest.Options{Deployment: jiraclient.DataCenter, ContextPath: strings.Join(path, "")})
	ts.Check(err)
	gate := ts.Value(gateKey{}).(*gate)
	gate.shut()
	gate.handler = sim
	ts.Check(gate.open())
	ts.Defer(func() { ts.Check(sim.Close()) })
	*ts.Value(jiraKey{}).(**jiratest.Server) = sim
	ts.Setenv("JIRA", "http://"+gate.address+strings.Join(path, ""))
	ts.Setenv("PAT", jiratest.AnalystPAT)
}

// authorizeCommand runs connection authorize and plays the person with the
// browser: authorize NAME [--paste] [--json]. What the command said is in
// authorize.out and authorize.err.
func authorizeCommand(ts *testscript.TestScript, neg bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "vexdesk", append([]string{"connection", "authorize"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) } // it says where it hangs
	cmd.Env = os.Environ()
	for _, name := range []string{"HOME", "TMPDIR", "VEXDESK_HOME", "VEXDESK_USER", "VEXDESK_LOG"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	in, err := cmd.StdinPipe()
	ts.Check(err)
	stdout, stderr := &watched{lines: make(chan string, 100)}, &watched{lines: make(chan string, 100)}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	lines := stdout.lines
	if slices.Contains(args, "--json") {
		lines = stderr.lines
	}
	var ran error
	select {
	case address := <-lines:
		ts.Check(accept(ts, strings.TrimSpace(address), slices.Contains(args, "--paste"), in))
		ran = <-ended
	case ran = <-ended:
	}
	ts.Check(os.WriteFile(ts.MkAbs("authorize.out"), stdout.all.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("authorize.err"), stderr.all.Bytes(), 0o600))
	if (ran != nil) != neg {
		ts.Fatalf("authorize: %v\n%s%s", ran, &stdout.all, &stderr.all)
	}
}

// watched keeps what is written, and hands it on line by line.
type watched struct {
	all   bytes.Buffer
	lines chan string
}

// Write implements io.Writer.
func (w *watched) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		select {
		case w.lines <- line:
		default: // nobody reads that far
		}
	}
	return w.all.Write(p)
}

// accept accepts at the address, and goes on as the browser or pastes.
func accept(ts *testscript.TestScript, address string, paste bool, in io.WriteCloser) error {
	sim := jiraOf(ts)
	to, err := sim.Consent(jiratest.AnalystEmail, address)
	if strings.Contains(address, "/plugins/servlet/oauth/") {
		to, err = sim.AllowAccess(jiratest.AnalystEmail, address)
	}
	if err != nil {
		return err
	}
	if paste {
		_, err = io.WriteString(in, to+"\n")
		return err
	}
	answer, err := http.Get(to)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// noSecretsCommand looks for every secret of the workspace in all files of the
// script's folders and files that are named: nosecrets home FILE... Secrets are
// also looked for as Basic would send them.
func noSecretsCommand(ts *testscript.TestScript, _ bool, args []string) {
	secrets := workspaceSecrets(ts)
	if len(secrets) < 4 {
		ts.Fatalf("the workspace has %d secrets: that is too few to prove anything", len(secrets))
	}
	files := 0
	for _, arg := range args {
		ts.Check(filepath.WalkDir(ts.MkAbs(arg), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			for _, secret := range secrets {
				if bytes.Contains(data, []byte(secret)) {
					ts.Fatalf("%s holds a secret, of %d characters", path, len(secret))
				}
			}
			files++
			return err
		}))
	}
	ts.Logf("%d secrets are in none of %d files", len(secrets), files)
}

// workspaceSecrets decrypts all that the workspace keeps secret.
func workspaceSecrets(ts *testscript.TestScript) (secrets []string) {
	home := ts.Getenv("VEXDESK_HOME")
	ctx := context.Background()
	s, err := storage.Open(ctx, filepath.Join(home, "vexdesk.db"), storage.Options{KeyFile: filepath.Join(home, "key"), ReadOnly: true})
	ts.Check(err)
	defer func() { ts.Check(s.Close()) }()
	connections, err := s.Connections(ctx)
	ts.Check(err)
	for _, c := range connections {
		for _, name := range []storage.SecretName{storage.SecretMain, storage.SecretClient, storage.SecretToken, storage.SecretKey} {
			text, err := s.NamedSecret(ctx, c.ID, name)
			if err != nil {
				continue // it has none of the name
			}
			secrets = append(secrets, parts(text)...)
			if c.User != "" {
				secrets = append(secrets, base64.StdEncoding.EncodeToString([]byte(c.User+":"+string(text))))
			}
		}
	}
	return secrets
}

// parts are the secret texts within a stored secret: the tokens of JSON, the
// lines of PEM.
func parts(text []byte) (out []string) {
	var list []string
	var object map[string]any
	switch {
	case json.Unmarshal(text, &list) == nil:
		out = list
	case json.Unmarshal(text, &object) == nil:
		for _, name := range []string{"access_token", "refresh_token"} {
			out = append(out, object[name].(string))
		}
	default:
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, "-----") {
				out = append(out, strings.TrimSpace(line))
			}
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return len(s) < 8 })
}
