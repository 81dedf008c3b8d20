package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"example.com/vexdesk/model"
)

// setupYAML is the file of a workspace's setup (B10).
type setupYAML struct {
	Settings    map[string]string `yaml:"settings,omitempty"`
	Connections []connectionYAML  `yaml:"connections,omitempty"`
	Profiles    []profileYAML     `yaml:"profiles,omitempty"`
	Policies    []policyYAML      `yaml:"policies,omitempty"`
	Watches     []watchYAML       `yaml:"watches,omitempty"`
	Products    []productYAML     `yaml:"products,omitempty"`
	Views       []viewYAML        `yaml:"views,omitempty"`
}

type connectionYAML struct {
	Name        string `yaml:"name"`
	Type        string `yaml:"type"`
	Auth        string `yaml:"auth"`
	URL         string `yaml:"url"`
	User        string `yaml:"user,omitempty"`
	ClientID    string `yaml:"client_id,omitempty"`
	ConsumerKey string `yaml:"consumer_key,omitempty"`
	CAFile      string `yaml:"ca_file,omitempty"`
	Retrieve    *bool  `yaml:"retrieve_tickets,omitempty"`
}

type profileYAML struct {
	Name        string            `yaml:"name"`
	Connection  string            `yaml:"connection"`
	Project     string            `yaml:"project"`
	IssueType   string            `yaml:"issue_type"`
	Labels      []string          `yaml:"labels,omitempty"`
	Summary     string            `yaml:"summary,omitempty"`
	Description string            `yaml:"description,omitempty"`
	Fields      map[string]string `yaml:"fields,omitempty"`
	Priorities  map[string]string `yaml:"priorities,omitempty"`
	Dedupe      bool              `yaml:"dedupe,omitempty"`
	OnSeenAgain string            `yaml:"on_seen_again,omitempty"`
	OnGone      string            `yaml:"on_gone,omitempty"`
	Transitions map[string]string `yaml:"transitions,omitempty"`
}

type policyYAML struct {
	Name  string     `yaml:"name"`
	Type  string     `yaml:"type,omitempty"`
	Mode  string     `yaml:"mode,omitempty"`
	Grace int        `yaml:"grace_days,omitempty"`
	Rules []ruleYAML `yaml:"rules"`
}

type watchYAML struct {
	Name          string   `yaml:"name"`
	Scope         string   `yaml:"scope"`
	Policies      []string `yaml:"policies"`
	Profile       string   `yaml:"profile,omitempty"`
	CreateTickets bool     `yaml:"create_tickets,omitempty"`
}

type productYAML struct {
	Name      string `yaml:"name"`
	Resource  string `yaml:"resource,omitempty"`
	Profile   string `yaml:"profile,omitempty"`
	Project   string `yaml:"project,omitempty"`
	IssueType string `yaml:"issue_type,omitempty"`
	Assignee  string `yaml:"assignee,omitempty"`
	Reporter  string `yaml:"reporter,omitempty"`
	Epic      string `yaml:"epic,omitempty"`
	Sync      *bool  `yaml:"sync,omitempty"`
	PushNotes bool   `yaml:"push_notes,omitempty"`
}

type viewYAML struct {
	Name  string `yaml:"name"`
	Query string `yaml:"query"`
	Sort  string `yaml:"sort,omitempty"`
}

// toSetupYAML writes a setup for people: what is as usual is left out.
func toSetupYAML(s model.Setup) setupYAML {
	out := setupYAML{Settings: s.Settings}
	for _, c := range s.Connections {
		one := connectionYAML{Name: c.Name, Type: string(c.Type), Auth: string(c.Auth), URL: c.URL, User: c.User, ClientID: c.ClientID, ConsumerKey: c.ConsumerKey, CAFile: c.CAFile}
		if !c.RetrieveTickets {
			one.Retrieve = &c.RetrieveTickets
		}
		out.Connections = append(out.Connections, one)
	}
	for _, p := range s.Profiles {
		one := profileYAML{Name: p.Name, Connection: p.Connection, Project: p.Project, IssueType: p.IssueType, Labels: p.Labels, Summary: p.Summary, Description: p.Description,
			Fields: p.Fields, Dedupe: p.Dedupe, OnSeenAgain: p.OnSeenAgain, OnGone: p.OnGone, Transitions: p.Transitions}
		for severity, name := range p.Priorities {
			if one.Priorities == nil {
				one.Priorities = map[string]string{}
			}
			one.Priorities[severity.String()] = name
		}
		out.Profiles = append(out.Profiles, one)
	}
	for _, p := range s.Policies {
		one := policyYAML{Name: p.Name, Type: p.Type, Mode: string(p.Mode), Grace: p.GraceDays}
		for _, r := range p.Rules {
			one.Rules = append(one.Rules, ruleYAML(r))
		}
		out.Policies = append(out.Policies, one)
	}
	for _, w := range s.Watches {
		out.Watches = append(out.Watches, watchYAML{w.Name, w.Scope, w.Policies, w.Profile, w.CreateTickets})
	}
	for _, p := range s.Products {
		one := productYAML{Name: p.Name, Resource: p.Resource, Profile: p.Profile, Project: p.Project, IssueType: p.IssueType, Assignee: p.Assignee, Reporter: p.Reporter, Epic: p.Epic, PushNotes: p.PushNotes}
		if !p.Sync {
			one.Sync = &p.Sync
		}
		out.Products = append(out.Products, one)
	}
	for _, v := range s.Views {
		out.Views = append(out.Views, viewYAML(v))
	}
	return out
}

