package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// poll is how often the screen is looked at while waiting for it.
const poll = 40 * time.Millisecond

// errProgramEnded means that the program in the terminal is no longer running.
var errProgramEnded = errors.New("the program ended")

// terminal is a program in a tmux server of its own, which nobody sees.
type terminal struct {
	socket string
}

// startTerminal runs a program in a folder with exactly this environment. The
// folder takes tmux's socket and settings, too.
func startTerminal(ctx context.Context, folder string, cols, rows int, env, command []string) (*terminal, error) {
	settings := filepath.Join(folder, "tmux.conf")
	// What a program wrote before it died stays readable; escape is a key, at once.
	lines := "set -g status off\nset -g remain-on-exit on\nset -g escape-time 0\nset -g default-terminal screen-256color\n"
	if err := os.WriteFile(settings, []byte(lines), 0o600); err != nil {
		return nil, fmt.Errorf("writing tmux's settings: %w", err)
	}
	t := &terminal{socket: filepath.Join(folder, "tmux.sock")}
	args := []string{"-f", settings, "new-session", "-d", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows), "-c", folder, "--", "env", "-i"}
	args = append(append(args, env...), command...)
	if _, err := t.tmux(ctx, args...); err != nil {
		return nil, fmt.Errorf("starting %v: %w", command, err)
	}
	return t, nil
}

// close ends the program and the server.
func (t *terminal) close() error {
	_, err := t.tmux(context.Background(), "kill-server")
	return err
}

// press sends keys in tmux's names.
func (t *terminal) press(ctx context.Context, keys ...string) error {
	_, err := t.tmux(ctx, append([]string{"send-keys", "--"}, keys...)...)
	return err
}

// text returns what the screen shows, without its colours.
func (t *terminal) text(ctx context.Context) (string, error) {
	return t.tmux(ctx, "capture-pane", "-p")
}

// capture returns the screen with colours, and with the blanks at the ends of
// its lines, which may have a background.
func (t *terminal) capture(ctx context.Context) (string, error) {
	return t.tmux(ctx, "capture-pane", "-e", "-p", "-N")
}

// await waits until the screen shows the pattern and has come to rest: two
// looks at it are the same. The error of a wait in vain holds the last screen.
func (t *terminal) await(ctx context.Context, pattern *regexp.Regexp) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for last := ""; ; {
		screen, err := t.text(ctx)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("waited in vain for %q, the screen shows:\n%s", pattern, last)
		case err != nil:
			return err
		case screen == last && pattern.MatchString(screen):
			return nil
		}
		dead, err := t.tmux(ctx, "display-message", "-p", "#{pane_dead}")
		if err == nil && dead == "1\n" {
			// tmux scrolls the screen when it notes the end, so look further back.
			words, _ := t.tmux(ctx, "capture-pane", "-p", "-S", "-100")
			return fmt.Errorf("%w before it showed %q; its last words:\n%s", errProgramEnded, pattern, strings.TrimSpace(words))
		}
		last = screen
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func (t *terminal) tmux(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "tmux", append([]string{"-S", t.socket}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TMUX=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}
