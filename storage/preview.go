package storage

import (
	"context"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// PreviewTicket fills a profile, stored or not, from a violation of the
// workspace, as its ticket would be: the first of the list, the worst one. ok is
// false while there is none.
func (s *Store) PreviewTicket(ctx context.Context, profile model.Profile) (line model.PlanLine, ok bool, err error) {
	first, err := s.Page(ctx, Window{Sort: []query.SortKey{{Key: query.KeySeverity}}}, Page{Limit: 1})
	if err != nil || len(first) == 0 {
		return line, false, err
	}
	whole, err := s.Violations(ctx, []model.ViolationID{first[0].ID})
	if err != nil || len(whole) == 0 {
		return line, false, err
	}
	v := model.PlanViolation{Violation: &whole[0], Profile: &profile}
	line = model.PlanLine{Action: model.PlanCreate, Violations: []model.ViolationID{v.ID}, Severity: v.Severity}
	err = model.NewRenderer()(&model.PlanRequest{}, []*model.PlanViolation{&v}, &line)
	return line, true, err
}
