// Vexdesk is a terminal console for triaging violations, raising Jira tickets
// for them and recording VEX decisions.
package main

import (
	"os"

	"example.com/vexdesk/cli"
	_ "example.com/vexdesk/ui/early" // before Bubble Tea can ask the terminal anything
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
