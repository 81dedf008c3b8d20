package cli

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// logLimit is the size at which the log starts anew; the one before is kept.
const logLimit = 4 << 20

// logFile is a file that comes into being with the first line written to it.
type logFile struct {
	path string
	mu   sync.Mutex
	file *os.File
	size int64
}

// Write appends to the log.
func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil || l.size > logLimit {
		if err := l.begin(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(p)
	l.size += int64(n)
	return n, err
}

// begin opens the log, and puts one that is full aside.
func (l *logFile) begin() error {
	if l.file != nil {
		if err := l.file.Close(); err != nil {
			return err
		}
		l.file = nil
	}
	if err := private(filepath.Dir(l.path)); err != nil {
		return err
	}
	if info, err := os.Stat(l.path); err == nil && info.Size() > logLimit {
		if err := os.Rename(l.path, l.path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

func (l *logFile) close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// logger writes to the log of the workspace, at the level of --log-level or
// VEXDESK_LOG.
func (a *app) logger() (*slog.Logger, error) {
	word := a.logLevel
	if word == "" {
		word = a.getenv("VEXDESK_LOG")
	}
	level, off, err := logLevel(word)
	if err != nil {
		return nil, err
	}
	if off {
		return slog.New(slog.DiscardHandler), nil
	}
	home, err := a.home()
	if err != nil {
		return nil, err
	}
	if a.log == nil {
		a.log = &logFile{path: home.log()}
	}
	return slog.New(slog.NewTextHandler(a.log, &slog.HandlerOptions{Level: level})), nil
}

// logLevel reads a level of the log; "" is the usual one.
func logLevel(word string) (level slog.Level, off bool, err error) {
	levels := map[string]slog.Level{"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	if strings.EqualFold(word, "off") {
		return 0, true, nil
	}
	level, ok := levels[strings.ToLower(word)]
	if !ok {
		return 0, false, usage("%q is not a level of the log: use debug, info, warn, error or off", word)
	}
	return level, false, nil
}

// name is where the log is, for messages.
func (l *logFile) name() string {
	if l == nil {
		return "off"
	}
	return l.path
}
