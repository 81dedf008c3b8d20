package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/formats/write"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

type exportFlags struct {
	format, where, product, out, author, namespace, bom, about string
}

// What the statements of a VEX document are about.
const (
	aboutProduct   = "product"
	aboutComponent = "component"
)

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export --format FORMAT -o FILE",
		Short: "Write decisions as VEX documents, violations as reports",
		Long: `Writes what was decided as a VEX document that other tools take (openvex,
cyclonedx-vex, csaf-vex), or the violations with their tickets as a report (html,
csv, json). Internal notes are never written.

A VEX document holds the decisions that are valid: not_affected with a
justification or an impact statement, affected with a response or an action. What
is left out, and what a format cannot say in full, is listed. A document keeps its
id; its version goes up when its content changes.`,
		Example: "  vexdesk export --format openvex --product shop -o shop.openvex.json\n  vexdesk export --format html --where 'severity:>=high' -o report.html",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.checkExport(&f); err != nil {
				return err
			}
			s, err := a.open(cmd.Context())
			if err == nil {
				err = s.Settled(cmd.Context())
			}
			if err != nil {
				return err
			}
			return a.export(cmd.Context(), s, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "", strings.Join(write.Formats(), ", "))
	flags.StringVar(&f.where, "where", "", "query that chooses the violations; state:all takes those that are gone, too")
	flags.StringVar(&f.product, "product", "", "the product that the document is about")
	flags.StringVarP(&f.out, "output", "o", "", "the file to write, or - for standard output")
	flags.StringVar(&f.bom, "bom", "", "CycloneDX bill of materials of the product: a cyclonedx-vex document refers to its components there, as trivy demands")
	flags.StringVar(&f.about, "about", aboutProduct, "what the statements of openvex and csaf-vex are about: product, or component for those who scan folders, where scanners know no product")
	flags.StringVar(&f.author, "author", "", "who states this (default: the setting export.author)")
	flags.StringVar(&f.namespace, "namespace", "", "address of who publishes a CSAF document (default: the setting export.namespace)")
	return cmd
}

func (a *app) checkExport(f *exportFlags) error {
	switch {
	case f.format == "":
		return usage("'vexdesk export' needs --format: one of %s", strings.Join(write.Formats(), ", "))
	case !slices.Contains(write.Formats(), f.format):
		return usage("there is no format %q to export: use %s", f.format, strings.Join(write.Formats(), ", "))
	case f.out == "":
		return usage("'vexdesk export' needs -o with the name of a file, or - for standard output")
	case f.out == "-" && a.json:
		return usage("with '-o -' the document itself is on standard output: leave --json out, or name a file")
	}
	if f.bom != "" && (f.format != write.FormatCycloneDX || f.product == "") {
		return usage("--bom is the bill of materials of a product: it goes with --format %s and --product", write.FormatCycloneDX)
	}
	if f.about != aboutProduct && f.about != aboutComponent {
		return usage("--about is %s or %s, not %q", aboutProduct, aboutComponent, f.about)
	}
	if f.about == aboutComponent && (f.product == "" || f.format != write.FormatOpenVEX && f.format != write.FormatCSAF) {
		return usage("--about %s states the decisions of one product about its components: it goes with --product and --format %s or %s",
			aboutComponent, write.FormatOpenVEX, write.FormatCSAF)
	}
	_, err := a.parseWhere(f.where)
	return err
}

// exportJSON is what became of an export.
type exportJSON struct {
	File     string       `json:"file"`
	Format   string       `json:"format"`
	ID       *string      `json:"id"`
	Version  *int         `json:"version"`
	Written  int          `json:"written"`
	LeftOut  []remarkJSON `json:"left_out"`
	Lost     []remarkJSON `json:"lost"`
	Warnings []string     `json:"warnings"`
}

type remarkJSON struct {
	Reason string   `json:"reason"`
	Count  int      `json:"count"`
	IDs    []string `json:"ids"`
}

func (a *app) export(ctx context.Context, s *storage.Store, f exportFlags) error {
	meta, window, err := a.exportMeta(ctx, s, f)
	if err != nil {
		return err
	}
	var document *storage.Document
	meta.Revise = func(id, digest string) (write.Revision, error) {
		d, err := s.Document(ctx, id)
		if err != nil {
			return write.Revision{}, err
		}
		if d.Digest != digest {
			d.Digest, d.Made = digest, append(d.Made, meta.Now)
			document = &d
		}
		return write.Revision{Made: d.Made}, nil
	}
	var report *write.Report
	err = a.replaceFile(f.out, func(w io.Writer) (err error) {
		report, err = write.Document(ctx, w, f.format, meta, s.Each(ctx, window))
		return err
	}, func() error {
		if document == nil {
			return nil
		}
		return s.SaveDocument(ctx, a.actor(), *document)
	})
	if errors.Is(err, write.ErrNothing) {
		return errors.Join(a.tellRemarks(report), nothingToExport(report))
	}
	if err != nil {
		return err
	}
	return a.printExport(f, report)
}

