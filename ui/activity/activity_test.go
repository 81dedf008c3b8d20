package activity

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// outbox is a store that holds so many pending operations.
type outbox struct {
	Store
	pending int
}

func (o outbox) Operations(context.Context, storage.OperationFilter) ([]model.Operation, error) {
	ops := make([]model.Operation, o.pending)
	for i := range ops {
		ops[i] = model.Operation{Kind: model.OpCreate, State: model.OpPending}
	}
	return ops, nil
}

func TestWhatIsNotShownIsCounted(t *testing.T) {
	env := &widget.Env{Context: t.Context(), Theme: &theme.Theme{}, Keys: &keys.Map{}}
	a := New(env, outbox{pending: 4450}, func(*model.Operation) string { return "" }, nil)
	a.Update(a.Start()())
	if got := a.counts(); !strings.Contains(got, "4,450 waiting") || !strings.Contains(got, "2,000 shown") {
		t.Errorf("the counts are %q", got)
	}
}

func TestEachOperationSaysWhatItBrings(t *testing.T) {
	for want, op := range map[string]model.Operation{
		"CVE-2024-3094: xz-utils":                  {Kind: model.OpCreate, Draft: model.TicketDraft{Summary: "CVE-2024-3094: xz-utils"}},
		"Seen again in 4.3.":                       {Kind: model.OpComment, Draft: model.TicketDraft{Comment: "Seen again\nin 4.3."}},
		"the decision, in the ticket's VEX fields": {Kind: model.OpFields},
	} {
		if got := about(&op); got != want {
			t.Errorf("%s: %q, want %q", op.Kind, got, want)
		}
	}
}

// TestWhatIsTriedAgainIsStillAboutItsIssue: while Jira cannot be reached all
// operations have the same error, which the lines below the list tell.
func TestWhatIsTriedAgainIsStillAboutItsIssue(t *testing.T) {
	env := &widget.Env{Context: t.Context(), Theme: &theme.Theme{}, Keys: &keys.Map{}, Now: time.Now}
	a := New(env, outbox{}, func(*model.Operation) string { return "" }, nil)
	a.Resize(120, 40)
	op := model.Operation{Kind: model.OpCreate, State: model.OpPending, Error: "nobody answers", Draft: model.TicketDraft{Summary: "CVE-2024-3094"}}
	if line := a.line(&op); !strings.Contains(line, "CVE-2024-3094") {
		t.Errorf("the line is %q", line)
	}
	op.State = model.OpFailed
	if line := a.line(&op); !strings.Contains(line, "nobody answers") {
		t.Errorf("the line of one that failed is %q", line)
	}
}
