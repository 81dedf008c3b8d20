package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// errPostponed ends the reading of a VEX document that waits for the reports
// of the same command.
var errPostponed = errors.New("the document waits for the reports")

// intake reads one file into the workspace: findings of a report are imported,
// statements of a VEX document are laid over the violations that are there.
type intake struct {
	app      *app
	store    *storage.Store
	flags    importFlags
	name     string
	progress *progress

	overlay *storage.Overlay
	report  *model.Report
	counts  storage.ImportResult
	laid    *storage.OverlayResult
}

// read takes the file in.
func (in *intake) read(ctx context.Context) (err error) {
	file, err := in.app.openReport(ctx, in.name)
	if err != nil {
		return err
	}
	defer file.Close()
	im, err := in.store.NewImport(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, im.Close(), in.close()) }()
	shown := model.Clean(in.name)
	options := formats.Options{Format: in.flags.format, Name: shown}
	if in.flags.format != "cyclonedx" { // asked for by name, it is a report
		options.Statement = func(s *model.Statement) error { return in.statement(ctx, s) }
	}
	in.report, err = formats.Read(ctx, in.progress.reader(file), options, func(found *model.Finding) error {
		return im.Add(ctx, found)
	})
	if err != nil {
		return err
	}
	in.progress.taking()
	if in.report.Decisions {
		err = in.lay(ctx, shown)
	} else {
		in.counts, err = im.Commit(ctx, in.report, storage.ImportOptions{File: shown, Product: in.flags.product, Version: in.flags.version,
			Resource: in.flags.resource, Actor: in.app.actor(), Earlier: in.flags.earlier})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	return nil
}

// statement stages a statement. Standard input cannot be read again, and is
// never postponed.
func (in *intake) statement(ctx context.Context, s *model.Statement) (err error) {
	if in.flags.postpone && in.name != "-" {
		return errPostponed
	}
	if in.overlay == nil {
		if in.overlay, err = in.store.NewOverlay(ctx); err != nil {
			return err
		}
	}
	return in.overlay.Add(ctx, s)
}

// lay applies what was staged. A document without statements says nothing, but
// a product that is named for it has to be there all the same.
func (in *intake) lay(ctx context.Context, shown string) (err error) {
	if in.overlay == nil {
		if in.overlay, err = in.store.NewOverlay(ctx); err != nil {
			return err
		}
	}
	actor := in.app.actor()
	actor.Source = "import"
	laid, err := in.overlay.Apply(ctx, storage.OverlayOptions{File: shown, Product: in.flags.product, Version: in.flags.version, Actor: actor})
	if err != nil {
		return err
	}
	in.laid = &laid
	in.warnOfNothing()
	return nil
}

// warnOfNothing tells of a document that is about nothing here. That is no
// failure: what is not there need not be decided. But it may have another name.
func (in *intake) warnOfNothing() {
	if in.laid.Statements == 0 || in.laid.Applied+in.laid.Kept > 0 {
		return
	}
	warning := "none of its statements holds for a violation that is here"
	switch absent := in.laid.Absent; {
	case len(absent) == 0:
	case in.flags.product != "" || in.flags.version != "":
		warning += "; no report has shown " + absent[0].Product + ": import one first"
	default:
		const most = 3
		var about, near []string
		for _, each := range absent[:min(len(absent), most)] {
			about, near = append(about, each.Product), append(near, each.Near...)
		}
		if more := len(absent) - most; more > 0 {
			about = append(about, thousands(more)+" more")
		}
		warning += "; no report has shown " + strings.Join(about, ", ")
		if slices.Sort(near); len(near) > 0 {
			warning += ": did you mean " + strings.Join(slices.Compact(near), " or ") + "?"
		} else {
			warning += ":"
		}
		warning += " --product says which product is meant"
	}
	in.report.Warnings = append(in.report.Warnings, warning)
}

func (in *intake) close() error {
	if in.overlay == nil {
		return nil
	}
	return in.overlay.Close()
}

// unappliedJSON is why some statements of a VEX document hold for nothing.
type unappliedJSON struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// laidOver notes what a VEX document came to.
func (r *importJSON) laidOver(o *storage.OverlayResult) {
	r.vex = true
	r.Statements, r.Applied, r.Kept = o.Statements, o.Applied, o.Kept
	r.Violations, r.Updated = o.Violations, o.Updated
	for _, u := range o.NotApplied {
		r.NotApplied = append(r.NotApplied, unappliedJSON{u.Reason, u.Count})
	}
}

// printStatements says what the statements of a document came to.
func (a *app) printStatements(r *importJSON) error {
	if !r.vex {
		return nil
	}
	err := a.println("%s: %s of %s hold for %s", r.File, thousands(r.Applied), plural(r.Statements, "statement"), plural(r.Violations, "violation"))
	for _, u := range r.NotApplied {
		err = errors.Join(err, a.println("  %s not: %s", thousands(u.Count), u.Reason))
	}
	if r.Kept > 0 {
		err = errors.Join(err, a.println("  %s with another decision left as before", plural(r.Kept, "violation")))
	}
	return err
}
