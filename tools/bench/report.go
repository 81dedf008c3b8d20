package main

import (
	"bufio"
	"bytes"
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

// reports measures the import of reports of rising size, each into an empty
// workspace and once more into the same one: its rate and peak memory, and for
// how long somebody who changes something meanwhile has to wait.
func reports(ctx context.Context, binary, dir string, megabytes []int) error {
	fmt.Println("| report | into | seconds | findings a second | peak memory, MiB | longest wait of a change, s |")
	fmt.Println("| --- | --- | --- | --- | --- | --- |")
	for _, size := range megabytes {
		file := filepath.Join(dir, fmt.Sprintf("report-%d.json", size))
		findings, err := writeReport(file, size<<20)
		if err != nil {
			return err
		}
		home := filepath.Join(dir, fmt.Sprintf("reported-%d", size))
		for _, into := range []string{"an empty workspace", "the same again"} {
			m, err := imported(ctx, binary, home, file)
			if err != nil {
				return err
			}
			fmt.Printf("| %d MB, %d findings | %s | %.1f | %.0f | %.0f | %.1f |\n", size, findings, into,
				m.took.Seconds(), float64(findings)/m.took.Seconds(), m.peak, m.wait.Seconds())
		}
		if err := errors.Join(os.Remove(file), os.RemoveAll(home)); err != nil {
			return err
		}
	}
	return nil
}

// taking is what one import showed.
type taking struct {
	took time.Duration
	peak float64
	wait time.Duration
}

// imported runs an import in a process of its own and changes a decision again
// and again meanwhile.
func imported(ctx context.Context, binary, home, file string) (m taking, err error) {
	s, err := storage.Open(ctx, filepath.Join(home, "vexdesk.db"), storage.Options{})
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	changing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() {
		for changing.Err() == nil && failed == nil {
			began := time.Now()
			failed = s.AddView(ctx, model.Actor{Name: "bench", Source: "command"}, model.View{Name: fmt.Sprint(began.UnixNano()), Query: "severity:critical"})
			m.wait = max(m.wait, time.Since(began))
			select {
			case <-changing.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	cmd := exec.CommandContext(ctx, binary, "--home", home, "import", file)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		stop()
		wg.Wait()
		return m, err
	}
	wg.Go(func() {
		for changing.Err() == nil {
			m.peak = max(m.peak, peakMiB(cmd.Process.Pid))
			time.Sleep(50 * time.Millisecond)
		}
	})
	err = cmd.Wait()
	m.took = time.Since(began)
	stop()
	wg.Wait()
	if err != nil {
		return m, fmt.Errorf("the import failed: %w\n%s", err, out.String())
	}
	return m, failed
}

// peakMiB is the most memory that a process has had (VmHWM of proc(5), which
// unlike getrusage(2) knows nothing of the process that started it), 0 where
// the system does not tell.
func peakMiB(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kib float64
	_, _ = fmt.Sscanf(rest, "%f", &kib)
	return kib / 1024
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
