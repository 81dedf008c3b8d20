package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// usage is what a process took, and the most memory that it had in MiB.
type usage struct {
	clock, processor time.Duration
	peak             float64
}

// watched runs a command to its end.
func watched(cmd *exec.Cmd) (u usage, err error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return u, err
	}
	ended := make(chan error)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			u.peak = max(u.peak, peakMiB(cmd.Process.Pid))
		case err := <-ended:
			u.clock, u.processor = time.Since(began), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
			if err != nil {
				err = fmt.Errorf("%v: %w\n%s", cmd.Args, err, out.String())
			}
			return u, err
		}
	}
}

// peakMiB is the most memory that a process has had (VmHWM of proc(5), which
// unlike getrusage(2) knows nothing of the process that started it), 0 where
// the system does not tell.
func peakMiB(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kib float64
	_, _ = fmt.Sscanf(rest, "%f", &kib)
	return kib / 1024
}
