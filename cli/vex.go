package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) vexCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "vex", Short: "Record VEX decisions"}
	cmd.AddCommand(a.vexSetCommand(), a.vexConflictsCommand(), a.vexResolveCommand(), a.vexAcceptCommand(), &cobra.Command{
		Use:   "undo",
		Short: "Take your last 'vex set' back, whole",
		Args:  noArgs,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			changed, err := s.UndoVEX(cmd.Context(), a.actor())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]int{"changed": changed})
			}
			if changed == 0 {
				return a.println("there is nothing to undo")
			}
			return a.println("%s back as before", areViolations(changed))
		}),
	})
	return cmd
}

func areViolations(n int) string {
	if n == 1 {
		return "1 violation is"
	}
	return thousands(n) + " violations are"
}

type vexFlags struct {
	selection
	scope       string
	yes, dryRun bool
}

// vexHelp says what each field takes, in the order of the flags.
var vexHelp = [...]struct {
	field model.VEXField
	flag  string
	help  string
}{
	{model.FieldStatus, "status", "in_triage, affected, not_affected, fixed, or none to clear it"},
	{model.FieldQualifier, "qualifier", "false_positive (with not_affected) or with_pedigree (with fixed)"},
	{model.FieldJustification, "justification", "why it is not affected: " + strings.Join(model.Justifications(), ", ")},
	{model.FieldResponse, "response", strings.Join(model.Responses(), ", ")},
	{model.FieldImpact, "impact", "impact statement"},
	{model.FieldNotes, "notes", "internal notes, never exported"},
	{model.FieldAction, "action", "action statement"},
	{model.FieldReviewBy, "review-by", "day on which the decision is to be looked at again, as 2026-11-22"},
}

func (a *app) vexSetCommand() *cobra.Command {
	var f vexFlags
	values := make([]string, len(vexHelp))
	cmd := &cobra.Command{
		Use:   "set (ID... | --where QUERY)",
		Short: "Change the VEX record of violations",
		Long: `Changes the VEX record of violations: the fields that are named, on all of them.
"none", or an empty text, clears a field.`,
		Example: "  vexdesk vex set 17 --status not_affected --justification code_not_reachable\n  vexdesk vex set --where 'component:log4j-core' --status affected --response update --yes",
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			changes := map[model.VEXField]string{}
			for i, h := range vexHelp {
				if cmd.Flags().Changed(h.flag) {
					changes[h.field] = values[i]
				}
			}
			return a.vexSet(cmd, s, f, changes, args)
		}),
	}
	f.flags(cmd)
	for i, h := range vexHelp {
		cmd.Flags().StringVar(&values[i], h.flag, "", h.help)
	}
	cmd.Flags().StringVar(&f.scope, "scope", string(storage.ScopeViolation), "violation; lineage: all versions of its product; elsewhere: all products")
	yesFlag(cmd, &f.yes)
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would change, and change nothing")
	return cmd
}

// vexSetJSON is the result of vex set; changed counts records.
type vexSetJSON struct {
	Plan       map[string]int `json:"plan"`
	Violations []string       `json:"violations"`
	Changed    int            `json:"changed"`
	Warnings   []vexWarning   `json:"warnings"`
}

type vexWarning struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

