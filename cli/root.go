package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// The groups of the help page.
const (
	groupTriage = "triage"
	groupJira   = "jira"
	groupSpace  = "workspace"
	groupTry    = "try"
)

func (a *app) rootCommand() *cobra.Command {
	var f consoleFlags
	root := &cobra.Command{
		Use:           "vexdesk",
		Short:         "Triage violations, raise Jira tickets, record VEX decisions",
		Long:          "Vexdesk is a console for violations: it reads the reports of scanners, keeps what was decided,\nraises Jira tickets and follows them. Without a command it opens the console.",
		Version:       version,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return a.console(cmd.Context(), f) },
		SilenceErrors: true,
		SilenceUsage:  true,

		PersistentPreRunE: func(*cobra.Command, []string) error {
			_, _, err := logLevel(a.logLevel)
			return err
		},

		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetVersionTemplate("vexdesk {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%s; 'vexdesk%s --help' shows the flags", flagProblem(err), strings.TrimPrefix(cmd.CommandPath(), "vexdesk"))
	})
	f.flags(root)
	flags := root.PersistentFlags()
	flags.StringVar(&a.homeFlag, "home", "", "folder of the workspace (or VEXDESK_HOME)")
	flags.BoolVar(&a.json, "json", false, "print the result as JSON")
	flags.BoolVar(&a.readOnly, "readonly", false, "refuse every change")
	flags.StringVar(&a.logLevel, "log-level", "", "debug, info, warn, error or off (or VEXDESK_LOG)")
	root.AddGroup(
		&cobra.Group{ID: groupTriage, Title: "Triage:"},
		&cobra.Group{ID: groupJira, Title: "Jira:"},
		&cobra.Group{ID: groupSpace, Title: "Workspace:"},
		&cobra.Group{ID: groupTry, Title: "Trying it out:"},
	)
	root.SetHelpCommandGroupID(groupSpace)
	root.SetCompletionCommandGroupID(groupSpace)
	a.addCommands(root)
	// Both would come by themselves, but later, and take any word.
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "help" {
			cmd.Args = knownTopic
		}
	}
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		needSubcommand(cmd)
	}
	return root
}

// flagProblem says what is wrong with a flag, without the words of Go's library.
func flagProblem(err error) string {
	var number *strconv.NumError
	if !errors.As(err, &number) {
		return err.Error()
	}
	what, takes := err.Error(), "a whole number"
	if number.Func == "ParseBool" {
		takes = "true or false"
	}
	what, _, _ = strings.Cut(what, ": strconv.")
	return what + ": it takes " + takes
}

func (a *app) addCommands(root *cobra.Command) {
	add := func(group string, commands ...*cobra.Command) {
		for _, cmd := range commands {
			cmd.GroupID = group
			root.AddCommand(cmd)
		}
	}
	add(groupTriage, a.importCommand(), a.enrichCommand(), a.listCommand(), a.showCommand(), a.vexCommand(), a.exportCommand(), a.viewCommand())
	add(groupJira, a.ticketCommand(), a.syncCommand(), a.outboxCommand(), a.connectionCommand(), a.profileCommand(), a.productCommand(), a.policyCommand(), a.watchCommand(), a.provisionCommand())
	add(groupSpace, a.settingsCommand(), a.doctorCommand(), a.backupCommand(), a.restoreCommand(), a.versionCommand())
	add(groupTry, a.demoCommand(), a.jiraSimCommand())
}

// needSubcommand makes a command that only holds others say so, where cobra
// would print its help and succeed.
func needSubcommand(cmd *cobra.Command) {
	if !cmd.HasSubCommands() {
		return
	}
	var names []string
	for _, sub := range cmd.Commands() {
		needSubcommand(sub)
		names = append(names, sub.Name())
	}
	if cmd.Runnable() {
		return
	}
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("there is no command %q in '%s': there are %s", args[0], cmd.CommandPath(), strings.Join(names, ", "))
		}
		return usage("'%s' needs one of its commands: %s", cmd.CommandPath(), strings.Join(names, ", "))
	}
}

// knownCommand refuses a word that is no command, and says what may be meant.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if meant := root.SuggestionsFor(args[0]); len(meant) > 0 {
		return usage("there is no command %q: is %s meant?", args[0], strings.Join(meant, " or "))
	}
	return usage("there is no command %q: 'vexdesk --help' lists them", args[0])
}

// knownTopic refuses to help with what is no command.
func knownTopic(cmd *cobra.Command, args []string) error {
	if _, rest, err := cmd.Root().Find(args); err != nil || len(rest) > 0 {
		return usage("there is no command %q: 'vexdesk --help' lists them", strings.Join(args, " "))
	}
	return nil
}

// noArgs, someArgs and exactArgs check the arguments of a command; what says
// what they are.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("'%s' takes no arguments, and %q is one", cmd.CommandPath(), args[0])
	}
	return nil
}

func someArgs(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("'%s' needs %s", cmd.CommandPath(), what)
		}
		return nil
	}
}

func exactArgs(what ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(what) {
			return usage("'%s' needs %s and nothing else: there are %d arguments", cmd.CommandPath(), strings.Join(what, " and "), len(args))
		}
		return nil
	}
}

// println prints a line of a result.
func (a *app) println(format string, values ...any) error {
	_, err := fmt.Fprintf(a.stdout, format+"\n", values...)
	return err
}

// tell prints a remark, which is no part of the result, unless JSON is asked
// for.
func (a *app) tell(format string, values ...any) error {
	if a.json {
		return nil
	}
	_, err := fmt.Fprintf(a.stderr, format+"\n", values...)
	return err
}
