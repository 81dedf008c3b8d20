package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What Jira was told last of the violations behind a ticket.
const (
	ToldNothing = ""
	ToldGone    = "gone"
	ToldAgain   = "again"
)

// Upkeep is a ticket whose violations came, went or were seen again, with what
// is needed to decide what to do about it.
type Upkeep struct {
	Ticket   Ticket
	Grouping Grouping
	// Told is what Jira was told last: gone, again, or nothing.
	Told string
	// PerVersion: the ticket is about one version of a product; others are
	// about what its current versions show.
	PerVersion bool
	// Profile is the one the ticket was made with; nil where there is none,
	// and then nothing is done.
	Profile *Profile
	Members []UpkeepMember
}

// UpkeepMember is a violation that is linked to the ticket.
type UpkeepMember struct {
	Row
	Current bool
}

// UpkeepStep is what to do about a ticket.
type UpkeepStep struct {
	// Comment is Markdown to be added, empty for none.
	Comment string
	// To is the category the ticket is to be moved to: done, or new for back
	// into work; empty leaves it.
	To string
	// Update brings summary and description up to date.
	Update bool
	// Fresh asks for a new ticket for Open.
	Fresh bool
	Told  string
	// Open are the violations that are there.
	Open []ViolationID
}

// Decide says what to do about a ticket (profile: on seen again, on gone). A
// closing and a disappearance are answered once each.
func (u *Upkeep) Decide(now time.Time) UpkeepStep {
	var open, gone []UpkeepMember
	for _, m := range u.Members {
		switch {
		case m.State == Open && (u.PerVersion || m.Current):
			open = append(open, m)
		case m.State != Ignored:
			gone = append(gone, m)
		}
	}
	step := UpkeepStep{Told: u.Told}
	for _, m := range open {
		step.Open = append(step.Open, m.ID)
	}
	if u.Profile == nil {
		return step
	}
	done := u.Ticket.Category == CategoryDone
	switch {
	case len(open) > 0 && done && u.Told != ToldAgain:
		u.seenAgain(&step, open, now)
	case len(open) > 0 && !done && u.Told == ToldGone:
		step.Told = ToldNothing
		if u.Profile.OnGone != GoneNothing {
			step.Comment = list("Back again", open, now)
		}
	case len(open) > 0 && !done:
		step.Told = ToldNothing
	case len(open) == 0 && len(gone) > 0 && u.Told != ToldGone:
		u.isGone(&step, gone, done, now)
	}
	step.Update = u.Grouping != GroupViolation && u.Grouping != "" && len(open) > 0 && (!done || step.To == CategoryNew)
	return step
}

func (u *Upkeep) seenAgain(step *UpkeepStep, open []UpkeepMember, now time.Time) {
	step.Told = ToldAgain
	switch u.Profile.OnSeenAgain {
	case SeenAgainNew:
		step.Fresh = true
	case SeenAgainReopen:
		step.To = CategoryNew
		fallthrough
	default:
		step.Comment = list("Closed here, and seen again", open, now)
	}
}

func (u *Upkeep) isGone(step *UpkeepStep, gone []UpkeepMember, done bool, now time.Time) {
	step.Told = ToldGone
	if done {
		return
	}
	switch u.Profile.OnGone {
	case GoneNothing:
	case GoneTransition:
		step.To = CategoryDone
		fallthrough
	default:
		step.Comment = list("No longer found", gone, now)
	}
}

// mostListed is how many violations a comment names.
const mostListed = 20

// list is one comment about all of the violations.
func list(what string, members []UpkeepMember, now time.Time) string {
	lines := make([]string, 0, len(members))
	for _, m := range members {
		line := fmt.Sprintf("%s in %s (%s)", m.Issue, strings.TrimSpace(m.Component+" "+m.ComponentVersion), strings.TrimSpace(m.Product+" "+m.ProductVersion))
		if line = EscapeMarkdown(line); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	day := now.UTC().Format(time.DateOnly)
	if len(lines) == 1 {
		return fmt.Sprintf("%s on %s: %s.", what, day, lines[0])
	}
	more := ""
	if n := len(lines) - mostListed; n > 0 {
		lines, more = lines[:mostListed], fmt.Sprintf("\n- and %d more", n)
	}
	return fmt.Sprintf("%s on %s:\n\n- %s%s", what, day, strings.Join(lines, "\n- "), more)
}
