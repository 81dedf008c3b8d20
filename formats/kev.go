package formats

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
)

// KEV is an entry of CISA's catalogue of known exploited vulnerabilities.
type KEV struct {
	// CVE is the vulnerability, Name what CISA calls it.
	CVE, Name string
	// Added and Due are days (2006-01-02): when it came into the catalogue and
	// by when American agencies have to act.
	Added, Due string
	// Ransomware: it is known to be used by ransomware.
	Ransomware bool
}

// KEVCatalog is what the catalogue says about itself; the CSV says nothing.
type KEVCatalog struct {
	Version, Released string
	// Entries is how many there are.
	Entries int
}

// ReadKEV reads CISA's catalogue (cisa.gov, "Known Exploited Vulnerabilities
// Catalog") as JSON or CSV. The JSON counts its entries: a file that holds
// another number is refused. Errors are as in Read: after one, all that was
// handed on has to be thrown away.
func ReadKEV(ctx context.Context, r io.Reader, o Options, each func(KEV) error) (KEVCatalog, error) {
	o.Limits = o.Limits.withDefaults()
	in, err := openInput(ctx, r, o.Limits)
	var catalog KEVCatalog
	if err == nil {
		defer in.close()
		catalog, err = readKEV(in, each)
	}
	if err != nil {
		return KEVCatalog{}, place(err, in, o, "kev")
	}
	return catalog, nil
}

func readKEV(in *input, each func(KEV) error) (catalog KEVCatalog, err error) {
	hand := func(k KEV) error {
		if k.CVE = strings.ToUpper(k.CVE); !isCVE(k.CVE) {
			return &Error{Err: fmt.Errorf("%w: %s is no CVE id", ErrSyntax, quote(k.CVE)), Hint: "fetch the catalogue again"}
		}
		catalog.Entries++
		if err := each(k); err != nil {
			return passOn{err}
		}
		return nil
	}
	head, _, err := in.look(512)
	if err != nil {
		return catalog, err
	}
	switch head = bytes.TrimLeft(head, " \t\r\n"); {
	case len(head) == 0:
		return catalog, &Error{Err: ErrEmpty, Hint: "fetch the catalogue again"}
	case head[0] == '{':
		err = readKEVJSON(newCursor(in), &catalog, hand)
	default:
		err = readKEVTable(in, hand)
	}
	return catalog, err
}

func readKEVJSON(json *cursor, catalog *KEVCatalog, hand func(KEV) error) error {
	counted, listed := -1, false
	err := json.object(func(name string) error {
		switch name {
		case "vulnerabilities":
			listed = true
			return json.entries(func(v value) error {
				return hand(KEV{CVE: v.field("cveID").text(), Name: v.field("vulnerabilityName").text(), Added: v.field("dateAdded").text(),
					Due: v.field("dueDate").text(), Ransomware: isKnown(v.field("knownRansomwareCampaignUse").text())})
			})
		case "catalogVersion", "dateReleased", "count":
			v, err := json.value()
			switch name {
			case "catalogVersion":
				catalog.Version = v.text()
			case "dateReleased":
				catalog.Released = v.text()
			default:
				if n := v.number(); n != nil {
					counted = int(*n)
				}
			}
			return err
		}
		return json.skip()
	})
	if err != nil {
		return err
	}
	switch {
	case !listed || counted < 0:
		return &Error{Err: ErrNotRecognised, Hint: "the catalogue has a list of vulnerabilities and their count"}
	case counted != catalog.Entries:
		return &Error{Err: fmt.Errorf("%w: it says that it has %d entries and has %d", ErrTruncated, counted, catalog.Entries), Hint: "fetch the catalogue again"}
	}
	return json.end()
}

func readKEVTable(in *input, hand func(KEV) error) error {
	t, err := newTable(in, 0, "cveid", "duedate")
	if err != nil {
		return err
	}
	return t.rows(func(row []string) error {
		return hand(KEV{CVE: t.cell(row, "cveid"), Name: t.cell(row, "vulnerabilityname"), Added: t.cell(row, "dateadded"),
			Due: t.cell(row, "duedate"), Ransomware: isKnown(t.cell(row, "knownransomwarecampaignuse"))})
	})
}

// isKnown reads CISA's words Known and Unknown.
func isKnown(word string) bool { return strings.EqualFold(word, "Known") }
