package ui

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/importer"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/list"
	"example.com/vexdesk/ui/provision"
	"example.com/vexdesk/ui/term"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Root is the console as a Bubble Tea model.
type Root struct {
	opts  Options
	store Store
	env   *widget.Env
	caps  term.Capabilities

	list  *list.List
	stack []widget.Screen // over the list, the focus on top
	left  left            // what led to the list, for "-"
	toast *toast.Line

	overview storage.Overview
	profiles int
	loaded   bool // overview has arrived
	reading  bool // an overview is on its way
	stale    bool // and another one is wanted after it

	changed   <-chan struct{} // tells of changes of the store; nil where nobody does
	rung      bool            // the store changed and the screens do not know yet
	delivered time.Time       // when they were last told

	importing *importer.Run // the newest, also when its screen was left
	given     *widget.Act   // what the action that runs is about, in place of the list's choice
	last      widget.Acted  // what "repeat" repeats
	handlers  keys.Handlers
	chord     string               // first key of an unfinished chord
	ran       func(id, key string) // where set, a test learns of each action that a key runs
	ahead     []func() tea.Cmd     // keys that wait for what they are for, such as rows
	awaits    func() bool          // reports whether that is still being read
	pressing  bool                 // a key is being taken
	deaf      time.Time            // until then a dialog that opened by itself takes no key
	armed     time.Time            // when the timer under way goes off
	after     func(time.Duration, tea.Msg) tea.Cmd

	width, height int
}

// left are screens that led to the list with a filter, and the filter that was
// there before.
type left struct {
	screens []widget.Screen
	filter  string
}

// pause is the least time between two readings for changes.
const pause = 150 * time.Millisecond

// timerMsg is the one timer going off.
type timerMsg struct{ at time.Time }

// storeChanged is a notice of the store.
type storeChanged struct{}

// changeWaits tells that a change waits until another one is written.
type changeWaits struct{}

type overviewMsg struct {
	overview storage.Overview
	profiles int
	err      error
}

// New makes the console; the error is about the options. Tests drive the
// result by messages, [Run] shows it on a terminal.
func New(ctx context.Context, o Options) (*Root, error) {
	o = o.withDefaults()
	caps := term.Detect(o.Env, true)
	name := o.Theme
	if name == "" {
		name = caps.Theme
	}
	th, err := theme.New(name, caps.Profile, o.ASCII || !caps.Unicode)
	if err != nil {
		return nil, err
	}
	bound, problems := keys.Bind(keys.Table(), o.Keys, o.ReadOnly)
	env := &widget.Env{Context: ctx, Theme: th, Keys: bound, Actor: o.Actor, Now: o.Clock, Browser: caps.Display && !caps.Remote}
	r := &Root{opts: o, store: o.Store, env: env, caps: caps, toast: toast.New(o.Clock), after: after}
	r.list = list.New(env, o.Store)
	r.handlers = r.actions()
	for _, p := range problems {
		r.toast.Add(toast.Msg{Level: toast.Warn, Text: p})
	}
	return r, nil
}

// after is the timer of the real console.
func after(d time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}

// Init implements [tea.Model].
func (r *Root) Init() tea.Cmd {
	r.changed = r.store.Changed()
	return tea.Batch(r.list.Start(), r.readOverview(), r.listen(), r.listenForWaits(), r.arm())
}

// listenForWaits waits for the next change that has to wait.
func (r *Root) listenForWaits() tea.Cmd {
	if r.opts.Waits == nil {
		return nil
	}
	return r.env.Go(func(ctx context.Context) tea.Msg {
		select {
		case <-r.opts.Waits:
			return changeWaits{}
		case <-ctx.Done():
			return nil
		}
	})
}

// listen waits for the store's next notice.
func (r *Root) listen() tea.Cmd {
	if r.changed == nil {
		return nil
	}
	return r.env.Go(func(ctx context.Context) tea.Msg {
		select {
		case _, open := <-r.changed:
			if open {
				return storeChanged{}
			}
		case <-ctx.Done():
		}
		return nil
	})
}

func (r *Root) readOverview() tea.Cmd {
	if r.reading {
		r.stale = true
		return nil
	}
	r.reading, r.stale = true, false
	return r.env.Go(func(ctx context.Context) tea.Msg {
		o, err := r.store.Overview(ctx)
		if err != nil {
			return overviewMsg{err: err}
		}
		profiles, err := r.store.Profiles(ctx)
		return overviewMsg{o, len(profiles), err}
	})
}

// focus is the screen that takes the keys.
func (r *Root) focus() widget.Screen {
	if n := len(r.stack); n > 0 {
		return r.stack[n-1]
	}
	return r.list
}

// Update implements [tea.Model].
func (r *Root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := r.take(msg)
	return r, tea.Batch(cmd, r.arm())
}

func (r *Root) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.width, r.height = msg.Width, msg.Height
		r.resize()
	case tea.KeyMsg:
		var cmds []tea.Cmd
		for _, each := range keys.Split(msg) {
			cmds = append(cmds, r.pressed(each))
		}
		return tea.Batch(cmds...)
	case tea.MouseMsg:
		return r.mouse(msg)
	case widget.Later:
		return msg.Work
	case storeChanged:
		r.rung = true
		return tea.Batch(r.listen(), r.deliver())
	case changeWaits:
		r.toast.Add(toast.Msg{Level: toast.Info, Text: "A large change is being written, such as an import. Yours is kept and follows."})
		return r.listenForWaits()
	case timerMsg:
		if msg.at.Equal(r.armed) {
			r.armed = time.Time{}
		}
		now := r.env.Now()
		r.toast.Tick(now)
		return tea.Batch(r.deliver(), r.broadcast(widget.Tick{Now: now}))
	case overviewMsg:
		return r.gotOverview(msg)
	case toast.Msg:
		r.toast.Add(msg)
	default:
		return r.asked(msg)
	}
	return nil
}

