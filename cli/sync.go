package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// engine makes the sync of a command.
func (a *app) engine(s *storage.Store) (*vexsync.Engine, error) {
	log, err := a.logger()
	if err != nil {
		return nil, err
	}
	return vexsync.New(vexsync.Options{Store: s, Log: log}), nil
}

// duration is a flag in the notation of settings: 30m, 8h, 14d.
type duration time.Duration

func (d *duration) String() string { return time.Duration(*d).String() }

// Set reads the flag.
func (d *duration) Set(text string) error {
	parsed, err := storage.ParseDuration(text)
	if err == nil && parsed <= 0 {
		err = fmt.Errorf("%q is no time at all: write it as 45s", text)
	}
	*d = duration(parsed)
	return err
}

// Type names the flag's values in help.
func (d *duration) Type() string { return "duration" }

func timeoutFlag(cmd *cobra.Command, to *duration) {
	*to = duration(vexsync.DefaultTimeout)
	cmd.Flags().Var(to, "timeout", "how long to wait for the result")
}

func (a *app) syncCommand() *cobra.Command {
	var once bool
	var only []string
	var timeout duration
	var product string
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Carry intentions to Jira and bring statuses and decisions back",
		Long: `Carries what is intended to Jira, brings the statuses of tickets back and keeps
VEX decisions on both sides in step: with --once one time, else until it is
stopped. An open console does the same.`,
		Args: noArgs,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			for _, job := range only {
				if !slices.Contains(vexsync.Jobs(), job) {
					return usage("there is no job %q: there are %s", job, strings.Join(vexsync.Jobs(), ", "))
				}
			}
			if !once {
				if len(only) > 0 || product != "" || cmd.Flags().Changed("timeout") {
					return usage("--only, --product and --timeout go with --once")
				}
				return a.syncForever(cmd.Context(), s)
			}
			if product != "" {
				if err := s.AskVEXOf(cmd.Context(), product); err != nil {
					return err
				}
			}
			return a.syncOnce(cmd.Context(), s, vexsync.Once{Only: only, Timeout: time.Duration(timeout)})
		}),
	}
	cmd.Flags().BoolVar(&once, "once", false, "do what is to be done now, and end")
	cmd.Flags().StringSliceVar(&only, "only", nil, "with --once: jobs with commas, of "+strings.Join(vexsync.Jobs(), ", "))
	cmd.Flags().StringVar(&product, "product", "", "with --once: compare the VEX fields of all tickets of this product")
	timeoutFlag(cmd, &timeout)
	return cmd
}

func (a *app) syncForever(ctx context.Context, s *storage.Store) error {
	engine, err := a.engine(s)
	if err != nil {
		return err
	}
	if err := a.tell("the sync runs until it is stopped with ctrl-c; the log is %s", a.log.name()); err != nil {
		return err
	}
	return engine.Run(ctx)
}

func (a *app) syncOnce(ctx context.Context, s *storage.Store, o vexsync.Once) error {
	engine, err := a.engine(s)
	if err != nil {
		return err
	}
	report, err := engine.Once(ctx, o)
	switch {
	case errors.Is(err, vexsync.ErrOffline):
		return offline("%w", vexsync.ErrOffline)
	case err != nil && !errors.Is(err, vexsync.ErrLeft):
		return err
	}
	report.Failed, report.Left = orEmpty(report.Failed), orEmpty(report.Left)
	if perr := a.printSync(report); perr != nil {
		return perr
	}
	switch {
	case err != nil && len(report.Left) == 0:
		return a.silent(ctx, s, time.Duration(o.Timeout))
	case err != nil:
		return partly("after %s %s left: 'vexdesk outbox list' shows them, and the next sync goes on", time.Duration(o.Timeout), areOperations(len(report.Left)))
	case len(report.Failed) > 0:
		return partly("%s: 'vexdesk outbox list' shows why", failedOperations(len(report.Failed)))
	}
	return nil
}

// silent names the connections for whose sake statuses or decisions are left.
func (a *app) silent(ctx context.Context, s *storage.Store, waited time.Duration) error {
	all, err := s.Connections(ctx)
	if err != nil {
		return err
	}
	var broken []string
	for _, c := range all {
		if !c.BrokenSince.IsZero() {
			broken = append(broken, c.Name)
		}
	}
	return partly("after %s statuses or decisions are left (connections that do not work: %s): the next sync goes on", waited, model.Listed(broken))
}

func areOperations(n int) string {
	if n == 1 {
		return "1 operation is"
	}
	return thousands(n) + " operations are"
}

func failedOperations(n int) string { return plural(n, "operation") + " failed" }

func (a *app) printSync(r vexsync.Report) error {
	if a.json {
		return a.printJSON(r)
	}
	err := a.println("%d sent, %d created, %d updated, %s fetched, in %.1f s", r.Sent, r.Created, r.Updated, statuses(r.Statuses), r.Seconds)
	if r.Pulled+r.Pushed+r.Conflicts > 0 {
		err = errors.Join(err, a.println("VEX: %s pulled, %s pushed, %s", plural(r.Pulled, "value"), plural(r.Pushed, "ticket"), plural(r.Conflicts, "new conflict")))
	}
	for _, f := range r.Failed {
		err = errors.Join(err, a.println("failed  %s  %s", f.Operation, f.Message))
	}
	for _, f := range r.Left {
		err = errors.Join(err, a.println("left    %s  %s", f.Operation, f.Message))
	}
	return err
}

func statuses(n int) string {
	if n == 1 {
		return "1 status"
	}
	return thousands(n) + " statuses"
}
