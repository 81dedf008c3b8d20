package connection

import (
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/sync"
)

// check says what stands in the way, by field; what is only missing is told once
// the form was to be saved.
func (f *Form) check() map[string]string {
	problems := map[string]string{}
	c := f.connection()
	if err := model.CheckAuth(c.Type, c.Auth); err != nil {
		problems["auth"] = err.Error()
		return problems
	}
	missing := func(field, what string) {
		if f.tried {
			problems[field] = what
		}
	}
	if c.Name == "" {
		missing("name", "a connection needs a name")
	}
	if field, what := c.Lacks(); field != "" {
		missing(field, "needed: "+what)
	}
	if secret := f.form.Field("secret"); !secret.Hidden && strings.TrimSpace(secret.Value()) == "" && (!f.before.Signed || f.before.Auth != c.Auth) {
		missing("secret", "the "+c.SecretWord()+" is needed")
	}
	switch field := f.form.Field("url"); {
	case c.URL == "":
		missing("url", "the address of the site is needed")
	case f.tried || field.Touched() && f.form.Focused() != field:
		if err := sync.CheckAddress(c); err != nil {
			problems[faulty(c)] = err.Error()
		}
	}
	return problems
}

// faulty is the field that an address check complained about.
func faulty(c model.Connection) string {
	c.CAFile = ""
	if sync.CheckAddress(c) == nil {
		return "ca-file"
	}
	return "url"
}

// order is that of the fields, for the first problem.
func (f *Form) firstProblem(problems map[string]string) (name string) {
	for _, field := range f.form.Fields {
		if problems[field.Name] != "" {
			return field.Name
		}
	}
	return ""
}

// secrets are those that the form gives.
func (f *Form) secrets(c model.Connection) (map[storage.SecretName][]byte, error) {
	typed := f.form.Field("secret").Value()
	if c.SecretWord() != "password" { // a pasted token brings blanks along
		typed = strings.TrimSpace(typed)
	}
	switch {
	case c.Auth == model.AuthOAuth1 && (f.before.Auth != c.Auth || !f.before.Signed):
		return sync.NewSecrets(c, nil)
	case c.Auth == model.AuthOAuth1 || strings.TrimSpace(typed) == "":
		return nil, nil
	default:
		return sync.NewSecrets(c, []byte(typed))
	}
}
