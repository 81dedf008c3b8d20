package formats

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"

	"example.com/vexdesk/model"
)

const small = `{"SchemaVersion":2,"ArtifactName":"a:1","ArtifactType":"container_image","Results":[
 {"Target":"a","Type":"npm","Vulnerabilities":[{"VulnerabilityID":"CVE-1","PkgName":"bröt","InstalledVersion":"1"}]}]}`

func ids(t *testing.T, data []byte, o Options) []string {
	t.Helper()
	var all []string
	_, err := Read(context.Background(), bytes.NewReader(data), o, func(f *model.Finding) error {
		all = append(all, f.ID+" "+f.Component.Name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestWrappings reads one report in all the wrappings that files come in.
func TestWrappings(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(w, small); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	units := utf16.Encode([]rune("\ufeff" + small))
	little, big := new(bytes.Buffer), new(bytes.Buffer)
	if err := errors.Join(binary.Write(little, binary.LittleEndian, units), binary.Write(big, binary.BigEndian, units)); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"plain":                            []byte(small),
		"space around":                     []byte(" \r\n\t" + small + "\r\n\n"),
		"byte order mark":                  []byte("\ufeff" + small),
		"gzip":                             zipped.Bytes(),
		"zstd":                             z.EncodeAll([]byte(small), nil),
		"zstd of UTF-16":                   z.EncodeAll(little.Bytes(), nil),
		"UTF-16 little endian":             little.Bytes(),
		"UTF-16 big endian":                big.Bytes(),
		"UTF-16 without a byte order mark": little.Bytes()[2:],
		"the same, big endian":             big.Bytes()[2:],
	} {
		t.Run(name, func(t *testing.T) {
			if got := ids(t, data, Options{}); !slices.Equal(got, []string{"CVE-1 bröt"}) {
				t.Errorf("got %q", got)
			}
		})
	}
	t.Run("byte by byte", func(t *testing.T) {
		_, err := Read(context.Background(), iotest.OneByteReader(strings.NewReader(small)), Options{}, func(*model.Finding) error { return nil })
		if err != nil {
			t.Error(err)
		}
	})
}

// squeezed is a text many times over, packed with gzip.
func squeezed(t *testing.T, times int, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, strings.Repeat(text, times)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestErrorSentences pins what a user reads about a file that cannot be read.
func TestErrorSentences(t *testing.T) {
	// Files that are packed one by one are one file when they are put together.
	bomb := squeezed(t, 1, small[:len(small)-1]) + strings.Repeat(squeezed(t, 1<<20, " "), 18)
	cut := squeezed(t, 1, small)
	for _, each := range []struct {
		name, data string
		o          Options
		is         error
		want       string
	}{
		{"empty", "", Options{}, ErrEmpty, "f: the file is empty; the scan may have failed; make the report again"},
		{"only space", " \n", Options{}, ErrEmpty, "f: the file is empty; the scan may have failed; make the report again"},
		{"text", "hello", Options{}, ErrNotRecognised, "f: the format was not recognised; it is neither JSON nor XML; known formats: " + strings.Join(Names(), ", ")},
		{"other JSON", `{"a\u001b[31m":1,"b":2}`, Options{}, ErrNotRecognised, `f: the format was not recognised; it is JSON with "a [31m", "b"; known formats: ` + strings.Join(Names(), ", ")},
		{"empty list", `[]`, Options{}, ErrNotRecognised, "f: the format was not recognised; an empty list can be of several formats: name it with --format (" + strings.Join(Names(), ", ") + ")"},
		{"HTML", "<!DOCTYPE html>\n<html><body>Sign in</body></html>", Options{}, ErrNotRecognised, "f: the format was not recognised; this is an HTML page, perhaps of a login or an error; fetch the report itself"},
		{"other XML", "<project/>", Options{}, ErrNotRecognised, `f: the format was not recognised; its root element is "project"; known formats: ` + strings.Join(Names(), ", ")},
		{"not what was forced", small, Options{Format: "grype"}, ErrNotRecognised, `f: grype report: the format was not recognised as the one that was asked for; it is JSON with "SchemaVersion", "ArtifactName", "ArtifactType", "Results"; known formats: ` + strings.Join(Names(), ", ")},
		{"unknown format", small, Options{Format: "grpe"}, ErrUnknownFormat, `f: there is no such format; "grpe" is none of ` + strings.Join(Names(), ", ")},
		{"cut off", small[:len(small)-20], Options{}, ErrTruncated, "f: trivy report, line 2, at /Results/0/Vulnerabilities/0: the file ends in the middle of the report; make the report again"},
		{"trailing", small + "\nmore", Options{}, ErrTrailing, "f: trivy report, line 2: there is more text after the end of the report; one file has to hold one report"},
		{"two documents", small + "{}", Options{}, ErrTrailing, "f: trivy report, line 2: there is more text after the end of the report; one file has to hold one report"},
		{"comma", strings.Replace(small, `"1"}`, `"1",}`, 1), Options{}, ErrSyntax, "f: trivy report, line 2, at /Results/0/Vulnerabilities/0: the text is malformed: invalid character '}' at start of string (expecting '\"')"},
		{"twice", strings.Replace(small, `"PkgName"`, `"VulnerabilityID"`, 1), Options{}, ErrSyntax, `f: trivy report, line 2, at /Results/0/Vulnerabilities/0/VulnerabilityID: the text is malformed: duplicate object member name; the same name must not stand twice in one object, since only one of them could be read`},
		{"wrong type", strings.Replace(small, `"Vulnerabilities":[`, `"Vulnerabilities":7,"x":[`, 1), Options{}, ErrWrongType, "f: trivy report, line 2, at /Results/0/Vulnerabilities: the report does not have the structure of its format: a list was expected, and there is a number"},
		{"bomb", bomb, Options{}, ErrTooLarge, "f: trivy report, byte 16777419: the file exceeds a limit: it unpacks to more than 250 times its size; unpack it and look at it first"},
		{"unpacks too far", bomb, Options{Limits: Limits{Expanded: 1 << 20}}, ErrTooLarge, "f: trivy report, byte 1048779: the file exceeds a limit: it unpacks to more than 1 MiB; unpack it and look at it first"},
		{"bomb of zeros", strings.Repeat(squeezed(t, 1<<20, "\x00"), 17), Options{}, ErrTooLarge, "f: byte 16809984: the file exceeds a limit: it unpacks to more than 250 times its size; unpack it and look at it first"},
		{"bomb of spaces", strings.Repeat(squeezed(t, 1<<20, " "), 17), Options{}, ErrTooLarge, "f: byte 16809984: the file exceeds a limit: it unpacks to more than 250 times its size; unpack it and look at it first"},
		{"little of nothing", squeezed(t, 100, "\x00"), Options{}, ErrNotRecognised, "f: the format was not recognised; it is no text: it begins with the byte 0x00"},
		{"packed twice", squeezed(t, 1, squeezed(t, 1, small)), Options{}, ErrNotRecognised, "f: the format was not recognised; it is packed twice: unpack it first"},
		{"ZIP", "PK\x03\x04\x00", Options{}, ErrNotRecognised, "f: the format was not recognised; this is a ZIP archive: unpack it and import the report that is in it"},
		{"only space at first", strings.Repeat(" ", 8<<20+1) + small, Options{}, ErrNotRecognised, "f: the format was not recognised; it begins with white space and nothing else"},
		{"nested too deep", `{"bomFormat":"CycloneDX","other":` + strings.Repeat("[", 10001), Options{}, ErrTooLarge, "f: cyclonedx report, byte 10032, at /other" + strings.Repeat("/0", 76) + "/…: the file exceeds a limit: its elements are nested deeper than 10000; no report of a scanner is; look at the file at this place"},
		{"twice at the top", strings.Replace(small, `"ArtifactName"`, `"SchemaVersion"`, 1), Options{}, ErrSyntax, "f: trivy report, line 1, at /SchemaVersion: the text is malformed: duplicate object member name; the same name must not stand twice in one object, since only one of them could be read"},
		{"broken gzip", cut[:len(cut)/2], Options{}, nil, "f: trivy report: the gzip data are broken: unexpected EOF; pack or fetch the file again"},
		{"huge entry", strings.Replace(small, `"bröt"`, `"`+strings.Repeat("x", 3<<20)+`"`, 1), Options{Limits: Limits{Entry: 1 << 20}}, ErrTooLarge, "f: trivy report, line 2: the file exceeds a limit: one entry has more than 1 MiB; no report of this tool has such entries; look at the file at this place"},
		{"entity", `<!DOCTYPE x [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>`, Options{}, ErrSyntax, "f: cyclonedx report, line 1, at /: the text is malformed: document type declarations and entities are refused"},
		{"XML cut off", `<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>`, Options{}, ErrTruncated, "f: cyclonedx report, line 1, at /bom/components: the file ends in the middle of the report; make the report again"},
		{"XML twice", `<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/><bom/>`, Options{}, ErrTrailing, "f: cyclonedx report, line 1, at /bom: there is more text after the end of the report: a second root element"},
	} {
		t.Run(each.name, func(t *testing.T) {
			each.o.Name = "f"
			_, err := Read(context.Background(), strings.NewReader(each.data), each.o, func(*model.Finding) error { return nil })
			var own *Error
			if !errors.As(err, &own) {
				t.Fatalf("error %T %v", err, err)
			}
			if each.is != nil && !errors.Is(err, each.is) {
				t.Errorf("%v is not %v", err, each.is)
			}
			if got := err.Error(); got != each.want {
				t.Errorf("\ngot  %s\nwant %s", got, each.want)
			}
		})
	}
}

// TestOthersErrorsPass: what the caller, the context or the disk said reaches
// the caller.
func TestOthersErrorsPass(t *testing.T) {
	boom := errors.New("boom")
	_, err := Read(context.Background(), strings.NewReader(small), Options{}, func(*model.Finding) error { return boom })
	if err != boom { //nolint:errorlint // it has to be the very same
		t.Errorf("emit: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = Read(ctx, strings.NewReader(small), Options{}, func(*model.Finding) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("context: %v", err)
	}
	broken := io.MultiReader(strings.NewReader(small[:100]), iotest.ErrReader(boom))
	if _, err = Read(context.Background(), broken, Options{Name: "f"}, func(*model.Finding) error { return nil }); !errors.Is(err, boom) {
		t.Errorf("reader: %v", err)
	}
}

// TestLateKeys: the keys that tell the format may stand far behind.
func TestLateKeys(t *testing.T) {
	padding := `"aaa":"` + strings.Repeat("x", 3<<20) + `",`
	data := strings.Replace(small, "{", "{"+padding, 1)
	if got := ids(t, []byte(data), Options{}); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

// TestForcedEmptyList: an empty list is read once somebody says what it is.
func TestForcedEmptyList(t *testing.T) {
	if got := ids(t, []byte("[]"), Options{Format: "trivy"}); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	data := strings.Replace(small, `"InstalledVersion"`, `"Description":"`+strings.Repeat("ä", 100)+`","InstalledVersion"`, 1)
	var got string
	report, err := Read(context.Background(), strings.NewReader(data), Options{Limits: Limits{Text: 11}}, func(f *model.Finding) error {
		got = f.Description
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got != "äääää…" {
		t.Errorf("got %q", got)
	}
	if !slices.Contains(report.Warnings, "cut texts because of their length: 1") {
		t.Errorf("warnings %q", report.Warnings)
	}
}

// TestReportIsClean: what the report says about itself goes to screens.
func TestReportIsClean(t *testing.T) {
	data := strings.Replace(small, "a:1", `a\u001b]8;;\u0007\u202e:1`, 1)
	report, err := Read(context.Background(), strings.NewReader(data), Options{}, func(*model.Finding) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if report.Product != "a ]8;;" || report.Version != "1" {
		t.Errorf("%q %q", report.Product, report.Version)
	}
}

// TestSPDX3IsRefused: it is told what it is, and what to do.
func TestSPDX3IsRefused(t *testing.T) {
	_, err := Read(context.Background(), strings.NewReader(`{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}`), Options{Name: "f"}, func(*model.Finding) error { return nil })
	want := "f: spdx report: the format was not recognised; SPDX 3 is not read: scan the document with a scanner and import its report"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestSPDXWithoutAdvisories: that nothing was found is no finding of nothing.
func TestSPDXWithoutAdvisories(t *testing.T) {
	report, err := Read(context.Background(), strings.NewReader(`{"spdxVersion":"SPDX-2.3","name":"oven","packages":[{"name":"bread"}]}`), Options{}, func(*model.Finding) error { return nil })
	if err != nil || report.Product != "oven" || len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], "refers to no advisory") {
		t.Errorf("%+v %v", report, err)
	}
}

// TestSPDXTagsThatAreBroken: each mistake has its line.
func TestSPDXTagsThatAreBroken(t *testing.T) {
	for text, want := range map[string]string{
		"SPDXVersion: SPDX-2.3\nnothing":                                                "spdx report, line 2: the text is malformed: a tag and its value were expected",
		"SPDXVersion: SPDX-2.3\nDocumentComment: <text>a\nb\n":                          "spdx report, line 3: the file ends in the middle of the report; make the report again",
		"SPDXVersion: SPDX-2.3\nDocumentComment: <text>" + strings.Repeat("a\n", 1<<20): "spdx report, line 524287: the file exceeds a limit: one text has more than 1 MiB",
		"SPDXVersion: SPDX-2.3\nDocumentComment: " + strings.Repeat("a", 2<<20):         "spdx report, byte 22: the file exceeds a limit: one entry has more than 1 MiB; no report of this tool has such entries; look at the file at this place",
	} {
		_, err := Read(context.Background(), strings.NewReader(text), Options{Limits: Limits{Entry: 1 << 20}}, func(*model.Finding) error { return nil })
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestFindingsAreCounted: what findings do not tell, the report does.
func TestFindingsAreCounted(t *testing.T) {
	for file, want := range map[string]int{
		"sarif_tools.json": 10, "openvex_document.json": 5, "csaf_vex.json": 6, "snyk_project.json": 2, "github_rest.json": 3,
		"trivy_image.json": 0, "npm-audit_6.json": 0, // those who receive the findings count them
	} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		report, err := Read(context.Background(), bytes.NewReader(data), Options{Name: file}, func(*model.Finding) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if report.Findings != want {
			t.Errorf("%s: %d findings, want %d", file, report.Findings, want)
		}
	}
}

// TestFailedScans: the error of a scanner is no empty report.
func TestFailedScans(t *testing.T) {
	for data, want := range map[string]string{
		`{"error":{"code":"ENOLOCK","summary":"This command requires an existing lockfile.","detail":""}}`: "f: npm-audit report: the file holds no report but the error of a scanner that failed: ENOLOCK: This command requires an existing lockfile.; mend the cause and scan again",
		`{"ok":false,"error":"Missing node_modules","path":"/src"}`:                                        "f: snyk report: the file holds no report but the error of a scanner that failed: Missing node_modules; mend the cause and scan again",
	} {
		_, err := Read(context.Background(), strings.NewReader(data), Options{Name: "f"}, func(*model.Finding) error { return nil })
		if !errors.Is(err, ErrScanFailed) || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestStatementsErrorPasses: what the receiver of statements said reaches the
// caller.
func TestStatementsErrorPasses(t *testing.T) {
	boom := errors.New("boom")
	data := `{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"vulnerability":"CVE-1","products":["pkg:npm/a@1"],"status":"fixed"}]}`
	_, err := Read(context.Background(), strings.NewReader(data), Options{Statement: func(*model.Statement) error { return boom }}, func(*model.Finding) error { return nil })
	if err != boom { //nolint:errorlint // it has to be the very same
		t.Errorf("%v", err)
	}
}

// TestGovulncheckStreamIsStrict: a stream ends with a message.
func TestGovulncheckStreamIsStrict(t *testing.T) {
	stream := `{"config":{"protocol_version":"v1.0.0"}}` + "\n" + `{"finding":{"osv":"GO-1","trace":[{"module":"m"}]}}` + "\n"
	for data, is := range map[string]error{stream + "rest": ErrTrailing, stream + "[]": ErrTrailing, stream[:len(stream)-4]: ErrTruncated} {
		if _, err := Read(context.Background(), strings.NewReader(data), Options{}, func(*model.Finding) error { return nil }); !errors.Is(err, is) {
			t.Errorf("%q: %v, want %v", data, err, is)
		}
	}
}

// TestStatementsAboutNothing: a vulnerability that nothing names is no id.
func TestStatementsAboutNothing(t *testing.T) {
	report, err := Read(context.Background(), strings.NewReader(`{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a", "timestamp": "2030-01-02T03:04:05Z",
		"statements": [{"vulnerability": {}, "products": [{"@id": "pkg:npm/left@1.0.0"}], "status": "fixed"}]}`),
		Options{Statement: func(s *model.Statement) error { t.Errorf("statement %+v", s); return nil }}, func(*model.Finding) error { return nil })
	if err != nil || len(report.Warnings) != 1 {
		t.Errorf("%+v %v", report, err)
	}
}
