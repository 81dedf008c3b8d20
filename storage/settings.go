package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// Setting describes a setting of the workspace.
type Setting struct {
	Key, Default, Doc string
	check             func(string) error
}

// Settings lists all settings.
func Settings() []Setting {
	return []Setting{
		{"status.interval", "8h", "how often the status of every ticket is fetched again (S2)", isDuration},
		{"vex.interval", "5m", "how often Jira is asked which VEX fields changed (I10)", isDuration},
		{"vex.sweep", "24h", "how often the VEX fields of every ticket are compared by id, whatever Jira's search says", isDuration},
		{"ticket.age", "1y", "tickets older than this are left alone by schedules (S6)", isDuration},
		{"settling", "15s", "how long after an unanswered request Jira is asked a second time whether it acted (ruling 15)", isDuration},
		{"export.author", "", "who states what exported documents say; a name or an address", isText},
		{"export.namespace", "", "address on the web of who publishes CSAF documents", isAddress},
		{"console.mouse", "false", "let clicks and the wheel do in the console what keys do; true or false, from its next start on", isBool},
		{"connections.locked", "false", "refuse every change of connections (I14)", isBool},
	}
}

func isDuration(v string) error {
	_, err := ParseDuration(v)
	return err
}

func isBool(v string) error {
	if v != "true" && v != "false" {
		return fmt.Errorf("%q is neither true nor false", v)
	}
	return nil
}

func isText(v string) error {
	if v != model.Clean(v) || len(v) > 200 {
		return errors.New("it is not one line of at most 200 bytes")
	}
	return nil
}

func isAddress(v string) error {
	u, err := url.Parse(v)
	if v != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Errorf("%q is not an address on the web such as https://example.com", v)
	}
	return isText(v)
}

// ParseDuration reads a duration as settings and flags write it: Go's units
// and d, w, y for days, weeks and years of 365 days.
func ParseDuration(text string) (time.Duration, error) {
	units := map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "y": 365 * 24 * time.Hour}
	for unit, length := range units {
		if number, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.Atoi(number); err == nil && n >= 0 {
				return time.Duration(n) * length, nil
			}
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration: write it as 30m, 8h, 14d or 1y", text)
	}
	return d, nil
}

func settingOf(key string) (Setting, error) {
	all := Settings()
	i := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		names := make([]string, len(all))
		for i, s := range all {
			names[i] = s.Key
		}
		return Setting{}, fmt.Errorf("there is no setting %q: there are %s", key, strings.Join(names, ", "))
	}
	return all[i], nil
}

func setting(ctx context.Context, q queryer, key string) (string, error) {
	known, err := settingOf(key)
	if err != nil {
		return "", err
	}
	var value string
	err = q.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = ?`, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return known.Default, nil
	}
	return value, err
}

// Setting reads a setting.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	return setting(ctx, s.read, key)
}

// DurationSetting reads a setting that is a duration.
func (s *Store) DurationSetting(ctx context.Context, key string) (time.Duration, error) {
	text, err := s.Setting(ctx, key)
	if err != nil {
		return 0, err
	}
	return ParseDuration(text)
}

// SetSetting changes a setting.
func (s *Store) SetSetting(ctx context.Context, actor model.Actor, key, value string) error {
	known, err := settingOf(key)
	if err != nil {
		return err
	}
	if err := known.check(value); err != nil {
		return &SettingError{Key: key, Err: err}
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		before, err := setting(ctx, tx, key)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "setting "+key, "value", before, value)
	})
}

// SettingError is a value that a setting cannot have.
type SettingError struct {
	Key string
	Err error
}

// Error names the setting, and what it takes.
func (e *SettingError) Error() string { return fmt.Sprintf("setting %s: %v", e.Key, e.Err) }

// Unwrap is what is wrong with the value.
func (e *SettingError) Unwrap() error { return e.Err }

// Views lists the saved views in their order.
func (s *Store) Views(ctx context.Context) ([]model.View, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT name, query, sort FROM views ORDER BY position, id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.View
	for rows.Next() {
		var v model.View
		if err := rows.Scan(&v.Name, &v.Query, &v.Sort); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
