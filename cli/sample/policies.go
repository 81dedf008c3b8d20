package sample

import "example.com/vexdesk/model"

// Policies are the policies that the sample begins with, beside the one that
// is there by itself.
func Policies() []model.Policy {
	return []model.Policy{
		{Name: "exploited", Mode: model.PolicyApply, Rules: []model.Rule{
			{Name: "in CISA's catalogue", Query: "kev:yes", CreateTicket: true},
			{Name: "soon, says EPSS", Query: "epss:>=0.7 fix:yes", CreateTicket: true},
		}},
		{Name: "release blockers", Type: "security", Mode: model.PolicyApply, GraceDays: 3, Rules: []model.Rule{
			{Name: "critical with a fix", Query: "severity:critical fix:yes", CreateTicket: true},
			{Name: "others to look at", Query: "severity:high fix:yes vex:none"},
		}},
		{Name: "licences", Type: "license", Mode: model.PolicyLog, Rules: []model.Rule{{Name: "for the legal department"}}},
	}
}

// Watches say where the policies work.
func Watches() []model.Watch {
	return []model.Watch{
		{Name: "payments", Scope: "product:payments-api", Policies: []string{"exploited", "release blockers"}, CreateTickets: true},
		{Name: "what ships", Scope: "product:edge-agent,gateway,web-shop", Policies: []string{"exploited", "licences"}},
	}
}
