package formats

import (
	"strings"

	"github.com/package-url/packageurl-go"

	"example.com/vexdesk/model"
)

// The words that OpenVEX and CSAF share (OpenVEX specification, "Status
// Justifications"; CSAF 2.0, 3.2.3.5), and ours.

// justificationOf returns the nearest of our words that holds. The other way
// round there is none for several of ours.
func justificationOf(word string) string {
	switch word {
	case "component_not_present", "vulnerable_code_not_present":
		return "code_not_present"
	case "vulnerable_code_not_in_execute_path":
		return "code_not_reachable"
	case "vulnerable_code_cannot_be_controlled_by_adversary":
		return "requires_configuration"
	case "inline_mitigations_already_exist":
		return "protected_by_mitigating_control"
	}
	return ""
}

// referenced makes a component of the way a VEX document names one: a package
// URL, or any other text.
func referenced(reference, purl string) model.Component {
	if purl == "" && strings.HasPrefix(reference, "pkg:") {
		purl = reference
	}
	p, err := packageurl.FromString(purl)
	if err != nil {
		return model.Component{PURL: purl, Name: reference}
	}
	name := p.Name
	if p.Namespace != "" {
		switch p.Type {
		case "maven":
			name = p.Namespace + ":" + p.Name
		case "deb", "rpm", "apk": // the namespace is the distribution
		default:
			name = p.Namespace + "/" + p.Name
		}
	}
	return model.Component{PURL: purl, Type: p.Type, Name: name, Version: p.Version}
}

// nativeNote begins the note that carries what the shared vocabulary has no
// word for; our own documents are read back without a loss.
const nativeNote = "CycloneDX: "

// applyNative takes back from a note what was written there (write.OpenVEX).
func applyNative(a *model.Assessment, note string) {
	words, ok := strings.CutPrefix(note, nativeNote)
	if !ok {
		return
	}
	for _, each := range strings.Fields(words) {
		field, word, _ := strings.Cut(each, "=")
		switch f := model.VEXField(field); f {
		case model.FieldJustification, model.FieldResponse, model.FieldQualifier:
			// Words outside the vocabulary are left out: Set refuses them.
			_ = a.Set(f, word)
		}
	}
}
