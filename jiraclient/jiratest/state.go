package jiratest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// savedState is the state file.
type savedState struct {
	Version int            `json:"version"`
	NextID  int64          `json:"next_id"`
	Numbers map[string]int `json:"numbers"`
	Issues  []record       `json:"issues"`
	// History is that of the issues, by id.
	History map[int64][]fieldChange `json:"history,omitempty"`
	// What administrators have set up; absent before they did.
	Types   []*issueType                        `json:"types,omitempty"`
	Fields  []*field                            `json:"fields,omitempty"`
	Screens map[string]map[string][]screenField `json:"screens,omitempty"` // by project key and issue type id
	Admin   *admin                              `json:"admin,omitempty"`
}

const stateVersion = 1

// saveEvery is the least time between two writes of the state file, so that
// many changes in a row do not write it as many times. Between long writes it
// is saveRest times as long as the last one took.
const (
	saveEvery = 250 * time.Millisecond
	saveRest  = 10
)

func (s *Server) load(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var state savedState
	if err == nil {
		err = json.Unmarshal(data, &state)
	}
	if err == nil && state.Version != stateVersion {
		err = fmt.Errorf("version %d is not known here", state.Version)
	}
	if err != nil {
		return fmt.Errorf("the state of the simulated Jira in %s cannot be read; move the file away to begin afresh: %w", path, err)
	}
	for _, r := range state.Issues {
		s.issues.add(&entry{record: r})
	}
	s.issues.nextID = max(s.issues.nextID, state.NextID)
	for key, n := range state.Numbers {
		s.issues.numbers[key] = max(s.issues.numbers[key], n)
	}
	s.history = state.History
	if state.Admin != nil {
		s.site.types, s.site.fields, s.site.admin = state.Types, state.Fields, state.Admin
		for _, p := range s.site.projects {
			p.screens = state.Screens[p.Key]
		}
	}
	return nil
}

// setUp puts into a state what administrators have made.
func (s *site) setUp(state *savedState) {
	if s.admin == nil {
		return
	}
	state.Types, state.Fields, state.Admin = s.types, s.fields, s.admin
	state.Screens = map[string]map[string][]screenField{}
	for _, p := range s.projects {
		state.Screens[p.Key] = p.screens
	}
}

// save replaces the state file as a whole.
func (s *Server) save(path string) error {
	s.mu.Lock()
	state := savedState{Version: stateVersion, NextID: s.issues.nextID, Numbers: s.issues.numbers, History: s.history}
	s.site.setUp(&state)
	for _, e := range s.issues.order {
		state.Issues = append(state.Issues, e.record)
	}
	data, err := json.Marshal(state)
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("the state of the simulated Jira cannot be written: %w", err)
	}
	return replaceFile(path, data)
}

func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("the state file cannot be made: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the state file %s cannot be written: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}

// saver writes the state file in the background.
type saver struct {
	dirty chan struct{}
	quit  chan struct{}
	done  sync.WaitGroup
	save  func() error
	err   error // of the last write; read after done
}

func (s *Server) startSaver(path string) *saver {
	v := &saver{dirty: make(chan struct{}, 1), quit: make(chan struct{}), save: func() error { return s.save(path) }}
	v.done.Go(v.run)
	return v
}

// wake asks for a write soon.
func (v *saver) wake() {
	select {
	case v.dirty <- struct{}{}:
	default:
	}
}

func (v *saver) run() {
	timer := time.NewTimer(saveEvery)
	defer timer.Stop()
	for {
		select {
		case <-v.quit:
			return
		case <-timer.C:
		}
		rest := saveEvery
		select {
		case <-v.dirty:
			start := time.Now()
			v.err = v.save()
			rest = max(rest, saveRest*time.Since(start))
		default:
		}
		timer.Reset(rest)
	}
}

// stop writes what is left and tells whether the last write worked.
func (v *saver) stop() error {
	close(v.quit)
	v.done.Wait()
	select {
	case <-v.dirty:
		v.err = v.save()
	default:
	}
	return v.err
}
