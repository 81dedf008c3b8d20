package importer

import (
	"context"
	"sync"

	"example.com/vexdesk/model"
)

// State is how far a file is.
type State int

// The states of a file.
const (
	Waiting State = iota
	Reading
	Done
	Failed
	Stopped // given up before it was its turn, or while it was read
)

// File is a report and what became of it.
type File struct {
	Name  string
	State State
	// Bytes of Size were read; Size is 0 where it is not known.
	Bytes, Size int64

	Format, Product, Version          string
	Violations, New, Updated, Removed int
	// Notes say what else there is to know, Warnings what the reader found odd.
	Notes, Warnings []string
	Error           string
}

// Source takes reports in.
type Source interface {
	// Files are the reports that names stand for: files, folders, patterns.
	Files(names []string) ([]string, error)
	// Import takes files in, one after the other, each whole or not at all. It
	// tells of each file as it goes, from its own goroutine, and ends early
	// when ctx does; what is in stays in.
	Import(ctx context.Context, names []string, tell func(i int, f File))
}

// job is an import under way; the screen looks at it from time to time.
type job struct {
	mu      sync.Mutex
	files   []File
	running bool
	stopped bool
}

func newJob(names []string) *job {
	j := &job{files: make([]File, len(names)), running: true}
	for i, name := range names {
		j.files[i].Name = name
	}
	return j
}

func (j *job) tell(i int, f File) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f.Name = j.files[i].Name
	for _, text := range []*string{&f.Format, &f.Product, &f.Version, &f.Error} {
		*text = model.Clean(*text)
	}
	f.Notes, f.Warnings = cleaned(f.Notes), cleaned(f.Warnings)
	j.files[i] = f
}

func cleaned(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = model.Clean(text)
	}
	return out
}

// end marks what was not finished as stopped.
func (j *job) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.running = false
	for i := range j.files {
		if s := j.files[i].State; s == Waiting || s == Reading {
			j.files[i].State = Stopped
		}
	}
}

func (j *job) stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stopped = true
}

// look is a copy of how it stands.
func (j *job) look() (files []File, running, stopped bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]File(nil), j.files...), j.running, j.stopped
}
