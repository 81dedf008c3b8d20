package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

func TestProductsOfDocumentsAreRecognised(t *testing.T) {
	for _, tc := range []struct {
		name             productName
		product, version string
		want             bool
	}{
		{productName{name: "shop"}, "Shop", "1", true},
		{productName{name: "shop", version: "1"}, "shop", "1", true},
		{productName{name: "shop", version: "2"}, "shop", "1", false},
		{productName{name: "shop 1"}, "shop", "1", true},
		{productName{name: "shop 2"}, "shop", "1", false},
		{productName{name: "shopper"}, "shop", "1", false},
		{productName{purl: "pkg:oci/shop?tag=1", name: "shop"}, "shop", "1", true},
		{productName{purl: "pkg:oci/shop?tag=2", name: "shop"}, "shop", "1", false},
		{productName{purl: "pkg:oci/shop", name: "shop"}, "ghcr.io/acme/shop", "1", true},
		{productName{purl: "pkg:oci/shop?repository_url=ghcr.io%2Facme%2Fshop", name: "shop"}, "ghcr.io/acme/shop", "1", true},
		{productName{purl: "pkg:oci/shop?repository_url=ghcr.io%2Facme%2Fshop", name: "shop"}, "ghcr.io/other/shop", "1", false},
		{productName{purl: "pkg:oci/shop?repository_url=index.docker.io%2Facme%2Fshop", name: "shop"}, "acme/shop", "1", true},
		{productName{purl: "pkg:oci/shop?repository_url=docker.io%2Flibrary%2Fshop", name: "shop"}, "shop", "1", true},
		{productName{purl: "pkg:oci/shop?repository_url=docker.io%2Facme%2Fshop", name: "shop"}, "other/shop", "1", false},
		{productName{purl: "pkg:oci/shop@sha256%3A01?tag=1", name: "shop", version: "sha256:01"}, "shop", "1", false},
		{productName{purl: "pkg:oci/shop@sha256%3A01", name: "shop", version: "sha256:01"}, "shop", "sha256:01", true},
		{productName{purl: "pkg:generic/acme%2Fshop@1", name: "acme/shop", version: "1"}, "acme/shop", "1", true},
		{productName{purl: "pkg:npm/shop@1", name: "shop", version: "1"}, "pkg:npm/shop@1", "unversioned", true},
	} {
		if got := tc.name.is(tc.product, tc.version); got != tc.want {
			t.Errorf("%+v is %s %s: %v", tc.name, tc.product, tc.version, got)
		}
	}
}

// overlay lays statements over a workspace.
func overlay(t testing.TB, s *Store, opts OverlayOptions, statements ...model.Statement) OverlayResult {
	t.Helper()
	o, err := s.NewOverlay(bg)
	if err != nil {
		t.Fatal(err)
	}
	for i := range statements {
		if err := o.Add(bg, &statements[i]); err != nil {
			t.Fatal(err)
		}
	}
	opts.Actor = analyst
	r, err := o.Apply(bg, opts)
	if err := errors.Join(err, o.Close()); err != nil {
		t.Fatal(err)
	}
	return r
}

func npm(name, version string) model.Component {
	c := model.Component{PURL: "pkg:npm/" + name, Type: "npm", Name: name, Version: version}
	if version != "" {
		c.PURL += "@" + version
	}
	return c
}

func says(id string, subject model.Component, status model.VEXStatus) model.Statement {
	s := model.Statement{IDs: []string{id}, Product: subject, At: factNow.Add(-time.Hour), Author: "vendor", Document: "doc-1"}
	s.Assessment.Status = status
	return s
}

func reasonsOf(r OverlayResult) []string {
	var out []string
	for _, u := range r.NotApplied {
		out = append(out, fmt.Sprint(u.Count, " ", u.Reason))
	}
	return out
}

