package jiratest

import (
	"bytes"
	_ "embed"
	"errors"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed pages.html
var pagesHTML string

// pageTemplates are read when the first page is asked for: the package is part
// of a program whose every start would pay for it otherwise.
var pageTemplates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("pages").Funcs(template.FuncMap{
		"stamp": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
	}).Parse(pagesHTML))
})

// newPages serves the pages where a person plays the other side: without a
// login on loopback, elsewhere with an account's address and token.
func (s *Server) newPages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.pageList)
	mux.HandleFunc("GET /browse/{$}", s.pageList)
	mux.HandleFunc("GET /browse", s.pageList)
	mux.HandleFunc("GET /browse/{key}", s.pageIssue)
	mux.HandleFunc("POST /browse/{key}", s.pageEdit)
	mux.HandleFunc("POST /browse/{key}/status", s.pageStatus)
	mux.HandleFunc("POST /browse/{key}/comment", s.pageComment)
	mux.HandleFunc("POST /browse/{key}/move", s.pageMove)
	mux.HandleFunc("POST /browse/{key}/delete", s.pageDelete)
	mux.HandleFunc("GET /links", s.pageLinks)
	mux.HandleFunc("POST /links", s.pageAddLink)
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if !isLocal(r) {
			s.mu.Lock()
			_, refused := s.signIn(r, false)
			s.mu.Unlock()
			if refused != nil {
				h.Set("WWW-Authenticate", `Basic realm="simulated Jira"`)
				http.Error(w, "Sign in with the address and token of an account of the simulated Jira.", http.StatusUnauthorized)
				return
			}
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		guarded.ServeHTTP(w, r)
	})
}

