package formats

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/vexdesk/model"
)

// bigReport writes a Trivy report with n vulnerabilities as it is read, so
// that its size costs no memory. A vulnerability has some 2 KB, as real ones
// do.
type bigReport struct {
	n, i    int
	pending []byte
	done    bool
}

func (b *bigReport) Read(p []byte) (int, error) {
	for len(b.pending) == 0 {
		switch {
		case b.done:
			return 0, io.EOF
		case b.i == 0:
			b.pending = append(b.pending, `{"SchemaVersion":2,"ArtifactName":"big:1","ArtifactType":"container_image","Results":[{"Target":"big","Type":"debian","Vulnerabilities":[`...)
		case b.i > b.n:
			b.pending = append(b.pending, "]}]}"...)
			b.done = true
		}
		if !b.done {
			if b.i > 0 {
				b.pending = b.appendVulnerability(b.pending)
			}
			b.i++
		}
	}
	n := copy(p, b.pending)
	b.pending = b.pending[n:]
	if len(b.pending) == 0 {
		b.pending = b.pending[:0]
	}
	return n, nil
}

func (b *bigReport) appendVulnerability(to []byte) []byte {
	if b.i > 1 {
		to = append(to, ',')
	}
	to = fmt.Appendf(to, `{"VulnerabilityID":"CVE-2030-%d","PkgID":"package%d@1.2.3-4","PkgName":"package%d","PkgIdentifier":{"PURL":"pkg:deb/debian/package%d@1.2.3-4?arch=amd64&distro=debian-12","UID":"c3465bd7087640a7"},`, b.i, b.i%5000, b.i%5000, b.i%5000)
	to = append(to, bigRest...)
	return to
}

var bigRest = `"InstalledVersion":"1.2.3-4","FixedVersion":"1.2.3-5","Status":"fixed","Layer":{"Digest":"sha256:` + strings.Repeat("9d", 32) + `","DiffID":"sha256:` + strings.Repeat("03", 32) + `"},
 "SeveritySource":"nvd","PrimaryURL":"https://avd.example/nvd/cve-2030-1","DataSource":{"ID":"debian","Name":"Debian Security Tracker","URL":"https://tracker.example/"},
 "Title":"package: a heap buffer is read past its end when the recipe is longer than expected","Description":"` + strings.Repeat("The recipe is read into a buffer of fixed size, \\\"which\\\" may be too small. ", 8) + `",
 "Severity":"HIGH","CweIDs":["CWE-125"],"VendorSeverity":{"amazon":2,"nvd":3,"redhat":2,"ubuntu":1},
 "CVSS":{"nvd":{"V2Vector":"AV:N/AC:L/Au:N/C:P/I:N/A:N","V3Vector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N","V2Score":5,"V3Score":5.3},"redhat":{"V3Vector":"CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N","V3Score":4.8}},
 "References":["https://access.example/security/cve/CVE-2030-1","https://lists.example/archives/2030/09/msg00026.html","https://lists.example/archives/2030/09/msg00027.html","https://security.example/advisory/ntap-20300919-0002/","https://bugs.example/show_bug.cgi?id=1234567"],
 "PublishedDate":"2030-09-10T17:15:00Z","LastModifiedDate":"2030-10-20T22:15:00Z"}
`

// onlyReader hides what else a reader can do.
type onlyReader struct{ io.Reader }

const benchEntries = 20_000

// BenchmarkRead reads a report beside encoding/json, in turns: tokens up to the
// list, then one element at a time into the same fields. It tells how many
// times as fast we are by processor time, the collector's included, and by the
// clock, where a second processor helps.
func BenchmarkRead(b *testing.B) {
	data, err := io.ReadAll(&bigReport{n: benchEntries})
	if err != nil {
		b.Fatal(err)
	}
	text := string(data)
	var ours, theirs cost
	for b.Loop() {
		theirs.add(b, func() { decode(b, onlyReader{strings.NewReader(text)}) })
		ours.add(b, func() {
			report, err := Read(context.Background(), onlyReader{strings.NewReader(text)}, Options{}, func(*model.Finding) error { return nil })
			if err != nil || report.Entries != benchEntries {
				b.Fatal(report, err)
			}
		})
	}
	megabytes := float64(len(text)*b.N) / 1e6
	b.ReportMetric(megabytes/ours.processor.Seconds(), "MB/cpu-s")
	b.ReportMetric(megabytes/ours.clock.Seconds(), "MB/s")
	b.ReportMetric(theirs.processor.Seconds()/ours.processor.Seconds(), "times-by-cpu")
	b.ReportMetric(theirs.clock.Seconds()/ours.clock.Seconds(), "times-by-clock")
}

// cost is what something took.
type cost struct{ processor, clock time.Duration }

func (c *cost) add(b *testing.B, do func()) {
	b.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before, began := used(), time.Now()
	do()
	c.clock += time.Since(began)
	c.processor += used() - before
}

// decode streams the fields that we read with encoding/json.
func decode(b *testing.B, r io.Reader) {
	b.Helper()
	type vulnerability struct {
		VulnerabilityID, PkgName, PkgPath, InstalledVersion, FixedVersion string
		VendorIDs, References                                             []string
		PkgIdentifier                                                     struct{ PURL string }
		Layer                                                             struct{ Digest, DiffID string }
		SeveritySource, Severity, PrimaryURL, Fingerprint                 string
		Title, Description                                                string
		VendorSeverity                                                    map[string]int
		CVSS                                                              map[string]struct {
			V2Vector, V3Vector, V40Vector string
			V2Score, V3Score, V40Score    float64
		}
	}
	d := json.NewDecoder(r)
	for token := json.Token(nil); token != "Vulnerabilities"; {
		var err error
		if token, err = d.Token(); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := d.Token(); err != nil {
		b.Fatal(err)
	}
	n := 0
	for ; d.More(); n++ {
		var v vulnerability
		if err := d.Decode(&v); err != nil {
			b.Fatal(err)
		}
	}
	if n != benchEntries {
		b.Fatal(n)
	}
}

// TestMemoryIsFlat reads 50 MB and looks at the heap on the way: it may not
// grow with the file.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("50 MB are not read with -short")
	}
	const limit = 20 << 20
	var peak uint64
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	report, err := Read(context.Background(), &bigReport{n: 25_000}, Options{}, func(*model.Finding) error {
		if n++; n%5000 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapInuse-min(now.HeapInuse, before.HeapInuse))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Entries != 25_000 || n != 25_000 {
		t.Fatalf("%d entries, %d findings", report.Entries, n)
	}
	t.Logf("the heap grew by at most %.1f MiB", float64(peak)/(1<<20))
	if peak > limit {
		t.Errorf("the heap grew by %d MiB, which is more than %d", peak>>20, limit>>20)
	}
}
