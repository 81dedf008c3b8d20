package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// checkJSON is the result of one check of doctor.
type checkJSON struct {
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Message string  `json:"message"`
	Remedy  *string `json:"remedy"`
}

// doctor gathers the results of checks.
type doctor struct {
	checks []checkJSON
	sick   int
}

func (d *doctor) well(name, format string, values ...any) {
	d.checks = append(d.checks, checkJSON{Name: name, OK: true, Message: fmt.Sprintf(format, values...)})
}

func (d *doctor) ill(name, message, remedy string) {
	d.sick++
	d.checks = append(d.checks, checkJSON{Name: name, Message: model.Clean(message), Remedy: orNull(model.Clean(remedy))})
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check everything, and say what to do where something is wrong",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := a.home()
			if err != nil {
				return err
			}
			d := &doctor{}
			s, err := a.open(cmd.Context())
			if err != nil {
				d.ill("database", sentence(err), "restore a backup with 'vexdesk restore FILE', or choose another folder with --home")
			}
			d.rights(home)
			if err == nil {
				if err := a.examine(cmd.Context(), d, s); err != nil {
					return err
				}
			}
			if err := a.printDoctor(d); err != nil {
				return err
			}
			if d.sick > 0 {
				return &exitError{status: exitFailed, err: fmt.Errorf("%s failed", plural(d.sick, "check")), printed: true}
			}
			return nil
		},
	}
}

// rights checks that nobody else can read the workspace (ruling 29).
func (d *doctor) rights(h home) {
	clean := true
	for _, file := range []struct {
		path string
		mode os.FileMode
	}{{h.data, 0o700}, {h.database(), 0o600}, {h.key(), 0o600}, {h.log(), 0o600}} {
		info, err := os.Stat(file.path)
		if err != nil {
			continue // what does not exist can be read by nobody
		}
		if info.Mode().Perm()&0o077 != 0 {
			clean = false
			d.ill("rights", fmt.Sprintf("%s can be read by others (%v)", file.path, info.Mode().Perm()), fmt.Sprintf("run 'chmod %o %s'", file.mode, file.path))
		}
	}
	if clean {
		d.well("rights", "only the owner can enter %s", h.data)
	}
}

func (a *app) examine(ctx context.Context, d *doctor, s *storage.Store) error {
	if err := s.QuickCheck(ctx); err != nil {
		d.ill("database", err.Error(), "restore a backup with 'vexdesk restore FILE'")
	} else {
		n, err := s.Count(ctx, nil)
		if err != nil {
			return err
		}
		d.well("database", "%s is whole; %s open in current versions", filepath.Base(s.Path()), plural(n, "violation"))
	}
	connections, err := s.Connections(ctx)
	if err != nil {
		return err
	}
	if len(connections) == 0 {
		d.well("connections", "there is none yet: 'vexdesk connection add' adds one")
	}
	working := map[string]bool{}
	for _, c := range connections {
		if working[c.Name], err = a.examineConnection(ctx, d, s, c); err != nil {
			return err
		}
	}
	if err := a.examineProfiles(ctx, d, s, working); err != nil {
		return err
	}
	if err := examinePolicies(ctx, d, s); err != nil {
		return err
	}
	return examineOutbox(ctx, d, s)
}

func (a *app) examineConnection(ctx context.Context, d *doctor, s *storage.Store, c model.Connection) (works bool, err error) {
	name := "connection " + c.Name
	if _, err := s.NamedSecret(ctx, c.ID, storage.MainSecret(c.Auth)); err != nil {
		d.ill("key", err.Error(), "put the file \"key\" back, or remove the connection and add it again")
		return false, nil
	}
	v, err := a.verify(ctx, s, c)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		remedy := ""
		if len(v.Problems) > 0 {
			remedy = v.Problems[0].Hint
			err = errors.New(v.Problems[0].Message)
		}
		d.ill(name, err.Error(), remedy)
		return false, nil
	case !c.RetrieveTickets:
		d.well(name, "works as %s; the retrieval of tickets is off", v.Account.Name)
	default:
		d.well(name, "works as %s at %s", v.Account.Name, v.Server.URL)
	}
	return true, nil
}

func (a *app) examineProfiles(ctx context.Context, d *doctor, s *storage.Store, working map[string]bool) error {
	profiles, err := s.Profiles(ctx)
	if err != nil {
		return err
	}
	for _, p := range profiles {
		if !working[p.Connection] {
			continue // told of already
		}
		name := "profile " + p.Name
		warnings, err := a.checkProfile(ctx, s, p)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			d.ill(name, err.Error(), "remove the profile and add it as Jira wants it")
		case len(warnings) > 0:
			for _, w := range warnings {
				d.well(name, "fits, but: %s", w)
			}
		default:
			d.well(name, "fits %s in project %s", p.IssueType, p.Project)
		}
	}
	return nil
}

func examineOutbox(ctx context.Context, d *doctor, s *storage.Store) error {
	o, err := s.Overview(ctx)
	if err != nil {
		return err
	}
	if o.OutboxFailed > 0 {
		d.ill("outbox", failedOperations(o.OutboxFailed), "'vexdesk outbox list' shows why; mend that, then 'vexdesk outbox retry ID'")
	}
	if o.OutboxUnknown > 0 {
		d.ill("outbox", fmt.Sprintf("of %s it is not known whether Jira did them", plural(o.OutboxUnknown, "operation")), "'vexdesk sync --once' asks Jira")
	}
	if o.OutboxFailed+o.OutboxUnknown == 0 {
		d.well("outbox", "%s on the way", plural(o.OutboxPending, "operation"))
	}
	return nil
}

func (a *app) printDoctor(d *doctor) error {
	if a.json {
		return a.printJSON(map[string]any{"ok": d.sick == 0, "checks": d.checks})
	}
	for _, c := range d.checks {
		mark := "ok  "
		if !c.OK {
			mark = "FAIL"
		}
		err := a.println("%s  %s: %s", mark, c.Name, c.Message)
		if c.Remedy != nil {
			err = errors.Join(err, a.println("      %s", *c.Remedy))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