// isLocal tells whether both ends are the loopback. The Host header counts, so
// that a foreign name which resolves to the loopback is kept out.
func isLocal(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopback(host) {
		return false
	}
	name := r.Host
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	return name == "localhost" || loopback(strings.Trim(name, "[]"))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// show writes a page whole or not at all.
func show(w http.ResponseWriter, name string, status int, data any) {
	var b bytes.Buffer
	if err := pageTemplates().ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "the page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader who has left misses nothing
}

// maxListed bounds the list of issues on the first page.
const maxListed = 500

func (s *Server) pageList(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	list, total := []Issue{}, len(s.issues.order)
	for _, e := range slices.Backward(s.issues.order) {
		if len(list) == maxListed {
			break
		}
		list = append(list, s.view(&e.record))
	}
	s.mu.Unlock()
	show(w, "list", http.StatusOK, map[string]any{"Site": s.title, "Root": s.path, "Issues": list, "Total": total, "Links": s.dc})
}

// formField is an input of the edit form.
type formField struct {
	ID, Name, Value string
	Long            bool
	Choices         []choice // with an empty one first
}

// issuePage is what the page of an issue shows.
type issuePage struct {
	Site, Message string
	Root          string // context path
	Issue         Issue
	Steps         []*transition
	Form          []formField
	Properties    []propertyLine
	Comments      []commentLine
	Others        []choice // projects that it can be moved to, by key
}

type propertyLine struct{ Key, Value string }

type commentLine struct {
	Author, Text string
	At           time.Time
}

func (s *Server) issuePage(e *entry, message string) issuePage {
	p := issuePage{Site: s.title, Root: s.path, Message: message, Issue: s.view(&e.record), Steps: s.site.steps(e.Status)}
	for _, on := range s.site.project(e.Project).screens[e.Type] {
		if f := s.site.field(on.ID); editable(f) {
			p.Form = append(p.Form, s.formField(f, &e.record))
		}
	}
	for _, other := range s.site.projects {
		if other.Key != e.Project && other.screens[e.Type] != nil {
			p.Others = append(p.Others, choice{other.Key, other.Name})
		}
	}
	for _, key := range sortedKeys(e.Properties) {
		p.Properties = append(p.Properties, propertyLine{key, string(e.Properties[key])})
	}
	for _, c := range e.Comments {
		p.Comments = append(p.Comments, commentLine{s.nameOf(c.Author), documentText(c.Body), c.Created})
	}
	return p
}

// editable tells whether the page has an input for the field.
func editable(f *field) bool {
	switch f.Kind {
	case kindLine, kindURL, kindDocument, kindLabels, kindSelect, kindPriority, kindUser:
		return f.ID != "reporter"
	}
	return false
}

func (s *Server) formField(f *field, r *record) formField {
	out := formField{ID: f.ID, Name: f.Name, Value: r.text(f.ID)}
	switch f.Kind {
	case kindDocument:
		out.Long, out.Value = true, documentText(r.Fields[f.ID])
	case kindLabels:
		out.Value = strings.Join(r.labels(f.ID), " ")
	case kindSelect:
		out.Choices = append([]choice{{}}, f.Options...)
	case kindPriority:
		out.Choices = s.site.priorities
	case kindUser:
		out.Choices = []choice{{}}
		for _, a := range s.site.accounts {
			if s.site.may(a, "ASSIGNABLE_USER", r.Project) {
				out.Choices = append(out.Choices, choice{a.ID, a.Name})
			}
		}
	}
	return out
}

func (s *Server) pageIssue(w http.ResponseWriter, r *http.Request) {
	s.showIssue(w, r, http.StatusOK, "")
}

func (s *Server) showIssue(w http.ResponseWriter, r *http.Request, status int, message string) {
	var page issuePage
	err := s.with(r.PathValue("key"), func(e *entry) error {
		page = s.issuePage(e, message)
		return nil
	})
	if err != nil {
		show(w, "missing", http.StatusNotFound, map[string]any{"Site": s.title, "Root": s.path, "Key": r.PathValue("key")})
		return
	}
	show(w, "issue", status, page)
}

// after sends the browser back to the issue, or shows what went wrong.
func (s *Server) after(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil && !errors.Is(err, ErrNoIssue) {
		s.showIssue(w, r, http.StatusBadRequest, err.Error())
		return
	}
	http.Redirect(w, r, s.path+"/browse/"+url.PathEscape(r.PathValue("key")), http.StatusSeeOther)
}

// pageEdit sets the fields whose inputs differ from what they hold, so that a
// document keeps its form unless its text was changed.
func (s *Server) pageEdit(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.after(w, r, errors.New("the form cannot be read"))
		return
	}
	s.after(w, r, s.with(r.PathValue("key"), func(e *entry) error {
		for _, input := range s.issuePage(e, "").Form {
			if !r.PostForm.Has(input.ID) {
				continue
			}
			text := strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(input.ID), "\r\n", "\n"))
			if text == strings.TrimSpace(input.Value) {
				continue
			}
			if err := s.setField(e, input.ID, s.formValue(s.site.field(input.ID), text)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// formValue is a form's text in the shape of the API.
func (s *Server) formValue(f *field, text string) any {
	if text == "" && f.ID != "summary" {
		return nil
	}
	switch f.Kind {
	case kindSelect, kindPriority:
		return map[string]any{"id": text}
	case kindUser:
		if s.dc {
			return map[string]any{"name": text}
		}
		return map[string]any{"accountId": text}
	case kindLabels:
		list := []any{}
		for label := range strings.FieldsSeq(text) {
			list = append(list, label)
		}
		return list
	}
	return text
}

func (s *Server) pageStatus(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("transition")
	s.after(w, r, s.with(r.PathValue("key"), func(e *entry) error {
		for _, t := range s.site.steps(e.Status) {
			if t.ID == id {
				s.moveTo(e, t.To)
				return nil
			}
		}
		return errors.New("the issue has moved on meanwhile; this step is no longer open to it")
	}))
}

func (s *Server) pageComment(w http.ResponseWriter, r *http.Request) {
	text := strings.TrimSpace(r.PostFormValue("text"))
	if text == "" {
		s.after(w, r, errors.New("a comment needs some words"))
		return
	}
	s.after(w, r, s.Comment(r.PathValue("key"), text))
}

// pageMove takes the issue to another project that has its type.
func (s *Server) pageMove(w http.ResponseWriter, r *http.Request) {
	to := r.PostFormValue("project")
	err := s.with(r.PathValue("key"), func(e *entry) error {
		if !slices.ContainsFunc(s.issuePage(e, "").Others, func(c choice) bool { return c.ID == to }) {
			return errors.New("it cannot be moved there: choose another project that has its issue type")
		}
		return nil
	})
	var key string
	if err == nil {
		key, err = s.Move(r.PathValue("key"), to)
	}
	if err != nil {
		s.after(w, r, err)
		return
	}
	http.Redirect(w, r, s.path+"/browse/"+url.PathEscape(key), http.StatusSeeOther)
}

func (s *Server) pageDelete(w http.ResponseWriter, r *http.Request) {
	if err := s.Delete(r.PathValue("key")); err != nil {
		s.after(w, r, err)
		return
	}
	http.Redirect(w, r, s.path+"/", http.StatusSeeOther)
}