func TestStatementsMeetTheirViolations(t *testing.T) {
	left := finding("CVE-2024-0001", "left", "1.0.0", model.SeverityHigh)
	left.Aliases = []string{"GHSA-aaaa-bbbb-cccc"}
	several := finding("XRAY-1", "middle", "2.0.0", model.SeverityHigh)
	several.CVEs = []string{"CVE-2024-0011", "CVE-2024-0012"}
	whole := model.Component{Name: "shop", Version: "1.0"}
	part := says("CVE-2024-0011", npm("middle", "2.0.0"), model.VEXFixed)
	rest := says("CVE-2024-0012", npm("middle", "2.0.0"), model.VEXAffected)
	inside := says("CVE-2024-0001", whole, model.VEXFixed)
	inside.Component = npm("left", "")
	elsewhere := inside
	elsewhere.Product.Version = "9"
	unknown := says("CVE-2024-0001", npm("left", "1.0.0"), "")
	for _, tc := range []struct {
		name    string
		opts    OverlayOptions
		say     []model.Statement
		updated int
		reasons []string
		left    model.VEXStatus
		middle  model.VEXStatus
	}{
		{"by an alias, in the very component", OverlayOptions{}, []model.Statement{says("ghsa-AAAA-bbbb-cccc", npm("left", "1.0.0"), model.VEXFixed)}, 1, nil, model.VEXFixed, ""},
		{"any version of a component", OverlayOptions{}, []model.Statement{says("CVE-2024-0001", npm("left", ""), model.VEXFixed)}, 1, nil, model.VEXFixed, ""},
		{"the product as a whole", OverlayOptions{}, []model.Statement{says("CVE-2024-0001", whole, model.VEXFixed)}, 1, nil, model.VEXFixed, ""},
		{"a component within its product", OverlayOptions{}, []model.Statement{inside}, 1, nil, model.VEXFixed, ""},
		{"another product", OverlayOptions{}, []model.Statement{elsewhere}, 0, []string{"1 the component is there, but in another product"}, "", ""},
		{"another product, but the caller knows better", OverlayOptions{Product: "shop"}, []model.Statement{elsewhere}, 1, nil, model.VEXFixed, ""},
		{"another version", OverlayOptions{}, []model.Statement{says("CVE-2024-0001", npm("left", "2"), model.VEXFixed)}, 0,
			[]string{"1 the vulnerability is there, but in another component or version"}, "", ""},
		{"no such vulnerability, no such status", OverlayOptions{}, []model.Statement{says("CVE-1999-1", npm("left", "1.0.0"), model.VEXFixed), unknown}, 0,
			[]string{"1 it states no status that is known", "1 no violation has this vulnerability"}, "", ""},
		{"one of several CVEs", OverlayOptions{}, []model.Statement{part}, 0, []string{"1 the issue covers several CVEs, and the document does not speak of all of them"}, "", ""},
		{"all of several CVEs: the worst counts", OverlayOptions{}, []model.Statement{rest, part}, 1, nil, "", model.VEXAffected},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			take(t, s, report("trivy", "shop", "1.0"), ImportOptions{}, left, several)
			r := overlay(t, s, tc.opts, tc.say...)
			if r.Updated != tc.updated || r.Statements != len(tc.say) || !slices.Equal(reasonsOf(r), tc.reasons) {
				t.Errorf("came to %+v", r)
			}
			for issue, want := range map[string]model.VEXStatus{"CVE-2024-0001": tc.left, "XRAY-1": tc.middle} {
				if got := found(t, s, issue, "1.0").Assessment.Status; got != want {
					t.Errorf("%s is %q, not %q", issue, got, want)
				}
			}
		})
	}
}

