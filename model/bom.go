package model

// BOM is a CycloneDX bill of materials as other documents refer to it by
// BOM-Links (cyclonedx.org, "BOM-Link").
type BOM struct {
	// Serial is the serial number (urn:uuid:…), Version that of the document.
	Serial  string
	Version int
	// Refs are the bom-refs of its components by ComponentKey; a component
	// that is listed several times has several.
	Refs map[string][]string
}
