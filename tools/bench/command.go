package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// pair is a command of ours beside a floor: another program that does the
// least that could be called the same.
type pair struct {
	what        string
	ours, floor []string
}

func commands(ctx context.Context, binary, home string, rounds int) error {
	sqlite, err := exec.LookPath("sqlite3")
	if err != nil {
		fmt.Println("sqlite3 is not installed: the commands stand without a floor")
	}
	db := filepath.Join(home, "vexdesk.db")
	floor := func(query string) []string {
		if sqlite == "" {
			return nil
		}
		return []string{sqlite, "-readonly", db, query}
	}
	pairs := []pair{
		{"first page of the list (50 rows)", []string{binary, "--home", home, "list", "--limit", "50", "--json"},
			floor(`SELECT v.id, i.display, c.name, c.version FROM violations v JOIN issues i ON i.id = v.issue_id JOIN components c ON c.id = v.component_id WHERE current = 1 AND state = 0 ORDER BY severity, v.id LIMIT 50`)},
		{"count of everything open", []string{binary, "--home", home, "list", "--count"}, floor(`SELECT count(*) FROM violations WHERE current = 1 AND state = 0`)},
		{"version", []string{binary, "version"}, []string{"true"}},
	}
	fmt.Println("| command | ours, ms | floor, ms | ratio |")
	fmt.Println("| --- | --- | --- | --- |")
	for _, p := range pairs {
		var ours, floors []float64
		for range max(rounds, 5) {
			t, err := timed(ctx, p.ours)
			if err != nil {
				return err
			}
			ours = append(ours, t)
			if p.floor != nil {
				if t, err = timed(ctx, p.floor); err != nil {
					return err
				}
				floors = append(floors, t)
			}
		}
		slices.Sort(ours)
		slices.Sort(floors)
		fmt.Printf("| %s | %.1f |", p.what, ours[len(ours)/2])
		if len(floors) > 0 {
			fmt.Printf(" %.1f | %.1f |\n", floors[len(floors)/2], ours[len(ours)/2]/floors[len(floors)/2])
		} else {
			fmt.Println(" - | - |")
		}
	}
	return nil
}

// timed is how long a whole process takes, in milliseconds.
func timed(ctx context.Context, args []string) (float64, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%v: %w", args, err)
	}
	return time.Since(began).Seconds() * 1000, nil
}
