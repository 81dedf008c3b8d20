package oauth_test

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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/oauth"
)

func request(t *testing.T) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// expired is a source whose token has just ended.
func expired(t *testing.T) (*jiratest.Server, *memory, *oauth.Source, *clock) {
	t.Helper()
	c := newClock()
	jira, app := newCloud(t, c)
	store := &memory{token: consent(t, jira, app)}
	c.pass(2 * time.Hour)
	jira.ResetLog()
	return jira, store, oauth.NewSource(app, store, filepath.Join(t.TempDir(), "lock")), c
}

// TestManyRequestsRenewOnce within a process.
func TestManyRequestsRenewOnce(t *testing.T) {
	jira, store, source, _ := expired(t)
	var wait sync.WaitGroup
	for range 16 {
		req := request(t)
		wait.Go(func() {
			if err := source.Authenticate(req.Context(), req); err != nil || !strings.HasPrefix(req.Header.Get("Authorization"), "Bearer ") {
				t.Errorf("%v", err)
			}
		})
	}
	wait.Wait()
	if jira.Count("POST", "/oauth/token") != 1 || store.saves != 1 {
		t.Errorf("%d renewals, %d stored", jira.Count("POST", "/oauth/token"), store.saves)
	}
}

// TestATokenIsStoredBeforeItIsUsed: when the store fails nothing goes out, the
// token is not lost, and it is stored the next time without a further renewal.
func TestATokenIsStoredBeforeItIsUsed(t *testing.T) {
	jira, store, source, _ := expired(t)
	store.fail = errors.New("disk full")
	req := request(t)
	err := source.Authenticate(t.Context(), req)
	if !errors.Is(err, store.fail) || req.Header.Get("Authorization") != "" || jiraclient.OutcomeOf(err) != jiraclient.NotSent || errors.Is(err, oauth.ErrConsentNeeded) {
		t.Errorf("%v, header %q", err, req.Header)
	}
	store.fail = nil
	if err := source.Authenticate(t.Context(), req); err != nil || jira.Count("POST", "/oauth/token") != 1 || store.saves != 1 {
		t.Errorf("%v, %d renewals, %d stored", err, jira.Count("POST", "/oauth/token"), store.saves)
	}
}

// TestATokenThatEndedUnsaved is stored for its refresh token, and renewed.
func TestATokenThatEndedUnsaved(t *testing.T) {
	jira, store, source, c := expired(t)
	store.fail = errors.New("disk full")
	if err := source.Authenticate(t.Context(), request(t)); !errors.Is(err, store.fail) {
		t.Fatal(err)
	}
	store.fail = nil
	c.pass(2 * time.Hour)
	if err := source.Authenticate(t.Context(), request(t)); err != nil || jira.Count("POST", "/oauth/token") != 2 || store.saves != 2 {
		t.Errorf("%v, %d renewals, %d stored", err, jira.Count("POST", "/oauth/token"), store.saves)
	}
}

// TestLeavingDoesNotLoseTheToken: the caller gives up while Atlassian has spent
// the refresh token already.
func TestLeavingDoesNotLoseTheToken(t *testing.T) {
	jira, store, source, _ := expired(t)
	ctx, cancel := context.WithCancel(t.Context())
	store.before = cancel // between the lock and the request
	if err := source.Authenticate(ctx, request(t)); err != nil {
		t.Error(err)
	}
	if jira.Count("POST", "/oauth/token") != 1 || store.saves != 1 {
		t.Errorf("%d renewals, %d stored", jira.Count("POST", "/oauth/token"), store.saves)
	}
}

