package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/storage/storagetest"
)

// reports measures reports of rising size: what reading them alone costs, and
// their import into an empty workspace and once more into the same one, with
// its rate and peak memory, and for how long somebody who changes something
// meanwhile has to wait. Beside each stands what it cannot be quicker than.
func reports(ctx context.Context, binary, dir string, megabytes []int) error {
	for _, size := range megabytes {
		file := filepath.Join(dir, fmt.Sprintf("report-%d.json", size))
		findings, err := writeReport(file, size<<20)
		if err != nil {
			return err
		}
		home := filepath.Join(dir, fmt.Sprintf("reported-%d", size))
		if err = parses(ctx, file, size); err == nil {
			err = imports(ctx, binary, home, file, findings)
		}
		if err := errors.Join(err, os.Remove(file), os.RemoveAll(home)); err != nil {
			return err
		}
	}
	return nil
}

func imports(ctx context.Context, binary, home, file string, findings int) error {
	fmt.Printf("| %d findings | seconds | processor seconds | findings a processor second | peak memory, MiB | longest wait of a change, s |\n", findings)
	fmt.Println("| --- | --- | --- | --- | --- | --- |")
	row := func(what string, u usage, wait string) {
		fmt.Printf("| %s | %.1f | %.1f | %.0f | %.0f | %s |\n", what, u.clock.Seconds(), u.processor.Seconds(), float64(findings)/u.processor.Seconds(), u.peak, wait)
	}
	for _, into := range []string{"import into an empty workspace", "import of the same again"} {
		u, wait, err := imported(ctx, binary, home, file)
		if err != nil {
			return err
		}
		row(into, u, fmt.Sprintf("%.2f", wait.Seconds()))
	}
	floor, err := storagetest.ImportFloor(ctx, home, filepath.Join(home, "vexdesk.db"), storagetest.Highest{})
	if errors.Is(err, exec.ErrNotFound) {
		fmt.Println("sqlite3 is not installed: the imports stand without a floor")
		return nil
	}
	if err != nil {
		return err
	}
	u, err := watched(floor)
	if err == nil {
		row("`.import` of sqlite3, the same rows and indexes", u, "")
	}
	return err
}

// imported runs an import in a process of its own and changes a decision again
// and again meanwhile; wait is the longest that this took.
func imported(ctx context.Context, binary, home, file string) (u usage, wait time.Duration, err error) {
	s, err := storage.Open(ctx, filepath.Join(home, "vexdesk.db"), storage.Options{})
	if err != nil {
		return u, 0, err
	}
	changing, stop := context.WithCancel(ctx)
	var changes sync.WaitGroup
	var failed error
	changes.Go(func() {
		for changing.Err() == nil && failed == nil {
			began := time.Now()
			failed = s.AddView(ctx, model.Actor{Name: "bench", Source: "command"}, model.View{Name: fmt.Sprint(began.UnixNano()), Query: "severity:critical"})
			wait = max(wait, time.Since(began))
			select {
			case <-changing.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	u, err = watched(exec.CommandContext(ctx, binary, "--home", home, "import", file))
	stop()
	changes.Wait()
	return u, wait, errors.Join(err, failed, s.Close())
}

// perFinding is the size that an entry of a real report of Trivy has.
const perFinding = 2 << 10

// writeReport writes a report of Trivy of about so many bytes: no
// finding twice, each issue in up to four packages.
func writeReport(path string, size int) (findings int, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	findings = size / perFinding
	shape := storagetest.Shape{Violations: findings, Issues: max(findings/4+1, 30_000), Components: 40_000, Products: 1}
	if _, err := w.WriteString(`{"SchemaVersion":2,"ArtifactName":"registry.example/big:1","ArtifactType":"container_image","Results":[{"Target":"big","Class":"os-pkgs","Type":"debian","Vulnerabilities":[`); err != nil {
		return 0, err
	}
	text := strings.Repeat("The recipe is read into a buffer of fixed size, \"which\" may be too small. ", 14)
	first := true
	_, err = storagetest.Visit(shape, 1, 0, findings, func(f *model.Finding) error {
		entry, err := json.Marshal(map[string]any{
			"VulnerabilityID": f.ID, "PkgName": f.Component.Name, "InstalledVersion": f.Component.Version, "FixedVersion": strings.Join(f.FixVersions, ", "),
			"PkgIdentifier": map[string]string{"PURL": f.Component.PURL}, "Title": f.Title, "Description": text, "Severity": strings.ToUpper(f.Severity.String()),
			"CVSS":       map[string]any{"nvd": map[string]any{"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", "V3Score": 5.3}},
			"References": []string{"https://access.example/security/cve/" + f.ID, "https://lists.example/archives/2030/09/msg00026.html", "https://security.example/advisory/" + f.ID},
			"Layer":      map[string]string{"DiffID": "sha256:" + strings.Repeat("03", 32)},
		})
		if err == nil && !first {
			err = w.WriteByte(',')
		}
		first = false
		if err != nil {
			return err
		}
		_, err = w.Write(append(entry, strings.Repeat(" ", max(perFinding-1-len(entry), 0))...))
		return err
	})
	if err != nil {
		return 0, err
	}
	_, err = w.WriteString("]}]}")
	return findings, errors.Join(err, w.Flush())
}
