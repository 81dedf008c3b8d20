package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnInterruptedImportLeavesNothing stops an import that waits for its
// input, as ctrl-c does.
func TestAnInterruptedImportLeavesNothing(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	report, err := os.ReadFile(filepath.Join("testdata", "reports", "shop-1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("vexdesk", "import", "-", "--home", home, "--log-level", "off")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The report is larger than a pipe's buffer together with this padding, so
	// that the write ends only once the program is reading.
	if _, err := in.Write(append([]byte(strings.Repeat(" ", 1<<20)), report[:len(report)/2]...)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said.String(), "vexdesk: interrupted") {
		t.Errorf("it ends with %v and says %q", err, &said)
	}
	out, err := exec.Command("vexdesk", "list", "--home", home, "--count").Output()
	if err != nil || strings.TrimSpace(string(out)) != "0" {
		t.Errorf("the workspace holds %s, %v", out, err)
	}
}
