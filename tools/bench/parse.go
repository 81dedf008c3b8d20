package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/model"
)

// way is a way to read a report from its first byte to its last.
type way struct {
	name string
	read func(context.Context, io.Reader) error
}

// ways are ours, what stands beside it, and the floor of it all.
func ways() []way {
	return []way{
		{"formats.Read, every finding", func(ctx context.Context, r io.Reader) error {
			_, err := formats.Read(ctx, r, formats.Options{}, func(*model.Finding) error { return nil })
			return err
		}},
		{"encoding/json, Token and Decode into the same fields", func(_ context.Context, r io.Reader) error { return decode(json.NewDecoder(r)) }},
		{"jsontext, tokens alone", func(_ context.Context, r io.Reader) error {
			d := jsontext.NewDecoder(r)
			for {
				if _, err := d.ReadToken(); err != nil {
					return ended(err)
				}
			}
		}},
		{"the bytes alone", func(_ context.Context, r io.Reader) error {
			buffer := make([]byte, 64<<10)
			for {
				if _, err := r.Read(buffer); err != nil {
					return ended(err)
				}
			}
		}},
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// decode streams the fields that we read of a vulnerability.
func decode(d *json.Decoder) error {
	type vulnerability struct {
		VulnerabilityID, PkgName, PkgPath, InstalledVersion, FixedVersion string
		VendorIDs, References                                             []string
		PkgIdentifier                                                     struct{ PURL string }
		Layer                                                             struct{ Digest, DiffID string }
		SeveritySource, Severity, PrimaryURL, Fingerprint                 string
		Title, Description                                                string
		VendorSeverity                                                    map[string]int
		CVSS                                                              map[string]struct {
			V2Vector, V3Vector, V40Vector string
			V2Score, V3Score, V40Score    float64
		}
	}
	for token := json.Token(nil); token != "Vulnerabilities"; {
		var err error
		if token, err = d.Token(); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		var v vulnerability
		if err := d.Decode(&v); err != nil {
			return err
		}
	}
	return nil
}

// readOnly is what a process of parses does: it reads one file in one way.
func readOnly(ctx context.Context, name, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	for _, w := range ways() {
		if w.name == name {
			return w.read(ctx, bufio.NewReaderSize(f, 64<<10))
		}
	}
	return fmt.Errorf("there is no way to read called %q", name)
}

// parses prints what each way of reading a file costs, each in a process of
// its own.
func parses(ctx context.Context, file string, megabytes int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Printf("\n| %d MB read with | seconds | processor seconds | MB a processor second | peak memory, MiB |\n| --- | --- | --- | --- | --- |\n", megabytes)
	for _, w := range ways() {
		u, err := watched(exec.CommandContext(ctx, self, "-read", w.name, file))
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.1f | %.1f | %.0f | %.0f |\n", w.name, u.clock.Seconds(), u.processor.Seconds(), float64(megabytes)/u.processor.Seconds(), u.peak)
	}
	fmt.Println()
	return nil
}