func (a *app) vexSet(cmd *cobra.Command, s *storage.Store, f vexFlags, changes map[model.VEXField]string, args []string) error {
	if len(changes) == 0 {
		return usage("'%s' needs a field to change, such as --status", cmd.CommandPath())
	}
	for field, value := range changes {
		if err := new(model.Assessment).Set(field, value); err != nil {
			return usage("%w", err)
		}
	}
	scopes := []storage.Scope{storage.ScopeViolation, storage.ScopeLineage, storage.ScopeElsewhere}
	if !slices.Contains(scopes, storage.Scope(f.scope)) {
		return usage("%q is not a scope: use violation, lineage or elsewhere", f.scope)
	}
	ctx := cmd.Context()
	chosen, err := a.ids(ctx, s, cmd, f.selection, args)
	if err != nil {
		return err
	}
	ids, err := s.Related(ctx, chosen, storage.Scope(f.scope))
	if err != nil {
		return err
	}
	result := vexSetJSON{Plan: map[string]int{"violations": len(ids)}, Violations: idStrings(ids), Warnings: []vexWarning{}}
	if !f.dryRun && len(ids) > 0 {
		if len(ids) > 1 {
			if err := a.printVEXPlan(cmd, s, ids, changes, planLines); err != nil {
				return err
			}
			if err := a.confirm(cmd, f.yes, fmt.Sprintf("change the VEX record of %s", plural(len(ids), "violation"))); err != nil {
				return err
			}
		}
		if result.Changed, err = s.SetVEX(ctx, a.actor(), ids, changes); err != nil {
			return err
		}
	}
	if result.Warnings, err = incomplete(cmd, s, ids, changes); err != nil {
		return err
	}
	if f.dryRun && !a.json {
		if err := a.printVEXPlan(cmd, s, ids, changes, len(ids)); err != nil {
			return err
		}
	}
	return a.printVEX(f, len(ids), result)
}

// printVEXPlan tells what is to be changed, and on which violations: the first
// of them in full.
func (a *app) printVEXPlan(cmd *cobra.Command, s *storage.Store, ids []model.ViolationID, changes map[model.VEXField]string, most int) error {
	if a.json {
		return nil
	}
	var sets []string
	for _, h := range vexHelp {
		if value, ok := changes[h.field]; ok {
			sets = append(sets, strings.TrimSpace(string(h.field)+" "+orDash(model.Clean(value))))
		}
	}
	if err := a.println("plan: set %s on %s", strings.Join(sets, ", "), plural(len(ids), "violation")); err != nil {
		return err
	}
	t := a.table(column{head: "id", right: true}, column{head: "issue"}, column{head: "component", keep: 14}, column{head: "version", keep: 8}, column{head: "product", keep: 12}, column{head: "vex now"})
	for chunk := range slices.Chunk(ids[:min(len(ids), most)], pageSize) {
		rows, err := s.RowsByID(cmd.Context(), chunk)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := t.row(r.ID.String(), r.Issue, r.Component, orDash(r.ComponentVersion), strings.TrimSpace(r.Product+" "+r.ProductVersion), orDash(string(r.VEX))); err != nil {
				return err
			}
		}
	}
	if err := t.flush(); err != nil || len(ids) <= most {
		return err
	}
	return a.println("and %s more", thousands(len(ids)-most))
}

// incomplete names the records that an export would refuse (ruling 26).
func incomplete(cmd *cobra.Command, s *storage.Store, ids []model.ViolationID, changes map[model.VEXField]string) ([]vexWarning, error) {
	warnings := []vexWarning{}
	for chunk := range slices.Chunk(ids, pageSize) {
		all, err := s.Violations(cmd.Context(), chunk)
		if err != nil {
			return nil, err
		}
		for i := range all {
			record := all[i].Assessment
			for field, value := range changes {
				if err := record.Set(field, value); err != nil {
					return nil, err
				}
			}
			if err := record.Validate(); err != nil {
				warnings = append(warnings, vexWarning{all[i].ID.String(), strings.ReplaceAll(err.Error(), "\n", "; ")})
			}
		}
	}
	return warnings, nil
}

func (a *app) printVEX(f vexFlags, chosen int, result vexSetJSON) error {
	if a.json {
		return a.printJSON(result)
	}
	if f.dryRun {
		return a.println("%s would be changed; nothing was", plural(chosen, "violation"))
	}
	if err := a.println("%s changed, %d already so", areViolations(result.Changed), chosen-result.Changed); err != nil {
		return err
	}
	for i, w := range result.Warnings {
		if i == 5 {
			return a.tell("warning  and %d more are incomplete", len(result.Warnings)-i)
		}
		if err := a.tell("warning  %s: %s", w.ID, w.Message); err != nil {
			return err
		}
	}
	return nil
}
