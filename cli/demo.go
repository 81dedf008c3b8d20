package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/cli/sample"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/storage"
)

// demo is a sample workspace with a simulated Jira.
type demo struct {
	*app
	dir  string
	kept bool
	sim  *jiratest.Server
	// next is a report that is not imported yet.
	next string
}

func (a *app) demoCommand() *cobra.Command {
	var headless bool
	var f consoleFlags
	cmd := &cobra.Command{
		Use:   "demo [FILE...]",
		Short: "Try it out: a sample workspace, a simulated Jira, and the console on both",
		Long: `Makes a sample workspace of a few hundred violations, starts a simulated Jira on
the loopback with a colleague who moves tickets now and then, and opens the
console on both. Reports that are named are imported as well. Without a terminal,
or with --headless, it does the whole job as a transcript instead.

Nothing is left behind, unless --home names an empty folder to keep it in.`,
		RunE: func(cmd *cobra.Command, files []string) error {
			return a.demo(cmd.Context(), f, headless, files)
		},
	}
	cmd.Flags().BoolVar(&headless, "headless", false, "do the whole job as a transcript, without a console")
	f.flags(cmd)
	return cmd
}

func (a *app) demo(ctx context.Context, f consoleFlags, headless bool, files []string) (err error) {
	if a.json || a.readOnly {
		return usage("the demo is for people: leave --json and --readonly out")
	}
	_, _, noScreen := a.screen()
	headless = headless || noScreen != nil
	d := &demo{app: a}
	if err := d.begin(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.end()) }()
	if err := d.fill(ctx, headless); err != nil {
		return err
	}
	if len(files) > 0 {
		if err := d.command(ctx, append([]string{"import"}, files...)...); err != nil && statusOf(err) != exitPartly {
			return err
		}
	}
	if headless {
		return d.transcript(ctx)
	}
	return d.interactive(ctx, f)
}

// begin makes the folder of the demo and starts the simulated Jira.
func (d *demo) begin() (err error) {
	state := ""
	if d.homeFlag != "" {
		home, err := d.home()
		if err != nil {
			return err
		}
		if _, err := os.Stat(home.database()); err == nil {
			return fmt.Errorf("%s holds a workspace already: name an empty folder for the demo", home.data)
		}
		d.dir, d.kept = home.data, true
		if err := private(d.dir); err != nil {
			return err
		}
		state = filepath.Join(d.dir, "jira.json")
	} else if d.dir, err = os.MkdirTemp("", "vexdesk-demo-"); err != nil {
		return fmt.Errorf("the demo finds no room for its workspace: %w", err)
	}
	d.homeFlag = d.dir
	if d.sim, err = jiratest.New(jiratest.Options{StateFile: state, Title: "Simulated Jira"}); err == nil {
		err = d.sim.Start("127.0.0.1:0")
	}
	if err != nil && !d.kept {
		err = errors.Join(err, os.RemoveAll(d.dir))
	}
	return err
}

// end stops the Jira and removes the folder, or says what is left.
func (d *demo) end() error {
	err := errors.Join(d.close(), d.sim.Close())
	if !d.kept {
		return errors.Join(err, os.RemoveAll(d.dir), d.println("The demo is over; nothing of it is left."))
	}
	return errors.Join(err, d.println(`The demo is over. Left in %s: the workspace, and the simulated Jira's issues.
  vexdesk jira-sim --listen %s --state %s    brings that Jira back
  vexdesk --home %s                          opens the workspace`,
		d.dir, d.sim.URL[len("http://"):], filepath.Join(d.dir, "jira.json"), d.dir))
}

// movesEvery is how often the colleague moves a ticket.
const movesEvery = 6 * time.Second

func (d *demo) interactive(ctx context.Context, f consoleFlags) error {
	s, err := d.open(ctx)
	if err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	colleague := d.sim.Colleague(7)
	wg.Go(func() {
		tick := time.NewTicker(movesEvery)
		defer tick.Stop()
		for {
			select {
			case <-working.Done():
				return
			case <-tick.C:
				colleague.Move()
			}
		}
	})
	err = d.consoleOn(ctx, s, f)
	stop()
	wg.Wait()
	return err
}

// command runs a command on the demo's workspace, in a run of its own as a
// person would.
func (d *demo) command(ctx context.Context, args ...string) error {
	run := &app{stdin: d.stdin, stdout: d.stdout, stderr: d.stderr, now: d.now, getenv: func(name string) string {
		switch name {
		case "VEXDESK_HOME":
			return d.dir
		case "VEXDESK_USER":
			if own := d.getenv(name); own != "" {
				return own
			}
			return "you"
		}
		return d.getenv(name)
	}}
	root := run.rootCommand()
	root.SetArgs(args)
	return errors.Join(root.ExecuteContext(ctx), run.close())
}

// atTime opens the workspace of the demo with a clock that can be set.
func (d *demo) atTime(ctx context.Context, clock *time.Time) (*storage.Store, error) {
	home, err := d.home()
	if err != nil {
		return nil, err
	}
	return storage.Open(ctx, home.database(), storage.Options{Now: func() time.Time { return *clock }, KeyFile: home.key()})
}

// importSample takes in a report of the sample.
func importSample(ctx context.Context, s *storage.Store, r sample.Report, o storage.ImportOptions) (err error) {
	im, err := s.NewImport(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, im.Close()) }()
	for i := range r.Findings {
		if err := im.Add(ctx, &r.Findings[i]); err != nil {
			return err
		}
	}
	_, err = im.Commit(ctx, &r.Report, o)
	return err
}
