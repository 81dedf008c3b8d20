package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

func unknownTicket(key string) error {
	return fmt.Errorf("ticket %s: %w: 'vexdesk ticket list' shows what there is", model.Clean(key), storage.ErrNotFound)
}

func (a *app) ticketUpdateCommand() *cobra.Command {
	var comment string
	c := carry{yes: true}
	var timeout duration
	cmd := &cobra.Command{
		Use:   "update KEY",
		Short: "Bring a ticket's summary and description up to date, and add a comment",
		Args:  exactArgs("the key of a ticket"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			plan, err := s.PlanUpdate(cmd.Context(), args[0], comment)
			if err != nil {
				return err
			}
			c.timeout = time.Duration(timeout)
			return a.carryOut(cmd, s, plan, c)
		}),
	}
	cmd.Flags().StringVar(&comment, "comment", "", "comment to add")
	cmd.Flags().BoolVar(&c.dryRun, "dry-run", false, "print the plan, and do nothing")
	waitFlags(cmd, &c.wait, &timeout)
	return cmd
}

type refreshFlags struct {
	where   string
	all     bool
	timeout duration
}

// refreshJSON is the result of ticket refresh.
type refreshJSON struct {
	Asked    int `json:"asked"`
	Statuses int `json:"statuses"`
	Left     int `json:"left"`
}

func (a *app) ticketRefreshCommand() *cobra.Command {
	var f refreshFlags
	cmd := &cobra.Command{
		Use:   "refresh (KEY... | --where QUERY | --all)",
		Short: "Fetch the status of tickets now",
		Long: `Fetches the status of tickets now. A ticket named by its key is asked for in any
case; --where and --all leave alone those that were deleted and those older than
the setting ticket.age.`,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			asked, err := a.askRefresh(cmd, s, f, args)
			if err != nil {
				return err
			}
			return a.refresh(cmd, s, asked, time.Duration(f.timeout))
		}),
	}
	cmd.Flags().StringVar(&f.where, "where", "", "query: the tickets of the violations that it matches")
	cmd.Flags().BoolVar(&f.all, "all", false, "all tickets")
	timeoutFlag(cmd, &f.timeout)
	return cmd
}

func (a *app) askRefresh(cmd *cobra.Command, s *storage.Store, f refreshFlags, keys []string) (int, error) {
	byQuery := cmd.Flags().Changed("where")
	ways := 0
	for _, way := range []bool{byQuery, f.all, len(keys) > 0} {
		if way {
			ways++
		}
	}
	if ways != 1 {
		return 0, usage("'%s' needs keys of tickets, --where with a query, or --all: one of them", cmd.CommandPath())
	}
	switch {
	case len(keys) > 0:
		return s.AskRefreshKeys(cmd.Context(), keys)
	case f.all:
		return s.AskRefresh(cmd.Context(), a.actor(), nil)
	}
	filter, err := a.parseWhere(f.where)
	if err != nil {
		return 0, err
	}
	ids, err := s.MatchingIDs(cmd.Context(), storage.Window{Filter: filter})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return s.AskRefresh(cmd.Context(), a.actor(), ids)
}

func (a *app) refresh(cmd *cobra.Command, s *storage.Store, asked int, timeout time.Duration) error {
	result := refreshJSON{Asked: asked}
	waiting, err := s.AskedTickets(cmd.Context())
	if err != nil {
		return err
	}
	if asked > 0 && waiting == 0 {
		return errors.New("statuses are not retrieved: 'vexdesk connection set NAME --retrieve-tickets=on' turns that on, and a draft becomes active by 'vexdesk connection verify NAME'")
	}
	if asked > 0 {
		engine, err := a.engine(s)
		if err != nil {
			return err
		}
		return a.awaitRefresh(cmd, s, engine, result, timeout)
	}
	if err := a.tell("nothing was asked for: tickets that were deleted, that are older than the setting ticket.age, or whose retrieval is off are left alone"); err != nil {
		return err
	}
	return a.printRefresh(result)
}

func (a *app) awaitRefresh(cmd *cobra.Command, s *storage.Store, engine *vexsync.Engine, result refreshJSON, timeout time.Duration) error {
	_, err := engine.AwaitRefresh(cmd.Context(), timeout)
	switch {
	case errors.Is(err, vexsync.ErrOffline):
		return offline("jira cannot be reached: the statuses are fetched when it can")
	case err != nil && !errors.Is(err, vexsync.ErrLeft):
		return err
	}
	left, lerr := s.AskedTickets(cmd.Context())
	if lerr != nil {
		return lerr
	}
	result.Left = min(left, result.Asked)
	result.Statuses = result.Asked - result.Left
	if perr := a.printRefresh(result); perr != nil {
		return perr
	}
	if err != nil {
		return partly("after %s %s of %d left: the next sync goes on", timeout, statuses(result.Left), result.Asked)
	}
	return nil
}

func (a *app) printRefresh(r refreshJSON) error {
	if a.json {
		return a.printJSON(r)
	}
	return a.println("%s fetched", statuses(r.Statuses))
}
