package jiratest

import "time"

// SetZone puts the accounts into a time zone: dates in JQL are read in it, as
// Jira reads them in the zone of who searches.
func (s *Server) SetZone(zone *time.Location) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zone = zone
}
