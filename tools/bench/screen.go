package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/creack/pty"
)

// program is a terminal program to measure.
type program struct {
	name string
	args []string
	// key scrolls a line; begin goes where every further key scrolls; quit
	// ends the program.
	key, begin, quit string
}

// figures are what one run showed.
type figures struct {
	start, p50, p99, idle, bytes, memory float64
}

const (
	cols, rows = 120, 40
	keys       = 200
	pace       = 20 * time.Millisecond
	settled    = 300 * time.Millisecond
	idleFor    = 5 * time.Second
)

func screens(ctx context.Context, binary, home, text string, rounds int) error {
	all := []program{
		{"vexdesk", []string{binary, "--home", home}, "j", strings.Repeat("j", rows), "q"},
		{"less", []string{"less", text}, "j", "", "q"},
		{"htop", []string{"htop"}, "\x1b[B", "", "q"},
		{"tig", []string{"tig"}, "j", strings.Repeat("j", rows), "q"},
		{"lf", []string{"lf", "/usr/bin"}, "j", strings.Repeat("j", rows), "q"},
		{"fzf", []string{"sh", "-c", "fzf < " + text}, "\x1b[A", strings.Repeat("\x1b[A", rows), "\x1b"},
		{"visidata", []string{"vd", text}, "j", strings.Repeat("j", rows), "q"},
	}
	all = slices.DeleteFunc(all, func(p program) bool {
		_, err := exec.LookPath(p.args[0])
		if p.name == "fzf" {
			_, err = exec.LookPath("fzf")
		}
		return err != nil
	})
	seen := make([][]figures, len(all))
	for range rounds {
		for i, p := range all {
			f, err := measure(ctx, p)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			seen[i] = append(seen[i], f)
		}
	}
	fmt.Println("| program | start to settled frame, ms | key to output p50, ms | p99, ms | bytes a key, line scroll | idle, % of a core | memory, MiB |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- |")
	for i, p := range all {
		m := medians(seen[i])
		fmt.Printf("| %s | %.1f | %.2f | %.2f | %.0f | %.2f | %.0f |\n", p.name, m.start, m.p50, m.p99, m.bytes, m.idle, m.memory)
	}
	fmt.Println()
	return nil
}

// chunk is a piece of output and when it was read.
type chunk struct {
	at time.Time
	n  int
}

func measure(ctx context.Context, p program) (f figures, err error) {
	cmd := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TMUX") || strings.HasPrefix(v, "CI=") || strings.HasPrefix(v, "NO_COLOR")
	}), "TERM=xterm-256color", "LESS=")
	began := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: cols, Rows: rows})
	if err != nil {
		return f, err
	}
	chunks := make(chan chunk, 4096)
	go func() {
		defer close(chunks)
		buffer := make([]byte, 64<<10)
		for {
			n, err := tty.Read(buffer)
			if n > 0 {
				chunks <- chunk{time.Now(), n}
			}
			if err != nil {
				return
			}
		}
	}()
	defer func() {
		_, _ = tty.WriteString(p.quit)
		_ = cmd.Process.Kill()
		for range chunks {
		}
		_ = cmd.Wait()
		err = tty.Close()
	}()
	_, last := quiet(chunks, 5*time.Second, settled)
	f.start = last.Sub(began).Seconds() * 1000
	for _, key := range split(p.begin) {
		if _, err := tty.WriteString(key); err != nil {
			return f, err
		}
		quiet(chunks, settled, 5*time.Millisecond)
	}
	quiet(chunks, settled, settled)
	var latencies []float64
	total := 0
	for range keys {
		sent := time.Now()
		if _, err := tty.WriteString(p.key); err != nil {
			return f, err
		}
		first := true
		for wait := time.After(pace); wait != nil; {
			select {
			case c, ok := <-chunks:
				if !ok {
					return f, fmt.Errorf("it ended while keys were sent")
				}
				if first {
					latencies = append(latencies, c.at.Sub(sent).Seconds()*1000)
					first = false
				}
				total += c.n
			case <-wait:
				wait = nil
			}
		}
	}
	quiet(chunks, settled, settled)
	f.bytes = float64(total) / keys
	slices.Sort(latencies)
	if n := len(latencies); n > 0 {
		f.p50, f.p99 = latencies[n/2], latencies[n*99/100]
	}
	before := processorTime(cmd.Process.Pid)
	quiet(chunks, idleFor, idleFor)
	f.idle = (processorTime(cmd.Process.Pid) - before) / idleFor.Seconds() * 100
	f.memory = residentMiB(cmd.Process.Pid)
	return f, nil
}

// split takes keys apart, an escape sequence being one.
func split(keys string) []string {
	if strings.HasPrefix(keys, "\x1b") {
		return slices.Repeat([]string{keys[:3]}, len(keys)/3)
	}
	return strings.Split(keys, "")
}

// quiet reads output until none comes for a while, or none came at all within
// the patience. It returns how much came and when the last of it did.
func quiet(chunks <-chan chunk, patience, still time.Duration) (n int, last time.Time) {
	last = time.Now()
	wait := time.NewTimer(patience)
	defer wait.Stop()
	for {
		select {
		case c, ok := <-chunks:
			if !ok {
				return n, last
			}
			n += c.n
			last = c.at
			wait.Reset(still)
		case <-wait.C:
			return n, last
		}
	}
}

// processorTime is a process's user and system time in seconds (proc(5)), 0
// where the system does not tell.
func processorTime(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	const ticks = 100 // sysconf(_SC_CLK_TCK) on Linux
	return (user + system) / ticks
}

func residentMiB(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	return pages * float64(os.Getpagesize()) / (1 << 20)
}

func medians(all []figures) figures {
	of := func(get func(figures) float64) float64 {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = get(f)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figures{of(func(f figures) float64 { return f.start }), of(func(f figures) float64 { return f.p50 }), of(func(f figures) float64 { return f.p99 }),
		of(func(f figures) float64 { return f.idle }), of(func(f figures) float64 { return f.bytes }), of(func(f figures) float64 { return f.memory })}
}
