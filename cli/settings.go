package cli

import (
	"github.com/spf13/cobra"

	"example.com/vexdesk/storage"
)

type settingJSON struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Default string `json:"default"`
	Doc     string `json:"doc"`
}

func (a *app) settingsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "settings", Short: "See and change the settings of the workspace"}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "get [KEY]",
			Short: "Print one setting, or all",
			Args: func(cmd *cobra.Command, args []string) error {
				if len(args) > 1 {
					return usage("'%s' takes one key, or none for all", cmd.CommandPath())
				}
				return nil
			},
			RunE: a.with(a.settingsGet),
		},
		&cobra.Command{
			Use:   "set KEY VALUE",
			Short: "Change a setting",
			Args:  exactArgs("a key", "a value"),
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				if _, err := s.Setting(cmd.Context(), args[0]); err != nil {
					return usage("%w", err)
				}
				if err := s.SetSetting(cmd.Context(), a.actor(), args[0], args[1]); err != nil {
					return err
				}
				return a.settingsGet(cmd, s, args[:1])
			}),
		},
		a.settingsExportCommand(), a.settingsApplyCommand(),
	)
	return cmd
}

func (a *app) settingsGet(cmd *cobra.Command, s *storage.Store, args []string) error {
	t := a.table(column{head: "setting"}, column{head: "value"}, column{head: "default"}, column{head: "what it is", keep: 20})
	for _, known := range storage.Settings() {
		if len(args) == 1 && known.Key != args[0] {
			continue
		}
		value, err := s.Setting(cmd.Context(), known.Key)
		if err != nil {
			return err
		}
		switch {
		case a.json:
			err = a.printJSON(settingJSON{known.Key, value, known.Default, known.Doc})
		case len(args) == 1:
			return a.println("%s", value)
		default:
			err = t.row(known.Key, value, known.Default, known.Doc)
		}
		if err != nil {
			return err
		}
	}
	if len(args) == 1 && !a.json {
		_, err := s.Setting(cmd.Context(), args[0])
		return usage("%w", err)
	}
	return t.flush()
}
