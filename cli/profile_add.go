package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

type addProfileFlags struct {
	profile                         model.Profile
	description                     string
	fields, priorities, transitions []string
}

func (a *app) profileAddCommand() *cobra.Command {
	var f addProfileFlags
	cmd := &cobra.Command{
		Use:   "add NAME --connection C --project KEY --issue-type T",
		Short: "Add a profile, checked against Jira",
		Long: `Adds a profile. Jira is asked whether the project and the issue type are there and
whether all fields that the issue type requires are filled. Templates use Go's
text/template over the violation; a description is Markdown.`,
		Example: "  vexdesk profile add security --connection acme --project SEC --issue-type Bug --label vexdesk --field 'Severity={{.Severity}}'",
		Args:    exactArgs("a name"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			p, err := f.read(args[0])
			if err != nil {
				return err
			}
			warnings, err := a.checkProfile(cmd.Context(), s, p)
			if err != nil {
				return err
			}
			if p, err = s.AddProfile(cmd.Context(), a.actor(), p); err != nil {
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

// add makes the flags of a profile.
func (f *addProfileFlags) add(cmd *cobra.Command) {
	flags, p := cmd.Flags(), &f.profile
	flags.StringVar(&p.Connection, "connection", "", "name of the connection")
	flags.StringVar(&p.Project, "project", "", "key of the project")
	flags.StringVar(&p.IssueType, "issue-type", "", "name of the issue type")
	flags.StringArrayVar(&p.Labels, "label", nil, "a label (repeatable)")
	flags.StringVar(&p.Summary, "summary", "", "template of the summary")
	flags.StringVar(&f.description, "description", "", "file with the template of the description")
	flags.StringArrayVar(&f.fields, "field", nil, "FIELD=TEMPLATE: a field of Jira by id or name (repeatable)")
	flags.BoolVar(&p.Dedupe, "dedupe", false, "one ticket for a violation across all versions")
	flags.StringArrayVar(&f.priorities, "priority", nil, "SEVERITY=NAME: the priority for a severity (repeatable)")
	flags.StringVar(&p.OnSeenAgain, "on-seen-again", model.SeenAgainComment, "comment, reopen or new: a violation with a closed ticket is seen again")
	flags.StringVar(&p.OnGone, "on-gone", model.GoneComment, "nothing, comment or transition: the violation of a ticket is gone")
	flags.StringArrayVar(&f.transitions, "transition", nil, "STATUS=ID: the transition by which a VEX status, or \"resolved\" (with --on-gone transition), moves a ticket; a status of Jira: one on the way (repeatable)")
}

// read makes the profile of the flags, as far as that goes without Jira.
func (f *addProfileFlags) read(name string) (model.Profile, error) {
	p := f.profile
	p.Name = model.Clean(name)
	for _, needed := range []struct{ what, value string }{{"a name", p.Name}, {"--connection", p.Connection}, {"--project", p.Project}, {"--issue-type", p.IssueType}} {
		if needed.value == "" {
			return p, usage("a profile needs %s", needed.what)
		}
	}
	for _, label := range p.Labels {
		if label == "" || strings.ContainsAny(label, " \t\n") {
			return p, usage("%q is not a label: Jira takes no blanks in labels", label)
		}
	}
	if seen := []string{model.SeenAgainComment, model.SeenAgainReopen, model.SeenAgainNew}; !slices.Contains(seen, p.OnSeenAgain) {
		return p, usage("--on-seen-again is %q: use comment, reopen or new", p.OnSeenAgain)
	}
	if gone := []string{model.GoneNothing, model.GoneComment, model.GoneTransition}; !slices.Contains(gone, p.OnGone) {
		return p, usage("--on-gone is %q: use nothing, comment or transition", p.OnGone)
	}
	var err error
	if p.Fields, err = pairs("field", "FIELD=TEMPLATE", f.fields); err != nil {
		return p, err
	}
	if p.Transitions, err = pairs("transition", "STATUS=ID", f.transitions); err != nil {
		return p, err
	}
	if p.Priorities, err = severityPairs(f.priorities); err != nil {
		return p, err
	}
	if f.description != "" {
		text, err := os.ReadFile(f.description)
		if err != nil {
			return p, fmt.Errorf("the description %s cannot be read: %w", model.Clean(f.description), bare(err))
		}
		p.Description = model.CleanText(string(text))
	}
	return p, checkTemplates(p)
}

// checkTemplates refuses templates that cannot be filled.
func checkTemplates(p model.Profile) error {
	if _, err := model.ParseTemplate("summary", p.Summary); err != nil {
		return usage("%w", err)
	}
	if _, err := model.ParseTemplate("description", p.Description); err != nil {
		return usage("%w", err)
	}
	for field, text := range p.Fields {
		if _, err := model.ParseTemplate("field "+field, text); err != nil {
			return usage("%w", err)
		}
	}
	return nil
}

// pairs reads flags that give a name a value; form is how they are written.
func pairs(flag, form string, values []string) (map[string]string, error) {
	out := map[string]string{}
	for _, each := range values {
		name, value, ok := strings.Cut(each, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, usage("--%s is %q: write it as %s", flag, each, form)
		}
		if _, twice := out[name]; twice {
			return nil, usage("--%s names %q twice", flag, name)
		}
		out[name] = value
	}
	return out, nil
}

func severityPairs(values []string) (map[model.Severity]string, error) {
	named, err := pairs("priority", "SEVERITY=NAME", values)
	if err != nil {
		return nil, err
	}
	out := map[model.Severity]string{}
	for word, priority := range named {
		severity, err := model.ParseSeverity(word)
		if err != nil {
			return nil, usage("--priority: %w", err)
		}
		out[severity] = priority
	}
	return out, nil
}
