package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"example.com/vexdesk/model"
)

// replaceFile writes a file whole or not at all: fill writes beside it, and
// once that and settle went well it takes the name. "-" is standard output;
// what is no regular file, such as a pipe, is written to as it is.
func (a *app) replaceFile(name string, fill func(io.Writer) error, settle func() error) error {
	if name == "-" {
		out := bufio.NewWriter(a.stdout)
		if err := fill(out); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
		return settle()
	}
	target, part := partOf(name)
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return unwritable(name, err)
	}
	if err = fillFile(f, fill, part != target); err == nil {
		err = settle()
	}
	if part == target {
		return unwritable(name, err)
	}
	if err == nil {
		err = os.Rename(part, target)
	}
	if err != nil {
		_ = os.Remove(part) // what was begun is of no use; if it stays, it does no harm
	}
	return unwritable(name, err)
}

// partOf is the file behind a name, and the one that is written first.
func partOf(name string) (target, part string) {
	if behind, err := filepath.EvalSymlinks(name); err == nil {
		name = behind
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return name, name
	}
	return name, filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%d.part", filepath.Base(name), os.Getpid()))
}

// fillFile writes a file and closes it, and has it reach the disk where that
// is asked for.
func fillFile(f *os.File, fill func(io.Writer) error, sync bool) error {
	out := bufio.NewWriter(f)
	err := fill(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil && sync {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// unwritable puts a failure of the file itself into words; others are passed
// on.
func unwritable(name string, err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	default:
		return err
	}
	return fmt.Errorf("%s cannot be written: %w", model.Clean(name), err)
}
