package write

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/gocsaf/csaf/v3/csaf"
	"github.com/openvex/go-vex/pkg/vex"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/model"
)

// The judges are the libraries that others read these documents with.

func judgeOpenVEX(t testing.TB, text []byte) *vex.VEX {
	t.Helper()
	doc, err := vex.Parse(text)
	if err != nil {
		t.Fatalf("go-vex: %v\n%s", err, text)
	}
	if doc.ID == "" || doc.Author == "" || doc.Timestamp == nil || doc.Version < 1 || len(doc.Statements) == 0 {
		t.Errorf("go-vex: incomplete: %+v", doc.Metadata)
	}
	for i := range doc.Statements {
		if err := doc.Statements[i].Validate(); err != nil {
			t.Errorf("go-vex: statement %d: %v", i, err)
		}
	}
	return doc
}

func judgeCSAF(t testing.TB, text []byte) *csaf.Advisory {
	t.Helper()
	var advisory csaf.Advisory
	if err := json.Unmarshal(text, &advisory); err != nil {
		t.Fatalf("gocsaf: %v\n%s", err, text)
	}
	if err := advisory.Validate(); err != nil {
		t.Errorf("gocsaf: %v", err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	problems, err := csaf.ValidateCSAF(plain)
	if err != nil || len(problems) > 0 {
		t.Errorf("the schema of CSAF: %v %q", err, problems)
	}
	judgeProfile(t, &advisory)
	return &advisory
}

// judgeProfile checks what the profile VEX demands beyond the schema (CSAF
// 2.0, 4.5, and the tests 6.1.1, 6.1.6, 6.1.21 and 6.1.27).
func judgeProfile(t testing.TB, advisory *csaf.Advisory) {
	t.Helper()
	defined := map[csaf.ProductID]bool{}
	for _, p := range *advisory.ProductTree.FullProductNames {
		defined[*p.ProductID] = true
	}
	var relationships csaf.Relationships
	if advisory.ProductTree.RelationShips != nil {
		relationships = *advisory.ProductTree.RelationShips
	}
	for _, r := range relationships {
		if !defined[*r.ProductReference] || !defined[*r.RelatesToProductReference] {
			t.Errorf("relationship %s refers to what is not defined", *r.FullProductName.ProductID)
		}
		defined[*r.FullProductName.ProductID] = true
	}
	if revisions := advisory.Document.Tracking.RevisionHistory; string(*revisions[len(revisions)-1].Number) != string(*advisory.Document.Tracking.Version) {
		t.Error("the history does not end with the version")
	}
	for _, v := range advisory.Vulnerabilities {
		status := map[csaf.ProductID]int{}
		for _, list := range []*csaf.Products{v.ProductStatus.Fixed, v.ProductStatus.KnownAffected, v.ProductStatus.KnownNotAffected, v.ProductStatus.UnderInvestigation} {
			for _, id := range products(list) {
				status[id]++
				if !defined[id] || status[id] > 1 {
					t.Errorf("product %s is not defined or has several statuses", id)
				}
			}
		}
		for _, id := range products(v.ProductStatus.KnownNotAffected) {
			if !slices.ContainsFunc(v.Flags, func(f *csaf.Flag) bool { return slices.Contains(products(f.ProductIds), id) }) &&
				!slices.ContainsFunc(v.Threats, func(r *csaf.Threat) bool { return slices.Contains(products(r.ProductIds), id) }) {
				t.Errorf("product %s is not affected, and nothing says why", id)
			}
		}
		for _, id := range products(v.ProductStatus.KnownAffected) {
			if !slices.ContainsFunc(v.Remediations, func(r *csaf.Remediation) bool { return slices.Contains(products(r.ProductIds), id) }) {
				t.Errorf("product %s is affected, and nothing says what to do", id)
			}
		}
		if len(status) == 0 || len(v.Notes) == 0 || v.CVE == nil && len(v.IDs) == 0 {
			t.Error("a vulnerability without products, notes or id")
		}
	}
}

func products(list *csaf.Products) []csaf.ProductID {
	var all []csaf.ProductID
	if list != nil {
		for _, id := range *list {
			all = append(all, *id)
		}
	}
	return all
}

func judgeCycloneDX(t testing.TB, text []byte) *cdx.BOM {
	t.Helper()
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(text), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatalf("cyclonedx-go: %v\n%s", err, text)
	}
	refs := map[string]bool{}
	gather := func(c cdx.Component) {
		refs[c.BOMRef] = true
		if c.Components != nil {
			for _, part := range *c.Components {
				refs[part.BOMRef] = true
			}
		}
	}
	for _, c := range *bom.Components {
		gather(c)
	}
	for _, v := range *bom.Vulnerabilities {
		for _, a := range *v.Affects {
			if !refs[a.Ref] {
				t.Errorf("%s affects %q, which is not there", v.ID, a.Ref)
			}
		}
	}
	return &bom
}

// TestJudges: every document of arbitrary decisions is valid by the library of
// its format, and says of each what was decided.
func TestJudges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all []*model.Violation
		exported := map[model.VEXStatus]int{}
		for i := range rapid.IntRange(1, 6).Draw(rt, "violations") {
			a := arbitrary(rt)
			v := violation(int64(i+1), fmt.Sprintf("CVE-2030-%d", 1000+i/2), fmt.Sprint("part", i), a)
			v.Product = rapid.SampledFrom([]string{"oven", "shop/Mill"}).Draw(rt, "product")
			if a.Status != model.VEXNone && a.Validate() == nil {
				exported[a.Status]++
			}
			all = append(all, v)
		}
		total := 0
		for _, n := range exported {
			total += n
		}
		for _, format := range []string{FormatOpenVEX, FormatCycloneDX, FormatCSAF} {
			var out bytes.Buffer
			r, err := Document(context.Background(), &out, format, meta(), sequence(all))
			if r.Written != total {
				rt.Fatalf("%s: %d written, want %d", format, r.Written, total)
			}
			if total == 0 {
				if !errors.Is(err, ErrNothing) {
					rt.Fatalf("%s: %v", format, err)
				}
				continue
			}
			if err != nil {
				rt.Fatalf("%s: %v", format, err)
			}
			if got := statuses(t, format, out.Bytes()); fmt.Sprint(got) != fmt.Sprint(exported) {
				rt.Fatalf("%s says %v, decided was %v\n%s", format, got, exported, out.Bytes())
			}
		}
	})
}

