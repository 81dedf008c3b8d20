package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
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

// note tells of what works and is worth knowing, with what to do about it.
func (d *doctor) note(name, message, advice string) {
	d.checks = append(d.checks, checkJSON{Name: name, OK: true, Message: model.Clean(message), Remedy: orNull(model.Clean(advice))})
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
				d.ill("database", sentence(err), databaseRemedy(err))
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

// databaseRemedy is what to do about a database that cannot be opened or used.
func databaseRemedy(err error) string {
	for _, known := range []struct {
		err    error
		remedy string
	}{
		{storage.ErrDamaged, "restore a backup with 'vexdesk restore FILE'"},
		{storage.ErrNotOurs, "choose another folder with --home"},
		{storage.ErrNewer, "install the newer version, or choose another folder with --home"},
		{storage.ErrFull, "make room on its file system"},
		{storage.ErrWrite, "make room on its file system, and look at quotas and limits"},
		{storage.ErrLocked, "try again when the other process is done"},
	} {
		if errors.Is(err, known.err) {
			return known.remedy
		}
	}
	return "check the owner and the rights of the folder, or choose another one with --home"
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
		d.ill("database", err.Error(), databaseRemedy(err))
	} else if err := s.CheckWritable(ctx); err != nil {
		d.ill("database", err.Error(), databaseRemedy(err))
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
		if err := examineProvisioning(ctx, d, s, c); err != nil {
			return err
		}
	}
	if err := a.examineProfiles(ctx, d, s, working); err != nil {
		return err
	}
	if err := a.examineProducts(ctx, d, s); err != nil {
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
		d.ill(name, err.Error(), "put the file \"key\" of the workspace back, or enter the secret again with 'vexdesk connection set "+c.Name+"'")
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
	for _, n := range v.Notes {
		d.note(name, n.Message, n.Hint)
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
			d.ill(name, err.Error(), profileRemedy(p, err))
			continue
		case len(warnings) > 0:
			for _, w := range warnings {
				d.well(name, "fits, but: %s", w)
			}
		default:
			d.well(name, "fits %s in project %s", p.IssueType, p.Project)
		}
		if err := a.examineVEXFields(ctx, d, s, p); err != nil {
			return err
		}
	}
	return nil
}

// profileRemedy is what to do about a profile that does not fit, or that cannot be
// checked.
func profileRemedy(p model.Profile, err error) string {
	var misfit *vexsync.Misfit
	if !errors.As(err, &misfit) {
		return hintOf(err)
	}
	if strings.EqualFold(p.IssueType, model.VexdeskType) {
		return "an administrator brings the issue type into the project with 'vexdesk provision associate --project " + p.Project + "'"
	}
	return "change it with 'vexdesk profile set " + p.Name + "'"
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
		switch {
		case !c.OK:
			mark = "FAIL"
		case c.Remedy != nil:
			mark = "note"
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
