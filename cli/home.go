package cli

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"

	"example.com/vexdesk/model"
)

// home is where a workspace lives.
type home struct {
	data, config string
	// keyring: the key for secrets may lie in the keyring of the operating
	// system; a home that was named holds everything itself.
	keyring bool
}

func (h home) database() string { return filepath.Join(h.data, "vexdesk.db") }
func (h home) key() string      { return filepath.Join(h.data, "key") }
func (h home) log() string      { return filepath.Join(h.data, "vexdesk.log") }
func (h home) keys() string     { return filepath.Join(h.config, "keys.json") }

// home finds the workspace: --home, else VEXDESK_HOME, else the folders of the
// XDG Base Directory Specification.
func (a *app) home() (home, error) {
	for _, dir := range []string{a.homeFlag, a.getenv("VEXDESK_HOME")} {
		if dir == "" {
			continue
		}
		whole, err := filepath.Abs(dir)
		if err != nil {
			return home{}, fmt.Errorf("the home %q cannot be resolved: %w", dir, err)
		}
		return home{data: whole, config: whole}, nil
	}
	data, err := a.xdg("XDG_DATA_HOME", ".local", "share")
	if err != nil {
		return home{}, err
	}
	config, err := a.xdg("XDG_CONFIG_HOME", ".config")
	return home{data: data, config: config, keyring: true}, err
}

// xdg is a base directory; relative ones are to be ignored, says the
// specification.
func (a *app) xdg(name string, otherwise ...string) (string, error) {
	if dir := a.getenv(name); filepath.IsAbs(dir) {
		return filepath.Join(dir, "vexdesk"), nil
	}
	own := a.getenv("HOME")
	if own == "" {
		return "", errors.New("there is no home folder: name one with --home or VEXDESK_HOME")
	}
	return filepath.Join(append(append([]string{own}, otherwise...), "vexdesk")...), nil
}

// private makes a folder that only its owner can enter (ruling 29).
func private(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder cannot be made: %w", err)
	}
	return nil
}

func userName(getenv func(string) string) string {
	if name := model.Clean(getenv("VEXDESK_USER")); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return model.Clean(u.Username)
	}
	if name := model.Clean(getenv("USER")); name != "" {
		return name
	}
	return "unknown"
}
