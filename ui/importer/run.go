package importer

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/table"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Run shows an import: each file with what became of it. It goes on when the
// screen is left.
type Run struct {
	env    *widget.Env
	source Source
	job    *job
	cancel context.CancelFunc
	looked time.Time
	seen   bool // the end of it was shown

	files *table.Table[File]
	sure  widget.Twice

	width, height int
	handlers      keys.Handlers
}

type doneMsg struct{ job *job }

// Ended tells the root that an import has ended.
type Ended struct{ Run *Run }

// every is how often the screen looks how far the import is.
const every = 100 * time.Millisecond

func newRun(env *widget.Env, source Source, files []string) *Run {
	r := &Run{env: env, source: source}
	r.files = table.New[File](env, nil, nil)
	r.handlers = r.files.Handlers(keys.Handlers{
		"import.cancel": {Run: r.stop, Disabled: r.cannotStop},
		"import.retry":  {Run: r.again, Disabled: r.cannotRetry},
	})
	r.begin(files)
	return r
}

func (r *Run) begin(files []string) {
	r.job = newJob(files)
	r.look()
}

// Start runs the import.
func (r *Run) Start() tea.Cmd {
	if r.cancel != nil {
		return nil // it runs already, the screen was only left
	}
	ctx, cancel := context.WithCancel(r.env.Context)
	r.cancel = cancel
	job, names := r.job, make([]string, len(r.files.Rows))
	for i := range names {
		names[i] = r.files.Rows[i].Name
	}
	return r.env.Go(func(context.Context) tea.Msg {
		defer cancel()
		r.source.Import(ctx, names, job.tell)
		job.end()
		return doneMsg{job}
	})
}

// look takes over how the import stands.
func (r *Run) look() {
	rows, _, _ := r.job.look()
	at := r.files.Cursor.At
	r.files.With(rows)
	r.files.Cursor.Set(at)
	r.looked = r.env.Now()
}

// Running reports whether the import is under way.
func (r *Run) Running() bool {
	_, running, _ := r.job.look()
	return running
}

// Telling reports whether there is something to see: it runs, or something
// failed that was not looked at.
func (r *Run) Telling() bool { return r.Running() || r.count(Failed) > 0 && !r.seen }

// Status says in few words how far it is, empty when it has ended.
func (r *Run) Status() string {
	if !r.Running() {
		return ""
	}
	return fmt.Sprintf("importing %d of %d", min(r.count(Done, Failed)+1, len(r.files.Rows)), len(r.files.Rows))
}

func (r *Run) count(states ...State) (n int) {
	for i := range r.files.Rows {
		for _, s := range states {
			if r.files.Rows[i].State == s {
				n++
			}
		}
	}
	return n
}

// Update implements [widget.Screen].
func (r *Run) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Tick:
		r.look()
	case doneMsg:
		if msg.job == r.job {
			r.look()
			return widget.Send(Ended{r})
		}
	}
	return nil
}

// Summary sums up once all is done. key shows why something failed; it is empty
// where that is on the screen.
func (r *Run) Summary(key string) toast.Msg {
	done, failed, stopped := r.count(Done), r.count(Failed), r.count(Stopped)
	added := 0
	for i := range r.files.Rows {
		added += r.files.Rows[i].New
	}
	m := toast.Msg{Level: toast.Done, Text: fmt.Sprintf("%s imported, %s new", widget.Plural(done, "file"), widget.Plural(added, "violation"))}
	if failed > 0 {
		m.Level = toast.Warn
		m.Text += "; " + widget.Count(failed) + " failed"
		if key != "" {
			m.Text += ", " + key + " shows why"
		}
	}
	if stopped > 0 {
		m.Text += fmt.Sprintf("; %s not begun or given up", widget.Count(stopped))
	}
	m.Text += "."
	return m
}

func (r *Run) cannotStop() string {
	if !r.Running() {
		return "the import has ended"
	}
	return ""
}

// stop asks once: the first press says what would be given up.
func (r *Run) stop() tea.Cmd {
	left := r.count(Waiting, Reading)
	if !r.sure.Sure("stop", r.env.Now()) {
		return toast.Say(toast.Warn, fmt.Sprintf("This stops %s; what is imported stays. Press again to do it.", widget.Plural(left, "file")))
	}
	r.job.stop()
	r.cancel()
	return nil
}

func (r *Run) cannotRetry() string {
	switch {
	case r.Running():
		return "the import is under way"
	case r.count(Failed, Stopped) == 0:
		return "nothing has failed"
	}
	return ""
}

// again imports what is not in yet.
func (r *Run) again() tea.Cmd {
	var left []string
	for i := range r.files.Rows {
		if s := r.files.Rows[i].State; s == Failed || s == Stopped {
			left = append(left, r.files.Rows[i].Name)
		}
	}
	return widget.Send(widget.Replace{Screen: newRun(r.env, r.source, left)})
}

