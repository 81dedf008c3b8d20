package storage

// linkLivingTickets links what is new in this version to the ticket that
// stands for its lineage across versions, where the profile has it so (X8,
// ruling 7), or for its vulnerability or upgrade, where tickets are grouped so.
// The dedupe key itself tells (model.DedupeKey).
func (c *commit) linkLivingTickets() error {
	shared, err := c.one(`SELECT EXISTS (SELECT 1 FROM (SELECT 'any/' AS kind UNION ALL SELECT 'vuln/' UNION ALL SELECT 'comp/') k
		WHERE EXISTS (SELECT 1 FROM tickets WHERE living = 1 AND dedupe_key > kind || @product || '/' AND dedupe_key < kind || @product || '0'))`)
	if err != nil || shared == 0 {
		return err
	}
	for _, key := range []string{
		`'any/' || v.product_id || '/' || v.issue_id || '/' || k.coordinate`,
		`'vuln/' || v.product_id || '/' || v.issue_id`,
		`'comp/' || v.product_id || '/' || k.coordinate || '/' || trim(CASE instr(v.fix, ',') WHEN 0 THEN v.fix ELSE substr(v.fix, 1, instr(v.fix, ',') - 1) END)`,
	} {
		err := c.exec(`INSERT OR IGNORE INTO stage_links SELECT v.id, t.id FROM violations v CROSS JOIN components k ON k.id = v.component_id
			CROSS JOIN tickets t ON t.living = 1 AND t.dedupe_key = ` + key + `
			LEFT JOIN profiles f ON f.id = t.profile_id
			WHERE v.id > @base AND NOT (t.category = 'done' AND coalesce(f.on_seen_again, '') = 'new')`)
		if err != nil {
			return err
		}
	}
	return c.exec(
		`INSERT OR IGNORE INTO ticket_links (ticket_id, violation_id, linked, by) SELECT ticket_id, violation_id, @now, @by FROM stage_links`,
		`UPDATE violations SET lead_ticket_id = (SELECT max(ticket_id) FROM stage_links l WHERE l.violation_id = violations.id)
			WHERE id IN (SELECT violation_id FROM stage_links)`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after)
			SELECT @now, @by, 'import', @batch, l.violation_id, 'ticket', '', t.key FROM stage_links l JOIN tickets t ON t.id = l.ticket_id`)
}

// markStale tells sync which tickets to look after: those whose violations
// came, went or changed by this import. Where it brought a new version, those
// of what left the list as well.
func (c *commit) markStale() error {
	return c.exec(`UPDATE tickets SET stale = @now WHERE id IN (SELECT ticket_id FROM stage_links
			UNION SELECT l.ticket_id FROM stage_settled s CROSS JOIN ticket_links l ON l.violation_id = s.violation_id)`,
		`UPDATE tickets SET stale = @now WHERE dedupe_key NOT LIKE 'one/%' AND id IN (SELECT l.ticket_id FROM stage_moved m
			CROSS JOIN violations v ON v.id = m.violation_id AND v.current = 0 CROSS JOIN ticket_links l ON l.violation_id = v.id WHERE m.version_id <> @version)`)
}

// markClosed adds the closed tickets whose violations the import shows all the
// same.
func (c *commit) markClosed() error {
	return c.exec(`UPDATE tickets SET stale = @now WHERE category = 'done' AND EXISTS (SELECT 1 FROM ticket_links l
		JOIN sightings g ON g.violation_id = l.violation_id AND g.source_id = @source WHERE l.ticket_id = tickets.id AND g.import_id = @run AND g.suppressed = 0)`)
}
