package connection

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Consent asks a person for the consent that OAuth needs (X2, X3): the address is
// opened in a browser or copied, and the answer comes to the redirect address or
// is pasted back.
type Consent struct {
	Desk
	connection model.Connection
	from       *Page // the page that it was opened from, where it was
	ctx        context.Context
	cancel     context.CancelFunc
	asked      *sync.Consent
	note       string // why the browser is not waited for
	problem    string
	busy       bool
	form       *form.Form
	handlers   keys.Handlers

	width, height int
}

type askedMsg struct {
	owner   *Consent
	consent *sync.Consent
	note    string
	err     error
}

type grantedMsg struct {
	owner *Consent
	err   error
}

// Consent makes the screen for a connection.
func (d Desk) Consent(c model.Connection) *Consent {
	k := &Consent{Desk: d, connection: c}
	k.ctx, k.cancel = context.WithCancel(d.Env.Context)
	k.form = form.New(d.Env, &form.Field{Name: "answer", Label: "Answer"})
	k.form.Submit = k.submit
	k.form.Cancel = func() tea.Cmd {
		k.cancel()
		return widget.Send(widget.Pop{})
	}
	k.handlers = keys.Handlers{"consent.open": {Run: k.open, Disabled: func() string {
		if k.asked == nil {
			return "there is no address yet"
		}
		return ""
	}}}
	for id, h := range k.form.Handlers() {
		k.handlers[id] = h
	}
	return k
}

// Start asks for the consent. Where a browser can be opened here, its answer is
// waited for; where that cannot be, or not listened for, it is pasted.
func (k *Consent) Start() tea.Cmd {
	return k.Env.GoIn(k.ctx, func(ctx context.Context) tea.Msg {
		m := askedMsg{owner: k}
		m.consent, m.err = k.Jira.AskConsent(ctx, k.Env.Actor, k.connection, k.Env.Browser)
		if m.err != nil && k.Env.Browser && ctx.Err() == nil {
			m.note = m.err.Error()
			m.consent, m.err = k.Jira.AskConsent(ctx, k.Env.Actor, k.connection, false)
		}
		if m.err == nil && ctx.Err() != nil { // nobody is there for the answer
			m.err = errors.Join(ctx.Err(), m.consent.Close())
		}
		return m
	})
}

func (k *Consent) open() tea.Cmd {
	return widget.Send(widget.ShowBrowser{Address: k.asked.URL})
}

// wait waits for the browser, and closes the redirect address in any case.
func (k *Consent) wait() tea.Cmd {
	return k.Env.GoIn(k.ctx, func(ctx context.Context) tea.Msg {
		err := k.asked.Wait(ctx)
		if cerr := k.asked.Close(); err == nil {
			err = cerr
		}
		if ctx.Err() != nil {
			return nil
		}
		return grantedMsg{k, err}
	})
}

func (k *Consent) submit() tea.Cmd {
	text := k.form.Value("answer")
	switch {
	case k.asked == nil || k.busy:
		return nil
	case strings.TrimSpace(text) == "" && k.asked.Listening != "":
		return toast.Say(toast.Info, "The browser is waited for; paste here only what it ended up at on another machine.")
	case strings.TrimSpace(text) == "":
		return toast.Say(toast.Warn, "Paste "+k.asked.Wanted+".")
	}
	k.busy, k.problem = true, ""
	return k.Env.GoIn(k.ctx, func(ctx context.Context) tea.Msg {
		return grantedMsg{k, k.asked.Paste(ctx, text)}
	})
}

// Update implements [widget.Screen].
func (k *Consent) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return k.form.Type(msg)
	case askedMsg:
		if msg.owner == k {
			return k.gotAsked(msg)
		}
	case grantedMsg:
		if msg.owner == k {
			return k.gotGranted(msg)
		}
	}
	return nil
}

func (k *Consent) gotAsked(m askedMsg) tea.Cmd {
	if m.err != nil {
		k.problem = sync.Sentence(m.err)
		return nil
	}
	k.asked, k.note = m.consent, m.note
	if k.asked.Listening == "" {
		return k.open()
	}
	return tea.Batch(k.open(), k.wait())
}

// gotGranted goes on to the verification.
func (k *Consent) gotGranted(m grantedMsg) tea.Cmd {
	k.busy = false
	if m.err != nil {
		if !errors.Is(m.err, context.Canceled) {
			k.problem = sync.Sentence(m.err)
		}
		return nil
	}
	k.cancel()
	p := k.from
	if p == nil {
		p = k.page(k.connection)
	}
	p.atOnce = true
	return p.enter(k.from != nil)
}

// Scopes implements [widget.Screen].
func (k *Consent) Scopes() []keys.Scope { return []keys.Scope{keys.Consent, keys.Form, keys.Always} }

// Handlers implements [widget.Screen].
func (k *Consent) Handlers() keys.Handlers { return k.handlers }

// Deadline implements [widget.Screen].
func (k *Consent) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (k *Consent) Resize(width, height int) {
	k.width, k.height = width, height
	k.form.Resize(width-1, 3)
}

// View implements [widget.Screen].
func (k *Consent) View() []string {
	t := k.Env.Theme
	lines := []string{" " + t.Strong.Of("Consent for "+k.connection.Name), ""}
	add := func(indent, text string) {
		for _, line := range widget.Wrap(text, k.width-len(indent)-2) {
			lines = append(lines, indent+line)
		}
	}
	if k.asked == nil {
		if k.problem == "" {
			return append(lines, " "+t.Accent.Of("asking for the address of the consent …"))
		}
		return append(lines, k.complaint()...)
	}
	add(" ", "1. Open this address in a browser, signed in as the account that vexdesk is to work as, and accept:")
	lines = append(lines, "")
	for _, line := range widget.Wrap(k.asked.URL, k.width-5) {
		lines = append(lines, "    "+t.Link.Of(line))
	}
	lines = append(lines, "")
	if k.asked.Listening != "" {
		add(" ", "2. The browser comes back to "+k.asked.Listening+", where it is waited for. Where it runs on another machine, its page cannot be reached: then paste "+k.asked.Wanted+" here.")
	} else {
		add(" ", "2. Paste "+k.asked.Wanted+" here"+k.unreachable())
	}
	if k.note != "" {
		add("    ", k.note)
	}
	lines = append(append(lines, ""), k.form.View()...)
	if k.busy {
		lines = append(lines, "", " "+t.Accent.Of("asking whether it is good …"))
	}
	return append(lines, k.complaint()...)
}

// unreachable: the page at which the browser ends up says nothing of vexdesk.
func (k *Consent) unreachable() string {
	if k.connection.Auth == model.AuthOAuth2 {
		return "; the page itself may say that it cannot be reached."
	}
	return "."
}

func (k *Consent) complaint() []string {
	if k.problem == "" {
		return nil
	}
	lines := []string{""}
	for _, line := range widget.Wrap(k.problem, k.width-3) {
		lines = append(lines, " "+k.Env.Theme.Bad.Of(line))
	}
	return lines
}
