//go:build soak

package sync_test

import "testing"

func TestSoakTenThousandTickets(t *testing.T) {
	newDesk(t, 10_000).requests(10_000)
}

func TestSoakTenThousandTicketsOfWhichSomeCannotBeMade(t *testing.T) {
	newDesk(t, 10_000).sprinkled(10_000)
}
