// Command render draws a captured terminal screen as a PNG.
//
//	tmux capture-pane -e -p -N > list.ansi
//	go run ./render -size 120x40 -theme dark list.ansi list.png
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"example.com/vexdesk/screenshots/picture"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("render", flag.ContinueOnError)
	size := flags.String("size", "", "columns x rows, such as 120x40; without it, as large as the text")
	theme := flags.String("theme", "dark", "dark or light")
	title := flags.String("title", "vexdesk", "the window's title")
	scale := flags.Float64("scale", 2, "pixels per point")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() != 2:
		return errors.New("needs two arguments: the captured screen and the PNG to write")
	}
	var cols, rows int
	if *size != "" {
		if _, err := fmt.Sscanf(*size, "%dx%d", &cols, &rows); err != nil || cols < 1 || rows < 1 {
			return fmt.Errorf("size %q is not COLUMNSxROWS, such as 120x40", *size)
		}
	}
	colors, err := picture.ThemeNamed(*theme)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("reading the captured screen: %w", err)
	}
	screen := picture.Parse(string(text), cols, rows)
	return picture.WriteFile(flags.Arg(1), screen, picture.Options{Theme: colors, Title: *title, Scale: *scale})
}
