package views

import (
	"context"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// viewForm is the dialog that names, numbers and changes a view.
type viewForm struct {
	*form.Form
	env   *widget.Env
	store Store
	name  string // of the view in the store, empty for a new one
}

// Save opens the dialog that saves a filter and an order as a view, behind
// those that there are.
func Save(env *widget.Env, store Store, present model.View, there int) tea.Cmd {
	return widget.Send(widget.Push{Screen: newForm(env, store, "", present, there+1, there+1)})
}

func newForm(env *widget.Env, store Store, name string, v model.View, place, places int) *viewForm {
	numbers := make([]string, places)
	for i := range numbers {
		numbers[i] = strconv.Itoa(i + 1)
	}
	f := &viewForm{env: env, store: store, name: name}
	f.Form = form.New(env,
		&form.Field{Name: "name", Label: "Name", Hint: "such as: payments, exploited"},
		&form.Field{Name: "place", Label: "Number", Kind: form.Choice, Options: form.Words(numbers...)},
		form.Query(env, store, "query", "Query"),
		&form.Field{Name: "sort", Label: "Sort", Hint: "severity"})
	f.Field("name").Set(v.Name)
	f.Field("place").Set(strconv.Itoa(place))
	f.Field("query").Set(v.Query)
	f.Field("sort").Set(v.Sort)
	f.Check, f.Submit = f.check, f.submit
	f.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return f
}

// check says what is wrong while one types.
func (f *viewForm) check() map[string]string {
	problems := map[string]string{}
	if _, err := query.ParseSort(f.Value("sort")); err != nil {
		problems["sort"] = err.Error()
	}
	return problems
}

func (f *viewForm) submit() tea.Cmd {
	v := model.View{Name: model.Clean(f.Value("name")), Query: model.Clean(f.Value("query")), Sort: model.Clean(f.Value("sort"))}
	if v.Name == "" {
		f.Focus("name")
		return toast.Say(toast.Warn, "A view needs a name.")
	}
	if _, err := query.Parse(v.Query, f.env.Now()); err != nil {
		f.Focus("query")
		return nil // it is shown beside the field
	}
	if len(f.check()) > 0 {
		f.Focus("sort")
		return nil
	}
	place, err := strconv.Atoi(f.Value("place"))
	if err != nil {
		return toast.Failed("The number is none", err)
	}
	name := f.name
	return f.env.Go(func(ctx context.Context) tea.Msg {
		if err := f.store.SetView(ctx, f.env.Actor, name, v, place); err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not saved: " + err.Error()}
		}
		return widget.Pop{Then: toast.Say(toast.Done, "The view "+v.Name+" is saved as number "+strconv.Itoa(place)+".")}
	})
}

// Title implements [widget.Dialog].
func (f *viewForm) Title() string {
	if f.name == "" {
		return "Save the filter and its order as a view"
	}
	return "View " + f.name
}

// Ideal implements [widget.Dialog]: there is room for what is proposed.
func (f *viewForm) Ideal(int, int) (width, height int) { return 76, f.Lines() + 6 }

// Scopes implements [widget.Screen].
func (f *viewForm) Scopes() []keys.Scope { return f.Form.Scopes() }

// Update implements [widget.Screen].
func (f *viewForm) Update(msg tea.Msg) tea.Cmd {
	if key, ok := msg.(tea.KeyMsg); ok {
		return f.Type(key)
	}
	return f.Take(msg)
}

// Deadline implements [widget.Screen].
func (f *viewForm) Deadline() time.Time { return time.Time{} }