// asked does what a screen asks of the root; what is no such message is for
// the screens.
func (r *Root) asked(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Push:
		return r.push(msg.Screen)
	case widget.Pop:
		return tea.Batch(r.pop(), msg.Then)
	case widget.Replace:
		if n := len(r.stack); n > 0 {
			r.stack = r.stack[:n-1]
		}
		if run, ok := msg.Screen.(*importer.Run); ok {
			r.importing = run
		}
		return r.push(msg.Screen)
	case widget.Act:
		return r.act(msg)
	case widget.ShowList:
		return r.showList(msg.Query)
	case widget.SetUpJira:
		return r.push(provision.New(r.env, r.store, msg.Connection))
	case widget.Acted:
		r.last = msg
	case widget.Do:
		return r.do(msg.ID, "")
	case widget.ShowBrowser:
		return r.browse(msg.Address)
	case widget.Copy:
		return r.copy(msg.Text, msg.What)
	case copiedMsg:
		return r.gotCopied(msg)
	case judgedMsg:
		return r.showJudged(msg)
	case importer.Ended:
		key := r.env.Keys.Key("import.file")
		if slices.Contains(r.stack, widget.Screen(msg.Run)) {
			key = ""
		}
		r.toast.Add(msg.Run.Summary(key))
	default:
		return tea.Batch(r.broadcast(msg), r.leftBehind(msg), r.catchUp())
	}
	return nil
}

// leftBehind gives an answer to the screens that "-" leads back to: one that was
// on its way when they were left would else be waited for in vain.
func (r *Root) leftBehind(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range r.left.screens {
		cmds = append(cmds, s.Update(msg))
	}
	return tea.Batch(cmds...)
}

// deliver tells the screens that the store changed, but not more often than
// the eye needs.
func (r *Root) deliver() tea.Cmd {
	now := r.env.Now()
	if !r.rung || now.Sub(r.delivered) < pause {
		return nil
	}
	r.rung, r.delivered = false, now
	return tea.Batch(r.readOverview(), r.broadcast(widget.Changed{}))
}

// broadcast gives a message to every open screen: each knows its own.
func (r *Root) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range r.open() {
		cmds = append(cmds, s.Update(msg))
	}
	return tea.Batch(cmds...)
}

// open are the screens that live: the list, those over it, and an import that
// goes on although its screen was left.
func (r *Root) open() []widget.Screen {
	all := append([]widget.Screen{r.list}, r.stack...)
	if r.importing != nil && !slices.Contains(all, widget.Screen(r.importing)) {
		all = append(all, r.importing)
	}
	return all
}

func (r *Root) gotOverview(m overviewMsg) tea.Cmd {
	r.reading = false
	started := r.started()
	switch {
	case m.err != nil && r.env.Context.Err() == nil && !r.stale:
		r.toast.Add(toast.Msg{Level: toast.Error, Text: "The counts could not be read: " + m.err.Error()})
	case m.err == nil:
		r.overview, r.profiles, r.loaded = m.overview, m.profiles, true
		r.list.SetHints(list.Hints{Loaded: true, Open: m.overview.Open, Connections: len(m.overview.Connections), Profiles: m.profiles})
	}
	if r.stale {
		return tea.Batch(started, r.readOverview())
	}
	return started
}

// started tells, once, that the first frame is drawn and its numbers are read.
func (r *Root) started() tea.Cmd {
	tell := r.opts.Started
	if r.opts.Started = nil; tell == nil {
		return nil
	}
	return r.env.Go(func(context.Context) tea.Msg {
		tell()
		return nil
	})
}

// starter is a screen that reads something when it opens.
type starter interface{ Start() tea.Cmd }

func (r *Root) push(s widget.Screen) tea.Cmd {
	r.left = left{}
	r.stack = append(r.stack, s)
	r.toast.GiveWay()
	if r.deaf = (time.Time{}); !r.pressing {
		r.deaf = r.env.Now().Add(unasked)
	}
	r.resize()
	cmd := r.list.Freeze(true)
	if s, ok := s.(starter); ok {
		return tea.Batch(cmd, s.Start())
	}
	return cmd
}

func (r *Root) pop() tea.Cmd {
	if len(r.stack) == 0 {
		return nil
	}
	r.stack = r.stack[:len(r.stack)-1]
	r.resize()
	return r.list.Freeze(len(r.stack) > 0)
}

// arm sets the one timer to the earliest deadline of all screens. While
// nothing moves there is none.
func (r *Root) arm() tea.Cmd {
	now := r.env.Now()
	next := r.toast.Deadline()
	for _, s := range r.open() {
		next = widget.Earliest(next, s.Deadline())
	}
	next = widget.Earliest(next, widget.AgoChanges(r.overview.LastSync, now))
	if r.rung {
		next = widget.Earliest(next, r.delivered.Add(pause))
	}
	if next.IsZero() || !r.armed.IsZero() && !r.armed.After(next) {
		return nil
	}
	r.armed = next
	return r.after(max(0, next.Sub(now)), timerMsg{next})
}