// Scopes implements [widget.Screen].
func (r *Run) Scopes() []keys.Scope {
	return []keys.Scope{keys.Importing, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (r *Run) Handlers() keys.Handlers { return r.handlers }

// Deadline implements [widget.Screen]: while files are read it looks again.
func (r *Run) Deadline() time.Time {
	if !r.Running() {
		return time.Time{}
	}
	return r.looked.Add(every)
}

// Click implements [widget.Pointed].
func (r *Run) Click(_, y int) tea.Cmd { return r.files.Click(y) }

// Resize implements [widget.Screen].
func (r *Run) Resize(width, height int) { r.width, r.height = width, height }

// View implements [widget.Screen].
func (r *Run) View() []string {
	r.seen = !r.Running()
	t := r.env.Theme
	name := max(16, r.width-2-2-9-20-4*9-4)
	if r.width < 100 {
		name = max(16, r.width-2-2-9-4*9-2)
	}
	head := "  " + widget.Fit("FILE", name, "") + "  " + widget.Fit("FORMAT", 9, "")
	if r.width >= 100 {
		head += "  " + widget.Fit("PRODUCT", 18, "")
	}
	for _, column := range []string{"OPEN", "NEW", "UPDATED", "RESOLVED"} {
		head += " " + widget.FitRight(column, 8, "")
	}
	return r.files.View(table.Page[File]{
		Top: []string{" " + t.Strong.Of("Import") + "   " + r.heading(), ""}, Head: head,
		Line: func(f *File) string { return r.line(f, name) }, Below: r.explain(), BelowHeight: 6,
	}, r.width, r.height)
}

func (r *Run) heading() string {
	t := r.env.Theme
	_, running, stopped := r.job.look()
	text := fmt.Sprintf("%d of %s", r.count(Done, Failed), widget.Plural(len(r.files.Rows), "file"))
	if n := r.count(Failed); n > 0 {
		text += "   " + t.Bad.Of(widget.Count(n)+" failed")
	}
	switch {
	case stopped && running:
		text += "   " + t.Warn.Of("stopping "+t.Glyphs.Ellipsis)
	case running:
		text += "   " + t.Dim.Of("goes on when you leave with esc")
	case r.count(Stopped) > 0:
		text += "   " + t.Warn.Of(widget.Count(r.count(Stopped))+" stopped")
	}
	return text
}

func (r *Run) line(f *File, name int) string {
	t := r.env.Theme
	sign, pen := t.Glyphs.Waiting, t.Dim
	switch f.State {
	case Reading:
		sign, pen = t.Glyphs.Right, t.Accent
	case Done:
		if sign, pen = t.Glyphs.Done, t.Good; len(f.Warnings) > 0 {
			sign, pen = t.Glyphs.Alarm, t.Warn
		}
	case Failed:
		sign, pen = t.Glyphs.Failed, t.Bad
	}
	text := pen.Of(sign) + " " + widget.Fit(tail(model.Clean(f.Name), name, t.Glyphs.Ellipsis), name, t.Glyphs.Ellipsis) + "  "
	switch f.State {
	case Waiting:
		return text + t.Dim.Of("waits")
	case Stopped:
		return text + t.Warn.Of("stopped")
	case Reading:
		return text + t.Accent.Of(r.progress(f))
	case Failed:
		return text + t.Bad.Of(widget.Cut(strings.TrimPrefix(f.Error, model.Clean(f.Name)+": "), max(0, r.width-name-6), t.Glyphs.Ellipsis))
	}
	text += widget.Fit(f.Format, 9, t.Glyphs.Ellipsis)
	if r.width >= 100 {
		text += "  " + widget.Fit(strings.TrimSpace(f.Product+" "+f.Version), 18, t.Glyphs.Ellipsis)
	}
	for _, n := range []int{f.Violations, f.New, f.Updated, f.Removed} {
		text += " " + widget.FitRight(widget.Count(n), 8, "")
	}
	return text
}

// progress is how far the reading of a file is.
func (r *Run) progress(f *File) string {
	t := r.env.Theme
	if f.Size <= 0 {
		return size(f.Bytes)
	}
	const cells = 20
	full := min(cells, int(f.Bytes*cells/f.Size))
	text := strings.Repeat(t.Glyphs.Full, full) + strings.Repeat(t.Glyphs.Empty, cells-full) + "  "
	if f.Bytes >= f.Size {
		return text + "taking in"
	}
	return text + size(f.Bytes) + " of " + size(f.Size)
}

// tail keeps the end of a path, which tells files apart.
func tail(path string, width int, ellipsis string) string {
	for widget.Width(path) > width {
		_, rest, found := strings.Cut(strings.TrimPrefix(path, ellipsis+"/"), "/")
		if !found {
			return path
		}
		path = ellipsis + "/" + rest
	}
	return path
}

// explain says all there is to say of the file under the cursor.
func (r *Run) explain() (lines []string) {
	f := r.files.Current()
	if f == nil {
		return nil
	}
	t := r.env.Theme
	add := func(pen func(string) string, texts ...string) {
		for _, text := range texts {
			for _, line := range widget.Wrap(text, r.width-3) {
				lines = append(lines, " "+pen(line))
			}
		}
	}
	add(t.Dim.Of, model.Clean(f.Name))
	add(t.Bad.Of, f.Error)
	add(t.Text.Of, f.Notes...)
	add(t.Warn.Of, f.Warnings...)
	if len(lines) > 6 {
		lines = append(lines[:5], " "+t.Dim.Of(widget.Plural(len(lines)-5, "more line")+"; vexdesk import prints all"))
	}
	return lines
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d B", n)
}
