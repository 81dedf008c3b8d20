package cli

import (
	"context"
	"fmt"
	"os"

	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui"
)

// consoleImport takes reports in for the console, as the command does.
type consoleImport struct {
	*app
	store *storage.Store
}

// Files implements [ui.Options].Import.
func (c *consoleImport) Files(names []string) ([]string, error) {
	for _, name := range names {
		if name == "-" {
			return nil, usage("the console has no standard input to read; name a file")
		}
	}
	return reportFiles(names)
}

// Import implements [ui.Options].Import.
func (c *consoleImport) Import(ctx context.Context, names []string, tell func(i int, f ui.ImportFile)) {
	sizes := make([]int64, len(names))
	for i, name := range names {
		if info, err := os.Stat(name); err == nil {
			sizes[i] = info.Size()
		}
	}
	watch := &progress{now: c.now, watch: func(i int, bytes int64) {
		tell(i, ui.ImportFile{State: ui.ImportReading, Bytes: bytes, Size: sizes[i]})
	}}
	c.importEach(ctx, c.store, importFlags{}, names, watch, func(i int, r *importJSON) { tell(i, consoleFile(r, sizes[i])) })
}

// consoleFile is a result as the console shows it; none yet means that the
// file waits for others.
func consoleFile(r *importJSON, size int64) ui.ImportFile {
	if r == nil {
		return ui.ImportFile{Size: size}
	}
	f := ui.ImportFile{State: ui.ImportDone, Bytes: size, Size: size, Format: text(r.Format), Product: text(r.Product), Version: text(r.Version),
		Violations: r.Violations, New: r.New, Updated: r.Updated, Removed: r.Resolved, Warnings: r.Warnings}
	if r.cause != nil {
		f.State, f.Error = ui.ImportFailed, sentence(r.cause)
		return f
	}
	if r.vex {
		f.Notes = append(f.Notes, fmt.Sprintf("%s of %s hold for %s", thousands(r.Applied), plural(r.Statements, "statement"), plural(r.Violations, "violation")))
		for _, u := range r.NotApplied {
			f.Notes = append(f.Notes, fmt.Sprintf("%s not: %s", thousands(u.Count), u.Reason))
		}
		if r.Kept > 0 {
			f.Notes = append(f.Notes, plural(r.Kept, "violation")+" with another decision left as before")
		}
		return f
	}
	f.Notes = append(f.Notes, fmt.Sprintf("%s %s: %s entries, %s", text(r.Product), text(r.Version), thousands(r.Entries), plural(r.Findings, "finding")))
	if more := r.others(); more != "" {
		f.Notes = append(f.Notes, more)
	}
	return f
}
