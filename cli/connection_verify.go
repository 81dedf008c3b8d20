package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// verifyTime bounds a verification.
const verifyTime = 45 * time.Second

// verify signs in and checks the rights, and records how it went: what passes
// is active and works; what fails stays as it was (ruling 27).
func (a *app) verify(ctx context.Context, s *storage.Store, c model.Connection) (jiraclient.Verification, error) {
	client, err := vexsync.Connect(ctx, s, c)
	if err != nil {
		v := jiraclient.Verification{Permissions: []jiraclient.Permission{}, Problems: []jiraclient.Problem{}, Notes: []jiraclient.Problem{}}
		v.Problems = append(v.Problems, jiraclient.Problem{Message: err.Error(), Hint: hintOf(err)})
		return v, err
	}
	v, err := ask(ctx, client)
	switch {
	case ctx.Err() != nil:
		return v, ctx.Err()
	case err == nil:
		return v, a.passed(ctx, s, c, v)
	case c.State == model.ConnectionDraft:
		return v, errors.Join(err, s.SetProblem(ctx, c, reason(v, err)))
	}
	return v, err
}

// ask verifies with a client, and closes it.
func ask(ctx context.Context, client *jiraclient.Client) (jiraclient.Verification, error) {
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	return client.Verify(ctx)
}

// passed records a verification that passed.
func (a *app) passed(ctx context.Context, s *storage.Store, c model.Connection, v jiraclient.Verification) error {
	if v.CloudID != c.Options.CloudID {
		if err := s.SetCloudID(ctx, c, v.CloudID); err != nil {
			return err
		}
	}
	return s.SetVerified(ctx, a.actor(), c, v.Server.URL)
}

// reason is the first problem as a sentence.
func reason(v jiraclient.Verification, err error) string {
	if len(v.Problems) == 0 {
		return sentence(err)
	}
	text := v.Problems[0].Message
	if hint := v.Problems[0].Hint; hint != "" {
		text += "; " + hint
	}
	return model.Clean(text)
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
	return &exitError{status: statusOf(verr), err: fmt.Errorf("connection %s does not pass: %s", c.Name, reason(v, verr)), printed: true}
}

func (a *app) printVerification(c model.Connection, v jiraclient.Verification) error {
	p := &page{width: a.width()}
	p.line("connection", c.Name+", "+stateText(c))
	if v.Account != nil {
		p.line("account", fmt.Sprintf("%s (%s, %s)", v.Account.Name, v.Account.ID, v.Account.Type))
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
