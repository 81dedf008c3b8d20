package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func yesFlag(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVar(yes, "yes", false, "do it without asking")
}

// confirm asks before a far-reaching action; what is told in the infinitive.
// Without a terminal it needs --yes.
func (a *app) confirm(cmd *cobra.Command, yes bool, what string) error {
	if yes {
		return nil
	}
	in, input := terminal(a.stdin)
	_, output := terminal(a.stderr)
	if !input || !output {
		return usage("'%s' is about to %s and asks first, but there is no terminal to ask on: give --yes", cmd.CommandPath(), what)
	}
	if _, err := fmt.Fprintf(a.stderr, "%s%s? [y/N] ", strings.ToUpper(what[:1]), what[1:]); err != nil {
		return err
	}
	answers := make(chan string, 1)
	go func() {
		// It ends with the line, or with the program.
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			line = ""
		}
		answers <- line
	}()
	select {
	case line := <-answers:
		if answer := strings.ToLower(strings.TrimSpace(line)); answer == "y" || answer == "yes" {
			return nil
		}
		return errors.New("nothing was done: it was not confirmed")
	case <-cmd.Context().Done():
		return cmd.Context().Err()
	}
}
