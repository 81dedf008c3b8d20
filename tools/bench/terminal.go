package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/creack/pty"

	"example.com/vexdesk/ui/vt"
)

// terminal is a program on a pseudo-terminal, and the screen that its output
// makes.
type terminal struct {
	cmd    *exec.Cmd
	tty    *os.File
	chunks chan chunk
	screen *vt.Screen
	began  time.Time
	bytes  int
}

// chunk is a piece of output and when it was read.
type chunk struct {
	at   time.Time
	text []byte
}

// open starts a program; fzf, which reads what it lists, gets the input file.
func open(ctx context.Context, args []string, input string) (*terminal, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = ours(os.Environ())
	if args[0] == "fzf" {
		cmd.Env = append(cmd.Env, "FZF_DEFAULT_COMMAND=cat '"+input+"'")
	}
	t := &terminal{cmd: cmd, chunks: make(chan chunk, 4096), screen: vt.New(cols, rows), began: time.Now()}
	var err error
	if t.tty, err = pty.StartWithSize(cmd, &pty.Winsize{Cols: cols, Rows: rows}); err != nil {
		return nil, err
	}
	go t.read()
	return t, nil
}

// read ends when the program and all its children are gone, or end closed the
// terminal.
func (t *terminal) read() {
	defer close(t.chunks)
	buffer := make([]byte, 64<<10)
	for {
		n, err := t.tty.Read(buffer)
		if n > 0 {
			t.chunks <- chunk{time.Now(), append([]byte(nil), buffer[:n]...)}
		}
		if err != nil {
			return
		}
	}
}

// end asks the program to leave, and does not wait for it to do so. Closing the
// terminal hangs up on whatever the program left behind.
func (t *terminal) end(quit string) {
	_, _ = t.tty.WriteString(quit)
	t.quiet(settled)
	_ = t.cmd.Process.Kill()
	_ = t.tty.Close()
	for range t.chunks {
	}
	_ = t.cmd.Wait()
}

// take lays a piece of output on the screen.
func (t *terminal) take(c chunk) {
	t.bytes += len(c.text)
	_, _ = t.screen.Write(c.text)
}

// until reads output until a condition on the screen holds, and tells when that
// was; not ok where it did not within the patience.
func (t *terminal) until(patience time.Duration, cond func() bool) (at time.Time, ok bool) {
	over := time.After(patience)
	for {
		select {
		case c, open := <-t.chunks:
			if !open {
				return at, false
			}
			t.take(c)
			if cond() {
				return c.at, true
			}
		case <-over:
			return at, false
		}
	}
}

// quiet reads output until none came for a while. A program that never rests,
// such as one with a clock, is left after some such whiles.
func (t *terminal) quiet(still time.Duration) {
	for range 10 {
		if _, moved := t.until(still, func() bool { return true }); !moved {
			return
		}
	}
}

// press sends a key and reads what comes until the pause is over. It returns
// how long the screen took to change; not ok where it did not change.
func (t *terminal) press(key string, pause time.Duration) (took time.Duration, ok bool) {
	before := t.screen.String()
	sent := time.Now()
	if _, err := t.tty.WriteString(key); err != nil {
		return 0, false
	}
	at, ok := t.until(pause, func() bool { return t.screen.String() != before })
	if ok {
		t.until(pause-time.Since(sent), func() bool { return false })
	}
	return at.Sub(sent), ok
}

// presses sends keys one after the other, and returns the milliseconds of
// those that changed the screen and the bytes a key.
func (t *terminal) presses(keys []string) (latencies []float64, bytes float64) {
	before := t.bytes
	for _, key := range keys {
		if took, ok := t.press(key, pace); ok {
			latencies = append(latencies, took.Seconds()*1000)
		}
	}
	return latencies, float64(t.bytes-before) / float64(len(keys))
}

// processorTime is what the program's threads have run, in seconds, 0 where the
// system does not tell. The scheduler counts nanoseconds (Linux,
// Documentation/scheduler/sched-stats.rst), proc(5)'s stat whole hundredths of a
// second, which are as much as an idle program takes in half a minute.
func (t *terminal) processorTime() float64 {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", t.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var all float64
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		nanoseconds, _, _ := strings.Cut(string(text), " ")
		ran, _ := strconv.ParseFloat(nanoseconds, 64)
		all += ran
	}
	return all / 1e9
}

func (t *terminal) residentMiB() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", t.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	return pages * float64(os.Getpagesize()) / (1 << 20)
}
