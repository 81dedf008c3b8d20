package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/formats/write"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// names lists what a shell proposes for a name; it reads the workspace only.
type names func(cmd *cobra.Command, s *storage.Store) ([]string, error)

// completeAll gives the shells the values of flags and arguments: the words that
// they take, and the names of what there is.
func (a *app) completeAll(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		a.completeAll(sub)
	}
	words := map[string][]string{
		"auth": {"basic", "oauth2", "oauth1", "pat"}, "status": {"in_triage", "affected", "not_affected", "fixed", "none"},
		"qualifier": {"false_positive", "with_pedigree", "none"}, "justification": append(model.Justifications(), "none"), "response": append(model.Responses(), "none"),
		"scope": {"violation", "lineage", "elsewhere"}, "group": {"violation", "vulnerability", "component"}, "mode": {"off", "log", "apply"},
		"on-seen-again": {"comment", "reopen", "new"}, "on-gone": {"nothing", "comment", "transition"}, "resource": {"build", "artifact", "repository", "release_bundle", "image", "sbom"},
		"only": {"create", "status", "vex", "auto"}, "take": {"local", "jira"}, "log-level": {"debug", "info", "warn", "error", "off"}, "deployment": {"cloud", "datacenter"},
		"sync": {"on", "off"}, "push-notes": {"on", "off"}, "create-tickets": {"on", "off"}, "retrieve-tickets": {"on", "off"}, "field": syncedFieldNames(), "format": formats.Names(),
		"type": {"cloud", "datacenter"}, "theme": {"dark", "light", "high-contrast", "none"},
	}
	path := cmd.CommandPath()
	switch {
	case strings.HasPrefix(path, "vexdesk policy"):
		words["type"] = []string{"security", "license", "operational_risk"}
	case strings.HasPrefix(path, "vexdesk export"):
		words["format"] = write.Formats()
	case strings.HasPrefix(path, "vexdesk connection"), strings.HasPrefix(path, "vexdesk watch"):
		delete(words, "scope")
	case strings.HasPrefix(path, "vexdesk profile"):
		delete(words, "field")
	}
	for flag, values := range words {
		if f := cmd.Flags().Lookup(flag); f != nil && f.Value.Type() != "bool" {
			// It fails only where a flag has a completion already.
			_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	for flag, of := range map[string]names{"profile": profileNames, "connection": connectionNames, "check-as": connectionNames, "product": productNames, "policy": policyNames} {
		if cmd.Flags().Lookup(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, a.completeNames(of, 0))
		}
	}
	a.completeArguments(cmd, path)
}

// completeArguments proposes the names that a command takes, and files to those
// that take files.
func (a *app) completeArguments(cmd *cobra.Command, path string) {
	of := map[string]names{"connection": connectionNames, "profile": profileNames, "product": productNames, "policy": policyNames, "watch": watchNames, "view": viewNames, "ticket": ticketKeys}
	takesFiles := []string{"vexdesk import", "vexdesk restore", "vexdesk backup", "vexdesk settings apply"}
	parent, name, _ := strings.Cut(strings.TrimPrefix(path, "vexdesk "), " ")
	switch {
	case cmd.ValidArgsFunction != nil || cmd.HasSubCommands() || slices.Contains(takesFiles, path) || parent == "completion" || parent == "help":
	case of[parent] != nil && name != "add" && name != "list" && name != "create":
		cmd.ValidArgsFunction = a.completeNames(of[parent], 1)
	case parent == "settings":
		cmd.ValidArgsFunction = a.completeNames(settingKeys, 1)
	default:
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
}

// completeNames proposes names for the first arguments of a command, or for a
// flag where most is 0.
func (a *app) completeNames(of names, most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		a.readOnly = true
		s, err := a.open(cmd.Context())
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		list, err := of(cmd, s)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		list = slices.DeleteFunc(list, func(name string) bool { return name == "" || !strings.HasPrefix(name, begun) })
		return list[:min(len(list), mostNames)], cobra.ShellCompDirectiveNoFileComp
	}
}

// mostNames is how many names a shell is given, such as keys of tickets.
const mostNames = 200

func namesOf[T any](all []T, err error, name func(T) string) ([]string, error) {
	var out []string
	for _, each := range all {
		out = append(out, name(each))
	}
	return out, err
}

func connectionNames(cmd *cobra.Command, s *storage.Store) ([]string, error) {
	all, err := s.Connections(cmd.Context())
	return namesOf(all, err, func(c model.Connection) string { return c.Name })
}

func profileNames(cmd *cobra.Command, s *storage.Store) ([]string, error) {
	all, err := s.Profiles(cmd.Context())
	return namesOf(all, err, func(p model.Profile) string { return p.Name })
}

func productNames(cmd *cobra.Command, s *storage.Store) ([]string, error) {
	all, err := s.Products(cmd.Context())
	return namesOf(all, err, func(p model.Product) string { return p.Name })
}

func policyNames(cmd *cobra.Command, s *storage.Store) ([]string, error) {
	all, err := s.Policies(cmd.Context())
	return namesOf(all, err, func(p model.Policy) string { return p.Name })
}

func watchNames(cmd *cobra.Command, s *storage.Store) ([]string, error) {
	all, err := s.Watches(cmd.Context())
	return namesOf(all, err, func(w model.Watch) string { return w.Name })
}

func viewNames(cmd *cobra.Command, s *storage.Store) ([]string, error) {
	all, err := s.Views(cmd.Context())
	return namesOf(all, err, func(v model.View) string { return v.Name })
}

func ticketKeys(cmd *cobra.Command, s *storage.Store) ([]string, error) {
	all, err := s.Tickets(cmd.Context(), storage.TicketFilter{})
	return namesOf(all, err, func(t model.Ticket) string { return t.Key })
}

func settingKeys(_ *cobra.Command, _ *storage.Store) ([]string, error) {
	return namesOf(storage.Settings(), nil, func(k storage.Setting) string { return k.Key })
}
