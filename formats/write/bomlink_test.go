package write

import (
	"bytes"
	"context"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/model"
)

// breadBOM lists bread twice, as scanners do that find a package in two places.
const breadBOM = `{"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 3,
 "components": [
  {"bom-ref": "7b", "type": "library", "name": "bread", "version": "1.2.3", "purl": "pkg:npm/bread@1.2.3?arch=x"},
  {"bom-ref": "pkg:npm/bread@1.2.3+a", "type": "library", "name": "bread", "version": "1.2.3", "purl": "pkg:npm/bread@1.2.3"}]}`

// TestReferencesIntoTheBOM: scanners take a CycloneDX VEX document by its
// BOM-Links alone (docs/vex-tools.md), which are in the words of the bill of
// materials; what that does not hold is told.
func TestReferencesIntoTheBOM(t *testing.T) {
	bom, err := formats.ReadBOM(context.Background(), strings.NewReader(breadBOM), formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := meta()
	m.BOM = bom
	text, r := write(t, FormatCycloneDX, m, decided()[:3])
	var doc cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(text), cdx.BOMFileFormatJSON).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	links := map[string]int{}
	for _, v := range *doc.Vulnerabilities {
		for _, a := range *v.Affects {
			if link, err := cdx.ParseBOMLink(a.Ref); err == nil && link.SerialNumber() == bom.Serial && link.Version() == 3 {
				links[link.Reference()]++
			}
		}
	}
	if len(links) != 2 || links["7b"] != 2 || links["pkg:npm/bread@1.2.3+a"] != 2 {
		t.Errorf("links %v\n%s", links, text)
	}
	if len(*doc.Components) != 1 || (*doc.Components)[0].Name != "crumb" {
		t.Errorf("components %+v", doc.Components)
	}
	if !told(r.Lost, "the bill of materials does not hold the component") {
		t.Errorf("lost %+v", r.Lost)
	}
}

// TestSeveralDecisionsAboutOne: Trivy keeps the last entry of each id.
func TestSeveralDecisionsAboutOne(t *testing.T) {
	all := decided()[:2]
	all[1].Assessment = model.Assessment{Status: model.VEXFixed}
	m := meta()
	m.BOM = &model.BOM{Serial: "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", Version: 1}
	if _, r := write(t, FormatCycloneDX, m, all); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "the last") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// TestABOMThatNothingCanReferTo: links need a serial number that is a UUID.
func TestABOMThatNothingCanReferTo(t *testing.T) {
	m := meta()
	m.BOM = &model.BOM{Serial: "urn:uuid:oven", Version: 1, Refs: map[string][]string{"pkg:npm/bread@1.2.3": {"bread"}}}
	if r, err := Document(context.Background(), new(bytes.Buffer), FormatCycloneDX, m, sequence(decided()[:1])); err == nil {
		t.Errorf("written: %+v", r)
	}
}

func told(all []Remark, reason string) bool {
	for _, r := range all {
		if strings.Contains(r.Reason, reason) {
			return true
		}
	}
	return false
}
