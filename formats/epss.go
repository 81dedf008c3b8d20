package formats

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ReadEPSS reads the daily scores of EPSS (FIRST, "EPSS data"): CSV, mostly
// packed with gzip, with any number of lines that begin with #, one of which
// tells the date, and columns by the names in its head. score and percentile
// are 0 to 1; percentile is -1 in old files, which do not have it.
//
// date is the day of the scores (2006-01-02), "" where the file does not tell.
// Errors are as in Read: after one, all that was handed on has to be thrown
// away.
func ReadEPSS(ctx context.Context, r io.Reader, o Options, each func(cve string, score, percentile float64) error) (date string, err error) {
	o.Limits = o.Limits.withDefaults()
	in, err := openInput(ctx, r, o.Limits)
	if err == nil {
		defer in.close()
		date, err = readEPSS(in, each)
	}
	if err != nil {
		return "", place(err, in, o, "epss")
	}
	return date, nil
}

func readEPSS(in *input, each func(string, float64, float64) error) (date string, err error) {
	lines := bufio.NewReaderSize(in, 64<<10)
	before := 0
	for {
		first, err := lines.Peek(1)
		if errors.Is(err, io.EOF) {
			return "", &Error{Err: ErrEmpty, Hint: "fetch the scores again"}
		}
		if err != nil {
			return "", err
		}
		if first[0] != '#' {
			break
		}
		comment, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		before++
		if _, told, ok := strings.Cut(comment, "score_date:"); ok && len(told) >= 10 {
			date = told[:10]
		}
	}
	t, err := newTable(lines, before, "cve", "epss")
	if err != nil {
		return "", err
	}
	return date, t.rows(func(row []string) error { return epssRow(t, row, each) })
}

func epssRow(t *table, row []string, each func(string, float64, float64) error) error {
	score, err := t.probability(row, "epss")
	if err != nil {
		return err
	}
	percentile := -1.0
	if _, there := t.columns["percentile"]; there {
		if percentile, err = t.probability(row, "percentile"); err != nil {
			return err
		}
	}
	cve := strings.ToUpper(t.cell(row, "cve"))
	if !isCVE(cve) {
		return t.fail(ErrSyntax, fmt.Sprintf("%s is no CVE id", quote(cve)))
	}
	if err := each(cve, score, percentile); err != nil {
		return passOn{err}
	}
	return nil
}

// table is CSV (RFC 4180) with its columns by name.
type table struct {
	csv     *csv.Reader
	columns map[string]int
	// before is how many lines came before the head.
	before int
}

// newTable reads the head, which has to name the columns asked for.
func newTable(r io.Reader, before int, required ...string) (*table, error) {
	t := &table{csv: csv.NewReader(r), columns: make(map[string]int), before: before}
	t.csv.Comment, t.csv.ReuseRecord, t.csv.TrimLeadingSpace = '#', true, true
	head, err := t.csv.Read()
	if err != nil {
		return nil, t.explain(err)
	}
	for i, name := range head {
		t.columns[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range required {
		if _, there := t.columns[name]; !there {
			return nil, &Error{Err: ErrNotRecognised, Line: before + 1, Hint: fmt.Sprintf("its first line has no column %q", name)}
		}
	}
	return t, nil
}

// rows calls visit for every row; a row with another number of cells than the
// head is an error.
func (t *table) rows(visit func([]string) error) error {
	for {
		row, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return t.explain(err)
		}
		if err := visit(row); err != nil {
			return err
		}
	}
}

// cell returns the text of a column, "" where there is no such column.
func (t *table) cell(row []string, column string) string {
	i, there := t.columns[column]
	if !there {
		return ""
	}
	return strings.TrimSpace(row[i])
}

// probability reads a number from 0 to 1.
func (t *table) probability(row []string, column string) (float64, error) {
	text := t.cell(row, column)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 1) { // not a number is neither
		return 0, t.fail(ErrSyntax, fmt.Sprintf("%s is no %s from 0 to 1", quote(text), column))
	}
	return n, nil
}

// fail is an error about the row that was read last.
func (t *table) fail(is error, what string) error {
	line, _ := t.csv.FieldPos(0)
	return &Error{Err: fmt.Errorf("%w: %s", is, what), Line: t.before + line, Hint: "fetch the file again"}
}

// explain reads the errors of encoding/csv.
func (t *table) explain(err error) error {
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &syntax):
		return &Error{Err: fmt.Errorf("%w: %w", ErrSyntax, syntax.Err), Line: t.before + syntax.Line, Hint: "fetch the file again"}
	case errors.Is(err, io.EOF):
		return &Error{Err: ErrEmpty, Hint: "fetch the file again"}
	}
	return err
}
