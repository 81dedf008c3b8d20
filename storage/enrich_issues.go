package storage

// What the feeds say of issues: an issue has the values of its CVEs, of
// several the highest score.

// scored selects the issues that EPSS knows, with their values; only narrows
// them (a condition on issue_id that begins with AND, or nothing).
func scored(only string) string {
	return `SELECT issue_id, max(score) AS score, percentile FROM (
			SELECT a.issue_id, e.score, e.percentile FROM issue_aliases a CROSS JOIN epss e ON e.cve = a.alias WHERE a.type = 0 AND a.alias LIKE 'CVE-%' ` + only + `
			UNION ALL SELECT c.issue_id, e.score, e.percentile FROM issue_cves c CROSS JOIN epss e ON e.cve = c.cve WHERE true ` + only + `) GROUP BY issue_id`
}

// scoreIssues gives issues the scores of the feed and its day. Of the columns
// that an aggregate leaves open SQLite takes those of the row with the maximum
// (sqlite.org, lang_select, 2.5).
func scoreIssues(only string) string {
	return `UPDATE issues SET epss = s.score, epss_percentile = s.percentile, epss_date = f.date FROM (` + scored(only) + `) s, feeds f
		WHERE issues.id = s.issue_id AND f.name = 'epss' AND (issues.epss, issues.epss_percentile, issues.epss_date) <> (s.score, s.percentile, f.date)`
}

// inCatalogue selects the issues that CISA's catalogue holds, each with the
// first of its due days.
const inCatalogue = `SELECT issue_id, min(due) AS due FROM (
		SELECT a.issue_id, k.due FROM kev k CROSS JOIN issue_aliases a ON a.alias = k.cve AND a.type = 0
		UNION ALL SELECT c.issue_id, k.due FROM kev k CROSS JOIN issue_cves c ON c.cve = k.cve) GROUP BY issue_id`

// listIssues marks the issues of the catalogue.
const listIssues = `UPDATE issues SET kev = 1, kev_due = k.due FROM (` + inCatalogue + `) k
	WHERE issues.id = k.issue_id AND (issues.kev, issues.kev_due) <> (1, k.due)`

// enrichIssues gives the issues of a report what the feeds say of them, which
// is newer than what the report repeats.
func (c *commit) enrichIssues() error {
	feeds, err := c.one(`SELECT count(*) FROM feeds`)
	if err != nil || feeds == 0 {
		return err
	}
	return c.exec(scoreIssues(`AND issue_id IN (SELECT id FROM stage_issues WHERE n >= @from AND n < @to)`), listIssues)
}
