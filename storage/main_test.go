package storage

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets properties be tried less often under the race detector, which
// looks for something else than they do.
func TestMain(m *testing.M) {
	if path := os.Getenv(importChild); path != "" {
		if err := importAsChild(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); raceDetector && checks.Value.String() == checks.DefValue {
		if err := flag.Set("rapid.checks", "3"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
