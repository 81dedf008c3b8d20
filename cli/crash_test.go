package cli_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// crashCommand runs a command until it signs in, keeps what `ps` shows of it by
// then, and makes it crash: crash FILE STDIN command..., where the address {} is
// that of a server that never answers. FILE gets the arguments and all that the
// command said, with the stacks of all its goroutines, as a panic prints them.
func crashCommand(ts *testscript.TestScript, _ bool, args []string) {
	asked, end := make(chan struct{}, 1), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			select {
			case asked <- struct{}{}:
			default:
			}
		}
		<-end
	}))
	defer silent.Close()
	defer close(end)
	words := args[2:]
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], "{}", silent.URL)
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "GOTRACEBACK=all")
	for _, name := range []string{"HOME", "TMPDIR", "VEXDESK_HOME", "VEXDESK_USER", "VEXDESK_LOG"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Stdin = strings.NewReader(ts.ReadFile(args[1]))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	ts.Check(cmd.Start())
	select {
	case <-asked:
	case <-time.After(20 * time.Second):
		ts.Fatalf("nothing was asked of Jira: %s", &said)
	}
	shown, err := processArguments(cmd.Process.Pid)
	ts.Check(err)
	ts.Check(cmd.Process.Signal(syscall.SIGQUIT))
	if err := cmd.Wait(); err == nil || !strings.Contains(said.String(), "goroutine ") {
		ts.Fatalf("it did not crash (%v): %s", err, &said)
	}
	if !strings.Contains(shown, "connection") {
		ts.Fatalf("the arguments of the process are %q", shown)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append([]byte(shown), said.Bytes()...), 0o600))
}

// processArguments is what `ps -o args` shows of a process, and its threads.
func processArguments(pid int) (string, error) {
	if data, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "cmdline")); err == nil {
		return strings.ReplaceAll(string(data), "\x00", " ") + "\n", nil
	}
	data, err := exec.Command("ps", "-ww", "-o", "args=", "-p", fmt.Sprint(pid)).Output()
	return string(data), err
}
