package write

import (
	"bufio"
	"context"
	"encoding/json"
	"io"

	"example.com/vexdesk/model"
)

// writeJSON writes one document: about the export, and the violations one on a
// line.
func writeJSON(ctx context.Context, out io.Writer, meta Meta, r *Report, violations Violations) error {
	w := bufio.NewWriter(out)
	about, err := json.Marshal(map[string]*string{"product": orNull(meta.Product), "product_version": orNull(meta.Version),
		"author": orNull(meta.Author), "scope": orNull(meta.Scope), "tool": orNull(meta.Tool), "made": orNull(instant(meta.Now))})
	if err != nil {
		return err
	}
	w.Write(about[:len(about)-1])    //nolint:errcheck // a bufio.Writer keeps its error for Flush
	w.WriteString(`,"violations":[`) //nolint:errcheck // as above
	separator := "\n"
	encoder := json.NewEncoder(w) // ends each row with a line feed
	encoder.SetEscapeHTML(false)
	err = r.each(ctx, violations, func(v *model.Violation) error {
		w.WriteString(separator) //nolint:errcheck // as above
		separator = ","
		return encoder.Encode(struct {
			Row
			Particulars
		}{RowOf(v), ParticularsOf(v)})
	})
	if err != nil {
		return err
	}
	w.WriteString("]}\n") //nolint:errcheck // as above
	return w.Flush()
}
