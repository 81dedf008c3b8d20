package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
)

// meanwhile brings in what another stored while the form was open. The rules are
// one value: a list that takes some from each would be what neither wants.
func (e *editor) meanwhile(m savedMsg) tea.Cmd {
	var changed *storage.ChangedError
	i := slices.IndexFunc(m.policies, func(r policyRow) bool { return r.ID == e.before.ID })
	if !errors.As(m.err, &changed) || i < 0 {
		return nil
	}
	ours, _ := e.policy()
	base, theirs := e.before.Rules, m.policies[i].Rules
	var taken, disputed []string
	switch {
	case slices.Equal(theirs, base) || slices.Equal(theirs, ours.Rules):
	case slices.Equal(ours.Rules, base):
		taken = []string{"the rules"}
		e.rebuild(theirs)
	default:
		disputed = []string{"the rules"}
		e.other = &otherRules{form.Theirs, theirs}
		e.offerRules()
	}
	then, now := newEditor(e.desk, e.before), newEditor(e.desk, &m.policies[i])
	for _, each := range []*editor{then, now} { // the rules are seen to
		each.form.Fields = slices.DeleteFunc(each.form.Fields, func(f *form.Field) bool { return strings.Contains(f.Name, ".") })
	}
	more, both := e.form.Meanwhile(then.form, now.form)
	taken, disputed = append(more, taken...), append(both, disputed...)
	e.before = now.before
	cmd := e.changed()
	e.problem, e.told = nil, form.Told(e.env, changed, taken, disputed)
	return cmd
}

// otherRules can be taken instead of those in the form.
type otherRules struct {
	whose string
	rules []model.Rule
}

// rebuild makes the form anew with other rules.
func (e *editor) rebuild(rules []model.Rule) {
	p, _ := e.policy()
	p.Rules = rules
	e.build(p, of(0, "query"))
}

// offerRules shows the other list of rules under the first rule.
func (e *editor) offerRules() {
	if e.other == nil {
		return
	}
	var parts []string
	for i := range e.other.rules {
		r := &e.other.rules[i]
		text := r.Query
		if text == "" {
			text = "everything"
		}
		parts = append(parts, fmt.Sprintf("%d %s%s", i+1, text, actionText(r)))
	}
	e.form.Offer(of(0, "query"), e.other.whose, "the rules "+strings.Join(parts, "; "), func() {
		ours, _ := e.policy()
		rules := e.other.rules
		e.other = &otherRules{form.Against(e.other.whose), ours.Rules}
		e.rebuild(rules)
	})
}
