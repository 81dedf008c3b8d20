package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

type importFlags struct {
	product, version, resource, format string
	// earlier are the runs of this command so far (ruling 1).
	earlier []int64
	// postpone leaves VEX documents for later (errPostponed).
	postpone bool
}

// resources are the types of products (domain: product).
var resources = [...]string{"build", "artifact", "repository", "release_bundle", "image", "sbom"}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Read reports of scanners",
		Long: `Reads reports of scanners, recognised by their content, plain or packed with gzip
or zstd. "-" is standard input; a folder is read with all reports below it. Every
file counts whole or not at all: nothing is taken from one that cannot be read to
its end, and where the process ends while a large one is being stored, the next
import or sync stores the rest.

The statements of a VEX document (OpenVEX, CSAF, CycloneDX that lists nothing but
what it decides about) are laid over the violations that
are there, after the reports of the same command; --product says which product
the document is about, whatever it calls it. What an analyst decided stays.

Formats: ` + strings.Join(formats.Names(), ", ") + ".",
		Example: "  vexdesk import report.json\n  trivy image --format json nginx | vexdesk import - --product web --version 1.4",
		Args:    someArgs("the name of a file, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			s, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			return a.importAll(cmd.Context(), s, f, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.product, "product", "", "what was scanned, where the report does not say so or says it otherwise")
	flags.StringVar(&f.version, "version", "", "its version")
	flags.StringVar(&f.resource, "resource", "", "its type: "+strings.Join(resources[:], ", "))
	flags.StringVar(&f.format, "format", "", "read as "+strings.Join(formats.Names(), ", ")+" whatever the content looks like")
	return cmd
}

func (f *importFlags) check() error {
	if f.resource != "" && !slices.Contains(resources[:], f.resource) {
		return usage("%q is not a type of product: use %s", f.resource, strings.Join(resources[:], ", "))
	}
	if f.format != "" && !slices.Contains(formats.Names(), f.format) {
		return usage("there is no format %q: use %s, or leave --format out", f.format, strings.Join(formats.Names(), ", "))
	}
	return nil
}

// importJSON is what became of one file.
type importJSON struct {
	File             string  `json:"file"`
	Format           *string `json:"format"`
	Product          *string `json:"product"`
	Version          *string `json:"version"`
	Entries          int     `json:"entries"`
	Findings         int     `json:"findings"`
	Violations       int     `json:"violations"`
	Licenses         int     `json:"licenses"`
	OperationalRisks int     `json:"operational_risks"`
	Ignored          int     `json:"ignored"`
	New              int     `json:"new"`
	Updated          int     `json:"updated"`
	Resolved         int     `json:"resolved"`
	Reopened         int     `json:"reopened"`
	CarriedOver      int     `json:"carried_over"`
	// Of a VEX document: its statements, how many of them hold for a
	// violation, why the others do not, and how many violations keep another
	// decision.
	Statements int             `json:"statements"`
	Applied    int             `json:"applied"`
	Kept       int             `json:"kept"`
	NotApplied []unappliedJSON `json:"not_applied"`
	Warnings   []string        `json:"warnings"`
	Error      *string         `json:"error"`
	vex        bool
	cause      error
	run        int64
}

func (a *app) importAll(ctx context.Context, s *storage.Store, f importFlags, args []string) error {
	names, err := reportFiles(args)
	if err != nil {
		return err
	}
	start := a.now()
	results, failed := a.importEach(ctx, s, f, names, a.newProgress(), func(int, *importJSON) {})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed == len(results) {
		return a.allFailed(results)
	}
	if err := a.printImport(results, a.now().Sub(start)); err != nil {
		return err
	}
	if failed > 0 {
		return partly("%d of %d files could not be imported", failed, len(results))
	}
	return nil
}

// importEach takes files in one after the other, VEX documents behind the
// reports, and tells of each as it is done, or with nothing that it waits. It
// ends early when ctx does.
func (a *app) importEach(ctx context.Context, s *storage.Store, f importFlags, names []string, progress *progress, done func(i int, r *importJSON)) (results []importJSON, failed int) {
	results = make([]importJSON, len(names))
	f.postpone = len(names) > 1
	for waiting := todo(names); len(waiting) > 0; f.postpone = false {
		var postponed []int
		for _, i := range waiting {
			progress.begin(i+1, len(names), model.Clean(names[i]))
			results[i] = a.importOne(ctx, s, f, names[i], progress)
			progress.clear()
			switch {
			case ctx.Err() != nil:
				return results, failed
			case errors.Is(results[i].cause, errPostponed):
				postponed = append(postponed, i)
				done(i, nil)
				continue
			case results[i].cause != nil:
				failed++
			default:
				f.earlier = append(f.earlier, results[i].run) // 0 for a VEX document, which is no run
			}
			done(i, &results[i])
		}
		waiting = postponed
	}
	return results, failed
}

