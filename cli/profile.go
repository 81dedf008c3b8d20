package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) profileCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "profile", Short: "Say what tickets look like"}
	named := exactArgs("the name of a profile")
	cmd.AddCommand(a.profileAddCommand(), a.profileSetCommand(),
		&cobra.Command{
			Use:   "list",
			Short: "List the profiles",
			Args:  noArgs,
			RunE:  a.with(a.profileList),
		},
		&cobra.Command{
			Use:   "show NAME",
			Short: "Show a profile",
			Args:  named,
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				p, err := s.Profile(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showProfile(p, nil)
			}),
		},
		&cobra.Command{
			Use:   "check NAME",
			Short: "Ask Jira whether a profile is still right",
			Args:  named,
			RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
				p, err := s.Profile(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				warnings, err := a.checkProfile(cmd.Context(), s, p)
				if err != nil {
					return err
				}
				return a.showProfile(p, warnings)
			}),
		},
		a.removeCommand("profile", "Remove a profile; its tickets stay", (*storage.Store).RemoveProfile),
	)
	return cmd
}

type profileJSON struct {
	Name        string            `json:"name"`
	Connection  string            `json:"connection"`
	Project     string            `json:"project"`
	IssueType   string            `json:"issue_type"`
	Labels      []string          `json:"labels"`
	Summary     *string           `json:"summary"`
	Description *string           `json:"description"`
	Fields      map[string]string `json:"fields"`
	Priorities  map[string]string `json:"priorities"`
	Dedupe      bool              `json:"dedupe"`
	OnSeenAgain string            `json:"on_seen_again"`
	OnGone      string            `json:"on_gone"`
	Transitions map[string]string `json:"transitions"`
	Warnings    []string          `json:"warnings,omitempty"`
}

func toProfileJSON(p model.Profile, warnings []string) profileJSON {
	out := profileJSON{Name: p.Name, Connection: p.Connection, Project: p.Project, IssueType: p.IssueType, Labels: orEmpty(p.Labels),
		Summary: orNull(p.Summary), Description: orNull(p.Description), Fields: map[string]string{}, Priorities: map[string]string{},
		Dedupe: p.Dedupe, OnSeenAgain: p.OnSeenAgain, OnGone: p.OnGone, Transitions: map[string]string{}, Warnings: warnings}
	maps.Copy(out.Fields, p.Fields)
	maps.Copy(out.Transitions, p.Transitions)
	for _, severity := range model.Severities() {
		out.Priorities[severity.String()] = p.Priority(severity)
	}
	return out
}

func (a *app) profileList(cmd *cobra.Command, s *storage.Store, _ []string) error {
	all, err := s.Profiles(cmd.Context())
	if err != nil {
		return err
	}
	t := a.table(column{head: "profile"}, column{head: "connection"}, column{head: "project"}, column{head: "issue type"}, column{head: "labels", keep: 12}, column{head: "one ticket for"})
	for _, p := range all {
		if a.json {
			err = a.printJSON(toProfileJSON(p, nil))
		} else {
			err = t.row(p.Name, p.Connection, p.Project, p.IssueType, orDash(strings.Join(p.Labels, " ")), dedupeText(p))
		}
		if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return a.tell("there is no profile yet: add one with 'vexdesk profile add', or with T in the console")
	}
	return t.flush()
}

func dedupeText(p model.Profile) string {
	if p.Dedupe {
		return "all versions"
	}
	return "each version"
}

func (a *app) showProfile(p model.Profile, warnings []string) error {
	if a.json {
		return a.printJSON(toProfileJSON(p, warnings))
	}
	out := &page{width: a.width()}
	out.line("profile", p.Name)
	out.line("connection", p.Connection)
	out.line("project", p.Project)
	out.line("issue type", p.IssueType)
	out.line("labels", strings.Join(p.Labels, " "))
	out.line("one ticket for", dedupeText(p))
	out.line("summary", p.Summary)
	out.line("description", p.Description)
	for _, field := range slices.Sorted(maps.Keys(p.Fields)) {
		out.line("field", field+" = "+p.Fields[field])
	}
	var priorities []string
	for _, severity := range model.Severities() {
		priorities = append(priorities, severity.String()+" "+p.Priority(severity))
	}
	out.line("priorities", strings.Join(priorities, ", "))
	out.line("seen again", p.OnSeenAgain)
	out.line("gone", p.OnGone)
	for _, status := range slices.Sorted(maps.Keys(p.Transitions)) {
		out.line("transition", status+" = "+p.Transitions[status])
	}
	_, err := fmt.Fprint(a.stdout, out.String())
	return errors.Join(err, a.tellAll(warnings))
}
