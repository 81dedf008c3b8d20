package write

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// decision is what a VEX document states: one vulnerability, in one component
// of one product.
type decision struct {
	violation *model.Violation
	// name is the id that consumers match, aliases the further ones.
	name    string
	aliases []string
	// assessment holds what goes with its status and nothing else.
	assessment model.Assessment
	// at is when it was decided last, zero where nobody noted it.
	at time.Time
	// product is what the decision is about, component the package in it; none
	// where the package itself is the product (Meta.Components).
	product, component part
}

// ofSeveral reports whether the issue covers several CVEs, of which the decision
// names one: what is known of the issue is not known of each.
func (d *decision) ofSeveral() bool { return len(d.violation.CVEs) > 1 }

// part is a product or component as documents name it.
type part struct {
	purl, name, version string
	resource            string
}

// ref is the part's identity within a document.
func (p part) ref() string {
	if p.purl != "" {
		return p.purl
	}
	return p.title()
}

// title is the part for people.
func (p part) title() string {
	if p.version == "" {
		return p.name
	}
	return p.name + " " + p.version
}

// builder makes a document's text. It is called twice: to learn the digest of
// the content, with a revision that is the same for all, and in earnest.
type builder func(meta Meta, rev Revision, decisions []decision, r *Report) ([]byte, error)

func writeVEX(ctx context.Context, w io.Writer, meta Meta, r *Report, violations Violations, build builder) error {
	decisions, err := collect(ctx, violations, meta, r)
	if err != nil {
		return err
	}
	if len(decisions) == 0 {
		return ErrNothing
	}
	if meta.ID == "" {
		meta.ID = "urn:uuid:" + derivedUUID(r.Format, meta)
	}
	r.ID = meta.ID
	same := meta
	same.Now = time.Unix(0, 0).UTC()
	content, err := build(same, Revision{Made: []time.Time{same.Now}}, decisions, &Report{})
	if err != nil {
		return err
	}
	rev := Revision{Made: []time.Time{meta.Now}}
	if meta.Revise != nil {
		digest := sha256.Sum256(content)
		if rev, err = meta.Revise(meta.ID, hex.EncodeToString(digest[:])); err != nil {
			return fmt.Errorf("the version of the document %s is not known: %w", meta.ID, err)
		}
		if rev.Number() == 0 {
			rev.Made = []time.Time{meta.Now}
		}
	}
	r.Revised = rev.Number()
	text, err := build(meta, rev, decisions, r)
	if err != nil {
		return err
	}
	for i := range decisions {
		besides(&decisions[i], r)
	}
	_, err = w.Write(text)
	return err
}

// derivedUUID is the same for the same author, product and format (RFC 9562,
// version 5).
func derivedUUID(format string, meta Meta) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join([]string{"vexdesk", format, meta.Author, meta.Product, meta.Version}, "\x00"))).String()
}

// collect takes the decisions that can be exported, in a stable order.
func collect(ctx context.Context, violations Violations, meta Meta, r *Report) ([]decision, error) {
	var all []decision
	for v, err := range violations {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if reason := unfit(v); reason != "" {
			r.leave(v.ID, reason)
			continue
		}
		r.Written++
		a := current(v.Assessment)
		if a != leftoversOf(v.Assessment) {
			r.lose(v.ID, "left out what belongs to an earlier status")
		}
		d := decision{violation: v, assessment: a, at: decidedAt(v), product: productOf(v), component: componentOf(v)}
		if meta.Components {
			d.product, d.component = d.component, part{}
		}
		for _, name := range names(v) {
			d.name, d.aliases = name, nil
			if len(v.CVEs) == 0 {
				d.aliases = slices.DeleteFunc(slices.Clone(v.Aliases), func(id string) bool { return id == name })
				slices.Sort(d.aliases)
			}
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b decision) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.product.ref(), b.product.ref()),
			cmp.Compare(a.component.ref(), b.component.ref()), cmp.Compare(weight(a.assessment.Status), weight(b.assessment.Status)))
	})
	return withoutContradictions(all, r), nil
}

// besides tells what a document does not say of the vulnerability. What is
// nobody else's business it leaves out without a word: notes, review dates,
// tickets, watches, policies and names of analysts.
func besides(d *decision, r *Report) {
	v := d.violation
	if d.ofSeveral() {
		r.lose(v.ID, "the issue covers several CVEs and is stated for each: its own ids are left out")
	}
	if r.Format == FormatOpenVEX && (len(v.Ratings) > 0 || v.KEV || v.Fix != "" || len(v.References) > 0) {
		r.lose(v.ID, "of a vulnerability OpenVEX has ids and title: severity, scores, KEV, fixes, description and references are left out")
	}
	if v.EPSS >= 0 {
		r.lose(v.ID, "EPSS is left out: it changes from day to day, and so would the document")
	}
}

// unfit says why a violation cannot be in a VEX document, "" where it can.
func unfit(v *model.Violation) string {
	switch {
	case v.Type == model.License:
		return "a licence violation is no vulnerability"
	case v.Type == model.OperationalRisk:
		return "an operational risk is no vulnerability"
	case v.Assessment.Status == model.VEXNone:
		return "nothing was decided"
	}
	if err := v.Assessment.Validate(); err != nil {
		return strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return ""
}

// names are the ids that consumers can match: an issue that covers several
// CVEs is stated for each of them.
func names(v *model.Violation) []string {
	if len(v.CVEs) > 0 {
		return v.CVEs
	}
	return []string{v.Issue}
}

// current keeps what goes with the status: consumers refuse the leftovers of
// an earlier one (go-vex, Statement.Validate), and notes are internal.
func current(a model.Assessment) model.Assessment {
	now := model.Assessment{Status: a.Status}
	switch a.Status {
	case model.VEXNotAffected:
		now.Qualifier, now.Justification, now.Impact = a.Qualifier, a.Justification, a.Impact
	case model.VEXAffected:
		now.Response, now.Action = a.Response, a.Action
	case model.VEXFixed:
		now.Qualifier = a.Qualifier
	}
	return now
}

// leftoversOf is the assessment without what is never exported.
func leftoversOf(a model.Assessment) model.Assessment {
	a.Notes, a.ReviewBy = "", time.Time{}
	return a
}

// decidedAt is when a field of the decision changed last.
func decidedAt(v *model.Violation) time.Time {
	var at time.Time
	for _, field := range [...]model.VEXField{model.FieldStatus, model.FieldQualifier, model.FieldJustification, model.FieldResponse, model.FieldImpact, model.FieldAction} {
		if p := v.Provenance[field]; p.At.After(at) {
			at = p.At
		}
	}
	return at.UTC().Truncate(time.Second)
}

// weight orders statuses by what wins where two decisions are about the same:
// a vulnerability must not be hidden by a mistake.
func weight(s model.VEXStatus) int {
	return slices.Index([]model.VEXStatus{model.VEXAffected, model.VEXInTriage, model.VEXNotAffected, model.VEXFixed}, s)
}

// withoutContradictions keeps one of several decisions about the same; all is
// sorted.
func withoutContradictions(all []decision, r *Report) []decision {
	kept := all[:0]
	for _, d := range all {
		if n := len(kept); n > 0 {
			last := &kept[n-1]
			if last.name == d.name && last.product.ref() == d.product.ref() && last.component.ref() == d.component.ref() {
				if last.assessment != d.assessment {
					r.lose(d.violation.ID, "another decision about the same vulnerability, product and component holds")
				}
				continue
			}
		}
		kept = append(kept, d)
	}
	return kept
}
