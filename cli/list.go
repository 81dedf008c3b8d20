package cli

import (
	"bufio"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"example.com/vexdesk/formats/write"
	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
)

type listFlags struct {
	where, sort, after string
	limit              int
	csv, count         bool
}

func (a *app) listCommand() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List violations",
		Long: `Lists violations: those open in the current versions unless the query names
state: or version:, the worst severity first unless --sort says otherwise.`,
		Example: "  vexdesk list --where 'severity:>=high -ticket:any fix:yes' --sort -epss\n  vexdesk list --count --where 'kev:yes'",
		Args:    noArgs,
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			return a.list(cmd, s, f)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.where, "where", "", "query that chooses the violations")
	flags.StringVar(&f.sort, "sort", "", "keys with commas, a minus before one to reverse it")
	flags.IntVar(&f.limit, "limit", 0, "how many at most; 0 means all")
	flags.StringVar(&f.after, "after", "", "go on behind this cursor (each line of --json has one)")
	flags.BoolVar(&f.csv, "csv", false, "print as CSV")
	flags.BoolVar(&f.count, "count", false, "print only how many there are")
	return cmd
}

func (a *app) list(cmd *cobra.Command, s *storage.Store, f listFlags) error {
	filter, err := a.parseWhere(f.where)
	if err != nil {
		return err
	}
	order, err := query.ParseSort(f.sort)
	switch {
	case err != nil:
		return err
	case f.limit < 0:
		return usage("--limit %d is negative: leave it out for all", f.limit)
	case f.csv && a.json:
		return usage("--csv and --json exclude each other")
	}
	ctx := cmd.Context()
	if f.count {
		n, err := s.Count(ctx, filter)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(map[string]int{"count": n})
		}
		return a.println("%d", n)
	}
	out := bufio.NewWriter(a.stdout)
	window := storage.Window{Filter: filter, Sort: order}
	if f.csv {
		_, err = write.Document(ctx, out, write.FormatCSV, write.Meta{}, streamed(ctx, s, window, f))
		if errors.Is(err, storage.ErrCursor) {
			return usage("--after: %w", err)
		}
		return errors.Join(err, out.Flush())
	}
	printer := a.listPrinter(out)
	err = pages(ctx, s, window, f, printer.page)
	if errors.Is(err, storage.ErrCursor) {
		return usage("--after: %w", err)
	}
	return errors.Join(err, printer.end(), out.Flush())
}

// pageSize is how many rows a streaming list holds at once.
const pageSize = 500

// pages reads a window page by page and hands each on.
func pages(ctx context.Context, s *storage.Store, w storage.Window, f listFlags, take func(context.Context, *storage.Store, []storage.Listed) error) error {
	after, left := storage.Cursor(f.after), f.limit
	for {
		limit := pageSize
		if f.limit > 0 {
			limit = min(limit, left)
		}
		page, err := s.Page(ctx, w, storage.Page{After: after, Limit: limit})
		if err != nil || len(page) == 0 {
			return err
		}
		if err := take(ctx, s, page); err != nil {
			return err
		}
		left -= len(page)
		if len(page) < limit || f.limit > 0 && left == 0 {
			return nil
		}
		after = page[len(page)-1].Cursor
	}
}

// errEnough ends the reading of pages when nobody wants more.
var errEnough = errors.New("enough")

// streamed yields the violations of a window, whole.
func streamed(ctx context.Context, s *storage.Store, w storage.Window, f listFlags) write.Violations {
	return func(yield func(*model.Violation, error) bool) {
		err := pages(ctx, s, w, f, func(ctx context.Context, s *storage.Store, rows []storage.Listed) error {
			return whole(ctx, s, rows, func(v *model.Violation, _ storage.Cursor) error {
				if !yield(v, nil) {
					return errEnough
				}
				return nil
			})
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// listPrinter is a way to print a list.
type listPrinter struct {
	page func(context.Context, *storage.Store, []storage.Listed) error
	end  func() error
}

func (a *app) listPrinter(out *bufio.Writer) listPrinter {
	if a.json {
		return jsonPrinter(out)
	}
	t := a.table(column{head: "id", right: true}, column{head: "severity"}, column{head: "issue", keep: 16}, column{head: "component", keep: 14},
		column{head: "version", keep: 8}, column{head: "product", keep: 12}, column{head: "fix", keep: 6}, column{head: "epss", right: true},
		column{head: "vex"}, column{head: "ticket", keep: 8})
	t.out = out
	page := func(_ context.Context, _ *storage.Store, rows []storage.Listed) error {
		for i := range rows {
			if err := t.row(listCells(&rows[i].Row)...); err != nil {
				return err
			}
		}
		return nil
	}
	end := func() error {
		empty := t.widths == nil && len(t.pending) == 0
		if err := t.flush(); err != nil || !empty {
			return err
		}
		return a.tell("nothing matches")
	}
	return listPrinter{page, end}
}

func listCells(r *model.Row) []string {
	product := r.Product
	if r.ProductVersion != "" {
		product += " " + r.ProductVersion
	}
	issue := r.Issue
	if r.KEV {
		issue += " K"
	}
	return []string{r.ID.String(), r.Severity.String(), issue, r.Component, orDash(r.ComponentVersion), product, orDash(r.Fix),
		orDash(percent(r.EPSS)), orDash(string(r.VEX)), orDash(ticketText(r.Ticket))}
}

func jsonPrinter(out *bufio.Writer) listPrinter {
	page := func(ctx context.Context, s *storage.Store, rows []storage.Listed) error {
		return whole(ctx, s, rows, func(v *model.Violation, cursor storage.Cursor) error { return writeJSON(out, toJSON(v, cursor)) })
	}
	return listPrinter{page, func() error { return nil }}
}

// whole reads what a row does not hold, for a page at once.
func whole(ctx context.Context, s *storage.Store, rows []storage.Listed, take func(*model.Violation, storage.Cursor) error) error {
	ids := make([]model.ViolationID, len(rows))
	cursors := make(map[model.ViolationID]storage.Cursor, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
		cursors[rows[i].ID] = rows[i].Cursor
	}
	all, err := s.Violations(ctx, ids)
	if err != nil {
		return err
	}
	for i := range all {
		if err := take(&all[i], cursors[all[i].ID]); err != nil {
			return err
		}
	}
	return nil
}
