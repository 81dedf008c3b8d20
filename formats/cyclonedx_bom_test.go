package formats

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

func TestReadBOM(t *testing.T) {
	const uuid = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
	for _, c := range []struct {
		name, text string
		version    int
		want       []string
		err        error
	}{
		{"JSON", `{"components": [{"name": "left", "purl": "pkg:npm/left@1.0.0?arch=x", "bom-ref": "b", "components": [{"bom-ref": "a", "name": "left", "purl": "pkg:npm/left@1.0.0"}]}],
			"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 4, "serialNumber": "` + uuid + `"}`, 4, []string{"a", "b"}, nil},
		{"XML", `<bom xmlns="http://cyclonedx.org/schema/bom/1.4" serialNumber="` + uuid + `" version="2"><components>
			<component type="library" bom-ref="a"><name>left</name><version>1.0.0</version><purl>pkg:npm/left@1.0.0</purl></component></components></bom>`, 2, []string{"a"}, nil},
		{"no version", `{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "` + uuid + `"}`, 1, nil, nil},
		{"no serial number", `{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}`, 0, nil, ErrNoSerial},
		{"not a bill of materials", `{"runs": [], "version": "2.1.0"}`, 0, nil, ErrNotRecognised},
		{"cut", `{"bomFormat": "CycloneDX", "components": [`, 0, nil, ErrTruncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			bom, err := ReadBOM(context.Background(), strings.NewReader(c.text), Options{Name: "sbom"})
			if !errors.Is(err, c.err) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			if err != nil {
				if !strings.HasPrefix(err.Error(), "sbom: cyclonedx report") {
					t.Errorf("message %q", err)
				}
				return
			}
			key := model.ComponentKey(model.Component{PURL: "pkg:npm/left@1.0.0"})
			if bom.Serial != uuid || bom.Version != c.version || !slices.Equal(bom.Refs[key], c.want) {
				t.Errorf("%+v", bom)
			}
		})
	}
}

// TestLinksIntoOtherDocuments: a package URL in a BOM-Link is percent-encoded.
func TestLinksIntoOtherDocuments(t *testing.T) {
	const link = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Anpm%2F%40acme%2Fleft%401.0.0"
	if got := unresolved(link); got.PURL != "pkg:npm/@acme/left@1.0.0" || got.Name != link {
		t.Errorf("%+v", got)
	}
	c := &cycloneDX{serial: "urn:uuid:3E671687-395b-41f5-a30f-a58921a69b79"}
	if got := c.local(link); got != "pkg:npm/@acme/left@1.0.0" {
		t.Errorf("within the document: %q", got)
	}
	c.serial = "urn:uuid:3e671687"
	if got := c.local(link); got != link {
		t.Errorf("of another document: %q", got)
	}
}
