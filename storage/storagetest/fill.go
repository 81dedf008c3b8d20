// Package storagetest fills workspaces for tests and measurements: many
// violations over few issues, components and products, as real workspaces
// have them. What it makes depends on its arguments alone.
package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// Shape says how many of everything a workspace has.
type Shape struct {
	Violations, Issues, Components, Products int
}

// ShapeOf is the shape of a workspace of n violations: a million of them name
// 30,000 issues, 20,000 components and 300 products (performance goals,
// search).
func ShapeOf(n int) Shape {
	s := Shape{Violations: n, Issues: max(n*3/100, 20), Components: max(n*2/100, 20)}
	most := s.Issues * perPackage // that one product can have
	s.Products = max(n*3/10000, 3, (n+most-1)/most)
	return s
}

// Fill imports n violations, one report for each product. It fails the test
// where that is not possible.
func Fill(t testing.TB, s *storage.Store, n int, seed uint64) Shape {
	t.Helper()
	shape := ShapeOf(n)
	if err := Generate(context.Background(), s, shape, seed); err != nil {
		t.Fatal(err)
	}
	return shape
}

// Generate is Fill for programs that are no tests.
func Generate(ctx context.Context, s *storage.Store, shape Shape, seed uint64) error {
	g := newGenerator(shape, seed)
	for p := range shape.Products {
		count := shape.Violations / shape.Products
		if p < shape.Violations%shape.Products {
			count++
		}
		if err := g.report(ctx, s, p, count); err != nil {
			return fmt.Errorf("product %d: %w", p, err)
		}
	}
	return nil
}

// Report returns the findings of one product's report, for tests that import
// them themselves.
func Report(shape Shape, seed uint64, product, count int) (model.Report, []model.Finding, error) {
	findings := make([]model.Finding, 0, count)
	header, err := Visit(shape, seed, product, count, func(f *model.Finding) error {
		findings = append(findings, *f)
		return nil
	})
	return header, findings, err
}

// Visit is Report that hands the findings out one by one.
func Visit(shape Shape, seed uint64, product, count int, visit func(*model.Finding) error) (model.Report, error) {
	g := newGenerator(shape, seed)
	return g.header(product, count), g.each(product, count, visit)
}

// perPackage is how many versions of a package are about.
const perPackage = 4

type generator struct {
	Shape
	seed   uint64
	issues [][]model.Finding // by package: the issues that it has
}

func newGenerator(shape Shape, seed uint64) *generator {
	g := &generator{Shape: shape, seed: seed, issues: make([][]model.Finding, max(shape.Components/perPackage, 1))}
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range shape.Issues {
		at := i % len(g.issues)
		g.issues[at] = append(g.issues[at], newIssue(r, i))
	}
	return g
}

var severities = []model.Severity{
	model.SeverityCritical, model.SeverityHigh, model.SeverityHigh, model.SeverityHigh,
	model.SeverityMedium, model.SeverityMedium, model.SeverityMedium, model.SeverityMedium, model.SeverityMedium,
	model.SeverityLow, model.SeverityLow, model.SeverityLow, model.SeverityUnknown, model.SeverityInfo,
}

var troubles = []string{"remote code execution", "denial of service", "path traversal", "out-of-bounds read", "improper validation", "cross-site scripting", "use after free"}

func newIssue(r *rand.Rand, i int) model.Finding {
	f := model.Finding{ID: fmt.Sprintf("CVE-%d-%05d", 2012+i%14, 1000+i), Severity: severities[r.IntN(len(severities))]}
	f.Title = troubles[r.IntN(len(troubles))] + fmt.Sprintf(" in handler %d", r.IntN(1000))
	if i%5 == 0 {
		f.Aliases = []string{fmt.Sprintf("GHSA-%04x-%04x-%04x", r.IntN(65536), i%65536, r.IntN(65536))}
	}
	score := float64(r.IntN(101)) / 10
	f.Ratings = []model.Rating{{Source: "nvd", Method: "CVSSv3.1", Score: &score, Severity: f.Severity}}
	if i%5 > 0 {
		epss, percentile := float64(r.IntN(100000))/100000, r.Float64()
		f.EPSS, f.EPSSPercentile = &epss, &percentile
	}
	kev := i%100 == 0
	f.KEV = &kev
	if i%5 < 3 {
		f.FixVersions = []string{fmt.Sprintf("%d.%d.%d", 1+r.IntN(9), r.IntN(20), r.IntN(30))}
	}
	if i%40 == 39 {
		f.Type, f.ID = model.License, fmt.Sprintf("LicenseRef-%d", i)
	}
	return f
}

var (
	types = []string{"npm", "deb", "golang", "pypi", "maven"}
	stems = []string{"lib", "core", "net", "http", "json", "xml", "crypto", "image", "log", "auth", "cache", "queue"}
)

func component(pkg, version int) model.Component {
	kind := types[pkg%len(types)]
	name := fmt.Sprintf("%s-%s-%d", stems[pkg%len(stems)], stems[pkg/len(stems)%len(stems)], pkg)
	text := fmt.Sprintf("%d.%d.%d", 1+version, pkg%13, pkg%29)
	return model.Component{PURL: "pkg:" + kind + "/" + name + "@" + text, Type: kind, Name: name, Version: text, Licenses: []string{"MIT"}}
}

func (g *generator) header(product, count int) model.Report {
	name := fmt.Sprintf("%s-%s-%d", []string{"payments", "shop", "portal", "billing", "search"}[product%5], stems[product%len(stems)], product)
	return model.Report{Format: "trivy", Scanner: "trivy", Artifact: name, Product: name, Version: "1.0", Resource: "image", Entries: count}
}

// each visits the findings of a product: packages in an order of its own, all
// issues of each, in as many rounds over the versions as the count needs.
func (g *generator) each(product, count int, visit func(*model.Finding) error) error {
	r := rand.New(rand.NewPCG(g.seed, uint64(product)+1))
	order := r.Perm(len(g.issues))
	for round := range perPackage {
		for _, pkg := range order {
			c := component(pkg, (pkg+product+round)%perPackage)
			for i := range g.issues[pkg] {
				if count == 0 {
					return nil
				}
				count--
				f := g.issues[pkg][i]
				f.Component = c
				f.Locations = []string{"app/" + c.Name}
				if err := visit(&f); err != nil {
					return err
				}
			}
		}
	}
	if count > 0 {
		return fmt.Errorf("the shape has no %d further violations for one product", count)
	}
	return nil
}

func (g *generator) report(ctx context.Context, s *storage.Store, product, count int) (err error) {
	im, err := s.NewImport(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, im.Close()) }()
	if err := g.each(product, count, func(f *model.Finding) error { return im.Add(ctx, f) }); err != nil {
		return err
	}
	header := g.header(product, count)
	_, err = im.Commit(ctx, &header, storage.ImportOptions{File: header.Product + ".json", Actor: model.Actor{Name: "fill", Source: "import"}})
	return err
}
