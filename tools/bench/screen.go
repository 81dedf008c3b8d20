package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// program is a terminal program to measure.
type program struct {
	name string
	args []string
	// ready is a text that stands on the screen when the first frame is whole.
	ready string
	// down moves one line down, up one line up. After a page of them each
	// further one scrolls, in a program that has a cursor and in one that has
	// none.
	down, up string
	// cursor tells that there is one: up moves within the page.
	cursor bool
	quit   string
}

const (
	cols, rows = 120, 40
	keys       = 200
	pace       = 20 * time.Millisecond
	patience   = 30 * time.Second
	settled    = 300 * time.Millisecond
	idleFor    = 5 * time.Second
)

func programs(binary, home, text string) []program {
	const arrowDown, arrowUp = "\x1b[B", "\x1b[A"
	all := []program{
		{name: "vexdesk", args: []string{binary, "--home", home}, ready: "CRITICAL", down: "j", up: "k", cursor: true, quit: "q"},
		{name: "less", args: []string{"less", text}, ready: "CVE-", down: "j", up: "k", quit: "q"},
		{name: "htop", args: []string{"htop"}, ready: "Quit", down: arrowDown, up: arrowUp, cursor: true, quit: "q"},
		{name: "tig", args: []string{"tig"}, ready: "[main]", down: "j", up: "k", cursor: true, quit: "Q"},
		{name: "lf", args: []string{"lf", "-single", "/usr/bin"}, ready: "/usr/bin", down: "j", up: "k", cursor: true, quit: "q"},
		{name: "fzf", args: []string{"fzf"}, ready: "CVE-", down: arrowUp, up: arrowDown, cursor: true, quit: "\x1b"},
		{name: "visidata", args: []string{"vd", text}, ready: "CVE-", down: "j", up: "k", cursor: true, quit: "q"},
	}
	return slices.DeleteFunc(all, func(p program) bool {
		_, err := exec.LookPath(p.args[0])
		if err != nil {
			fmt.Printf("%s is not installed: its row is missing\n", p.name)
		}
		return err != nil
	})
}

// figures are what one run showed: milliseconds, bytes a key, percent of a
// core, bytes a second, MiB.
type figures struct {
	start, p50, p99, scroll, move, idle, idleBytes, memory float64
}

func screens(ctx context.Context, binary, home, text string, rounds int) error {
	all := programs(binary, home, text)
	seen := make([][]figures, len(all))
	var loaded []figures
	for range rounds {
		for i, p := range all {
			f, err := measure(ctx, p, text)
			switch {
			case err == nil:
				seen[i] = append(seen[i], f)
			case p.name == "vexdesk":
				return err
			default: // a peer of another version, say
				fmt.Printf("%s could not be measured: %v\n", p.name, err)
			}
		}
		err := whileWriting(ctx, home, func() error {
			f, err := measure(ctx, all[0], text)
			loaded = append(loaded, f)
			return err
		})
		if err != nil {
			return err
		}
	}
	table(all, seen, loaded)
	return nil
}

func table(all []program, seen [][]figures, loaded []figures) {
	var floor figures // less, where it is there
	for i, p := range all {
		if p.name == "less" && len(seen[i]) > 0 {
			floor = medians(seen[i])
		}
	}
	fmt.Println("| program | start to first frame, ms | key to frame p50, ms | beside less | p99, ms | bytes a line scrolled | bytes a move in the page | idle, % of a core | idle, bytes/s | memory, MiB |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for i, p := range all {
		if len(seen[i]) == 0 {
			continue
		}
		m := medians(seen[i])
		move, ratio := "-", "-"
		if p.cursor {
			move = fmt.Sprintf("%.0f", m.move)
		}
		if floor.p50 > 0 {
			ratio = fmt.Sprintf("%.1f", m.p50/floor.p50)
		}
		fmt.Printf("| %s | %.1f | %.2f | %s | %.2f | %.0f | %s | %.2f | %.0f | %.0f |\n", p.name, m.start, m.p50, ratio, m.p99, m.scroll, move, m.idle, m.idleBytes, m.memory)
	}
	m := medians(loaded)
	fmt.Printf("| vexdesk while another process imports | %.1f | %.2f | | %.2f | | | | | |\n\n", m.start, m.p50, m.p99)
}

// measure runs a program once, from its start to its end.
func measure(ctx context.Context, p program, input string) (f figures, err error) {
	t, err := open(ctx, p.args, input)
	if err != nil {
		return f, err
	}
	defer t.end(p.quit)
	at, ok := t.until(patience, func() bool { return t.screen.Contains(p.ready) })
	if !ok {
		return f, fmt.Errorf("%q did not appear:\n%s", p.ready, t.screen.String())
	}
	f.start = at.Sub(t.began).Seconds() * 1000
	t.quiet(settled)
	for range rows {
		t.press(p.down, pace/4)
	}
	t.quiet(settled)
	var latencies []float64
	latencies, f.scroll = t.presses(slices.Repeat([]string{p.down}, keys))
	slices.Sort(latencies)
	if n := len(latencies); n > 0 {
		f.p50, f.p99 = latencies[n/2], latencies[n*99/100]
	}
	t.quiet(settled)
	if p.cursor {
		page := slices.Concat(slices.Repeat([]string{p.up}, rows/2), slices.Repeat([]string{p.down}, rows/2))
		_, f.move = t.presses(slices.Repeat(page, keys/rows))
		t.quiet(settled)
	}
	before, sent := t.processorTime(), t.bytes
	t.until(idleFor, func() bool { return false })
	f.idle = (t.processorTime() - before) / idleFor.Seconds() * 100
	f.idleBytes = float64(t.bytes-sent) / idleFor.Seconds()
	f.memory = t.residentMiB()
	return f, nil
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
	return figures{
		start:     of(func(f figures) float64 { return f.start }),
		p50:       of(func(f figures) float64 { return f.p50 }),
		p99:       of(func(f figures) float64 { return f.p99 }),
		scroll:    of(func(f figures) float64 { return f.scroll }),
		move:      of(func(f figures) float64 { return f.move }),
		idle:      of(func(f figures) float64 { return f.idle }),
		idleBytes: of(func(f figures) float64 { return f.idleBytes }),
		memory:    of(func(f figures) float64 { return f.memory }),
	}
}

// ours is the environment of a measured program: that of a plain terminal.
func ours(env []string) []string {
	return append(slices.DeleteFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "TMUX") || strings.HasPrefix(v, "CI=") || strings.HasPrefix(v, "NO_COLOR") || strings.HasPrefix(v, "FZF_")
	}), "TERM=xterm-256color", "LESS=")
}
