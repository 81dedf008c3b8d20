package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
	"example.com/vexdesk/ui"
	"example.com/vexdesk/ui/term"
)

type consoleFlags struct {
	ascii bool
	theme string
}

func (f *consoleFlags) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.ascii, "ascii", false, "draw the console with ASCII signs alone")
	cmd.Flags().StringVar(&f.theme, "theme", "", "dark, light, high-contrast or none; left out: what suits the terminal")
}

// screen returns the terminal for the console, or says why there is none.
func (a *app) screen() (in, out *os.File, err error) {
	in, inputs := terminal(a.stdin)
	out, outputs := terminal(a.stdout)
	if caps := term.Detect(a.getenv, inputs && outputs); !caps.Screen {
		return nil, nil, fmt.Errorf("%w: %s", ui.ErrNoScreen, caps.Why)
	}
	return in, out, nil
}

// console opens the console on the workspace, with the sync beside it.
func (a *app) console(ctx context.Context, f consoleFlags) error {
	if _, _, err := a.screen(); err != nil {
		return err
	}
	a.waits = make(chan struct{}, 1)
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	return a.consoleOn(ctx, s, f)
}

func (a *app) consoleOn(ctx context.Context, s *storage.Store, f consoleFlags) error {
	in, out, err := a.screen()
	if err != nil {
		return err
	}
	own, err := a.ownKeys()
	if err != nil {
		return err
	}
	mouse, err := s.Setting(ctx, "console.mouse")
	if err != nil {
		return err
	}
	start, stop, err := a.background(ctx, s)
	if err != nil {
		return err
	}
	live := vexsync.NewLive(s)
	defer live.Close()
	actor := a.actor()
	actor.Source = "console"
	err = ui.Run(ctx, ui.Options{
		Store: s, Actor: actor, ReadOnly: a.readOnly, ASCII: f.ascii, Mouse: mouse == "true", Theme: f.theme, Version: version, Keys: own,
		Import: &consoleImport{a, s}, Jira: live, Waits: a.waits, Clock: a.now, In: in, Out: out, Env: a.getenv,
		Started: start,
	})
	return errors.Join(err, stop())
}

// patience is how long the background may take to end: it gives up what it
// waits for at once, and finishes what it is sending.
const patience = 10 * time.Second

// background is the sync, and the check of a database that was not closed
// (ruling 34). start begins both, once the first frame is drawn, which nothing
// shall hold up; stop ends them and waits for them.
func (a *app) background(ctx context.Context, s *storage.Store) (start func(), stop func() error, err error) {
	log, err := a.logger()
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var syncErr, checkErr error
	start = func() {
		if !a.readOnly {
			engine := vexsync.New(vexsync.Options{Store: s, Log: log})
			wg.Go(func() { syncErr = engine.Run(ctx) })
		}
		if s.Unclean() {
			wg.Go(func() {
				if checkErr = s.QuickCheck(ctx); ctx.Err() != nil {
					checkErr = nil
				}
			})
		}
	}
	stop = func() error {
		cancel()
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		select {
		case <-done:
			return errors.Join(syncErr, checkErr)
		case <-time.After(patience):
			// What was on its way is settled by the next run, which asks Jira.
			log.Error("the sync did not end in time")
			return nil
		}
	}
	return start, stop, nil
}

// ownKeys reads a person's own bindings: action ids with lists of keys.
func (a *app) ownKeys() (map[string][]string, error) {
	home, err := a.home()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(home.keys())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the key bindings cannot be read: %w", err)
	}
	var own map[string][]string
	if err := json.Unmarshal(text, &own); err != nil {
		return nil, fmt.Errorf(`%s does not hold key bindings, such as {"ticket.create": ["t"]}: %w`, home.keys(), err)
	}
	return own, nil
}
