package oauth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// keyBits is the length of the keys made here, which Jira 8 and later take.
const keyBits = 2048

// Key is the key pair of an application link: the private half stays here, the
// public one is pasted into Jira. It prints as nothing.
type Key struct{ private func() *rsa.PrivateKey }

// NewKey makes a key pair.
func NewKey() (Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return Key{}, &Error{Problem: "a key pair cannot be made", Advice: "run vexdesk doctor", Err: err}
	}
	return Key{func() *rsa.PrivateKey { return private }}, nil
}

// DecodeKey reads what Encode wrote.
func DecodeKey(text []byte) (Key, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return Key{}, badKey(errors.New("no private key in PEM form"))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return Key{}, badKey(err)
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return Key{}, badKey(errors.New("the key is not one of RSA"))
	}
	return Key{func() *rsa.PrivateKey { return private }}, nil
}

func badKey(err error) error {
	return &Error{Problem: "the stored key pair cannot be read", Advice: "add the connection again and put its new public key into Jira", Err: err}
}

// Encode writes the private key (PKCS #8, PEM), for a store that encrypts it.
func (k Key) Encode() ([]byte, error) {
	if k.private == nil {
		return nil, badKey(errors.New("there is none"))
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.private())
	if err != nil {
		return nil, badKey(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// PublicPEM is the public key as Jira wants it (X.509, PEM).
func (k Key) PublicPEM() (string, error) {
	if k.private == nil {
		return "", badKey(errors.New("there is none"))
	}
	der, err := x509.MarshalPKIXPublicKey(&k.private().PublicKey)
	if err != nil {
		return "", badKey(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// Format hides the key from every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "key pair") }

// MarshalText hides the key from JSON and the like.
func (k Key) MarshalText() ([]byte, error) { return []byte("key pair"), nil }
