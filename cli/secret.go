package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
)

// secretFlags are the ways to hand over a secret; never as an argument, which
// other users of the machine can read (I15).
type secretFlags struct {
	tokenStdin, passwordStdin bool
	tokenEnv                  string
}

func (f *secretFlags) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.tokenStdin, "token-stdin", false, "read the API token from standard input")
	cmd.Flags().BoolVar(&f.passwordStdin, "password-stdin", false, "the same, for a password")
	cmd.Flags().StringVar(&f.tokenEnv, "token-env", "", "take the API token from this environment variable")
	cmd.MarkFlagsMutuallyExclusive("token-stdin", "password-stdin", "token-env")
}

// maxSecret bounds what is read as a secret, in bytes.
const maxSecret = 64 << 10

// secret reads the secret; who says whose it is, for the prompt.
func (a *app) secret(ctx context.Context, f secretFlags, who string) ([]byte, error) {
	var text string
	var err error
	switch {
	case f.tokenStdin, f.passwordStdin:
		var all []byte
		all, err = io.ReadAll(io.LimitReader(a.stdinUntil(ctx), maxSecret+1))
		if len(all) > maxSecret {
			return nil, errors.New("what standard input holds is too long for a token")
		}
		text = string(all)
	case f.tokenEnv != "":
		if text = a.getenv(f.tokenEnv); text == "" {
			return nil, usage("the environment variable %s is empty or not set", f.tokenEnv)
		}
	default:
		text, err = a.promptSecret(ctx, who)
	}
	if err != nil {
		return nil, err
	}
	text = strings.TrimRight(text, "\r\n")
	if strings.TrimSpace(text) == "" {
		return nil, usage("the token is empty")
	}
	return []byte(text), nil
}

// promptSecret asks for a secret without showing it.
func (a *app) promptSecret(ctx context.Context, who string) (string, error) {
	in, ok := terminal(a.stdin)
	if !ok {
		return "", usage("the token of %s is needed, and there is no terminal to ask on: give --token-stdin or --token-env NAME", who)
	}
	before, err := term.GetState(in.Fd())
	if err != nil {
		return "", fmt.Errorf("the terminal cannot be asked: %w", err)
	}
	if _, err := fmt.Fprintf(a.stderr, "API token of %s: ", who); err != nil {
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
