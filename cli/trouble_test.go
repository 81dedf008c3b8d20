package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// process is the program as somebody runs it, in a folder that other accounts
// can come to.
type process struct {
	t       *testing.T
	dir     string
	program string
}

func newProcess(t *testing.T) *process {
	t.Helper()
	dir, err := os.MkdirTemp("", "vexdesk-trouble-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = os.Chmod(filepath.Join(dir, "home"), 0o700) // it may have been locked
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	p := &process{t: t, dir: dir, program: filepath.Join(dir, "vexdesk")}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	from, err := exec.LookPath("vexdesk") // what TestMain put there
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(p.program, binary, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// run runs the program, or what wraps it, and returns what it said.
func (p *process) run(as *syscall.Credential, args ...string) (stdout, stderr string, err error) {
	p.t.Helper()
	if args[0] == "vexdesk" { // the copy, not what PATH of this process names
		args = append([]string{p.program}, args[1:]...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + p.dir + string(os.PathListSeparator) + os.Getenv("PATH"), "VEXDESK_HOME=" + filepath.Join(p.dir, "home"), "LANG=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	err = cmd.Run()
	return out.String(), errors.String(), err
}

func (p *process) must(args ...string) string {
	p.t.Helper()
	out, said, err := p.run(nil, args...)
	if err != nil {
		p.t.Fatalf("%v: %v\n%s", args, err, said)
	}
	return out
}

// report writes a Trivy report with n findings.
func (p *process) report(name string, n int) {
	p.t.Helper()
	type finding struct {
		VulnerabilityID, PkgName, InstalledVersion, Severity, Title, Description string
	}
	var all []finding
	for i := range n {
		all = append(all, finding{fmt.Sprintf("CVE-2024-%05d", i), fmt.Sprintf("lib%d", i%97), "1.0", "HIGH", "A flaw", strings.Repeat(fmt.Sprintf("What is wrong with it, %d. ", i), 20)})
	}
	text, err := json.Marshal(map[string]any{"SchemaVersion": 2, "ArtifactName": "app:" + name, "ArtifactType": "container_image",
		"Results": []any{map[string]any{"Target": "app", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": all}}})
	if err == nil {
		err = os.WriteFile(filepath.Join(p.dir, name+".json"), text, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestAFileThatMayNotGrowIsSaid limits the size of files of a real process
// (setrlimit(2), RLIMIT_FSIZE) below what an import needs.
func TestAFileThatMayNotGrowIsSaid(t *testing.T) {
	p := newProcess(t)
	p.report("small", 10)
	p.report("large", 4000)
	p.must("vexdesk", "import", "small.json")
	if n := strings.TrimSpace(p.must("vexdesk", "list", "--count")); n != "10" {
		t.Fatalf("%s violations to begin with", n)
	}
	stdout, stderr, err := p.run(nil, "sh", "-c", "ulimit -f 2048; exec vexdesk import large.json")
	if err == nil || !strings.Contains(stdout+stderr, "nothing was changed") {
		t.Fatalf("the import ended with %v and said:\n%s%s", err, stdout, stderr)
	}
	if n := strings.TrimSpace(p.must("vexdesk", "list", "--count")); n != "10" {
		t.Errorf("%s violations after the import that failed", n)
	}
	p.must("vexdesk", "import", "large.json")
	if n := strings.TrimSpace(p.must("vexdesk", "list", "--count", "--where", "version:*")); n != "4010" {
		t.Errorf("%s violations with room again", n)
	}
}

// TestAHomeThatCannotBeWrittenIsSaid: it can be read, and a change is refused
// in a sentence.
func TestAHomeThatCannotBeWrittenIsSaid(t *testing.T) {
	p := newProcess(t)
	p.report("small", 10)
	p.must("vexdesk", "import", "small.json")
	home := filepath.Join(p.dir, "home")
	var nobody *syscall.Credential
	if os.Getuid() == 0 { // whom no right stops
		nobody = &syscall.Credential{Uid: 65534, Gid: 65534}
		err := filepath.Walk(home, func(path string, _ os.FileInfo, err error) error {
			if err == nil {
				err = os.Chown(path, 65534, 65534)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	locked := func(mode, folder os.FileMode) {
		t.Helper()
		err := filepath.Walk(home, func(path string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() {
				err = os.Chmod(path, mode)
			}
			return err
		})
		if err == nil {
			err = os.Chmod(home, folder)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	locked(0o400, 0o500)
	for _, args := range [][]string{{"import", "small.json"}, {"product", "set", "app", "--project", "SEC"}, {"view", "add", "mine", "--where", "fix:yes"}} {
		stdout, stderr, err := p.run(nobody, append([]string{"vexdesk"}, args...)...)
		if err == nil || !strings.Contains(stdout+stderr, "cannot be written") && !strings.Contains(stdout+stderr, "permission denied") {
			t.Errorf("%v ended with %v and said:\n%s%s", args, err, stdout, stderr)
		}
		if lines := strings.Split(strings.TrimSpace(stderr), "\n"); len(lines) > 2 {
			t.Errorf("%v says it in %d lines:\n%s", args, len(lines), stderr)
		}
		t.Logf("%v: %s%s", args, stdout, stderr)
	}
	locked(0o600, 0o700)
	if out, said, err := p.run(nobody, "vexdesk", "list", "--count"); err != nil || strings.TrimSpace(out) != "10" {
		t.Errorf("afterwards %s violations, %v %s", out, err, said)
	}
}
