package sync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
)

// Misfit is a profile that cannot make tickets as Jira stands now.
type Misfit struct{ Problem string }

// Error says what stands in the way.
func (e *Misfit) Error() string { return e.Problem }

func misfit(format string, values ...any) error {
	return &Misfit{fmt.Sprintf(format, values...)}
}

// CheckProfile asks Jira whether a profile can make tickets, without making one:
// that the project and the issue type are there, that the mapping fits its fields
// and fills all that are required (X6, X9). The error is a *Misfit
// where something of the profile stands in the way, else Jira could not be asked;
// warnings are what Jira would leave out or does not know
// (X7).
func (l *Live) CheckProfile(ctx context.Context, p model.Profile) (warnings []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	c, err := l.store.Connection(ctx, p.Connection)
	if err != nil {
		return nil, err
	}
	projects, _, err := l.Projects(ctx, p.Connection, Now)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(projects, func(each model.JiraProject) bool { return each.Key == p.Project }) {
		keys := make([]string, len(projects))
		for i := range projects {
			keys[i] = projects[i].Key
		}
		return nil, misfit("project %q is not there, or the account may not create issues in it: there are %s", p.Project, model.Listed(keys))
	}
	types, _, err := l.Types(ctx, p.Connection, p.Project, Now)
	if err != nil {
		return nil, err
	}
	t, err := FindType(types, p.Project, p.IssueType)
	if err != nil {
		return nil, err
	}
	if err := fitsProfile(t, &p); err != nil {
		return nil, err
	}
	unknown, err := l.UnknownLabels(ctx, p.Connection, p.Labels, Now)
	if err != nil {
		return nil, err
	}
	warnings = t.Fields.LeftOut(p.IssueType, &p)
	for _, label := range unknown {
		warnings = append(warnings, fmt.Sprintf("Jira does not know the label %q yet: the first ticket brings it into being", label))
	}
	more, err := l.checkTransitions(ctx, &p, t)
	if c.State != model.ConnectionActive {
		more = append(more, fmt.Sprintf("connection %s is a draft: tickets wait until 'vexdesk connection verify %s' passes", c.Name, c.Name))
	}
	return append(warnings, more...), err
}

// FindType finds an issue type by name, without case, or by id.
func FindType(types []model.JiraType, project, name string) (model.JiraType, error) {
	names := make([]string, len(types))
	for i, t := range types {
		if strings.EqualFold(t.Name, name) || t.ID == name {
			return t, nil
		}
		names[i] = t.Name
	}
	return model.JiraType{}, misfit("project %s has no issue type %q: it has %s", project, name, model.Listed(names))
}

// fitsProfile refuses a profile whose mapping does not fit, or that leaves required
// fields without a value, and names them.
func fitsProfile(t model.JiraType, p *model.Profile) error {
	misfits := t.Fields.Misfits(p)
	for _, name := range slices.Sorted(maps.Keys(misfits)) {
		return misfit("field %q of %s: %s", name, p.IssueType, misfits[name])
	}
	var missing []string
	for _, f := range t.Fields.InTheWay(p) {
		missing = append(missing, f.Name)
	}
	if len(missing) > 0 {
		return misfit("%s requires fields that the profile does not fill: %s: map them with --field 'NAME=TEMPLATE', or choose another issue type",
			p.IssueType, strings.Join(missing, ", "))
	}
	if t.Fields.NoLabels(p) {
		return misfit("%s requires labels, and the profile has none", p.IssueType)
	}
	return nil
}

// sampled is how many tickets are looked at for the transitions they offer.
const sampled = 50

// checkTransitions looks whether tickets of the type offer the transitions that
// the profile names. Jira tells transitions of tickets alone, and of each those
// that are open from its status: where tickets of every status were seen, a
// transition that none offers is refused; else what could not be seen is
// pointed out, and so are statuses that tickets of the type never have.
func (l *Live) checkTransitions(ctx context.Context, p *model.Profile, t model.JiraType) ([]string, error) {
	if len(p.Transitions) == 0 {
		return nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(p.Transitions)) {
		if _, err := strconv.ParseUint(p.Transitions[name], 10, 63); err != nil {
			return nil, fmt.Errorf("the transition for %q is %q: use its number, which Jira shows in the workflow's text view", name, p.Transitions[name])
		}
	}
	all, _, err := l.Statuses(ctx, p.Connection, p.Project, time.Minute)
	if err != nil {
		return nil, err
	}
	var statuses []string
	for _, s := range all {
		if strings.EqualFold(s.Type, t.Name) {
			statuses = append(statuses, s.Name)
		}
	}
	open, seen, known, err := l.sampleTransitions(ctx, p, t)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(p.Transitions)) {
		word := slices.Contains(model.TransitionWords(), name)
		if !word && !slices.ContainsFunc(statuses, func(n string) bool { return strings.EqualFold(n, name) }) {
			out = append(out, fmt.Sprintf("a %s of project %s is never %q: its statuses are %s", t.Name, p.Project, name, model.Listed(statuses)))
		}
		id := p.Transitions[name]
		switch found := slices.ContainsFunc(open, func(t jiraclient.Transition) bool { return t.ID == id }); {
		case found:
		case len(seen) > 0 && len(seen) == len(statuses):
			return nil, fmt.Errorf("no %s of project %s offers the transition %s for %q: they offer %s", t.Name, p.Project, id, name, steps(open))
		case known[id] != "": // offered before, from a status that no ticket is in now
		default:
			out = append(out, fmt.Sprintf("the transition %s for %q could not be checked: no %s of project %s was seen that offers it", id, name, t.Name, p.Project))
		}
		if name == model.TransitionResolved && p.OnGone != model.GoneTransition {
			out = append(out, fmt.Sprintf("the transition for %q is taken with --on-gone transition alone", name))
		}
	}
	return out, nil
}

// sampleTransitions asks tickets of the type, one for each status, which
// transitions they offer. seen are the statuses, known the transitions that were
// ever offered.
func (l *Live) sampleTransitions(ctx context.Context, p *model.Profile, t model.JiraType) (open []jiraclient.Transition, seen map[string]bool, known map[string]string, err error) {
	client, c, err := l.client(ctx, p.Connection)
	if err != nil {
		return nil, nil, nil, err
	}
	seen = map[string]bool{}
	looked := 0
	search := jiraclient.Search{JQL: "project = " + jiraclient.QuoteJQL(p.Project) + " AND issuetype = " + jiraclient.QuoteJQL(t.ID) + " ORDER BY updated DESC", Fields: []string{"status"}, PageSize: sampled}
	for issue, err := range client.SearchJQL(ctx, search) {
		if err != nil {
			return nil, nil, nil, err
		}
		if looked++; looked > sampled {
			break
		}
		if name := issue.Status().Name; !seen[name] {
			seen[name] = true
			more, err := client.Transitions(ctx, issue.ID)
			if err != nil {
				return nil, nil, nil, err
			}
			for _, step := range more {
				if !slices.ContainsFunc(open, func(t jiraclient.Transition) bool { return t.ID == step.ID }) {
					open = append(open, step)
				}
			}
		}
	}
	known, err = noteTargets(ctx, l.store, c.ID, p.Project, t.Name, open)
	return open, seen, known, err
}
