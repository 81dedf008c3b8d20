package paint

import (
	"testing"
)

// frames are the Views of a list of 120x40 after each of some keys.
func frames(keys string, n int) []string {
	l := newList(100_000)
	l.width, l.height = 120, 40
	m := l.moved(0)
	if keys == "move" {
		m = m.moved(3)
	} else {
		m = m.moved(m.page() - 1)
	}
	out := make([]string, n)
	for i := range out {
		switch keys {
		case "scroll":
			m = m.moved(1)
		case "page":
			m = m.moved(m.page())
		case "move":
			m = m.moved(1 - 2*(i/20%2))
		case "tick":
			m.ticks = (m.ticks + 1) % 10
		}
		out[i] = m.View()
	}
	return out
}

// BenchmarkFrame works out frames of a list of 120x40: what one costs, and
// how many bytes it sends.
func BenchmarkFrame(b *testing.B) {
	for _, keys := range []string{"scroll", "move", "page", "tick"} {
		b.Run(keys, func(b *testing.B) {
			views := frames(keys, 400)
			e := newEngine(true)
			e.resize(120, 40)
			e.frame(views[0], nil)
			sent, n := 0, 1
			b.ReportAllocs()
			for b.Loop() {
				sent += len(e.frame(views[n%len(views)], nil))
				n++
			}
			b.ReportMetric(float64(sent)/float64(n-1), "bytes/frame")
		})
	}
}
