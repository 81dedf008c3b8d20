package jiraclient_test

import (
	"compress/gzip"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/vexdesk/jiraclient"
)

func TestCompressedAnswersAndHeaders(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Set-Cookie", "session=1")
		z := gzip.NewWriter(w)
		if _, err := z.Write([]byte(`{"displayName":"Zipped"}`)); err != nil {
			t.Error(err)
		}
		if err := z.Close(); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	c := newClient(t, jiraclient.Config{BaseURL: server.URL, UserAgent: "vexdesk/1.0"})
	for range 2 {
		if me, err := c.Myself(t.Context()); err != nil || me.Name != "Zipped" {
			t.Fatalf("%+v, %v", me, err)
		}
	}
	if got.Get("Cookie") != "" || got.Get("User-Agent") != "vexdesk/1.0" || got.Get("Accept") != "application/json" || got.Get("Accept-Encoding") != "gzip" {
		t.Errorf("headers %v", got)
	}
}

func newClient(t *testing.T, cfg jiraclient.Config) *jiraclient.Client {
	t.Helper()
	cfg.Auth = jiraclient.Basic("a@example.com", "b")
	c, err := jiraclient.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAnAuthorityOfOnesOwn(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"displayName":"Trusted"}`))
	}))
	defer server.Close()
	dir := t.TempDir()
	good, empty := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "empty.pem")
	for file, data := range map[string][]byte{
		good:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		empty: []byte("nothing"),
	} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := newClient(t, jiraclient.Config{BaseURL: server.URL, CAFile: good})
	if me, err := c.Myself(t.Context()); err != nil || me.Name != "Trusted" {
		t.Errorf("%+v, %v", me, err)
	}
	for _, file := range []string{empty, filepath.Join(dir, "missing.pem")} {
		_, err := jiraclient.New(jiraclient.Config{BaseURL: server.URL, Auth: jiraclient.Basic("a", "b"), CAFile: file})
		if !errors.Is(err, jiraclient.ErrBadRequest) || !strings.Contains(jiraclient.HintOf(err), "--ca-file") {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestConnectionsAreReused: many calls one after the other need one connection.
func TestConnectionsAreReused(t *testing.T) {
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"errorMessages":["` + strings.Repeat("x", 3000) + `"]}`))
	}))
	server.Config.ConnState = countNew(&opened)
	server.Start()
	defer server.Close()
	c := newClient(t, jiraclient.Config{BaseURL: server.URL})
	for range 20 {
		if _, err := c.Myself(t.Context()); !errors.Is(err, jiraclient.ErrNotFound) {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestEndlessAnswersAreCutOff(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range 64 {
			if _, err := w.Write(chunk); err != nil {
				return // the client had enough
			}
		}
	}))
	defer server.Close()
	_, err := newClient(t, jiraclient.Config{BaseURL: server.URL}).CreateIssues(t.Context(), tasks(1))
	if jiraclient.OutcomeOf(err) != jiraclient.Refused {
		t.Errorf("outcome %s: %v", jiraclient.OutcomeOf(err), err)
	}
}
