package sync

import (
	"context"
	"fmt"
	"slices"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
)

// kindsOfFields are Jira's names of the kinds of our fields.
var kindsOfFields = map[model.JiraFieldKind]string{model.JiraLine: "textfield", model.JiraParagraph: "textarea", model.JiraSelect: "select", model.JiraNumber: "float", model.JiraURL: "url"}

func (p *provisioner) fields(ctx context.Context) error {
	all, err := p.client.CustomFields(ctx, "")
	if err != nil {
		return err
	}
	for _, want := range model.JiraFields() {
		id := p.findCustomField(all, want)
		if id == "" {
			id, err = p.client.MakeCustomField(ctx, jiraclient.CustomField{Name: want.Name, Description: fieldNote(want), Kind: kindsOfFields[want.Kind]})
			if err != nil {
				return fmt.Errorf("%s: %w", want.Name, err)
			}
		}
		if id != p.id(model.StepFields, want.Name) {
			if err := p.enter(ctx, model.StepFields, want.Name, id); err != nil {
				return err
			}
		}
		if err := p.options(ctx, id, want); err != nil {
			return fmt.Errorf("options of %s: %w", want.Name, err)
		}
	}
	return nil
}

func fieldNote(f model.JiraField) string {
	if f.VEX != "" {
		return "VEX " + string(f.VEX) + ", kept in step with vexdesk. " + tag
	}
	return tag
}

// findCustomField finds a field of ours: by the ledger's id, else by name,
// kind and the tag in its description. Only names that begin with VEX are taken
// without the tag: a field called Severity is likely somebody else's.
func (p *provisioner) findCustomField(all []jiraclient.CustomField, want model.JiraField) string {
	known, namesake := p.id(model.StepFields, want.Name), ""
	for _, f := range all {
		if f.Kind != kindsOfFields[want.Kind] {
			continue
		}
		switch {
		case known != "" && f.ID == known:
			return f.ID
		case f.Name == want.Name && f.Description == fieldNote(want):
			namesake = f.ID
		case f.Name == want.Name && want.VEX != "" && namesake == "":
			namesake = f.ID
		}
	}
	return namesake
}

// options gives a select the options that it lacks, in its global context.
func (p *provisioner) options(ctx context.Context, field string, want model.JiraField) error {
	contexts, err := p.client.FieldContexts(ctx, field)
	if err != nil {
		return err
	}
	where := ""
	for _, c := range contexts {
		if where == "" || c.Global {
			where = c.ID
		}
	}
	if where == "" {
		if where, err = p.client.MakeFieldContext(ctx, field, "Vexdesk context"); err != nil {
			return err
		}
	}
	if want.Kind != model.JiraSelect {
		return nil
	}
	there, err := p.client.FieldOptions(ctx, field, where)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(want.Options), func(word string) bool {
		return slices.ContainsFunc(there, func(o jiraclient.NamedValue) bool { return o.Value == word })
	})
	if len(missing) == 0 {
		return nil
	}
	return p.client.AddFieldOptions(ctx, field, where, missing)
}
