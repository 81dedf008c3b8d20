package connection

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/toast"
)

// asItIs reads the connection of a form anew, nil where it is not there.
func (f *Form) asItIs(ctx context.Context) (*Standing, error) {
	all, err := Standings(ctx, f.Store)
	for i := range all {
		if all[i].ID == f.before.ID {
			return &all[i], err
		}
	}
	return nil, err
}

// meanwhile brings in what another stored while the form was open; it reports
// whether that is what went wrong.
func (f *Form) meanwhile(m savedMsg) (tea.Cmd, bool) {
	var changed *storage.ChangedError
	if !errors.As(m.err, &changed) || m.now == nil {
		return nil, false
	}
	then, now := f.Form(f.before), f.Form(*m.now)
	f.before = *m.now
	taken, disputed := f.form.Meanwhile(then.form, now.form)
	f.arrange()
	return toast.Say(toast.Warn, form.Told(f.Env, changed, taken, disputed)+": enter again stores it."), true
}
