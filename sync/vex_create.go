package sync

import (
	"context"
	"encoding/json"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// prefill gives a new issue what is known of its violations, in the fields of
// I9 that its create screen shows: facts, and the decision as far as the
// violations agree on it (I5). What the profile's mapping sets is left alone.
func (e *Engine) prefill(ctx context.Context, s *site, op model.Operation, meta *metadata, batch *batchFacts, custom map[string]any) (map[string]any, error) {
	ledger, err := e.ledgerFields(ctx, s)
	if err != nil {
		return custom, err
	}
	var facts map[string]string
	var decided map[model.VEXField]string
	for _, want := range model.JiraFields() {
		f := findField(meta.fields, want, ledger[want.Name])
		if f == nil || custom[f.ID] != nil {
			continue
		}
		if facts == nil {
			if facts, decided, err = batch.of(ctx, op); err != nil {
				return custom, err
			}
		}
		text := facts[want.Name]
		if want.VEX != "" {
			text = decided[want.VEX]
		}
		value, ok := factValue(s.client, f, want, text)
		if !ok {
			continue
		}
		if custom == nil {
			custom = map[string]any{}
		}
		custom[f.ID] = value
		if want.VEX != "" {
			batch.fills(op.TicketID, want.VEX, text)
		}
	}
	return custom, nil
}

// batchFacts is what is known of the violations of operations that are sent
// together, read at once when the first of them asks.
type batchFacts struct {
	store *storage.Store
	ops   []model.Operation
	all   map[model.ViolationID]*model.Violation
	// filled is what new issues get of decisions, by ticket.
	filled map[int64]map[model.VEXField]string
}

func (b *batchFacts) fills(ticket int64, field model.VEXField, value string) {
	if b.filled == nil {
		b.filled = map[int64]map[model.VEXField]string{}
	}
	if b.filled[ticket] == nil {
		b.filled[ticket] = map[model.VEXField]string{}
	}
	b.filled[ticket][field] = value
}

func (b *batchFacts) of(ctx context.Context, op model.Operation) (map[string]string, map[model.VEXField]string, error) {
	if b.all == nil {
		var ids []model.ViolationID
		for i := range b.ops {
			ids = append(ids, b.ops[i].Violations...)
		}
		found, err := b.store.Violations(ctx, ids)
		if err != nil {
			return nil, nil, err
		}
		b.all = make(map[model.ViolationID]*model.Violation, len(found))
		for i := range found {
			b.all[found[i].ID] = &found[i]
		}
	}
	var mine []model.Violation
	for _, id := range op.Violations {
		if v := b.all[id]; v != nil {
			mine = append(mine, *v)
		}
	}
	decided, err := b.store.VEXValues(ctx, op.TicketID)
	return model.JiraFacts(mine), decided, err
}

// factValue turns a text into a value of one of our fields. What does not fit,
// such as an option that was renamed, is left out: a ticket without it is
// better than none.
func factValue(client *jiraclient.Client, f *jiraclient.CreateField, want model.JiraField, text string) (any, bool) {
	if text == "" {
		return nil, false
	}
	switch want.Kind {
	case model.JiraSelect:
		id, ok := optionIDs(f, want)[text]
		return jiraclient.Option{ID: id}, ok
	case model.JiraParagraph:
		return client.TextDocument(text, ""), true
	case model.JiraNumber:
		return json.Number(text), true
	default:
		return adf.Line(text, adf.MaxSummary), true
	}
}
