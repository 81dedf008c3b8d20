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
	"strings"
	"sync"

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

	once sync.Once
	aead *subtle.XChaCha20Poly1305
	err  error
}

const keySize = 32 // bytes, XChaCha20-Poly1305

func (v *vault) cipher() (*subtle.XChaCha20Poly1305, error) {
	v.once.Do(func() {
		var key []byte
		if key, v.err = v.key(); v.err == nil {
			v.aead, v.err = subtle.NewXChaCha20Poly1305(key)
		}
	})
	return v.aead, v.err
}

// key finds the key or makes one. A key file wins over the keyring, so that a
// workspace that was made on a host without a keyring keeps working.
func (v *vault) key() ([]byte, error) {
	text, err := os.ReadFile(v.file)
	switch {
	case err == nil:
		if err := checkPrivate(v.file); err != nil {
			return nil, err
		}
		return decodeKey(string(text), v.file)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the key for secrets cannot be read: %w", err)
	}
	if v.keyring {
		if text, err := keyring.Get("vexdesk", v.service); err == nil {
			return decodeKey(text, "the keyring")
		}
	}
	fresh := make([]byte, keySize)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	encoded := base64.StdEncoding.EncodeToString(fresh)
	if v.keyring && keyring.Set("vexdesk", v.service, encoded) == nil {
		return fresh, nil
	}
	// O_EXCL: of two processes that make the key at once, the second takes the
	// first one's.
	f, err := os.OpenFile(v.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return v.key()
	}
	if err != nil {
		return nil, fmt.Errorf("the key for secrets cannot be stored: %w", err)
	}
	_, werr := f.WriteString(encoded + "\n")
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("the key for secrets cannot be stored: %w", err)
	}
	return fresh, nil
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
	aead, err := s.vault.cipher()
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
	aead, err := s.vault.cipher()
	if err != nil {
		return nil, err
	}
	plain, err := aead.Decrypt(sealed, bound(owner, name))
	if err != nil {
		return nil, fmt.Errorf("the secret %s of %s cannot be decrypted: its key is not the one it was stored with; enter the secret again", name, owner)
	}
	return plain, nil
}