// statuses counts what a judge reads, in our words.
func statuses(t testing.TB, format string, text []byte) map[model.VEXStatus]int {
	got := map[model.VEXStatus]int{}
	add := func(s model.VEXStatus, n int) {
		if n > 0 {
			got[s] += n
		}
	}
	switch format {
	case FormatOpenVEX:
		words := map[vex.Status]model.VEXStatus{vex.StatusAffected: model.VEXAffected, vex.StatusNotAffected: model.VEXNotAffected,
			vex.StatusFixed: model.VEXFixed, vex.StatusUnderInvestigation: model.VEXInTriage}
		for _, s := range judgeOpenVEX(t, text).Statements {
			add(words[s.Status], len(s.Products[0].Subcomponents))
		}
	case FormatCSAF:
		for _, v := range judgeCSAF(t, text).Vulnerabilities {
			add(model.VEXAffected, len(products(v.ProductStatus.KnownAffected)))
			add(model.VEXNotAffected, len(products(v.ProductStatus.KnownNotAffected)))
			add(model.VEXFixed, len(products(v.ProductStatus.Fixed)))
			add(model.VEXInTriage, len(products(v.ProductStatus.UnderInvestigation)))
		}
	case FormatCycloneDX:
		words := map[cdx.ImpactAnalysisState]model.VEXStatus{cdx.IASExploitable: model.VEXAffected, cdx.IASNotAffected: model.VEXNotAffected,
			cdx.IASFalsePositive: model.VEXNotAffected, cdx.IASResolved: model.VEXFixed, cdx.IASResolvedWithPedigree: model.VEXFixed, cdx.IASInTriage: model.VEXInTriage}
		for _, v := range *judgeCycloneDX(t, text).Vulnerabilities {
			add(words[v.Analysis.State], len(*v.Affects))
		}
	}
	return got
}

