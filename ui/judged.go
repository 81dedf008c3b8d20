package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/picker"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/vex"
	"example.com/vexdesk/ui/widget"
)

// acceptOffers takes the decisions that another version offers to what is
// chosen (B5).
func (r *Root) acceptOffers() tea.Cmd { return r.acceptOffersOf(r.chosen()) }

func (r *Root) acceptOffersOf(ids []model.ViolationID) tea.Cmd {
	r.last = widget.Acted{Again: func(ids []model.ViolationID, _ func()) tea.Cmd { return r.acceptOffersOf(ids) }}
	return r.env.Go(func(ctx context.Context) tea.Msg {
		n, err := r.store.AcceptOffers(ctx, r.env.Actor, ids)
		switch {
		case err != nil:
			return toast.Msg{Level: toast.Error, Text: "Nothing was taken over: " + err.Error()}
		case n == 0:
			return toast.Msg{Level: toast.Info, Text: "No other version offers a decision here."}
		}
		return toast.Msg{Level: toast.Done, Text: "Decisions were taken over for " + widget.Plural(n, "violation") + "; z takes them back."}
	})
}

// judgedMsg is how the row under the cursor was judged elsewhere.
type judgedMsg struct {
	issue string
	to    []model.ViolationID
	found []storage.Judged
}

// judgedElsewhere reads the decisions on the same issue and package in other
// versions and products.
func (r *Root) judgedElsewhere() tea.Cmd {
	row, to := r.list.Current(), r.chosen()
	id, issue := row.ID, row.Issue
	return r.env.Go(func(ctx context.Context) tea.Msg {
		found, err := r.store.JudgedElsewhere(ctx, id)
		switch {
		case err != nil:
			return toast.Msg{Level: toast.Error, Text: "It cannot be told how it was judged elsewhere: " + err.Error()}
		case len(found) == 0:
			return toast.Msg{Level: toast.Info, Text: issue + " was not judged anywhere else."}
		}
		return judgedMsg{issue, to, found}
	})
}

// showJudged offers the decisions; the one that is chosen is copied.
func (r *Root) showJudged(m judgedMsg) tea.Cmd {
	items := vex.Choices(m.found)
	for i := range items {
		if r.opts.ReadOnly {
			items[i].Reason = "this console changes nothing"
		}
	}
	choose := func(i int) tea.Cmd { return r.copyDecision(m.found[i].Violation, m.to) }
	return r.push(picker.New(r.env, m.issue+" judged elsewhere; enter copies", items, choose))
}

// copyDecision gives violations the decision of another one.
func (r *Root) copyDecision(from model.ViolationID, to []model.ViolationID) tea.Cmd {
	r.last = widget.Acted{Again: func(ids []model.ViolationID, _ func()) tea.Cmd { return r.copyDecision(from, ids) }}
	return r.env.Go(func(ctx context.Context) tea.Msg {
		n, err := r.store.CopyVEX(ctx, r.env.Actor, from, to)
		if err != nil {
			return toast.Msg{Level: toast.Error, Text: "Nothing was copied: " + err.Error()}
		}
		return toast.Msg{Level: toast.Done, Text: "The decision was copied to " + widget.Plural(n, "violation") + "; z takes it back."}
	})
}
