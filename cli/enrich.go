package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func (a *app) enrichCommand() *cobra.Command {
	var epss, kev string
	cmd := &cobra.Command{
		Use:   "enrich",
		Short: "Take in EPSS scores and CISA's catalogue of exploited vulnerabilities",
		Long: `Takes in the daily scores of EPSS (how likely exploitation is) and CISA's catalogue
of known exploited vulnerabilities, from a file or an address, plain or packed.
Issues that are imported later take their values from here, too. What the
catalogue no longer holds is no longer marked.`,
		Example: "  vexdesk enrich --epss epss_scores-current.csv.gz\n" +
			"  vexdesk enrich --epss https://epss.empiricalsecurity.com/epss_scores-current.csv.gz --kev https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
		Args: func(cmd *cobra.Command, args []string) error {
			if epss == "" && kev == "" {
				return usage("'vexdesk enrich' needs --epss, --kev or both, each with a file or an address")
			}
			return noArgs(cmd, args)
		},
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, _ []string) error {
			return a.enrich(cmd.Context(), s, epss, kev)
		}),
	}
	cmd.Flags().StringVar(&epss, "epss", "", "file or https address of the EPSS scores (CSV)")
	cmd.Flags().StringVar(&kev, "kev", "", "file or https address of the catalogue (JSON or CSV)")
	return cmd
}

// feedJSON is what a feed came to; null where it was not asked for.
type feedJSON struct {
	Source       string  `json:"source"`
	Date         *string `json:"date"`
	PreviousDate *string `json:"previous_date"`
	Entries      int     `json:"entries"`
	// Matched counts the issues that the feed knows, Changed those whose values
	// are others now, Cleared those of them that lost theirs.
	Matched int     `json:"matched"`
	Changed int     `json:"changed"`
	Cleared int     `json:"cleared"`
	Error   *string `json:"error"`
}

// enrich takes in the feeds one after the other: each counts whole or not at
// all, and one that fails does not keep the other out.
func (a *app) enrich(ctx context.Context, s *storage.Store, epss, kev string) error {
	feeds := []struct {
		name, source string
		read         func(context.Context, *storage.Enrichment, io.Reader, string) error
	}{{storage.FeedEPSS, epss, readEPSS}, {storage.FeedKEV, kev, readKEV}}
	out := map[string]*feedJSON{storage.FeedEPSS: nil, storage.FeedKEV: nil}
	var failures []error
	asked := 0
	for _, f := range feeds {
		if f.source == "" {
			continue
		}
		asked++
		result, err := a.enrichFrom(ctx, s, f.name, f.source, f.read)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		out[f.name] = result
		if err != nil {
			result.Error = orNull(sentence(err))
			failures = append(failures, err)
		}
	}
	if len(failures) == asked {
		return errors.Join(failures...)
	}
	if err := a.printEnrich(out); err != nil {
		return err
	}
	if len(failures) > 0 {
		return partly("one of the feeds could not be taken in")
	}
	return nil
}

func (a *app) enrichFrom(ctx context.Context, s *storage.Store, feed, source string, read func(context.Context, *storage.Enrichment, io.Reader, string) error) (result *feedJSON, err error) {
	result = &feedJSON{Source: model.Clean(source)}
	in, err := a.openFeed(ctx, source)
	if err != nil {
		return result, err
	}
	defer in.Close()
	e, err := s.NewEnrichment(ctx, feed)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if err := read(ctx, e, in, result.Source); err != nil {
		return result, err
	}
	r, err := e.Commit(ctx, a.actor(), result.Source)
	if err != nil {
		return result, fmt.Errorf("%s: %w", result.Source, err)
	}
	result.Date, result.PreviousDate, result.Entries = orNull(r.Date), orNull(r.PreviousDate), r.Entries
	result.Matched, result.Changed, result.Cleared = r.Matched, r.Changed, r.Cleared
	return result, nil
}

func readEPSS(ctx context.Context, e *storage.Enrichment, in io.Reader, name string) error {
	date, err := formats.ReadEPSS(ctx, in, formats.Options{Name: name}, func(cve string, score, percentile float64) error {
		return e.AddEPSS(ctx, cve, score, percentile)
	})
	e.Date = date
	return err
}

func readKEV(ctx context.Context, e *storage.Enrichment, in io.Reader, name string) error {
	catalog, err := formats.ReadKEV(ctx, in, formats.Options{Name: name}, func(k formats.KEV) error {
		return e.AddKEV(ctx, k.CVE, k.Added, k.Due, k.Ransomware)
	})
	e.Date, _, _ = strings.Cut(catalog.Released, "T")
	return err
}

func (a *app) printEnrich(out map[string]*feedJSON) error {
	if a.json {
		return a.printJSON(out)
	}
	for _, name := range []string{storage.FeedEPSS, storage.FeedKEV} {
		r := out[name]
		if r == nil {
			continue
		}
		if r.Error != nil {
			if err := a.tell("failed   %s", *r.Error); err != nil {
				return err
			}
			continue
		}
		day := ""
		if r.Date != nil {
			day = " of " + *r.Date
		}
		err := a.println("%s%s: %s, %s known here, %s changed, %s cleared", strings.ToUpper(name), day, entries(r.Entries),
			plural(r.Matched, "issue"), thousands(r.Changed), thousands(r.Cleared))
		if err != nil {
			return err
		}
	}
	return nil
}

// entries is "1 entry", "2 entries".
func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return thousands(n) + " entries"
}
