package ui

import "example.com/vexdesk/ui/importer"

// ImportFile is what Options.Import tells of one file, and its states.
type ImportFile = importer.File

// The states that are told.
const (
	ImportReading = importer.Reading
	ImportDone    = importer.Done
	ImportFailed  = importer.Failed
)
