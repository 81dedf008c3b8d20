package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
)

// secretFlags are the ways to hand over a secret; never as an argument, which
// other users of the machine can read (I15).
type secretFlags struct {
	tokenStdin, passwordStdin, clientStdin bool
	env                                    string
}

func (f *secretFlags) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.tokenStdin, "token-stdin", false, "read the API token or personal access token from standard input")
	cmd.Flags().BoolVar(&f.passwordStdin, "password-stdin", false, "the same, for a password")
	cmd.Flags().BoolVar(&f.clientStdin, "client-secret-stdin", false, "the same, for the client secret of an OAuth 2 app")
	cmd.Flags().StringVar(&f.env, "token-env", "", "take the secret from this environment variable")
	cmd.MarkFlagsMutuallyExclusive("token-stdin", "password-stdin", "client-secret-stdin", "token-env")
}

// given tells whether a secret is handed over by a flag.
func (f *secretFlags) given() bool {
	return f.tokenStdin || f.passwordStdin || f.clientStdin || f.env != ""
}

// fits refuses the flag of another way to sign in.
func (f *secretFlags) fits(c model.Connection) error {
	switch {
	case c.Auth == model.AuthOAuth1 && f.given():
		return usage("a connection with oauth1 has no secret to hand over: its key pair is made here")
	case c.Auth == model.AuthOAuth2 && (f.tokenStdin || f.passwordStdin):
		return usage("a connection with oauth2 needs the client secret of the app: give --client-secret-stdin")
	case c.Auth != model.AuthOAuth2 && f.clientStdin:
		return usage("a client secret belongs to oauth2; a connection with %s needs its %s: give --token-stdin", c.Auth, c.SecretWord())
	}
	return nil
}

// maxSecret bounds what is read as a secret, in bytes.
const maxSecret = 64 << 10

// secret reads the secret of a connection.
func (a *app) secret(ctx context.Context, f secretFlags, c model.Connection) ([]byte, error) {
	word := c.SecretWord()
	var text string
	var err error
	switch {
	case f.env != "":
		if text = a.getenv(f.env); text == "" {
			return nil, usage("the environment variable %s is empty or not set", f.env)
		}
	case f.given():
		var all []byte
		all, err = io.ReadAll(io.LimitReader(a.stdinUntil(ctx), maxSecret+1))
		if len(all) > maxSecret {
			return nil, errors.New("what standard input holds is too long for a " + word)
		}
		text = string(all)
	default:
		text, err = a.promptSecret(ctx, word, secretOwner(c))
	}
	if err != nil {
		return nil, err
	}
	text = strings.TrimRight(text, "\r\n")
	if strings.TrimSpace(text) == "" {
		return nil, usage("the %s is empty", word)
	}
	return []byte(text), nil
}

// secretOwner says whose secret is asked for.
func secretOwner(c model.Connection) string {
	for _, name := range []string{c.ClientID, c.User} {
		if name != "" {
			return name + " at " + c.URL
		}
	}
	return c.URL
}

// promptSecret asks for a secret without showing it.
func (a *app) promptSecret(ctx context.Context, word, who string) (string, error) {
	in, ok := terminal(a.stdin)
	if !ok {
		flag := "--token-stdin"
		if word == "client secret" {
			flag = "--client-secret-stdin"
		}
		return "", usage("the %s of %s is needed, and there is no terminal to ask on: give %s or --token-env NAME", word, who, flag)
	}
	before, err := term.GetState(in.Fd())
	if err != nil {
		return "", fmt.Errorf("the terminal cannot be asked: %w", err)
	}
	if _, err := fmt.Fprintf(a.stderr, "%s of %s: ", word, who); err != nil {
		return "", err
	}
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		// It ends with the line, or with the program.
		text, err := term.ReadPassword(in.Fd())
		answers <- answer{text, err}
	}()
	select {
	case got := <-answers:
		_, err := fmt.Fprintln(a.stderr)
		return string(got.text), errors.Join(got.err, err)
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(in.Fd(), before))
	}
}
