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
	for deployment, path := range map[string]string{
		"cloud": "/rest/api/3/mypermissions?permissions=ADMINISTER", "datacenter": "/rest/api/2/mypermissions",
	} {
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
			var told struct {
				URL, Pages, User, Token string
				AdminUser               string `json:"admin_user"`
				AdminToken              string `json:"admin_token"`
			}
			if err := json.Unmarshal([]byte(line), &told); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := mayAdminister(t, told.URL+path, told.AdminUser, told.AdminToken); !got {
				t.Errorf("%q, %q is no administrator", told.AdminUser, told.AdminToken)
			}
			if got := mayAdminister(t, told.URL+path, told.User, told.Token); got {
				t.Errorf("%q is an administrator", told.User)
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

// mayAdminister asks whether an account may set Jira up.
func mayAdminister(t *testing.T, address, user, secret string) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(user, secret)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	var told struct {
		Permissions map[string]struct{ HavePermission bool }
	}
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil {
		t.Fatalf("%s: %v", answer.Status, err)
	}
	return told.Permissions["ADMINISTER"].HavePermission
}
