package cli

import (
	"context"
	"errors"
	"fmt"

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

// lay applies what was staged; a document without statements says nothing.
func (in *intake) lay(ctx context.Context, shown string) error {
	in.laid = &storage.OverlayResult{}
	if in.overlay == nil {
		return nil
	}
	actor := in.app.actor()
	actor.Source = "import"
	laid, err := in.overlay.Apply(ctx, storage.OverlayOptions{File: shown, Product: in.flags.product, Version: in.flags.version, Actor: actor})
	in.laid = &laid
	return err
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
