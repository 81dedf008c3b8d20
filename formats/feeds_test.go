package formats

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

const epssText = "#model_version:v2025.03.14,score_date:2030-05-18T00:00:00Z\n# mirrored\ncve,epss,percentile\nCVE-2030-0001,0.0046,0.7385\nCVE-2030-0002,1,0\n"

func readScores(data string) (string, error) {
	var got strings.Builder
	date, err := ReadEPSS(context.Background(), strings.NewReader(data), Options{Name: "f"}, func(cve string, score, percentile float64) error {
		fmt.Fprintf(&got, " %s %g %g", cve, score, percentile)
		return nil
	})
	return date + got.String(), err
}

func TestEPSS(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(w, epssText); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const both = "2030-05-18 CVE-2030-0001 0.0046 0.7385 CVE-2030-0002 1 0"
	for data, want := range map[string]string{
		epssText: both, zipped.String(): both, "\ufeff" + epssText: both, strings.ReplaceAll(epssText, "\n", "\r\n"): both,
		"EPSS,note,CVE\n0.5,x,cve-2030-3\n": " CVE-2030-3 0.5 -1",
		"cve,epss,percentile\n":             "",
	} {
		if got, err := readScores(data); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", data[:min(len(data), 40)], got, err, want)
		}
	}
	for data, want := range map[string]string{
		"":                                "f: epss report: the file is empty; the scan may have failed; make the report again",
		"# only\n":                        "f: epss report: the file is empty; fetch the scores again",
		"#a\nid,score\n":                  `f: epss report, line 2: the format was not recognised; its first line has no column "cve"`,
		"#a\ncve,epss\nCVE-1,1.2\n":       `f: epss report, line 3: the text is malformed: "1.2" is no epss from 0 to 1; fetch the file again`,
		"cve,epss\nCVE-1,NaN\n":           `f: epss report, line 2: the text is malformed: "NaN" is no epss from 0 to 1; fetch the file again`,
		"cve,epss\n\x1b[31m,0\n":          `f: epss report, line 2: the text is malformed: "[31M" is no CVE id; fetch the file again`,
		"#x\n#y\ncve,epss\nCVE-1,0.1,2\n": "f: epss report, line 4: the text is malformed: wrong number of fields; fetch the file again",
		zipped.String()[:zipped.Len()-12]: "f: epss report: the gzip data are broken: unexpected EOF; pack or fetch the file again",
	} {
		if _, err := readScores(data); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	boom := errors.New("boom")
	_, err := ReadEPSS(context.Background(), strings.NewReader(epssText), Options{}, func(string, float64, float64) error { return boom })
	if err != boom { //nolint:errorlint // it has to be the very same
		t.Errorf("%v", err)
	}
}

func readCatalog(data string) (string, error) {
	var got strings.Builder
	c, err := ReadKEV(context.Background(), strings.NewReader(data), Options{Name: "f"}, func(k KEV) error {
		fmt.Fprintf(&got, " %s %s %s %s %t", k.CVE, k.Name, k.Added, k.Due, k.Ransomware)
		return nil
	})
	return fmt.Sprint(c) + got.String(), err
}

func TestKEV(t *testing.T) {
	const entry = `{"cveID":"CVE-2030-1","vulnerabilityName":"Oven","dateAdded":"2030-01-01","dueDate":"2030-02-01","knownRansomwareCampaignUse":"Known","cwes":[]}`
	const fields = ` CVE-2030-1 Oven 2030-01-01 2030-02-01 true`
	for data, want := range map[string]string{
		`{"catalogVersion":"2030.05.18","dateReleased":"2030-05-18T00:00:00Z","count":1,"vulnerabilities":[` + entry + `]}`:                               "{2030.05.18 2030-05-18T00:00:00Z 1}" + fields,
		` {"vulnerabilities":[` + entry + `],"count":1}`:                                                                                                  "{  1}" + fields,
		"cveID,vendorProject,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2030-1,\"Oven, Inc\",Oven,2030-01-01,2030-02-01,Known\n": "{  1}" + fields,
	} {
		if got, err := readCatalog(data); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", data, got, err, want)
		}
	}
	for data, want := range map[string]string{
		`{"count":2,"vulnerabilities":[` + entry + `]}`:   "f: kev report: the file ends in the middle of the report: it says that it has 2 entries and has 1; fetch the catalogue again",
		`{"vulnerabilities":[` + entry + `]}`:             "f: kev report: the format was not recognised; the catalogue has a list of vulnerabilities and their count",
		`{"count":1,"vulnerabilities":[` + entry:          "f: kev report, byte 174, at /vulnerabilities: the file ends in the middle of the report; make the report again",
		`{"count":1,"vulnerabilities":[{"cveID":"x"}]}`:   `f: kev report: the text is malformed: "X" is no CVE id; fetch the catalogue again`,
		`{"count":1,"vulnerabilities":[` + entry + `]}{}`: "f: kev report, byte 177: there is more text after the end of the report; one file has to hold one report",
		"<html>": `f: kev report, line 1: the format was not recognised; its first line has no column "cveid"`,
		" ":      "f: kev report: the file is empty; fetch the catalogue again",
	} {
		if _, err := readCatalog(data); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func FuzzEPSS(f *testing.F) {
	f.Add(epssText)
	f.Add("EPSS,note,CVE\n0.5,x,cve-2030-3\n")
	f.Fuzz(func(t *testing.T, data string) {
		_, err := ReadEPSS(context.Background(), strings.NewReader(data), Options{}, func(cve string, score, percentile float64) error {
			if !isCVE(cve) || score < 0 || score > 1 || percentile > 1 {
				t.Errorf("%q %g %g", cve, score, percentile)
			}
			return nil
		})
		var own *Error
		if err != nil && !errors.As(err, &own) {
			t.Errorf("%T %v", err, err)
		}
	})
}

func FuzzKEV(f *testing.F) {
	f.Add(`{"count":1,"vulnerabilities":[{"cveID":"CVE-2030-1"}]}`)
	f.Add("cveID,dueDate\nCVE-2030-1,2030-02-01\n")
	f.Fuzz(func(t *testing.T, data string) {
		_, err := ReadKEV(context.Background(), strings.NewReader(data), Options{}, func(k KEV) error {
			if !isCVE(k.CVE) {
				t.Errorf("%+v", k)
			}
			return nil
		})
		var own *Error
		if err != nil && !errors.As(err, &own) {
			t.Errorf("%T %v", err, err)
		}
	})
}
