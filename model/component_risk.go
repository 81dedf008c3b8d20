package model

import "time"

// ComponentRisk is what an operational-risk report says of a component; what it
// does not say is nil or zero. Counts are per year where they are rates.
type ComponentRisk struct {
	// EndOfLife: nobody maintains the component any more.
	EndOfLife *bool
	// Released is when the version in use was released.
	Released time.Time
	// Newer counts newer versions; Cadence, Commits and Committers are releases,
	// commits and people who committed in a year.
	Newer, Cadence, Commits, Committers *float64
}
