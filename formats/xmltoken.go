package formats

import (
	"encoding/xml"
)

// newXMLDecoder reads XML as a stream.
func newXMLDecoder(in *input) *xml.Decoder { return xml.NewDecoder(in) }
