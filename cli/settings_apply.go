package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) settingsExportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export -o FILE",
		Short: "Write how the workspace is set up into a file",
		Long: `Writes settings, connections (without their secrets), profiles, policies, watches,
products and views into one YAML file, for 'vexdesk settings apply'. - is standard
output.`,
		Args: noArgs,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			if out == "" {
				return usage("'%s' needs -o with a file, or - for standard output", cmd.CommandPath())
			}
			setup, err := s.Setup(cmd.Context())
			if err != nil {
				return err
			}
			text, err := yaml.MarshalWithOptions(toSetupYAML(setup), yaml.UseLiteralStyleIfMultiline(true))
			if err != nil {
				return err
			}
			if out == "-" {
				_, err := a.stdout.Write(text)
				return err
			}
			if err := writeWhole(out, text); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"file": out})
			}
			return a.tell("written to %s", out)
		}),
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write")
	return cmd
}

// writeWhole writes a file whole or not at all.
func writeWhole(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".vexdesk-*")
	if err != nil {
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the file cannot be written: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// applyJSON is the result of settings apply.
type applyJSON struct {
	Changes []changeJSON `json:"changes"`
	Applied bool         `json:"applied"`
}

type changeJSON struct {
	Kind   string   `json:"kind"`
	Name   string   `json:"name"`
	Action string   `json:"action"`
	Fields []string `json:"fields"`
}

func (a *app) settingsApplyCommand() *cobra.Command {
	var dryRun, yes bool
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Set the workspace up as a file says",
		Long: `Brings the workspace to what the file says, all of it or nothing, after showing
what that changes. What the file does not name stays. Applying it twice changes
nothing the second time. Connections come without secrets: a new one is a draft
until its secret is given and it is verified.`,
		Args: exactArgs("a file"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			want, text, err := a.readSetup(args[0])
			if err != nil {
				return err
			}
			changes, err := s.PlanSetup(cmd.Context(), a.actor(), want)
			if err != nil {
				return located(args[0], text, err)
			}
			if dryRun || len(changes) == 0 {
				return a.printChanges(changes, false, dryRun)
			}
			if err := a.printPlanOf(changes); err != nil {
				return err
			}
			if err := a.confirm(cmd, yes, "change the workspace so"); err != nil {
				return err
			}
			if err := s.ApplySetup(cmd.Context(), a.actor(), want, changes); err != nil {
				return located(args[0], text, err)
			}
			return a.printChanges(changes, true, false)
		}),
	}
	yesFlag(cmd, &yes)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print the plan, and do nothing")
	return cmd
}

func (a *app) readSetup(file string) (model.Setup, []byte, error) {
	var y setupYAML
	text, err := a.readFile(file)
	if err != nil {
		return model.Setup{}, nil, err
	}
	if err := yaml.UnmarshalWithOptions(text, &y, yaml.Strict()); err != nil && !errors.Is(err, io.EOF) {
		return model.Setup{}, text, usage("%s: %s", file, yamlMistake(err))
	}
	want, err := y.setup()
	return want, text, located(file, text, err)
}

// located adds the file and the line to a mistake.
func located(file string, text []byte, err error) error {
	var at *model.SetupError
	if !errors.As(err, &at) {
		return err
	}
	if line := lineOf(text, at); line > 0 {
		return usage("%s, line %d: %w", file, line, err)
	}
	return usage("%s: %w", file, err)
}

func changeLine(c model.SetupChange) string {
	action := "change"
	if c.Added {
		action = "add"
	}
	return fmt.Sprintf("  %-6s  %s %s: %s", action, c.Kind, c.Name, strings.Join(c.Fields, "; "))
}

// printPlanOf prints what is going to be changed, to stderr where JSON follows.
func (a *app) printPlanOf(changes []model.SetupChange) error {
	w := a.stdout
	if a.json {
		w = a.stderr
	}
	for _, c := range changes {
		if _, err := fmt.Fprintln(w, changeLine(c)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printChanges(changes []model.SetupChange, applied, dryRun bool) error {
	if a.json {
		out := applyJSON{Changes: []changeJSON{}, Applied: applied}
		for _, c := range changes {
			action := "change"
			if c.Added {
				action = "add"
			}
			out.Changes = append(out.Changes, changeJSON{c.Kind, c.Name, action, orEmpty(c.Fields)})
		}
		return a.printJSON(out)
	}
	switch {
	case len(changes) == 0:
		return a.println("nothing changes: the workspace is as the file says")
	case dryRun:
		if err := a.printPlanOf(changes); err != nil {
			return err
		}
		return a.println("nothing was done (--dry-run)")
	}
	return a.println("%s done", plural(len(changes), "change"))
}
