package cli_test

import (
	"io"
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
	// A long text in the middle is larger than a pipe's buffer: the write ends
	// only once the program is reading.
	begun, _, _ := strings.Cut(string(report), `Right of its buffer`)
	if _, err := io.WriteString(in, begun+strings.Repeat("x", 1<<20)); err != nil {
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
