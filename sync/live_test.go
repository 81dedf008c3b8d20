package sync_test

import (
	"slices"
	"testing"
	"time"

	"example.com/vexdesk/model"
	vexsync "example.com/vexdesk/sync"
)

func liveOf(t *testing.T, d *desk) *vexsync.Live {
	t.Helper()
	l := vexsync.NewLive(d.store)
	t.Cleanup(l.Close)
	return l
}

func TestPeopleAreFoundByAPartOfTheirName(t *testing.T) {
	for name, d := range map[string]*desk{"cloud": newDesk(t, 0), "dc": newDataCenterDesk(t, 1)} {
		found, err := liveOf(t, d).People(t.Context(), name, "SEC", "robin")
		d.must(err)
		if len(found) != 1 || found[0].Name != "Robin Reviewer" || found[0].ID == "" {
			t.Errorf("on %s robin is %+v", name, found)
		}
	}
}

// TestMetadataIsKeptWithItsAge: a second question within the age is answered
// without Jira, a refresh asks, and without Jira the last answer is there.
func TestMetadataIsKeptWithItsAge(t *testing.T) {
	d := newDesk(t, 0)
	l := liveOf(t, d)
	ctx := t.Context()
	asked := func() int {
		n := 0
		for _, r := range d.jira.Requests() {
			if r.Route == "/project/search" {
				n++
			}
		}
		return n
	}
	first, at, err := l.Projects(ctx, "cloud", vexsync.MetadataAge)
	d.must(err)
	if !slices.ContainsFunc(first, func(p model.JiraProject) bool { return p.Key == "SEC" }) || at.IsZero() {
		t.Fatalf("the projects are %+v, asked at %v", first, at)
	}
	once := asked()
	if _, again, err := l.Projects(ctx, "cloud", vexsync.MetadataAge); err != nil || asked() != once || again.Sub(at).Abs() > time.Minute {
		t.Errorf("it was asked again within the age (%v)", err)
	}
	if _, _, err := l.Projects(ctx, "cloud", vexsync.Now); err != nil || asked() != once+1 {
		t.Errorf("a refresh did not ask (%v)", err)
	}
	d.jira.FailNext("GET", "/project/search", 1, 403)
	if last, _, err := l.Projects(ctx, "cloud", vexsync.Now); err == nil || len(last) != len(first) {
		t.Errorf("without an answer there are %d projects (%v)", len(last), err)
	}
}

func TestWhatJiraTellsOfAProject(t *testing.T) {
	for name, d := range map[string]*desk{"cloud": newDesk(t, 0), "dc": newDataCenterDesk(t, 1)} {
		t.Run(name, func(t *testing.T) {
			l, ctx := liveOf(t, d), t.Context()
			types, _, err := l.Types(ctx, name, "SEC", vexsync.MetadataAge)
			d.must(err)
			i := slices.IndexFunc(types, func(t model.JiraType) bool { return t.Name == "Bug" })
			if i < 0 || !slices.ContainsFunc(types[i].Fields, func(f model.CreateField) bool { return f.ID == "priority" && slices.Contains(f.Options, "Highest") }) {
				t.Errorf("the types are %+v", types)
			}
			priorities, _, err := l.Priorities(ctx, name, vexsync.MetadataAge)
			d.must(err)
			statuses, _, err := l.Statuses(ctx, name, "SEC", vexsync.MetadataAge)
			d.must(err)
			if len(priorities) == 0 || priorities[0] != "Highest" || !slices.Contains(statuses, model.TypeStatus{Type: "Bug", Name: "Done"}) {
				t.Errorf("priorities %v, statuses %v", priorities, statuses)
			}
			unknown, err := l.UnknownLabels(ctx, name, []string{"never-used-label"}, vexsync.MetadataAge)
			if err != nil || !slices.Equal(unknown, []string{"never-used-label"}) {
				t.Errorf("unknown labels are %v (%v)", unknown, err)
			}
		})
	}
}

func TestAConnectionThatIsNotThereAnswersNothing(t *testing.T) {
	if _, err := liveOf(t, newDesk(t, 0)).People(t.Context(), "nowhere", "SEC", "x"); err == nil {
		t.Error("people were found through a connection that is not there")
	}
}
