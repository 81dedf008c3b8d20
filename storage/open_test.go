package storage

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zalando/go-keyring"

	"example.com/vexdesk/model"
)

func TestOpenRefusesWhatIsNoWorkspace(t *testing.T) {
	foreign := func(statements string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", path)
			if err == nil {
				_, err = db.Exec(statements)
			}
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	content := func(text string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		make func(*testing.T, string)
		want error
	}{
		"nothing":                        {func(*testing.T, string) {}, nil},
		"an empty file":                  {content(""), nil},
		"an empty database":              {foreign(`CREATE TABLE a (b); DROP TABLE a`), nil},
		"a text":                         {content("a text that is longer than a header of sixteen bytes"), ErrNotOurs},
		"a short text":                   {content("short"), ErrNotOurs},
		"half a header":                  {content("SQLite f"), ErrNotOurs},
		"a header and nothing else":      {content("SQLite format 3\x00"), ErrDamaged},
		"a header and rubbish":           {content("SQLite format 3\x00" + strings.Repeat("x", 5000)), ErrNotOurs},
		"another program's":              {foreign(`PRAGMA application_id = 252006674; CREATE TABLE a (b)`), ErrNotOurs},
		"another program's without id":   {foreign(`CREATE TABLE a (b)`), ErrNotOurs},
		"another program's with version": {foreign(`PRAGMA user_version = 1; CREATE TABLE a (b)`), ErrNotOurs},
		"a newer one":                    {foreign(fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d`, applicationID, schemaVersion+1)), ErrNewer},
		"one whose making was cut short": {foreign(fmt.Sprintf(`PRAGMA application_id = %d`, applicationID)), nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "vexdesk.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			s, err := Open(bg, path, Options{})
			if err == nil {
				defer func() {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				}()
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if err != nil && (!strings.Contains(err.Error(), path) || strings.Count(err.Error(), "\n") > 0) {
				t.Errorf("the error does not name the file in one line: %v", err)
			}
			if after, _ := os.ReadFile(path); errors.Is(c.want, ErrNotOurs) && !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenNamesAFolderInTheWay(t *testing.T) {
	if _, err := Open(bg, t.TempDir(), Options{}); err == nil {
		t.Error("a folder was opened as a database")
	}
}

func TestAFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("NOT CHECKED: the superuser may write into every folder")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(bg, filepath.Join(dir, "vexdesk.db"), Options{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
}

// TestADamagedFileIsToldNotSuffered flips bits and cuts pages off: whatever is
// read is an answer or an error, and SQLite's own check finds what it can.
func TestADamagedFileIsToldNotSuffered(t *testing.T) {
	s := open(t)
	connected(t, s)
	for i := range 40 {
		take(t, s, report("trivy", "app", fmt.Sprint(i)), ImportOptions{}, finding("CVE-2024-0001", "left", "1", model.SeverityHigh), finding("CVE-2024-0002", "right", "1", model.SeverityHigh))
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(bg, copied); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	told := 0
	for round := range 60 {
		damaged := bytes.Clone(sound)
		if round%6 == 0 {
			damaged = damaged[:len(damaged)/4096/2*4096]
		} else {
			for range 1 + r.IntN(200) {
				damaged[100+r.IntN(len(damaged)-100)] ^= byte(1 << r.IntN(8))
			}
		}
		if err := readDamaged(t, damaged); err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("round %d: %v is not told as damage", round, err)
			}
			told++
		}
	}
	if told < 40 {
		t.Errorf("of 60 damaged files %d were told", told)
	}
}

func readDamaged(t *testing.T, content []byte) (err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vexdesk.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(bg, path, Options{})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // it cannot be told how a damaged file closes
	// Answers may be anything, also errors about the content; none may panic.
	rows, perr := s.Page(bg, Window{}, Page{Limit: 50})
	for i := range rows {
		_, _ = s.Violation(bg, rows[i].ID)
	}
	_, _ = s.Count(bg, mustParse(t, "left"))
	_, _ = s.Overview(bg)
	if perr != nil && isDamage(perr) && !errors.Is(perr, ErrDamaged) {
		t.Errorf("the list does not tell damage: %v", perr)
	}
	return s.QuickCheck(bg)
}

// helperPath makes the test binary open a workspace, for tests with several
// processes.
const helperPath = "VEXDESK_TEST_OPEN"

func TestHelperOpens(t *testing.T) {
	path := os.Getenv(helperPath)
	if path == "" {
		return // it is for TestSeveralProcessesMakeOneWorkspace
	}
	s, err := Open(bg, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.AddConnection(bg, analyst, model.Connection{Name: fmt.Sprint(os.Getpid()), Type: model.Cloud, Auth: model.AuthBasic}, []byte("hunter2"))
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestSeveralProcessesMakeOneWorkspace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "home", "vexdesk.db")
	const processes = 4
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestHelperOpens$")
			cmd.Env = append(os.Environ(), helperPath+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	s, err := Open(bg, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	all, err := s.Connections(bg)
	if err != nil || len(all) != processes {
		t.Fatalf("%d connections, %v; want %d", len(all), err, processes)
	}
	for _, c := range all { // all were encrypted under one key
		if secret, err := s.ConnectionSecret(bg, c); err != nil || string(secret) != "hunter2" {
			t.Errorf("%s: %q, %v", c.Name, secret, err)
		}
	}
	checkInvariants(t, s)
	err = filepath.WalkDir(filepath.Dir(path), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the rights %v", name, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestReadOnlyRefusesEveryIntentionInOneWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vexdesk.db")
	s, err := Open(bg, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(bg, path, Options{ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, err := range map[string]error{
		"import": func() error { _, err := s.NewImport(bg); return err }(),
		"connection": func() error {
			_, err := s.AddConnection(bg, analyst, model.Connection{Type: model.Cloud, Auth: model.AuthBasic}, nil)
			return err
		}(),
		"vex":   func() error { _, err := s.SetVEX(bg, analyst, nil, nil); return err }(),
		"lease": func() error { _, err := s.TakeLease(bg, "a"); return err }(),
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v, want ErrReadOnly", name, err)
		}
	}
}

func TestSecretsAreNowhereInPlain(t *testing.T) {
	s := open(t)
	connected(t, s)
	c, err := s.Connection(bg, "jira")
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := s.ConnectionSecret(bg, c); err != nil || string(secret) != "hunter2-token" {
		t.Fatalf("%q, %v", secret, err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := s.Backup(bg, backup); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(dump(t, s), "hunter2") {
		t.Error("a table holds the secret")
	}
	for _, name := range []string{s.path, s.path + "-wal", backup, filepath.Join(filepath.Dir(s.path), "key")} {
		content, err := os.ReadFile(name)
		if err != nil || bytes.Contains(content, []byte("hunter2")) {
			t.Errorf("%s holds the secret, or %v", name, err)
		}
	}
	// The backup is of use with the key and of none without.
	for key, want := range map[string]bool{filepath.Join(filepath.Dir(s.path), "key"): true, filepath.Join(t.TempDir(), "other"): false} {
		b, err := Open(bg, backup, Options{KeyFile: key})
		if err != nil {
			t.Fatal(err)
		}
		secret, err := b.ConnectionSecret(bg, c)
		if (err == nil) != want || want && string(secret) != "hunter2-token" {
			t.Errorf("with %s: %q, %v", key, secret, err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestASecretOpensInItsOwnRowAlone(t *testing.T) {
	s := open(t)
	connected(t, s)
	other, err := s.AddConnection(bg, analyst, model.Connection{Name: "other", Type: model.Cloud, Auth: model.AuthBasic}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	force(t, s, `UPDATE secrets SET ciphertext = (SELECT ciphertext FROM secrets WHERE owner = 'connection/1') WHERE owner = ?`, connectionOwner(other.ID))
	if secret, err := s.ConnectionSecret(bg, other); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a secret copied to another row opens as %q, %v", secret, err)
	}
	force(t, s, `INSERT INTO secrets SELECT owner, 'refresh', ciphertext, updated FROM secrets WHERE owner = 'connection/1'`)
	if secret, err := s.secret(bg, "connection/1", "refresh"); err == nil {
		t.Errorf("a secret copied to another name opens as %q", secret)
	}
}

func TestTheKeyFileIsPrivateAndWhole(t *testing.T) {
	s := open(t)
	connected(t, s)
	c, err := s.Connection(bg, "jira")
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(filepath.Dir(s.path), "key")
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	sound, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, c2 := range map[string]struct {
		content string
		mode    fs.FileMode
		hint    string
	}{
		"readable by others": {string(sound), 0o644, "chmod 600"},
		"empty":              {"", 0o600, "restore it"},
		"cut short":          {string(sound[:20]), 0o600, "restore it"},
		"another key":        {"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 0o600, "enter the secret again"},
	} {
		if err := errors.Join(os.WriteFile(key, []byte(c2.content), 0o600), os.Chmod(key, c2.mode)); err != nil {
			t.Fatal(err)
		}
		fresh, err := Open(bg, s.path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fresh.ConnectionSecret(bg, c); err == nil || !strings.Contains(err.Error(), c2.hint) {
			t.Errorf("%s: %v, want a hint to %q", name, err, c2.hint)
		}
		if err := fresh.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTheKeyringHoldsTheKeyWhereItCan(t *testing.T) {
	keyring.MockInit()
	defer keyring.MockInit()
	path := filepath.Join(t.TempDir(), "vexdesk.db")
	reopen := func() *Store {
		t.Helper()
		s, err := Open(bg, path, Options{Keyring: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	s := reopen()
	connected(t, s)
	c, err := s.Connection(bg, "jira")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a key file beside the keyring: %v", err)
	}
	if secret, err := reopen().ConnectionSecret(bg, c); err != nil || string(secret) != "hunter2-token" {
		t.Errorf("%q, %v", secret, err)
	}
	// A keyring that is locked is no reason for another key: the secrets that
	// there are would be lost.
	keyring.MockInitWithError(errors.New("locked"))
	locked := reopen()
	if _, err := locked.ConnectionSecret(bg, c); err == nil || !strings.Contains(err.Error(), "unlock") {
		t.Errorf("%v", err)
	}
	if _, err := locked.AddConnection(bg, analyst, model.Connection{Name: "more", Type: model.Cloud, Auth: model.AuthBasic}, []byte("x")); err == nil {
		t.Error("a second key was made")
	}
	// Without secrets, a host whose keyring does not work gets a key file.
	path = filepath.Join(t.TempDir(), "vexdesk.db")
	connected(t, reopen())
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "key")); err != nil {
		t.Errorf("no key file where the keyring does not work: %v", err)
	}
}