// todo are the places of the files.
func todo(names []string) []int {
	all := make([]int, len(names))
	for i := range all {
		all[i] = i
	}
	return all
}

// allFailed is the error where no file was taken in: the error document of
// --json names every cause, since no result is printed then (ruling 31).
func (a *app) allFailed(results []importJSON) error {
	if len(results) == 1 {
		return results[0].cause
	}
	causes := make([]string, len(results))
	for i := range results {
		causes[i] = results[i].cause.Error()
		if err := a.tellImport(&results[i]); err != nil {
			return err
		}
	}
	if !a.json {
		return fmt.Errorf("none of the %d files could be imported", len(results))
	}
	return fmt.Errorf("none of the %d files could be imported: %s", len(results), strings.Join(causes, " | "))
}

// importOne takes in one file.
func (a *app) importOne(ctx context.Context, s *storage.Store, f importFlags, name string, progress *progress) importJSON {
	shown := model.Clean(name)
	result := importJSON{File: shown, Warnings: []string{}, NotApplied: []unappliedJSON{}}
	in := intake{app: a, store: s, flags: f, name: name, progress: progress}
	if err := in.read(ctx); err != nil {
		result.cause = err
		result.Error = orNull(sentence(err))
		var unreadable *formats.Error
		if errors.As(err, &unreadable) {
			result.Format = orNull(unreadable.Format)
		}
		return result
	}
	report, counts := in.report, in.counts
	for _, w := range report.Warnings {
		result.Warnings = append(result.Warnings, model.Clean(w))
	}
	result.Format, result.Product, result.Version = orNull(report.Format), orNull(counts.Product), orNull(counts.Version)
	result.run = counts.Run
	result.Entries, result.Findings, result.Violations = counts.Entries, counts.Findings, counts.Violations
	result.Licenses, result.OperationalRisks, result.Ignored = counts.Licenses, counts.OperationalRisks, counts.Ignored
	result.New, result.Updated, result.Resolved, result.Reopened, result.CarriedOver = counts.New, counts.Updated, counts.Resolved, counts.Reopened, counts.CarriedOver
	if in.laid != nil {
		result.Entries, result.Findings = report.Entries, report.Findings
		result.laidOver(in.laid)
	}
	return result
}

func (a *app) openReport(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.stdinUntil(ctx)), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: the file cannot be read: %w; check its name and its rights", model.Clean(name), bare(err))
	}
	return f, nil
}

// bare is the cause of a failed file operation without the path, which the
// message has already.
func bare(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func (a *app) printImport(results []importJSON, took time.Duration) error {
	if a.json {
		return a.printJSON(map[string]any{"files": results, "seconds": took.Seconds()})
	}
	t := a.table(column{head: "file", keep: 20}, column{head: "format"}, column{head: "product", keep: 16}, column{head: "violations", right: true},
		column{head: "new", right: true}, column{head: "updated", right: true}, column{head: "resolved", right: true}, column{head: "others", keep: 12})
	var total importJSON
	for i := range results {
		r := &results[i]
		if r.cause != nil {
			continue
		}
		total.add(r)
		err := t.row(r.File, text(r.Format), strings.TrimSpace(text(r.Product)+" "+text(r.Version)), fmt.Sprint(r.Violations), fmt.Sprint(r.New),
			fmt.Sprint(r.Updated), fmt.Sprint(r.Resolved), orDash(r.others()))
		if err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for i := range results {
		if err := errors.Join(a.printStatements(&results[i]), a.tellImport(&results[i])); err != nil {
			return err
		}
	}
	return a.println("%s: %s, %s new, %s updated, %s resolved, in %.1f s", plural(len(results), "file"), plural(total.Violations, "violation"), thousands(total.New), thousands(total.Updated), thousands(total.Resolved), took.Seconds())
}

func (r *importJSON) add(o *importJSON) {
	if !o.vex {
		r.Violations += o.Violations
	}
	r.New += o.New
	r.Updated += o.Updated
	r.Resolved += o.Resolved
}

// others names the counts that are often nothing.
func (r *importJSON) others() string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{r.Licenses, "license"}, {r.OperationalRisks, "operational"}, {r.Ignored, "ignored"}, {r.Reopened, "reopened"}, {r.CarriedOver, "carried over"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}

func (a *app) tellImport(r *importJSON) error {
	if r.Error != nil {
		return a.tell("failed   %s", *r.Error)
	}
	for _, w := range r.Warnings {
		if err := a.tell("warning  %s: %s", r.File, w); err != nil {
			return err
		}
	}
	return nil
}
