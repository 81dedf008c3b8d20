// Command shoot takes the pictures of the manual from the running program: for
// each it starts a sample workspace in a tmux of its own, presses keys, waits
// for the answer, and writes the screen as text (.ansi) and as picture (.png).
//
//	go run ./shoot            all of them
//	go run ./shoot list plan  these
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"example.com/vexdesk/screenshots/picture"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "shoot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("shoot", flag.ContinueOnError)
	bin := flags.String("bin", "", "the program; left out, it is built, with a version that stays the same")
	out := flags.String("out", ".", "the folder for the pictures")
	patience := flags.Duration("patience", 20*time.Second, "how long each step may take")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	chosen, err := choose(shots(), flags.Args())
	if err != nil {
		return err
	}
	program, remove, err := programOf(ctx, *bin)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	var failed []error
	for _, s := range chosen {
		err := s.take(ctx, program, *out, *patience)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			fmt.Printf("%-32s failed\n", s.name)
		default:
			fmt.Printf("%-32s %s\n", s.name, filepath.Join(*out, s.name+".png"))
		}
	}
	return errors.Join(failed...)
}

// shown is the version that the pictures show: one of a commit would be another
// in each picture.
const shown = "1.0"

// programOf is the program whose pictures are taken: the one that is named, or
// one that is built in a folder which remove takes away.
func programOf(ctx context.Context, named string) (program string, remove func() error, err error) {
	if named != "" {
		program, err = filepath.Abs(named)
		return program, func() error { return nil }, err
	}
	folder, err := os.MkdirTemp("", "vexdesk-shoot-")
	if err != nil {
		return "", nil, err
	}
	program = filepath.Join(folder, "vexdesk")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X example.com/vexdesk/cli.version="+shown, "-o", program, ".")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if words, err := build.CombinedOutput(); err != nil {
		return "", nil, errors.Join(fmt.Errorf("building the program, from the folder screenshots: %w\n%s", err, words), os.RemoveAll(folder))
	}
	return program, func() error { return os.RemoveAll(folder) }, nil
}

// choose returns the shots of these names, or all where none is named.
func choose(all []shot, names []string) ([]shot, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []shot
	for _, name := range names {
		i := slices.IndexFunc(all, func(s shot) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no picture %q: shots.go lists them", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// take makes one picture, in a home of its own that is removed afterwards.
func (s shot) take(ctx context.Context, program, out string, patience time.Duration) (err error) {
	folder, err := os.MkdirTemp("", "vexdesk-shot-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := writeReports(filepath.Join(folder, "scans")); err != nil {
		return err
	}
	command := []string{program, "demo", "--home", filepath.Join(folder, "home")}
	if s.empty {
		command = []string{program, "--home", filepath.Join(folder, "home")}
	}
	captured, err := s.play(ctx, folder, command, patience)
	if err != nil {
		return err
	}
	theme, err := picture.ThemeNamed(s.theme)
	if err != nil {
		return err
	}
	base := filepath.Join(out, s.name)
	if err := os.WriteFile(base+".ansi", []byte(captured), 0o644); err != nil {
		return fmt.Errorf("keeping the screen as text: %w", err)
	}
	screen := picture.Parse(captured, s.cols, s.rows)
	return picture.WriteFile(base+".png", screen, picture.Options{Theme: theme, Title: "vexdesk", Scale: 2})
}

// writeReports makes reports to import, one of them cut off.
func writeReports(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making the reports to import: %w", err)
	}
	const report = `{"SchemaVersion": 2, "ArtifactName": "registry.example/%s:2.1", "ArtifactType": "container_image", "Results": [{"Target": "os", "Class": "os-pkgs", "Type": "debian",
		"Vulnerabilities": [{"VulnerabilityID": "CVE-2024-6387", "PkgName": "openssh", "InstalledVersion": "9.2p1", "FixedVersion": "9.2p1-2", "Severity": "HIGH"}]}]}`
	for name, text := range map[string]string{
		"search.json": fmt.Sprintf(report, "search"), "shop.json": fmt.Sprintf(report, "shop"), "portal.json": report[:120],
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("making the reports to import: %w", err)
		}
	}
	return nil
}

// play runs the command in a terminal, takes the steps and returns the screen.
func (s shot) play(ctx context.Context, folder string, command []string, patience time.Duration) (captured string, err error) {
	term, err := startTerminal(ctx, folder, s.cols, s.rows, s.environment(folder), command)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, term.close()) }()
	for _, step := range s.steps {
		if err := step.do(ctx, term, patience); err != nil {
			return "", err
		}
	}
	return term.capture(ctx)
}

func (s step) do(ctx context.Context, term *terminal, patience time.Duration) error {
	pattern, err := regexp.Compile(s.wait)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if len(s.keys) > 0 {
			if err := term.press(ctx, s.keys...); err != nil {
				return err
			}
		}
		if !s.again {
			return term.await(ctx, pattern)
		}
		while, stop := context.WithTimeout(ctx, deaf)
		err := term.await(while, pattern)
		stop()
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}

// deaf is longer than a dialog takes no key.
const deaf = 2 * time.Second

// environment is all that the program sees, so that a picture does not depend
// on who takes it.
func (s shot) environment(folder string) []string {
	ground := "15;0"
	if s.theme == "light" {
		ground = "0;15"
	}
	env := []string{
		"HOME=" + folder, "PATH=" + os.Getenv("PATH"), "USER=analyst", "VEXDESK_USER=analyst", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
		"TERM=screen-256color", "COLORTERM=truecolor", "COLORFGBG=" + ground,
	}
	return append(env, s.env...)
}
