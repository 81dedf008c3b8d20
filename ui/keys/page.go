package keys

import (
	"fmt"
	"slices"
	"strings"
)

// Page is the documentation of the table, in Markdown: docs/keys.md.
func Page() string {
	var b strings.Builder
	b.WriteString("# Keys\n\nThis page is generated from the console's key table; a test keeps it in step.\n" +
		"`?` shows the same inside the console, can be searched, and runs what you choose.\n\n" +
		"Rebind by action in `keys.json` in the configuration folder; `[]` unbinds:\n\n" +
		"```json\n{\"ticket.create\": [\"c\", \"f2\"], \"move.half-down\": [\"ctrl-d\"]}\n```\n\n" +
		"A key that would do two things is refused at start, with a message, and the default stays.\n" +
		"Actions marked ✎ change something; `--readonly` leaves them out.\n")
	table := Table()
	for _, group := range Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n| keys | does | where | action |\n| --- | --- | --- | --- |\n", group)
		for _, a := range table {
			if a.Group != group {
				continue
			}
			title := a.Title
			if a.Changes {
				title += " ✎"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | `%s` |\n", pageKeys(a), title, a.Scope, a.ID)
		}
	}
	return b.String()
}

func pageKeys(a Action) string {
	if len(a.Keys) == 9 && slices.IsSorted(a.Keys) {
		return "`" + a.Keys[0] + "` … `" + a.Keys[8] + "`"
	}
	var cells []string
	for _, key := range a.Keys {
		cells = append(cells, "`"+key+"`")
	}
	return strings.Join(cells, " ")
}
