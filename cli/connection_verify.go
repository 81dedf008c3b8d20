package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// verify signs in and checks the rights, and records how it went.
func (a *app) verify(ctx context.Context, s *storage.Store, c model.Connection) (vexsync.Verification, error) {
	live := vexsync.NewLive(s)
	defer live.Close()
	return live.Verify(ctx, a.actor(), c)
}

func (a *app) connectionVerify(cmd *cobra.Command, s *storage.Store, args []string) error {
	c, err := s.Connection(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	v, verr := a.verify(cmd.Context(), s, c)
	if cmd.Context().Err() != nil {
		return cmd.Context().Err()
	}
	if a.json {
		err = a.printJSON(v)
	} else {
		if c, err = s.Connection(cmd.Context(), c.Name); err != nil {
			return err
		}
		err = a.printVerification(c, v)
	}
	if err != nil || verr == nil {
		return err
	}
	return &exitError{status: statusOf(verr), err: fmt.Errorf("connection %s does not pass: %s", c.Name, vexsync.Reason(v, verr)), printed: true}
}

func (a *app) printVerification(c model.Connection, v vexsync.Verification) error {
	p := &page{width: a.width()}
	p.line("connection", c.Name+", "+stateText(c))
	if v.Account != nil {
		p.line("account", strings.TrimSuffix(fmt.Sprintf("%s (%s, %s", v.Account.Name, v.Account.ID, v.Account.Type), ", ")+")")
	}
	if v.Server != nil {
		p.line("server", fmt.Sprintf("%s, %s (%s %s)", v.Server.Title, v.Server.URL, v.Server.DeploymentType, v.Server.Version))
	}
	for _, right := range v.Permissions {
		held := "held"
		if !right.OK {
			held = "missing"
		}
		p.line("right", fmt.Sprintf("%-8s %s, for %s", held, right.Name, right.NeededFor))
	}
	for _, problem := range v.Problems {
		p.line("problem", strings.TrimSuffix(problem.Message+"; "+problem.Hint, "; "))
	}
	for _, note := range v.Notes {
		p.line("note", strings.TrimSuffix(note.Message+"; "+note.Hint, "; "))
	}
	_, err := fmt.Fprint(a.stdout, p.String())
	return err
}
