package ticket

import (
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/widget"
)

// TestOnlyTheLatestPlanIsAccepted: who asks for another grouping and accepts at
// once means that grouping, and not the plan that is still on the screen.
func TestOnlyTheLatestPlanIsAccepted(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	env := &widget.Env{Now: func() time.Time { return now }}
	plan := model.Plan{Lines: []model.PlanLine{{Action: model.PlanCreate, Violations: []model.ViolationID{1}}, {Action: model.PlanCreate, Violations: []model.ViolationID{2}}}}
	p := newPlan(env, nil, model.PlanRequest{IDs: []model.ViolationID{1, 2}}, func() {}).with(plan)
	accepted := func(want bool, when string) {
		t.Helper()
		now = now.Add(grace)
		if why := p.cannotAccept(); (why == "") != want {
			t.Errorf("%s: %q", when, why)
		}
	}
	accepted(true, "a plan that was read")
	p.regroup()
	accepted(false, "while the plan is made for another grouping")
	p.Update(planMsg{owner: p, asked: p.planner.asked, plan: model.Plan{Lines: plan.Lines[:1]}})
	accepted(true, "the plan of that grouping")
}
