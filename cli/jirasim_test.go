package cli_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestJiraSimServesUntilItIsStopped starts the simulated Jira as a person
// does, finds its page, stops it, and finds its issues again.
func TestJiraSimServesUntilItIsStopped(t *testing.T) {
	state := filepath.Join(t.TempDir(), "jira.json")
	for _, deployment := range []string{"cloud", "datacenter"} {
		t.Run(deployment, func(t *testing.T) {
			cmd := exec.Command("vexdesk", "jira-sim", "--json", "--deployment", deployment, "--state", state+deployment)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			var told struct{ URL, Pages, User, Token string }
			if err := json.Unmarshal([]byte(line), &told); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.Get(told.Pages)
			if err != nil {
				t.Fatal(err)
			}
			page, err := io.ReadAll(answer.Body)
			if err := answer.Body.Close(); err != nil {
				t.Error(err)
			}
			if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "<html") {
				t.Errorf("the page answers %s, %v", answer.Status, err)
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("stopped by ctrl-c it ends with %v", err)
			}
		})
	}
}
