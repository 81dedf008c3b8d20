package storage

import "testing"

// TestMovingNothingWakesNobody: the sync listens for changes and moves tickets
// in every round; a round that changed nothing must not call for the next one.
func TestMovingNothingWakesNobody(t *testing.T) {
	s, _, _ := charted(t)
	changed, stop := s.Listen()
	defer stop()
	if n, err := s.MoveTickets(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d moved in an empty workspace (%v)", n, err)
	}
	select {
	case <-changed:
		t.Error("the bell rang although nothing changed")
	default:
	}
}
