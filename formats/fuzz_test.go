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
func FuzzTrivy(f *testing.F)           { fuzzReader(f, "trivy") }
func FuzzGrype(f *testing.F)           { fuzzReader(f, "grype") }
func FuzzCycloneDX(f *testing.F)       { fuzzReader(f, "cyclonedx") }
func FuzzXray(f *testing.F)            { fuzzReader(f, "xray") }
func FuzzOSVScanner(f *testing.F)      { fuzzReader(f, "osv-scanner") }
func FuzzSnyk(f *testing.F)            { fuzzReader(f, "snyk") }
func FuzzNPMAudit(f *testing.F)        { fuzzReader(f, "npm-audit") }
func FuzzGovulncheck(f *testing.F)     { fuzzReader(f, "govulncheck") }
func FuzzDependencyTrack(f *testing.F) { fuzzReader(f, "dependency-track") }
func FuzzGitHub(f *testing.F)          { fuzzReader(f, "github") }
func FuzzTrivyOperator(f *testing.F)   { fuzzReader(f, "trivy-operator") }
func FuzzSARIF(f *testing.F)           { fuzzReader(f, "sarif") }
func FuzzOpenVEX(f *testing.F)         { fuzzReader(f, "openvex") }
func FuzzCSAF(f *testing.F)            { fuzzReader(f, "csaf") }
func FuzzSPDX(f *testing.F)            { fuzzReader(f, "spdx") }

// FuzzReadBOM: no input crashes the reader of what is referred to.
func FuzzReadBOM(f *testing.F) {
	for _, file := range fixtures(f) {
		if data, err := os.ReadFile(file); err == nil && strings.HasPrefix(filepath.Base(file), "cyclonedx_") {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		bom, err := ReadBOM(context.Background(), bytes.NewReader(data), Options{Limits: Limits{Expanded: 1 << 20, Entry: 1 << 20}})
		if err == nil && (bom.Serial == "" || bom.Version < 1) {
			t.Errorf("%+v", bom)
		}
	})
}

// fuzzReader seeds with the fixtures of the format, all for "".
func fuzzReader(f *testing.F, format string) {
	for _, file := range fixtures(f) {
		if format != "" && !strings.HasPrefix(filepath.Base(file), format+"_") {
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
		o.Statement = func(s *model.Statement) error {
			subject := s.Subject()
			if len(s.IDs) == 0 || subject.Name == "" && subject.PURL == "" {
				t.Errorf("a statement about nothing: %+v", s)
			}
			model.ComponentKey(subject)
			return nil
		}
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
