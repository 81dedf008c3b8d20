package sync_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// askerOf names, in the environment, the workspace through which the test binary
// asks Jira instead of running tests.
const askerOf = "VEXDESK_SYNC_TEST_WORKSPACE"

func TestMain(m *testing.M) {
	if path := os.Getenv(askerOf); path != "" {
		if err := ask(path, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// ask asks Jira whose account it is, once for each line that comes, and answers
// with a line.
func ask(path string, in io.Reader, out io.Writer) (err error) {
	ctx := context.Background()
	s, err := storage.Open(ctx, path, storage.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	c, err := s.Connection(ctx, "cloud")
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		client, err := vexsync.Connect(ctx, s, c)
		if err != nil {
			return err
		}
		_, err = client.Myself(ctx)
		client.Close()
		if _, werr := fmt.Fprintf(out, "%v\n", err); werr != nil {
			return werr
		}
	}
	return nil
}

// asker is a process that asks.
type asker struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func (d *desk) asker() asker {
	d.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), askerOf+"="+d.path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	d.must(err)
	out, err := cmd.StdoutPipe()
	d.must(err)
	d.must(cmd.Start())
	d.t.Cleanup(func() {
		d.must(in.Close())
		d.must(cmd.Wait())
	})
	return asker{in, bufio.NewReader(out)}
}

// TestTwoProcessesRenewAnExpiredTokenOnce: two processes on one database meet an
// expired access token at the same instant, 50 times. One renews each time, both
// go on, and no consent is needed.
func TestTwoProcessesRenewAnExpiredTokenOnce(t *testing.T) {
	d := &desk{t: t, jira: jiratest.NewServer(jiratest.Options{}), path: filepath.Join(t.TempDir(), "vexdesk.db")}
	t.Cleanup(func() { d.must(d.jira.Close()) })
	d.store = d.open()
	c := consented(d)
	both := []asker{d.asker(), d.asker()}
	const rounds = 50
	before := d.jira.Count(http.MethodPost, "/oauth/token")
	for round := range rounds {
		data, err := d.store.NamedSecret(t.Context(), c.ID, storage.SecretToken)
		d.must(err)
		token, err := oauth.DecodeToken(data)
		d.must(err)
		token.Expiry = time.Now().Add(-time.Minute)
		d.keep(c, token)
		d.jira.ExpireTokens()
		for _, p := range both {
			_, err := io.WriteString(p.in, "now\n")
			d.must(err)
		}
		for i, p := range both {
			if said, err := p.out.ReadString('\n'); said != "<nil>\n" {
				t.Fatalf("round %d, process %d: %s (%v)", round, i, said, err)
			}
		}
	}
	if n := d.jira.Count(http.MethodPost, "/oauth/token") - before; n != rounds {
		t.Errorf("%d renewals in %d rounds", n, rounds)
	}
}
