//go:build race

package storage

// raceDetector: SQLite in Go runs some thirty times slower under it.
const raceDetector = true
