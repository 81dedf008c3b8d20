package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-yaml"

	"example.com/vexdesk/model"
)

// readDocument reads a file of settings, - being standard input. An unknown key
// or a value of the wrong kind is an error that names its line.
func (a *app) readDocument(file string, into any) error {
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(a.stdin)
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return fmt.Errorf("the file cannot be read: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		return usage("%s: %s", file, model.Clean(yaml.FormatError(err, false, false)))
	}
	return nil
}

// ruleYAML is a rule as files hold it.
type ruleYAML struct {
	Name         string `yaml:"name,omitempty"`
	Query        string `yaml:"query"`
	CreateTicket bool   `yaml:"create_ticket,omitempty"`
	Severity     string `yaml:"severity,omitempty"`
	IgnoreUntil  string `yaml:"ignore_until,omitempty"`
}

func (a *app) readRules(file string) ([]model.Rule, error) {
	var list []ruleYAML
	if err := a.readDocument(file, &list); err != nil {
		return nil, err
	}
	return toRules(list), nil
}

func toRules(list []ruleYAML) []model.Rule {
	out := make([]model.Rule, len(list))
	for i, r := range list {
		out[i] = model.Rule(r)
	}
	return out
}
