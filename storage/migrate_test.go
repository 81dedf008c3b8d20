package storage

import (
	"path/filepath"
	"testing"
)

// TestALongUpgradeIsTold, whether another process does it or this one: here both
// are held up.
func TestALongUpgradeIsTold(t *testing.T) {
	for name, hold := range map[string]func(t *testing.T, path string) (release func() error){
		"another": func(t *testing.T, path string) func() error {
			lock := makingLock(path)
			must(t, lock.Lock())
			return lock.Unlock
		},
		"this": func(t *testing.T, path string) func() error {
			db, err := openPool(path, "immediate", false, 1)
			must(t, err)
			tx, err := db.BeginTx(bg, nil)
			must(t, err)
			return func() error {
				must(t, tx.Rollback())
				return db.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "vexdesk.db")
			s, err := Open(bg, path, Options{})
			must(t, err)
			_, err = s.write.Exec(`PRAGMA user_version = 1`)
			must(t, err)
			must(t, s.Close())
			release := hold(t, path)
			told, opened := make(chan bool, 2), make(chan error)
			go func() {
				up, err := Open(bg, path, Options{OnUpgrade: func(byAnother bool) { told <- byAnother }})
				if err == nil {
					err = up.Close()
				}
				opened <- err
			}()
			select {
			case byAnother := <-told:
				if byAnother != (name == "another") {
					t.Errorf("told that another does it: %v", byAnother)
				}
			case err := <-opened:
				t.Fatalf("it said nothing: %v", err)
			}
			must(t, release())
			must(t, <-opened)
		})
	}
}
