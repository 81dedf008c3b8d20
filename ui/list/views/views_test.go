package views

import (
	"context"
	"slices"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// shelf is a store of views in memory.
type shelf struct {
	Store
	views []model.View
}

func (s *shelf) Views(context.Context) ([]model.View, error) { return slices.Clone(s.views), nil }

func (s *shelf) SetView(_ context.Context, _ model.Actor, name string, v model.View, place int) error {
	s.views = slices.DeleteFunc(s.views, func(w model.View) bool { return w.Name == name })
	s.views = slices.Insert(s.views, place-1, v)
	return nil
}

// TestMovesAreStoredInTheirOrder, and what was read before them is not taken
// for what they led to, however late it comes.
func TestMovesAreStoredInTheirOrder(t *testing.T) {
	s := &shelf{views: []model.View{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}}}
	v := New(&widget.Env{Context: t.Context(), Theme: &theme.Theme{}, Keys: &keys.Map{}}, s, model.View{}, nil)
	v.Update(v.Start()())
	shown := func(want string) {
		t.Helper()
		got := ""
		for _, row := range v.all.Rows {
			got += row.Name
		}
		if got != want || v.all.Current().Name != "b" {
			t.Fatalf("%s is shown, with the cursor on %s; want %s, on b", got, v.all.Current().Name, want)
		}
	}
	v.all.Cursor.Set(1)
	former := v.Update(widget.Changed{})() // another change: read before the moves, shown after them
	var pending []tea.Cmd
	for _, by := range []int{+1, +1, -1} {
		if cmd := v.move(by); cmd != nil {
			pending = append(pending, cmd)
		}
	}
	shown("acbd")
	v.Update(former)
	shown("acbd")
	for i := 0; len(pending) > 0; i++ {
		next := pending[len(pending)-1] // the last first, as may happen to commands
		pending = pending[:len(pending)-1]
		if cmd := v.Update(next()); cmd != nil {
			pending = append(pending, cmd)
		}
		shown("acbd")
	}
	if got := s.views[2].Name; got != "b" {
		t.Errorf("%v is stored", s.views)
	}
}
