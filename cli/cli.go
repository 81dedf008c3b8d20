// Package cli is the command line: commands, flags, JSON, and the wiring of
// the parts. Everything the console does, a command does.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// version is set by the linker: -X example.com/vexdesk/cli.version=...
var version = "dev"

// app is one run of the program. What costs time (the database, the log) is
// opened by the command that needs it.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time

	json     bool
	readOnly bool
	homeFlag string
	logLevel string

	opened *storage.Store
	log    *logFile
	// waits takes a notice for the console when a change has to wait; nil: the
	// commands' is a line on stderr.
	waits chan struct{}
}

// Main runs one command and returns its exit status: 0 done, 1 failed, 2 wrong
// usage, 3 partly done, 4 nothing reachable. SIGINT, SIGTERM and a terminal that
// goes away end it cleanly.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	ctx, stop := signal.NotifyContext(context.Background(), endSignals()...)
	defer stop()
	// A second ctrl-c ends what does not end by itself.
	context.AfterFunc(ctx, stop)
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv, now: time.Now}
	root := a.rootCommand()
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		a.completeAll(root)
	}
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	err = errors.Join(err, a.close())
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	// A mistake in the flags ends the reading of them before --json is seen.
	a.json = a.json || slices.Contains(args, "--json")
	return a.report(err)
}

func endSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it, and means it
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// open opens the workspace once.
func (a *app) open(ctx context.Context) (*storage.Store, error) {
	if a.opened != nil {
		return a.opened, nil
	}
	home, err := a.home()
	if err != nil {
		return nil, err
	}
	a.opened, err = storage.Open(ctx, home.database(), storage.Options{
		Now: a.now, KeyFile: home.key(), Keyring: home.keyring, ReadOnly: a.readOnly, OnWait: a.waiting, OnUpgrade: a.upgrading,
	})
	return a.opened, err
}

// waiting tells that a change waits until another one is written.
func (a *app) waiting() {
	if a.waits == nil {
		_, _ = fmt.Fprintln(a.stderr, "waiting: a large change is being written, such as an import")
		return
	}
	select {
	case a.waits <- struct{}{}:
	default: // it is told already
	}
}

// upgrading tells why nothing happens yet, the console's first frame included.
func (a *app) upgrading(byAnother bool) {
	text := "upgrading the workspace to this version of vexdesk: once, some ten seconds for a million violations; interrupted, it goes on with the next command"
	if byAnother {
		text = "waiting: another vexdesk is upgrading the workspace"
	}
	_, _ = fmt.Fprintln(a.stderr, text)
}

func (a *app) close() error {
	var err error
	if a.opened != nil {
		err = a.opened.Close()
		a.opened = nil
	}
	return errors.Join(err, a.log.close())
}

// with makes a command's function of one that needs the workspace.
func (a *app) with(run func(cmd *cobra.Command, s *storage.Store, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := a.open(cmd.Context())
		if err != nil {
			return err
		}
		return run(cmd, s, args)
	}
}

// actor is who acts, for the audit: VEXDESK_USER, else the account of the
// operating system.
func (a *app) actor() model.Actor {
	return model.Actor{Name: userName(a.getenv), Source: "command"}
}
