package importer

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/widget"
)

// word is a part of what was typed, and the bytes where it stands.
type word struct {
	text       string
	start, end int
}

// words takes what was typed apart as a shell would: at spaces, but for those
// in quotes or behind a backslash.
func words(text string) (all []word) {
	var b strings.Builder
	quote, start := byte(0), -1
	end := func(at int) {
		if start >= 0 {
			all = append(all, word{b.String(), start, at})
		}
		b.Reset()
		start = -1
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == 0 && c == ' ':
			end(i)
			continue
		case start < 0:
			start = i
		}
		switch {
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == '\\' && quote != '\'' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	end(len(text))
	return all
}

// names are the paths that were typed. One that exists as it stands is one
// path, spaces and all.
func names(text string) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	if _, err := os.Stat(home(text)); err == nil {
		return []string{home(text)}
	}
	var all []string
	for _, w := range words(text) {
		all = append(all, home(w.text))
	}
	return all
}

// propose lists files and folders that begin like the word that ends at a
// byte; only the last part of the path is put in.
func propose(text string, at int) []widget.Proposal {
	typed := word{start: at, end: at}
	for _, w := range words(text[:at]) {
		if w.end == at {
			typed = w
		}
	}
	found, err := filepath.Glob(escaped(home(typed.text)) + "*")
	if err != nil {
		return nil
	}
	sort.Strings(found)
	start := typed.start + strings.LastIndexByte(text[typed.start:typed.end], filepath.Separator) + 1
	var all []widget.Proposal
	for _, path := range found {
		if strings.HasPrefix(filepath.Base(path), ".") && !strings.HasPrefix(filepath.Base(typed.text), ".") || !shown(path) {
			continue
		}
		name := filepath.Base(path)
		p := widget.Proposal{Start: start, End: typed.end, Text: quoted(name)}
		if info, err := os.Stat(path); err == nil {
			if p.Doc = size(info.Size()); info.IsDir() {
				p.Text, p.Doc = quoted(name+string(filepath.Separator)), "folder"
			}
		}
		all = append(all, p)
	}
	return all
}

// shown reports a name that can be typed: no control characters, valid text.
func shown(path string) bool {
	return utf8.ValidString(path) && model.Clean(path) == path
}

// quoted is a path as words understands it.
func quoted(path string) string {
	return strings.NewReplacer(`\`, `\\`, " ", `\ `, `"`, `\"`, `'`, `\'`).Replace(path)
}

// escaped keeps the signs of patterns in a path from being read as such.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if dir, err := os.UserHomeDir(); err == nil {
			return filepath.Join(dir, rest) + trailing(rest)
		}
	}
	return path
}

// trailing keeps the separator that Join drops.
func trailing(path string) string {
	if path == "" || strings.HasSuffix(path, string(filepath.Separator)) {
		return string(filepath.Separator)
	}
	return ""
}