// TestCycloneDXSchema holds the document against the schema of CycloneDX 1.6,
// which lies in the module of cyclonedx-go.
func TestCycloneDXSchema(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	folder := filepath.Join(strings.TrimSpace(string(out)), "schema")
	if _, missing := os.Stat(filepath.Join(folder, "bom-1.6.schema.json")); err != nil || missing != nil {
		t.Skipf("THE SCHEMA IS MISSING: the document is not held against it: %v %v", err, missing)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(schemas(folder))
	schema, err := compiler.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	several := decided()
	several[1].Product = "mill"
	several[0].References, several[0].Licenses = []string{"https://bakery.example/a?b=c d", "not a page"}, []string{"MIT", "GPL-2.0-only OR MIT"}
	several[0].KEV, several[0].Applicable = true, "not_applicable"
	for _, all := range [][]*model.Violation{decided(), several} {
		text, _ := write(t, FormatCycloneDX, meta(), all)
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%v", err)
		}
	}
}

// schemas loads schemas by the last element of their address.
type schemas string

func (s schemas) Load(url string) (any, error) {
	name := filepath.Base(url)
	if name == "jsf-0.82.schema.json" {
		name = "jsf-0.82.schemax.json" // as it is called there
	}
	f, err := os.Open(filepath.Join(string(s), name))
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it is only read
	return jsonschema.UnmarshalJSON(f)
}

// TestOpenVEXComesBack: our own document, read by our reader, is the decisions
// without a loss; that is what status_notes is for.
func TestOpenVEXComesBack(t *testing.T) {
	all := decided()[:9]
	text, _ := write(t, FormatOpenVEX, meta(), all)
	got := map[string]model.Assessment{}
	_, err := formats.Read(context.Background(), bytes.NewReader(text), formats.Options{Statement: func(s *model.Statement) error {
		got[s.IDs[0]+" "+model.ComponentKey(s.Subject())] = s.Assessment
		if s.Product.Name != "oven" || s.Author != "The Bakers" || !s.At.Equal(now.Add(-3600e9)) {
			t.Errorf("statement %+v", s)
		}
		return nil
	}}, func(*model.Finding) error { return errors.New("a finding") })
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		want := current(v.Assessment)
		have := got[v.Issue+" "+model.ComponentKey(model.Component{PURL: v.PURL})]
		if want.Action == "" {
			have.Action = "" // made of the response
		}
		if want.Impact == "" {
			have.Impact = "" // made of the justification
		}
		if have != want {
			t.Errorf("%s: %+v, want %+v", v.ID, have, want)
		}
	}
}

// TestCycloneDXComesBack: what our reader makes of our document.
func TestCycloneDXComesBack(t *testing.T) {
	all := decided()[:9]
	text, _ := write(t, FormatCycloneDX, meta(), all)
	got := map[string]*model.Assessment{}
	report, err := formats.Read(context.Background(), bytes.NewReader(text), formats.Options{}, func(f *model.Finding) error {
		got[f.ID+" "+model.ComponentKey(f.Component)] = f.Analysis
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Product != "bakery.example/shop/oven" || report.Version != "2.1" || len(got) != len(all) {
		t.Errorf("%+v, %d findings", report, len(got))
	}
	for _, v := range all {
		want := current(v.Assessment)
		want.Action = "" // is the recommendation
		if have := got[v.Issue+" "+model.ComponentKey(model.Component{PURL: v.PURL})]; have == nil || *have != want {
			t.Errorf("%s: %+v, want %+v", v.ID, have, want)
		}
	}
}

// TestCSAFComesBack: the statuses and texts do; words without a counterpart do
// not.
func TestCSAFComesBack(t *testing.T) {
	all := decided()[:9]
	text, _ := write(t, FormatCSAF, meta(), all)
	got := map[string]*model.Statement{}
	_, err := formats.Read(context.Background(), bytes.NewReader(text), formats.Options{Statement: func(s *model.Statement) error {
		got[s.IDs[0]+" "+model.ComponentKey(s.Subject())] = s
		return nil
	}}, func(*model.Finding) error { return errors.New("a finding") })
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		have := got[v.Issue+" "+model.ComponentKey(model.Component{PURL: v.PURL})]
		if have == nil || have.Assessment.Status != v.Assessment.Status || have.Product.Version != "" {
			t.Errorf("%s: %+v", v.ID, have)
			continue
		}
		if v.Assessment.Status == model.VEXNotAffected && v.Assessment.Impact != "" && have.Assessment.Impact != v.Assessment.Impact {
			t.Errorf("%s: impact %q", v.ID, have.Assessment.Impact)
		}
		if v.Assessment.Response == "update" && (have.Assessment.Response != "update" || have.Assessment.Action != "Update bread to 2.0.0.") {
			t.Errorf("%s: %+v", v.ID, have.Assessment)
		}
	}
}
