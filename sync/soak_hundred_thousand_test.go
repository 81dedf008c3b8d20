//go:build soak

package sync_test

import (
	"testing"
	"time"
)

func TestSoakAHundredThousandTickets(t *testing.T) {
	rounds(t, 100_000, 500, 50*time.Millisecond)
}

func TestSoakFiveThousandTicketsOfWhichFiftyChanged(t *testing.T) { pollCosts(t, 5000, 50) }
