package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// switchFlag is a flag that is on or off, and whether it was given.
type switchFlag struct {
	on    bool
	given int
}

func (o *switchFlag) String() string {
	if o.on {
		return "on"
	}
	return "off"
}

// Set reads the flag.
func (o *switchFlag) Set(text string) error {
	switch strings.ToLower(text) {
	case "on":
		o.on = true
	case "off":
		o.on = false
	default:
		return fmt.Errorf("%q is neither on nor off", text)
	}
	o.given = 1
	return nil
}

// Type names the flag's values in help.
func (o *switchFlag) Type() string { return "on|off" }

// value is nil where the flag was not given.
func (o *switchFlag) value() *bool {
	if o.given == 0 {
		return nil
	}
	return &o.on
}

// syncJSON is how the VEX sync of a product is set and doing (I12).
type syncJSON struct {
	On        bool    `json:"on"`
	PushNotes bool    `json:"push_notes"`
	At        *string `json:"last_synced"`
	Status    *string `json:"status"`
	Error     *string `json:"error"`
	Tickets   int     `json:"tickets"`
	Conflicts int     `json:"conflicts"`
	Waiting   int     `json:"waiting"`
}

type syncState storage.ProductSync

// productSync finds how the sync of one product is doing.
func productSync(ctx context.Context, s *storage.Store, p model.Product) (syncState, error) {
	all, err := s.ProductSyncs(ctx)
	for _, one := range all {
		if one.Product == p.Name {
			return syncState(one), err
		}
	}
	return syncState{On: p.Sync}, err
}

func (s syncState) json(p model.Product) syncJSON {
	return syncJSON{On: p.Sync, PushNotes: p.PushNotes, At: timeOrNull(s.At), Status: orNull(s.Status), Error: orNull(s.Error),
		Tickets: s.Tickets, Conflicts: s.Conflicts, Waiting: s.Waiting}
}

func (s syncState) text(p model.Product) string {
	if !p.Sync {
		return "off"
	}
	parts := []string{"on, " + plural(s.Tickets, "ticket")}
	if p.PushNotes {
		parts = append(parts, "internal notes go to Jira")
	}
	if s.Conflicts > 0 {
		parts = append(parts, plural(s.Conflicts, "conflict"))
	}
	if s.Waiting > 0 {
		parts = append(parts, fmt.Sprintf("%d to be written", s.Waiting))
	}
	if !s.At.IsZero() {
		parts = append(parts, "last in step "+s.At.Local().Format(time.DateTime))
	}
	if s.Error != "" {
		parts = append(parts, "failed: "+s.Error)
	}
	return strings.Join(parts, ", ")
}
