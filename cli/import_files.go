package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// reportSuffixes are the names that a folder is searched for; a file that is
// named itself may be called anything.
var reportSuffixes = [...]string{".json", ".xml", ".cdx", ".bom", ".sarif", ".spdx"}

// reportFiles resolves the arguments of import: files and "-" as they are,
// folders to the reports below them, patterns to what they match. A name that
// does not exist stays, so that it fails on its own.
func reportFiles(args []string) ([]string, error) {
	var names []string
	for _, arg := range args {
		if arg == "-" {
			if slices.Contains(names, "-") {
				return nil, usage("standard input is named twice")
			}
			names = append(names, arg)
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err == nil && info.IsDir():
			found, err := reportsBelow(arg)
			if err != nil {
				return nil, err
			}
			names = append(names, found...)
		case err != nil && strings.ContainsAny(arg, "*?["):
			found, err := filepath.Glob(arg)
			if err != nil {
				return nil, usage("the pattern %q is malformed", arg)
			}
			if len(found) == 0 {
				found = []string{arg}
			}
			names = append(names, found...)
		default:
			names = append(names, arg)
		}
	}
	return names, nil
}

// reportsBelow finds reports in a folder, in the order of their names.
func reportsBelow(dir string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
		case e.Type().IsRegular() && isReportName(e.Name()):
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the folder %s cannot be searched: %w", model.Clean(dir), bare(err))
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the folder %s holds no reports: they end in %s, packed or not", model.Clean(dir), strings.Join(reportSuffixes[:], ", "))
	}
	return found, nil
}

func isReportName(name string) bool {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, packed)
	}
	return slices.Contains(reportSuffixes[:], filepath.Ext(name))
}
