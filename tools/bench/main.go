// Command bench measures the program as a user meets it, beside its peers and
// floors in the same run, in interleaved rounds, and prints medians and ratios
// as a table: what docs/PERFORMANCE.md holds. Times depend on the machine;
// ratios are what is compared.
//
//	go run ./tools/bench [-n violations] [-rounds n] [-report megabytes] [-only-reports]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"example.com/vexdesk/storage"
	"example.com/vexdesk/storage/storagetest"
)

func main() {
	n := flag.Int("n", 1_000_000, "violations in the workspace")
	rounds := flag.Int("rounds", 3, "rounds, interleaved")
	report := flag.Int("report", 1000, "megabytes of the largest report; 0: none is imported")
	only := flag.Bool("only-reports", false, "import reports and measure nothing else")
	way := flag.String("read", "", "read the file that is the argument in this way and do nothing else, as the processes do that are measured")
	flag.Parse()
	if *way != "" {
		if err := readOnly(context.Background(), *way, flag.Arg(0)); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(context.Background(), *n, *rounds, *report, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n, rounds, report int, only bool) error {
	dir, err := os.MkdirTemp("", "vexdesk-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	binary := filepath.Join(dir, "vexdesk")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "example.com/vexdesk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("the program cannot be built: %w\n%s", err, out)
	}
	if report > 0 {
		if err := reports(ctx, binary, dir, []int{max(report/10, 1), report}); err != nil {
			return err
		}
	}
	if only {
		return nil
	}
	home := filepath.Join(dir, "home")
	fmt.Fprintf(os.Stderr, "filling a workspace with %d violations …\n", n)
	if err := fill(ctx, filepath.Join(home, "vexdesk.db"), n); err != nil {
		return err
	}
	text := filepath.Join(dir, "list.txt")
	if err := dump(ctx, binary, home, text); err != nil {
		return err
	}
	fmt.Printf("%d violations, %d rounds, 120x40, %s/%s, %d processors\n\n", n, rounds, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if err := screens(ctx, binary, home, text, rounds); err != nil {
		return err
	}
	return commands(ctx, binary, home, rounds)
}

func fill(ctx context.Context, path string, n int) error {
	s, err := storage.Open(ctx, path, storage.Options{})
	if err != nil {
		return err
	}
	if err := storagetest.Generate(ctx, s, storagetest.ShapeOf(n), 1); err != nil {
		return err
	}
	return s.Close()
}

// dump writes a list as text for the pagers that stand beside the console.
func dump(ctx context.Context, binary, home, to string) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, binary, "--home", home, "list", "--limit", "100000")
	cmd.Stdout = f
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the list cannot be written: %w", err)
	}
	return f.Close()
}
