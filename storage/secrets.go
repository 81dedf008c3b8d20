package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/zalando/go-keyring"
)

// vault holds the key that encrypts secrets: in the operating system's
// keyring or in a file that only its owner can read (I15). The key is read
// when a secret is first needed, not at start.
type vault struct {
	file    string
	keyring bool
	service string

	mu   sync.Mutex
	aead *subtle.XChaCha20Poly1305
}

const (
	keySize     = 32 // bytes, XChaCha20-Poly1305
	keyringUser = "vexdesk"
)

// cipher returns the cipher under the key. secretsExist tells whether there
// are some already: then a keyring that cannot be reached is an error and no reason for
// a new key, under which they would be lost.
func (v *vault) cipher(secretsExist bool) (*subtle.XChaCha20Poly1305, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.aead != nil {
		return v.aead, nil
	}
	key, err := v.key(secretsExist)
	if err != nil {
		return nil, err
	}
	v.aead, err = subtle.NewXChaCha20Poly1305(key)
	return v.aead, err
}

// key finds the key or makes one. A key file wins over the keyring, so that a
// workspace that was made on a host without a keyring keeps working.
func (v *vault) key(secretsExist bool) ([]byte, error) {
	key, err := v.fromFile()
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(filepath.Dir(v.file), 0o700); err != nil {
		return nil, fmt.Errorf("the key for secrets cannot be stored: %w", err)
	}
	// Of two processes that make the key at once, the second takes the
	// first one's.
	lock := flock.New(v.file + ".lock")
	if err := lock.Lock(); err != nil {
		return nil, fmt.Errorf("the key for secrets cannot be stored: %w", err)
	}
	defer lock.Unlock() //nolint:errcheck // the end of the process frees it as well
	if key, err := v.fromFile(); !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	fresh := make([]byte, keySize)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	if v.keyring {
		key, err := v.fromKeyring(fresh)
		if err == nil || secretsExist {
			return key, err
		}
	}
	if err := v.keep(base64.StdEncoding.EncodeToString(fresh)); err != nil {
		return nil, fmt.Errorf("the key for secrets cannot be stored: %w", err)
	}
	return fresh, nil
}

func (v *vault) fromFile() ([]byte, error) {
	text, err := os.ReadFile(v.file)
	if err != nil {
		return nil, fmt.Errorf("the key for secrets cannot be read: %w", err)
	}
	if err := checkPrivate(v.file); err != nil {
		return nil, err
	}
	return decodeKey(string(text), v.file)
}

// fromKeyring finds the key in the keyring, or puts the fresh one there where
// the keyring works and has none.
func (v *vault) fromKeyring(fresh []byte) ([]byte, error) {
	text, err := keyring.Get(keyringUser, v.service)
	if err == nil {
		return decodeKey(text, "the keyring")
	}
	if errors.Is(err, keyring.ErrNotFound) {
		err = keyring.Set(keyringUser, v.service, base64.StdEncoding.EncodeToString(fresh))
	}
	if err != nil {
		return nil, fmt.Errorf("the keyring that holds the key for secrets cannot be used: unlock it, or put the key into %s: %w", v.file, err)
	}
	return fresh, nil
}

// keep puts the key into its file. The file appears whole or not at all, since
// others read it without the lock: it is written under another name first.
func (v *vault) keep(encoded string) error {
	f, err := os.CreateTemp(filepath.Dir(v.file), ".key-*") // made with 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(encoded + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), v.file); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(v.file))
}

func decodeKey(text, where string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("%s does not hold a key of vexdesk: restore it, or remove it and enter the secrets again", where)
	}
	return key, nil
}

func checkPrivate(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s can be read by others: run 'chmod 600 %s'", file, file)
	}
	return nil
}

// bound is the associated data that ties a ciphertext to its row: copied to
// another row it does not open.
func bound(owner, name string) []byte { return []byte("vexdesk/secret/" + owner + "/" + name) }

// putSecret encrypts and stores a secret of an owner, e.g. "connection/3".
func (s *Store) putSecret(ctx context.Context, tx *sql.Tx, owner, name string, secret []byte) error {
	var some bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM secrets)`).Scan(&some); err != nil {
		return err
	}
	aead, err := s.vault.cipher(some)
	if err != nil {
		return err
	}
	sealed, err := aead.Encrypt(secret, bound(owner, name))
	if err != nil {
		return fmt.Errorf("a secret cannot be encrypted: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO secrets (owner, name, ciphertext, updated) VALUES (?, ?, ?, ?)
		ON CONFLICT (owner, name) DO UPDATE SET ciphertext = excluded.ciphertext, updated = excluded.updated`,
		owner, name, sealed, s.millis())
	return err
}

// secret decrypts a secret; ErrNotFound where there is none.
func (s *Store) secret(ctx context.Context, owner, name string) ([]byte, error) {
	var sealed []byte
	err := s.read.QueryRowContext(ctx, `SELECT ciphertext FROM secrets WHERE owner = ? AND name = ?`, owner, name).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("the secret %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	aead, err := s.vault.cipher(true)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Decrypt(sealed, bound(owner, name))
	if err != nil {
		return nil, fmt.Errorf("the %s cannot be decrypted: its key is not the one that it was stored with; enter the secret again", name)
	}
	return plain, nil
}