// TestTheLatestStatementHoldsInAnyOrder: whatever the order of statements and
// documents, the latest one is what a violation says in the end, and what an
// analyst said is never overwritten.
func TestTheLatestStatementHoldsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := open(t)
		take(t, s, report("trivy", "shop", "1.0"), ImportOptions{}, finding("CVE-2024-0001", "left", "1.0.0", model.SeverityHigh))
		v := found(t, s, "CVE-2024-0001", "1.0")
		byHand := rapid.Bool().Draw(rt, "decided by hand")
		if byHand {
			if _, err := s.SetVEX(bg, analyst, []model.ViolationID{v.ID}, map[model.VEXField]string{model.FieldStatus: "in_triage"}); err != nil {
				rt.Fatal(err)
			}
		}
		want := model.VEXNone
		if byHand {
			want = model.VEXInTriage
		}
		minutes := rapid.SliceOfNDistinct(rapid.IntRange(1, 500), 1, 6, rapid.ID[int]).Draw(rt, "minutes ago")
		cut := rapid.IntRange(0, len(minutes)).Draw(rt, "first document")
		var all []model.Statement
		for _, m := range minutes {
			one := says("CVE-2024-0001", npm("left", "1.0.0"), rapid.SampledFrom([]model.VEXStatus{model.VEXFixed, model.VEXAffected, model.VEXNotAffected}).Draw(rt, "status"))
			one.At = factNow.Add(-time.Duration(m) * time.Minute)
			all = append(all, one)
			if m == slices.Min(minutes) && !byHand {
				want = one.Assessment.Status
			}
		}
		for _, document := range [][]model.Statement{all[:cut], all[cut:]} {
			r := overlay(t, s, OverlayOptions{}, document...)
			if unapplied := len(document) - r.Applied; unapplied != total(r) {
				rt.Fatalf("%d statements are unaccounted for: %+v", unapplied-total(r), r)
			}
		}
		if got := found(t, s, "CVE-2024-0001", "1.0"); got.Assessment.Status != want {
			rt.Fatalf("the violation is %q, not %q", got.Assessment.Status, want)
		}
	})
}

func total(r OverlayResult) (n int) {
	for _, u := range r.NotApplied {
		n += u.Count
	}
	return n
}

func TestTheCallersProductHasToBeThere(t *testing.T) {
	s := open(t)
	take(t, s, report("trivy", "shop", "1.0"), ImportOptions{}, finding("CVE-2024-0001", "left", "1.0.0", model.SeverityHigh))
	for _, tc := range []struct{ product, version, want string }{
		{"shopp", "", `product "shopp": not found: did you mean "shop"? 'vexdesk product list' shows what there is`},
		{"other", "", `product "other": not found: 'vexdesk product list' shows what there is`},
		{"Shop", "1.1", `version "1.1" of shop: not found: did you mean "1.0"? 'vexdesk product show' lists its versions`},
		{"", "9", `version "9": not found: no product has one; name the product with --product`},
	} {
		o, err := s.NewOverlay(bg)
		if err != nil {
			t.Fatal(err)
		}
		one := says("CVE-2024-0001", npm("left", "1.0.0"), model.VEXFixed)
		if err := o.Add(bg, &one); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Apply(bg, OverlayOptions{Product: tc.product, Version: tc.version, Actor: analyst}); !errors.Is(err, ErrNotFound) || err.Error() != tc.want {
			t.Errorf("%s %s: %v", tc.product, tc.version, err)
		}
		if err := o.Close(); err != nil {
			t.Fatal(err)
		}
		if got := found(t, s, "CVE-2024-0001", "1.0"); !got.Assessment.IsZero() {
			t.Errorf("the violation says %+v", got.Assessment)
		}
	}
	if r := overlay(t, open(t), OverlayOptions{Product: "shop", Version: "1.0"}, says("CVE-2024-0001", npm("left", "1.0.0"), model.VEXFixed)); r.Applied != 0 || len(r.Absent) != 1 || r.Absent[0].Product != "shop 1.0" {
		t.Errorf("before the first report: %+v", r)
	}
	for version, want := range map[string]int{"": 1, "1.0": 1} {
		if r := overlay(t, s, OverlayOptions{Version: version}, says("CVE-2024-0001", npm("left", "1.0.0"), model.VEXFixed)); r.Applied != want {
			t.Errorf("version %q: %+v", version, r)
		}
	}
}

func TestADocumentCountsWholeOrNotAtAll(t *testing.T) {
	s := open(t)
	take(t, s, report("trivy", "shop", "1.0"), ImportOptions{}, finding("CVE-2024-0001", "left", "1.0.0", model.SeverityHigh))
	o, err := s.NewOverlay(bg)
	if err != nil {
		t.Fatal(err)
	}
	one := says("CVE-2024-0001", npm("left", "1.0.0"), model.VEXFixed)
	if err := o.Add(bg, &one); err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(bg)
	cancel()
	if _, err := o.Apply(canceled, OverlayOptions{Actor: analyst}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if got := found(t, s, "CVE-2024-0001", "1.0"); !got.Assessment.IsZero() {
		t.Errorf("the violation says %+v", got.Assessment)
	}
}
