package formats

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

// FuzzRead: no input crashes any reader, and findings are well formed.
func FuzzRead(f *testing.F) { fuzzReader(f, "") }

// The readers one by one.
func FuzzTrivy(f *testing.F)     { fuzzReader(f, "trivy") }
func FuzzGrype(f *testing.F)     { fuzzReader(f, "grype") }
func FuzzCycloneDX(f *testing.F) { fuzzReader(f, "cyclonedx") }
func FuzzXray(f *testing.F)      { fuzzReader(f, "xray") }

// fuzzReader seeds with the fixtures of the format, all for "".
func fuzzReader(f *testing.F, format string) {
	for _, file := range fixtures(f) {
		if !strings.HasPrefix(filepath.Base(file), format) {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	o := Options{Format: format, Limits: Limits{Expanded: 1 << 20, Entry: 1 << 20}}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Read(context.Background(), bytes.NewReader(data), o, func(v *model.Finding) error {
			if v.Identity() == "" || v.Component.Name == "" && v.Component.PURL == "" {
				t.Errorf("a finding without identity: %+v", v)
			}
			for _, s := range []string{v.ID, v.Title, v.Description, v.Component.Name, v.Component.PURL} {
				if s != strings.ToValidUTF8(s, "\uFFFD") {
					t.Errorf("invalid text %q", s)
				}
			}
			model.ComponentKey(v.Component)
			return nil
		})
		var own *Error
		if err != nil && !errors.As(err, &own) {
			t.Errorf("%T %v", err, err)
		}
	})
}