func unless(b *bool, otherwise bool) bool {
	if b == nil {
		return otherwise
	}
	return *b
}

// setup reads the file's meaning.
func (y *setupYAML) setup() (model.Setup, error) {
	out := model.Setup{Settings: y.Settings}
	for _, c := range y.Connections {
		out.Connections = append(out.Connections, model.Connection{Name: c.Name, Type: model.ConnectionType(c.Type), Auth: model.AuthMethod(c.Auth), URL: strings.TrimSuffix(c.URL, "/"), User: c.User,
			ClientID: c.ClientID, ConsumerKey: c.ConsumerKey, CAFile: c.CAFile, RetrieveTickets: unless(c.Retrieve, true)})
	}
	for i, p := range y.Profiles {
		one := model.Profile{Name: p.Name, Connection: p.Connection, Project: p.Project, IssueType: p.IssueType, Labels: p.Labels, Summary: p.Summary, Description: p.Description,
			Fields: p.Fields, Dedupe: p.Dedupe, OnSeenAgain: p.OnSeenAgain, OnGone: p.OnGone, Transitions: p.Transitions, Priorities: map[model.Severity]string{}}
		for word, name := range p.Priorities {
			severity, err := model.ParseSeverity(word)
			if err != nil {
				return out, &model.SetupError{Kind: "profile", Index: i, Name: p.Name, Err: model.InField("priorities.'"+word+"'", err)}
			}
			one.Priorities[severity] = name
		}
		out.Profiles = append(out.Profiles, one)
	}
	for _, p := range y.Policies {
		out.Policies = append(out.Policies, model.Policy{Name: p.Name, Type: p.Type, Mode: model.PolicyMode(p.Mode), GraceDays: p.Grace, Rules: toRules(p.Rules)})
	}
	for _, w := range y.Watches {
		out.Watches = append(out.Watches, model.Watch{Name: w.Name, Scope: w.Scope, Policies: slices.Clone(w.Policies), Profile: w.Profile, CreateTickets: w.CreateTickets})
	}
	for _, p := range y.Products {
		out.Products = append(out.Products, model.Product{Name: p.Name, Resource: p.Resource, Profile: p.Profile, Project: p.Project, IssueType: p.IssueType, Assignee: p.Assignee,
			Reporter: p.Reporter, Epic: p.Epic, Sync: unless(p.Sync, true), PushNotes: p.PushNotes})
	}
	for _, v := range y.Views {
		out.Views = append(out.Views, model.View(v))
	}
	return out, nil
}

// lineOf finds the line of the field that is at fault, or else of the thing; 0
// where it is not told.
func lineOf(text []byte, e *model.SetupError) int {
	if e.Kind == "setting" {
		return lineAt(text, "$.settings.'"+e.Name+"'")
	}
	path := map[string]string{"connection": "connections", "profile": "profiles", "policy": "policies", "watch": "watches", "product": "products", "view": "views"}[e.Kind]
	where := fmt.Sprintf("$.%s[%d]", path, e.Index)
	var in *model.FieldError
	if errors.As(e.Err, &in) {
		if line := lineAt(text, where+"."+in.Field); line > 0 {
			return line
		}
	}
	return lineAt(text, where)
}

// lineAt is the line at which a path of a document leads to something, 0 for
// nowhere.
func lineAt(text []byte, path string) int {
	p, err := yaml.PathString(path)
	if err != nil {
		return 0
	}
	node, err := p.ReadNode(bytes.NewReader(text))
	if err != nil || node == nil || node.GetToken() == nil {
		return 0
	}
	return node.GetToken().Position.Line
}
