package ticket

import (
	"testing"
	"time"
)

func TestPaceTellsRateAndTimeLeft(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	type at struct{ second, settled int }
	tests := []struct {
		name      string
		seen      []at
		now, left int
		want      string
	}{
		{"nothing settled yet", []at{{0, 0}}, 5, 100, "100 left"},
		{"two looks at one moment", []at{{0, 0}, {0, 50}}, 0, 50, "50 left"},
		{"steady", []at{{0, 0}, {1, 50}, {2, 100}, {4, 200}}, 4, 3000, "3,000 left, 50 per second, about 1 min"},
		{"slow", []at{{0, 0}, {20, 5}}, 20, 10, "10 left, 15 per minute, about 40 s"},
		{"the beginning is forgotten", []at{{0, 0}, {10, 1000}, {40, 1060}, {60, 1100}}, 60, 20, "20 left, 2 per second, about 10 s"},
		{"silence lowers the rate", []at{{0, 0}, {10, 200}}, 20, 100, "100 left, 10 per second, about 10 s"},
		{"long silence has none", []at{{0, 0}, {10, 200}}, 50, 100, "100 left"},
		{"tried again", []at{{0, 0}, {10, 200}, {11, 150}}, 12, 50, "50 left"},
		{"hours", []at{{0, 0}, {10, 10}}, 10, 100000, "100,000 left, 1 per second, about 28 h"},
		{"done", []at{{0, 0}, {10, 10}}, 10, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p pace
			for _, s := range test.seen {
				p.see(start.Add(time.Duration(s.second)*time.Second), s.settled)
			}
			if got := p.say(start.Add(time.Duration(test.now)*time.Second), test.left); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