func TestNoAnswerIsNoEndOfTheConsent(t *testing.T) {
	jira, store, source, _ := expired(t)
	before, err := store.token.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		fault jiratest.Fault
		is    error
	}{
		"cut":       {jiratest.Fault{HangUp: true}, jiraclient.ErrUnreachable},
		"500":       {jiratest.Fault{Reply: &jiratest.Reply{Status: 500, Body: "{}"}}, jiraclient.ErrServer},
		"503 page":  {jiratest.Fault{Reply: &jiratest.Reply{Status: 503, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"}}, jiraclient.ErrServer},
		"429":       {jiratest.Fault{Reply: &jiratest.Reply{Status: 429}}, jiraclient.ErrRateLimited},
		"200 page":  {jiratest.Fault{Reply: &jiratest.Reply{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"}}, jiraclient.ErrInvalidAnswer},
		"redirect":  {jiratest.Fault{Reply: &jiratest.Reply{Status: 302, Header: http.Header{"Location": {"https://evil.example.com/"}}}}, jiraclient.ErrNotJSON},
		"403 proxy": {jiratest.Fault{Reply: &jiratest.Reply{Status: 403, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"}}, jiraclient.ErrNotJSON},
	} {
		c.fault.Route, c.fault.Times = "/oauth/token", 1
		jira.Inject(c.fault)
		err := source.Authenticate(t.Context(), request(t))
		if err == nil || errors.Is(err, oauth.ErrConsentNeeded) || c.is != nil && !errors.Is(err, c.is) || jiraclient.OutcomeOf(err) != jiraclient.NotSent || jiraclient.HintOf(err) == "" {
			t.Errorf("%s: %v (%s)", name, err, jiraclient.HintOf(err))
		}
		assertNoSecret(t, fmt.Sprintf("%v %+v", err, err))
		jira.Heal()
	}
	if after, err := store.token.Encode(); err != nil || string(after) != string(before) {
		t.Errorf("the stored token changed: %v", err)
	}
	if err := source.Authenticate(t.Context(), request(t)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestTheEndOfTheConsent(t *testing.T) {
	jira, _, source, _ := expired(t)
	jira.RevokeConsents()
	err := source.Authenticate(t.Context(), request(t))
	if !errors.Is(err, oauth.ErrConsentNeeded) || !errors.Is(err, jiraclient.ErrUnauthorized) || !strings.Contains(jiraclient.HintOf(err), "authorize") {
		t.Errorf("%v (%s)", err, jiraclient.HintOf(err))
	}
	if n := jira.Count("POST", "/oauth/token"); n != 1 {
		t.Errorf("the dead token was shown %d times", n)
	}
	fresh := oauth.NewSource(oauth.App{}, &memory{}, filepath.Join(t.TempDir(), "lock"))
	if err := fresh.Authenticate(t.Context(), request(t)); !errors.Is(err, oauth.ErrConsentNeeded) {
		t.Errorf("never authorized: %v", err)
	}
}

// TestSomeoneWithoutTheLock renewed between our look and our request: the dead
// token is not the end, the store is looked at once more.
func TestSomeoneWithoutTheLock(t *testing.T) {
	jira, store, source, c := expired(t)
	app := oauth.App{ClientID: appID, ClientSecret: oauth.NewSecret(appSecret), AuthURL: jira.URL, APIURL: jira.URL, Now: c.Now}
	stale := store.token
	other := oauth.NewSource(app, store, filepath.Join(t.TempDir(), "another-lock"))
	if err := other.Authenticate(t.Context(), request(t)); err != nil {
		t.Fatal(err)
	}
	current := store.token
	store.token = stale
	loads := 0
	store.before = func() {
		if loads++; loads == 2 {
			store.token = current
		}
	}
	if err := source.Authenticate(t.Context(), request(t)); err != nil || loads != 2 {
		t.Errorf("%v after %d looks", err, loads)
	}
}

// fileStore is a store for several processes.
type fileStore struct{ path string }

func (f fileStore) Load(context.Context) (oauth.Token, error) {
	data, err := os.ReadFile(f.path)
	if err != nil {
		return oauth.Token{}, err
	}
	return oauth.DecodeToken(data)
}

func (f fileStore) Save(_ context.Context, t oauth.Token) error {
	data, err := t.Encode()
	if err != nil {
		return err
	}
	next := f.path + "." + strconv.Itoa(os.Getpid())
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, f.path)
}

// rounds is how often two processes meet an expired token at the same instant.
const rounds = 50

// TestTwoProcessesRenewOnce: both go on, with one renewal each time, and nobody
// has to consent again.
func TestTwoProcessesRenewOnce(t *testing.T) {
	if dir := os.Getenv("VEXDESK_TEST_OAUTH_DIR"); dir != "" {
		renewer(t, dir)
		return
	}
	c := newClock()
	jira, app := newCloud(t, c)
	dir := t.TempDir()
	if err := (fileStore{filepath.Join(dir, "token")}).Save(t.Context(), consent(t, jira, app)); err != nil {
		t.Fatal(err)
	}
	jira.ResetLog()
	var others [2]*process
	for i := range others {
		others[i] = start(t, dir, jira.URL)
	}
	for round := 1; round <= rounds; round++ {
		c.pass(2 * time.Hour)
		for _, p := range others {
			p.say(t, strconv.FormatInt(c.Now().Unix(), 10))
		}
		for _, p := range others {
			if heard := p.hear(t); !strings.HasPrefix(heard, "works") {
				t.Fatalf("round %d: %s", round, heard)
			}
		}
		if n := jira.Count("POST", "/oauth/token"); n != round {
			t.Fatalf("round %d: %d renewals", round, n)
		}
	}
}

// renewer is the other process: for each time that it hears it signs a request
// and asks Jira who it is.
func renewer(t *testing.T, dir string) {
	c := newClock()
	url := os.Getenv("VEXDESK_TEST_OAUTH_URL")
	app := oauth.App{ClientID: appID, ClientSecret: oauth.NewSecret(appSecret), AuthURL: url, APIURL: url, Now: c.Now}
	source := oauth.NewSource(app, fileStore{filepath.Join(dir, "token")}, filepath.Join(dir, "lock"))
	client, err := jiraclient.New(jiraclient.Config{BaseURL: url, Gateway: url, CloudID: jiratest.CloudID, Auth: source})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		seconds, err := strconv.ParseInt(in.Text(), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		c.set(time.Unix(seconds, 0))
		if me, err := client.Myself(t.Context()); err != nil {
			fmt.Println("fails:", err)
		} else {
			fmt.Println("works as", me.Name)
		}
	}
}

type process struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

func start(t *testing.T, dir, url string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcessesRenewOnce$")
	cmd.Env = append(os.Environ(), "VEXDESK_TEST_OAUTH_DIR="+dir, "VEXDESK_TEST_OAUTH_URL="+url)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // which ends the process
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &process{in, bufio.NewScanner(out)}
}

func (p *process) say(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

func (p *process) hear(t *testing.T) string {
	t.Helper()
	if !p.out.Scan() {
		t.Fatalf("the other process ended: %v", p.out.Err())
	}
	return p.out.Text()
}
