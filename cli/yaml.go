package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"example.com/vexdesk/model"
)

// readFile reads a file of settings, - being standard input.
func (a *app) readFile(file string) (text []byte, err error) {
	if file == "-" {
		text, err = io.ReadAll(a.stdin)
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	return text, nil
}

// yamlMistake says what is wrong with a document, and in which line.
func yamlMistake(err error) string {
	var e yaml.Error
	if !errors.As(err, &e) || e.GetToken() == nil {
		return model.Clean(err.Error())
	}
	message, _, _ := strings.Cut(e.GetMessage(), "\n")
	return fmt.Sprintf("line %d: %s", e.GetToken().Position.Line, model.Clean(message))
}

// ruleYAML is a rule as files hold it.
type ruleYAML struct {
	Name         string `yaml:"name,omitempty"`
	Query        string `yaml:"query"`
	CreateTicket bool   `yaml:"create_ticket,omitempty"`
	Severity     string `yaml:"severity,omitempty"`
	IgnoreUntil  string `yaml:"ignore_until,omitempty"`
}

// readRules reads the rules of a policy. An unknown key or a value of the wrong
// kind is an error that names its line.
func (a *app) readRules(file string) ([]model.Rule, error) {
	text, err := a.readFile(file)
	if err != nil {
		return nil, err
	}
	var list []ruleYAML
	if err := yaml.UnmarshalWithOptions(text, &list, yaml.Strict()); err != nil && !errors.Is(err, io.EOF) {
		return nil, usage("%s: %s", file, yamlMistake(err))
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
