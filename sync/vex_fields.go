package sync

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// vexField is where a VEX field lives in Jira: its id, and for a select the
// ids of its options by our words. Options belong to projects and issue types.
type vexField struct {
	ID      string            `json:"id"`
	Options map[string]string `json:"options,omitempty"`
}

// vexFields are the VEX fields of an issue type in a project.
type vexFields map[model.VEXField]vexField

// vexFieldsAge is how long what is known of them holds before Jira is asked
// again.
const vexFieldsAge = 12 * time.Hour

// ids are what to ask for to see the fields.
func (f vexFields) ids() []string {
	var out []string
	for _, each := range f {
		out = append(out, each.ID)
	}
	slices.Sort(out)
	return out
}

// vexFields finds the VEX fields of an issue type: as remembered, else as the
// create screen shows them. An issue type that cannot be looked at has none.
func (e *Engine) vexFields(ctx context.Context, s *site, project, issueType string) (vexFields, error) {
	text, at, err := e.store.VEXFields(ctx, s.connection.ID, project, issueType)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return nil, err
	}
	if err == nil && e.store.Now().Sub(at) < vexFieldsAge {
		var known vexFields
		if err := json.Unmarshal(text, &known); err == nil {
			return known, nil
		}
	}
	meta, err := e.metadata(ctx, s, project, issueType)
	var fields vexFields
	switch {
	case err == nil:
		ledger, lerr := e.ledgerFields(ctx, s)
		if lerr != nil {
			return nil, lerr
		}
		fields = findVEXFields(meta.fields, ledger)
	case permanent(err):
		e.log.Warn("the VEX fields cannot be looked up", "project", project, "type", issueType, "error", err)
		fields = vexFields{}
	default:
		return nil, err
	}
	if text, err = json.Marshal(fields); err != nil {
		return nil, err
	}
	return fields, e.store.SetVEXFields(ctx, s.connection.ID, project, issueType, text)
}

// ledgerFields are the ids of the custom fields that provisioning made or
// found, by name.
func (e *Engine) ledgerFields(ctx context.Context, s *site) (map[string]string, error) {
	made, err := e.store.SiteLedger(ctx, s.connection.ID)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, entry := range made {
		if entry.Step == model.StepFields && entry.State == model.StepCompleted && entry.JiraID != "" {
			out[entry.Object] = entry.JiraID
		}
	}
	return out, nil
}

// findVEXFields picks the VEX fields out of a create screen: those that
// provisioning made, else those of exactly their name and kind. Names are not
// unique in Jira; where two fit, none is taken.
func findVEXFields(screen []jiraclient.CreateField, ledger map[string]string) vexFields {
	out := vexFields{}
	for _, want := range model.JiraFields() {
		if want.VEX == "" {
			continue
		}
		if f := findField(screen, want, ledger[want.Name]); f != nil {
			out[want.VEX] = vexField{ID: f.ID, Options: optionIDs(f, want)}
		}
	}
	return out
}

// findField finds a field of ours on a create screen.
func findField(screen []jiraclient.CreateField, want model.JiraField, id string) *jiraclient.CreateField {
	var named []*jiraclient.CreateField
	for i := range screen {
		f := &screen[i]
		if f.ID == id {
			return f
		}
		if f.Name == want.Name && fits(f, want.Kind) {
			named = append(named, f)
		}
	}
	if len(named) != 1 {
		return nil
	}
	return named[0]
}

// fits tells whether a field is of the kind.
func fits(f *jiraclient.CreateField, kind model.JiraFieldKind) bool {
	_, custom, _ := strings.Cut(f.Schema.Custom, ":")
	switch kind {
	case model.JiraLine:
		return custom == "textfield" || custom == "readonlyfield"
	case model.JiraParagraph:
		return custom == "textarea"
	case model.JiraSelect:
		return custom == "select" || custom == "radiobuttons"
	case model.JiraNumber:
		return custom == "float"
	case model.JiraURL:
		return custom == "url"
	}
	return false
}

// optionIDs are the ids of a select's options by our words. An option that
// was renamed past recognition is missing.
func optionIDs(f *jiraclient.CreateField, want model.JiraField) map[string]string {
	if want.Kind != model.JiraSelect {
		return nil
	}
	out := map[string]string{}
	for _, option := range f.Allowed {
		word := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(option.Label()), " ", "_"))
		if slices.Contains(want.Options, word) && out[word] == "" {
			out[word] = option.ID
		}
	}
	return out
}

// value is a VEX field's value as Jira takes it; the empty one clears the
// field.
func (f vexField) value(client *jiraclient.Client, field model.VEXField, value string) (any, string) {
	if value == "" {
		return nil, ""
	}
	if field.IsText() {
		return client.TextDocument(value, ""), ""
	}
	id, ok := f.Options[value]
	if !ok {
		return nil, "jira's field has no option " + value + ": add it again, or run 'vexdesk provision'"
	}
	return jiraclient.Option{ID: id}, ""
}

// read is what an issue holds in its VEX fields; what Jira did not answer is
// missing, which is not the same as empty.
func (f vexFields) read(client *jiraclient.Client, issue jiraclient.Issue) map[model.VEXField]model.RemoteValue {
	out := map[model.VEXField]model.RemoteValue{}
	for field, where := range f {
		if !issue.Has(where.ID) {
			continue
		}
		text := ""
		if field.IsText() {
			text = client.DocumentText(issue.Fields[where.ID])
		} else {
			text = issue.Text(where.ID)
		}
		out[field] = model.ReadRemote(field, text)
	}
	return out
}
