package sync

import (
	"context"
	"encoding/json"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/model"
)

// prefill gives a new issue what is known of its violations, in the fields of
// I9 that its create screen shows: facts, and the decision as far as the
// violations agree on it (I5). What the profile's mapping sets is left alone.
func (e *Engine) prefill(ctx context.Context, s *site, op model.Operation, meta *metadata, custom map[string]any) (map[string]any, error) {
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
			if facts, decided, err = e.known(ctx, op); err != nil {
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
	}
	return custom, nil
}

func (e *Engine) known(ctx context.Context, op model.Operation) (map[string]string, map[model.VEXField]string, error) {
	all, err := e.store.Violations(ctx, op.Violations)
	if err != nil {
		return nil, nil, err
	}
	decided, err := e.store.VEXValues(ctx, op.TicketID)
	return model.JiraFacts(all), decided, err
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