// nothingToExport says why there is no document.
func nothingToExport(r *write.Report) error {
	reasons := make([]string, len(r.Left))
	for i, left := range r.Left {
		reasons[i] = fmt.Sprintf("%s: %s", plural(left.Count, "violation"), left.Reason)
	}
	if len(reasons) == 0 {
		reasons = []string{"no violation matches"}
	}
	return fmt.Errorf("%w, so no file was written (%s); decide with 'vexdesk vex set', or choose others with --where", write.ErrNothing, strings.Join(reasons, "; "))
}

// exportMeta is what the document says about itself, and which violations it
// is about.
func (a *app) exportMeta(ctx context.Context, s *storage.Store, f exportFlags) (meta write.Meta, w storage.Window, err error) {
	meta = write.Meta{Product: f.product, Components: f.about == aboutComponent, Author: f.author, Namespace: f.namespace, Scope: f.where, Tool: "vexdesk " + version, Now: a.now().UTC().Truncate(time.Second)}
	for _, d := range []struct {
		to  *string
		key string
	}{{&meta.Author, "export.author"}, {&meta.Namespace, "export.namespace"}} {
		if *d.to != "" {
			continue
		}
		if *d.to, err = s.Setting(ctx, d.key); err != nil {
			return meta, w, err
		}
	}
	if meta.Author == "" && !write.IsVEX(f.format) {
		meta.Author = a.actor().Name // of a report it is enough who made it
	}
	chosen := f.where
	if f.product != "" {
		p, err := s.Product(ctx, f.product)
		if err != nil {
			return meta, w, err
		}
		meta.Product, meta.Version = p.Name, onlyCurrent(&p, f.where)
		chosen = strings.TrimSpace(productTerm(p.Name) + " " + inParentheses(f.where))
	}
	about := []string{"vexdesk", f.format, meta.Author, meta.Product, meta.Version, f.where}
	if f.bom != "" {
		if meta.BOM, err = a.readBOM(ctx, f.bom); err != nil {
			return meta, w, err
		}
		about = append(about, meta.BOM.Serial)
	}
	if meta.Components {
		about = append(about, "components")
	}
	if f.where != "" || f.bom != "" || meta.Components {
		// A part of the decisions is a document of its own, and so is one about
		// a bill of materials or components: it must not stand in for the whole.
		meta.ID = "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join(about, "\x00"))).String()
	}
	w.Filter, err = a.parseWhere(chosen)
	return meta, w, err
}

func (a *app) readBOM(ctx context.Context, name string) (*model.BOM, error) {
	file, err := a.openReport(ctx, name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it is only read
	return formats.ReadBOM(ctx, file, formats.Options{Name: model.Clean(name)})
}

// onlyCurrent is the version that a product's document is about, "" where
// there are several or the query chooses.
func onlyCurrent(p *model.Product, where string) string {
	current := ""
	for _, v := range p.Versions {
		switch {
		case !v.Current:
		case current != "":
			return ""
		default:
			current = v.Name
		}
	}
	if strings.Contains(strings.ToLower(where), "version:") {
		return ""
	}
	return current
}

// productTerm is the query for a product by its very name.
func productTerm(name string) string {
	return `product:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `*`, `\*`).Replace(name) + `"`
}

func inParentheses(where string) string {
	if strings.TrimSpace(where) == "" {
		return ""
	}
	return "(" + where + ")"
}

func (a *app) printExport(f exportFlags, r *write.Report) error {
	if a.json {
		out := exportJSON{File: model.Clean(f.out), Format: r.Format, ID: orNull(r.ID), Written: r.Written,
			LeftOut: remarks(r.Left), Lost: remarks(r.Lost), Warnings: orEmpty(r.Warnings)}
		if r.Revised > 0 {
			out.Version = &r.Revised
		}
		return a.printJSON(out)
	}
	if err := a.tellRemarks(r); err != nil || f.out == "-" {
		return err
	}
	kept := ""
	if r.Revised > 0 {
		kept = fmt.Sprintf(", version %d of %s", r.Revised, r.ID)
	}
	return a.println("%s: %s in %s%s", model.Clean(f.out), plural(r.Written, "violation"), r.Format, kept)
}

func remarks(all []write.Remark) []remarkJSON {
	out := []remarkJSON{}
	for _, r := range all {
		ids := make([]string, len(r.IDs))
		for i, id := range r.IDs {
			ids[i] = id.String()
		}
		out = append(out, remarkJSON{r.Reason, r.Count, ids})
	}
	return out
}

// tellRemarks lists what is not in the document, or not in full.
func (a *app) tellRemarks(r *write.Report) error {
	var err error
	for _, kind := range []struct {
		word string
		all  []write.Remark
	}{{"left out", r.Left}, {"lost", r.Lost}} {
		for _, each := range kind.all {
			err = errors.Join(err, a.tell("%-8s %s: %s (%s)", kind.word, plural(each.Count, "violation"), each.Reason, someIDs(each)))
		}
	}
	for _, w := range r.Warnings {
		err = errors.Join(err, a.tell("warning  %s", w))
	}
	return err
}

func someIDs(r write.Remark) string {
	words := make([]string, len(r.IDs))
	for i, id := range r.IDs {
		words[i] = id.String()
	}
	if r.Count > len(r.IDs) {
		words = append(words, "…")
	}
	return strings.Join(words, " ")
}
