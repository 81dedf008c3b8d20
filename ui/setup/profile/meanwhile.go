package profile

import (
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/toast"
)

// meanwhile brings in what another stored while the form was open; it reports
// whether that is what went wrong.
func (f *Form) meanwhile(m savedMsg) (tea.Cmd, bool) {
	var changed *storage.ChangedError
	if !errors.As(m.err, &changed) || m.now == nil {
		return nil, false
	}
	then, now := f.copyOf(f.before), f.copyOf(*m.now)
	all := []map[string]string{f.mapping(), f.before.Fields, m.now.Fields}
	for i, form := range []*Form{f, then, now} {
		form.arrangeRows(f.withRows(all[i], all))
	}
	taken, disputed := f.form.Meanwhile(then.form, now.form)
	f.before = *m.now
	return toast.Say(toast.Warn, form.Told(f.Env, changed, taken, disputed)+": enter again stores it."), true
}

// copyOf is a form of a profile that knows what this one knows of Jira.
func (f *Form) copyOf(p model.Profile) *Form {
	c := f.Form(p)
	c.connections, c.offer = f.connections, f.offer
	c.putConnections()
	return c
}

// withRows is a mapping with an empty template for each field that only another
// mapping has, so that their forms have the same rows.
func (f *Form) withRows(own map[string]string, all []map[string]string) map[string]string {
	out, rows := map[string]string{}, map[string]bool{}
	for name, template := range own {
		out[name] = template
		rows[f.rowOf(name)] = true
	}
	for _, mapping := range all {
		for name := range mapping {
			if row := f.rowOf(name); !rows[row] {
				out[name], rows[row] = "", true
			}
		}
	}
	return out
}
