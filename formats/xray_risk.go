package formats

import "example.com/vexdesk/model"

// setRisk reads one detail of an operational risk, by the names of the
// violations API and of the JSON of a scan.
func (i *xrayIssue) setRisk(name string, v value) {
	risk := i.risk
	if risk == nil {
		risk = &model.ComponentRisk{}
	}
	switch name {
	case "is_eol", "isEndOfLife", "isEol":
		risk.EndOfLife = v.truth()
	case "released":
		risk.Released = v.time()
	case "newer_versions", "newerVersions":
		risk.Newer = v.number()
	case "cadence":
		risk.Cadence = v.number()
	case "commits":
		risk.Commits = v.number()
	case "committers":
		risk.Committers = v.number()
	default:
		return
	}
	i.risk = risk
}
