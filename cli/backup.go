package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a whole copy of the workspace to a file",
		Long: `Writes a whole, consistent copy of the workspace to a new file, while others go on
working. The secrets in it are encrypted, and their key is not in it: keep the
file "key" of the home apart, or enter the secrets again after a restore.`,
		Args: exactArgs("the name of a file"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			if err := s.Backup(cmd.Context(), args[0]); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"file": model.Clean(args[0])})
			}
			return a.println("the workspace is copied to %s", model.Clean(args[0]))
		}),
	}
}

func (a *app) restoreCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the workspace",
		Long: `Puts a backup in the place of the workspace, whole or not at all. It is refused
while another process has the workspace open. What was there is kept beside it.`,
		Args: exactArgs("the name of a backup"),
		RunE: func(cmd *cobra.Command, args []string) error {
			home, err := a.home()
			if err != nil {
				return err
			}
			if a.readOnly {
				return storage.ErrReadOnly
			}
			if _, err := os.Stat(args[0]); err != nil {
				return fmt.Errorf("the backup %s cannot be read: %w", model.Clean(args[0]), bare(err))
			}
			if err := a.confirm(cmd, yes, "replace the workspace "+home.database()+" by "+model.Clean(args[0])); err != nil {
				return err
			}
			kept, err := storage.Restore(cmd.Context(), args[0], home.database())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]any{"file": model.Clean(args[0]), "kept": orNull(kept)})
			}
			err = a.println("the workspace is restored from %s", model.Clean(args[0]))
			if kept != "" {
				err = errors.Join(err, a.println("what was there is kept as %s", kept))
			}
			return err
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}
