package formats

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"example.com/vexdesk/model"
)

// TestLongLists: beyond the entries that are read alone everything is as
// before: order, errors and their places, and nothing is left running.
func TestLongLists(t *testing.T) {
	defer goleak.VerifyNone(t)
	const n = 3000
	whole, err := io.ReadAll(&bigReport{n: n})
	if err != nil {
		t.Fatal(err)
	}
	next := 1
	if _, err := Read(context.Background(), strings.NewReader(string(whole)), Options{}, func(f *model.Finding) error {
		if want := fmt.Sprintf("CVE-2030-%d", next); f.ID != want {
			return fmt.Errorf("%s came when %s was due", f.ID, want)
		}
		next++
		return nil
	}); err != nil || next != n+1 {
		t.Errorf("%d entries, %v", next-1, err)
	}

	boom := errors.New("boom")
	for _, at := range []int{1, alone, alone + 1, 2000, n} {
		seen := 0
		_, err := Read(context.Background(), strings.NewReader(string(whole)), Options{}, func(*model.Finding) error {
			if seen++; seen == at {
				return boom
			}
			return nil
		})
		if err != boom || seen != at { //nolint:errorlint // it has to be the very same
			t.Errorf("stopped at %d: %d entries, %v", at, seen, err)
		}
	}

	seen := 0
	count := func(*model.Finding) error { seen++; return nil }
	_, err = Read(context.Background(), strings.NewReader(string(whole[:len(whole)-100])), Options{Name: "f"}, count)
	if !errors.Is(err, ErrTruncated) || !strings.Contains(err.Error(), "line 20999, at /Results/0/Vulnerabilities/2999") || seen != n-1 {
		t.Errorf("cut off: %d entries, %v", seen, err)
	}
	broken := strings.Replace(string(whole), `"CVE-2030-2500"`, `7 8`, 1)
	seen = 0
	_, err = Read(context.Background(), strings.NewReader(broken), Options{Name: "f"}, count)
	if !errors.Is(err, ErrSyntax) || !strings.Contains(err.Error(), "/Results/0/Vulnerabilities/2499") || seen != 2499 {
		t.Errorf("broken: %d entries, %v", seen, err)
	}
}
