package query

import (
	"strconv"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour

	// tick is the finest difference between instants; From and To are whole
	// ticks.
	tick = time.Millisecond

	firstYear, lastYear = 1970, 2999
	longest             = 100 * 365 * day
)

// units of durations. A year is 365 days.
func unit(letter byte) time.Duration {
	switch letter {
	case 'm':
		return time.Minute
	case 'h':
		return time.Hour
	case 'd':
		return day
	case 'w':
		return 7 * day
	case 'y':
		return 365 * day
	}
	return 0
}

// moment resolves a date, a time or a duration, together with the operator, to
// the instants that it stands for, and returns the value's own spelling, too.
func (p *parser) moment(k KeyInfo, op Op, l lexeme) (text string, from, to time.Time, err error) {
	if d, u, ok := duration(l.text()); ok {
		if d > longest {
			return "", from, to, p.fail(l.at, nil, "use a shorter one", "%s is longer than 100 years", quoted(l.text()))
		}
		from, to = p.span(k, op, d, u)
		return fold(l.text()), from, to, nil
	}
	first, after, ok := date(l.text())
	switch {
	case k.Kind == KindAge && ok:
		return "", from, to, p.fail(l.at, nil, "compare the date with seen: instead", "%s takes a duration, not a date", k.Key)
	case k.Kind == KindAge:
		return "", from, to, p.fail(l.at, nil, "write a number with m, h, d, w or y, for example "+string(k.Key)+":"+k.Examples[0],
			"%s is not a duration", quoted(l.text()))
	case !ok:
		return "", from, to, p.fail(l.at, k.candidates(),
			"write 2026-11-22, 2026-11-22T08:00:00Z, or a duration with m, h, d, w or y such as 14d",
			"%s is neither a date from %d to %d nor a duration", quoted(l.text()), firstYear, lastYear)
	}
	from, to = ordered(op, first, after)
	return strings.ToUpper(l.text()), from, to, nil
}

// duration reads a whole number with a unit: 30m 12h 14d 8w 1y.
func duration(text string) (d, u time.Duration, ok bool) {
	const mostDigits = 9
	if len(text) < 2 || len(text) > mostDigits+1 {
		return 0, 0, false
	}
	u = unit(fold(text)[len(text)-1])
	digits := text[:len(text)-1]
	n, err := strconv.ParseUint(digits, 10, 32)
	if u == 0 || err != nil {
		return 0, 0, false
	}
	if n > uint64(longest/u) {
		return longest + 1, u, true
	}
	return time.Duration(n) * u, u, true
}

// date reads a day, or a time by RFC 3339, as the instants from first up to
// but without after: the whole day in UTC, or the whole second where no
// fraction is written.
func date(text string) (first, after time.Time, ok bool) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, t.AddDate(0, 0, 1), inRange(t)
	}
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text))
	if err != nil {
		return first, after, false
	}
	t = t.UTC()
	if strings.ContainsAny(text, ".,") {
		t = t.Truncate(tick)
		return t, t.Add(tick), inRange(t)
	}
	return t, t.Add(time.Second), inRange(t)
}

func inRange(t time.Time) bool { return t.Year() >= firstYear && t.Year() <= lastYear }

// ordered applies an operator to the instants from first up to after.
func ordered(op Op, first, after time.Time) (from, to time.Time) {
	switch op {
	case Less:
		return time.Time{}, first
	case LessEqual:
		return time.Time{}, after
	case Greater:
		return after, time.Time{}
	case GreaterEqual:
		return first, time.Time{}
	default:
		return first, after
	}
}

// span applies an operator to a distance from now, forward or back. Equality
// is counted in whole units: age:30d holds from the 30th day to the 31st.
func (p *parser) span(k KeyInfo, op Op, d, u time.Duration) (from, to time.Time) {
	if k.Future {
		at := p.now.Add(d)
		if op == Equal || op == NotEqual {
			return at, at.Add(u)
		}
		return ordered(op, at, at.Add(tick))
	}
	at := p.now.Add(-d)
	switch op {
	case Less: // nearer to now, which is later
		return at.Add(tick), time.Time{}
	case LessEqual:
		return at, time.Time{}
	case Greater:
		return time.Time{}, at
	case GreaterEqual:
		return time.Time{}, at.Add(tick)
	default:
		return at.Add(tick - u), at.Add(tick)
	}
}
