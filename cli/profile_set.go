package cli

import (
	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) profileSetCommand() *cobra.Command {
	var f addProfileFlags
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change a profile, checked against Jira; tickets that exist stay as they are",
		Long: `Changes a profile. What is not named stays; a list (labels, fields, priorities,
transitions) that is named is replaced whole.`,
		Args: exactArgs("the name of a profile"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			if cmd.Flags().NFlag() == 0 {
				return usage("nothing is changed: 'vexdesk profile set --help' tells the flags")
			}
			before, err := s.Profile(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			p, err := f.over(cmd, before)
			if err != nil {
				return err
			}
			warnings, err := a.checkProfile(cmd.Context(), s, p)
			if err != nil {
				return err
			}
			if err := s.SetProfile(cmd.Context(), a.actor(), p); err != nil {
				return err
			}
			if p, err = s.Profile(cmd.Context(), p.Name); err != nil {
				return err
			}
			return a.showProfile(p, warnings)
		}),
	}
	f.add(cmd)
	return cmd
}

// over is the profile before with the flags that were given.
func (f *addProfileFlags) over(cmd *cobra.Command, before model.Profile) (model.Profile, error) {
	given := cmd.Flags().Changed
	flags := *f
	for _, text := range []struct {
		flag   string
		to     *string
		before string
	}{
		{"connection", &flags.profile.Connection, before.Connection}, {"project", &flags.profile.Project, before.Project},
		{"issue-type", &flags.profile.IssueType, before.IssueType}, {"summary", &flags.profile.Summary, before.Summary},
		{"on-seen-again", &flags.profile.OnSeenAgain, before.OnSeenAgain}, {"on-gone", &flags.profile.OnGone, before.OnGone},
	} {
		if !given(text.flag) {
			*text.to = text.before
		}
	}
	p, err := flags.read(before.Name)
	if err != nil {
		return p, err
	}
	p.ID = before.ID
	for _, rest := range []struct {
		flag string
		keep func()
	}{
		{"label", func() { p.Labels = before.Labels }}, {"description", func() { p.Description = before.Description }},
		{"field", func() { p.Fields = before.Fields }}, {"dedupe", func() { p.Dedupe = before.Dedupe }},
		{"priority", func() { p.Priorities = before.Priorities }}, {"transition", func() { p.Transitions = before.Transitions }},
	} {
		if !given(rest.flag) {
			rest.keep()
		}
	}
	return p, nil
}
