package ui

import (
	"path/filepath"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// The least room that a frame makes sense in.
const (
	leastWidth  = 60
	leastHeight = 15
)

// roomy is the width from which the head says everything.
const roomy = 100

// body is the room between head and foot.
func (r *Root) body() int { return max(1, r.height-2) }

func (r *Root) resize() {
	r.list.Resize(r.width, r.body())
	for _, s := range r.stack {
		if d, ok := s.(widget.Dialog); ok {
			d.Resize(r.dialogSize(d))
			continue
		}
		s.Resize(r.width, r.body())
	}
}

// dialogSize is the room inside a dialog's frame.
func (r *Root) dialogSize(d widget.Dialog) (width, height int) {
	w, h := d.Ideal(r.width-8, r.body()-4)
	return max(20, min(w, r.width-8)), max(3, min(h, r.body()-4))
}

// dialogAt is the upper left corner of a dialog's frame in the body.
func (r *Root) dialogAt(d widget.Dialog) (x, y int) {
	w, h := r.dialogSize(d)
	return (r.width - w - 4) / 2, max(0, (r.body()-h-2)/3)
}

// View implements [tea.Model].
func (r *Root) View() string {
	switch {
	case r.width == 0:
		return ""
	case r.width < leastWidth || r.height < leastHeight:
		return "vexdesk needs 60x15 cells"
	}
	lines, foot := r.viewBody(), r.viewFoot()
	above := max(0, r.body()-len(foot)+1) // a long message lies over the last lines
	lines = append(lines[:min(above, len(lines))], foot[:len(foot)-1]...)
	var b strings.Builder
	b.Grow(r.width * r.height * 2)
	b.WriteString(r.viewHead())
	for i := range r.body() {
		b.WriteByte('\n')
		if i < len(lines) {
			b.WriteString(lines[i])
		}
	}
	b.WriteByte('\n')
	b.WriteString(foot[len(foot)-1])
	return b.String()
}

// viewBody draws the topmost whole screen and the dialogs over it.
func (r *Root) viewBody() []string {
	var base widget.Screen = r.list
	from := 0
	for i, s := range r.stack {
		if _, dialog := s.(widget.Dialog); !dialog {
			base, from = s, i+1
		}
	}
	lines := base.View()
	if base != r.list { // whose rows are laid out to the width already
		for i, line := range lines {
			lines[i] = widget.Cut(line, r.width, r.env.Theme.Glyphs.Ellipsis)
		}
	}
	for len(lines) < r.body() {
		lines = append(lines, "")
	}
	for _, s := range r.stack[from:] {
		d := s.(widget.Dialog)
		w, h := r.dialogSize(d)
		inside := d.View()
		x, y := r.dialogAt(d)
		h = max(3, min(h, len(inside))) // no empty lines below what it shows
		widget.Recede(r.env.Theme, lines[min(y, len(lines)):min(y+h+2, len(lines))], x)
		widget.Over(lines, widget.Box(r.env.Theme, d.Title(), inside, w+4, h), x, y, r.width)
	}
	return lines
}

// viewHead says how the desk stands: connection, outbox, age of the data, and
// how much there is to do.
func (r *Root) viewHead() string {
	t, right := r.env.Theme, r.viewCounts(r.env.Theme)+" "
	left := r.viewDesk(t, true)
	if widget.Width(left)+widget.Width(right) >= r.width {
		left = r.viewDesk(t, false)
	}
	return widget.Edges(left, right, r.width, t.Glyphs.Ellipsis)
}

// viewDesk is the left half of the head; an outbox in which nothing has failed
// can be left out where there is no room.
func (r *Root) viewDesk(t *theme.Theme, outbox bool) string {
	left := " " + t.Strong.Of("vexdesk") + "  " + r.viewConnections(t)
	if r.opts.ReadOnly {
		left += "  " + t.Warn.Of("read only")
	}
	switch file := r.overview.Importing; {
	case r.importing != nil && r.importing.Running():
		left += "  " + t.Accent.Of(r.importing.Status())
	case file != "" && r.width >= roomy:
		left += "  " + t.Dim.Of("importing "+widget.Cut(filepath.Base(file), 20, t.Glyphs.Ellipsis))
	case file != "":
		left += "  " + t.Dim.Of("importing")
	}
	if !r.loaded {
		return left
	}
	o := r.overview
	if outbox || o.OutboxFailed > 0 {
		left += "  " + r.viewOutbox(t)
	}
	if o.Conflicts > 0 {
		left += "  " + t.Warn.Of(widget.Plural(o.Conflicts, "conflict"))
	}
	if r.width >= roomy {
		left += "  " + t.Dim.Of(r.synced())
	}
	return left
}

func (r *Root) synced() string {
	if r.overview.LastSync.IsZero() {
		return "not synced yet"
	}
	return "synced " + widget.Ago(r.overview.LastSync, r.env.Now())
}

func (r *Root) viewConnections(t *theme.Theme) string {
	all := r.overview.Connections
	if len(all) == 0 {
		if !r.loaded {
			return ""
		}
		return t.Dim.Of("no Jira connection")
	}
	worst := all[0]
	for _, c := range all {
		if !c.BrokenSince.IsZero() && worst.BrokenSince.IsZero() {
			worst = c
		}
	}
	text := widget.Cut(worst.Name, 20, t.Glyphs.Ellipsis)
	switch {
	case !worst.BrokenSince.IsZero():
		text += " " + t.Bad.Of(t.Glyphs.Offline+" broken")
	case worst.State == model.ConnectionDraft:
		text += " " + t.Warn.Of(t.Glyphs.Draft+" draft")
	default:
		text += " " + t.Good.Of(t.Glyphs.Online)
	}
	if n := len(all) - 1; n > 0 {
		text += t.Dim.Of(" +" + widget.Count(n))
	}
	return text
}

func (r *Root) viewOutbox(t *theme.Theme) string {
	o := r.overview
	waiting := o.OutboxPending + o.OutboxUnknown
	text := t.Dim.Of("outbox ") + widget.Count(waiting)
	if o.OutboxFailed > 0 {
		text += t.Dim.Of(", ") + t.Bad.Of(widget.Count(o.OutboxFailed)+" failed")
	}
	return text
}

func (r *Root) viewCounts(t *theme.Theme) string {
	if !r.loaded {
		return ""
	}
	text := ""
	switch total := r.list.Total(); {
	case r.list.Filtered() && total >= 0:
		text = widget.Count(total) + t.Dim.Of(" of ") + widget.Count(r.overview.Open)
	case r.width >= roomy:
		text = widget.Count(r.overview.Open) + t.Dim.Of(" open")
	}
	for _, s := range []model.Severity{model.SeverityCritical, model.SeverityHigh} {
		if n := r.overview.BySeverity[s.Rank()]; n > 0 {
			text += "  " + t.Severity(s).Of(t.Glyphs.Alarm+widget.Count(n)+" "+s.String())
		}
	}
	return text
}

// viewFoot is the newest message or, while there is none, the keys that matter
// here; those that hold everywhere stand at the right.
func (r *Root) viewFoot() []string {
	if message := r.toast.View(r.env.Theme, r.width, 3); len(message) > 0 {
		return message
	}
	return []string{r.viewKeys()}
}

func (r *Root) viewKeys() string {
	t := r.env.Theme
	if r.chord != "" {
		return " " + t.Accent.Of(r.chord)
	}
	var here, everywhere []keys.Action
	for _, a := range r.env.Keys.In(r.focus().Scopes()...) {
		switch {
		case a.Short == "" || len(a.Keys) == 0 || !r.does(a.ID):
		case a.Scope == keys.Global:
			everywhere = append(everywhere, a)
		default:
			here = append(here, a)
		}
	}
	right, used := r.hints(everywhere, r.width)
	left, _ := r.hints(here, r.width-used-2)
	return widget.Edges(" "+left, right, r.width, t.Glyphs.Ellipsis)
}

// does reports whether somebody can do an action here and now, and it is worth
// a hint.
func (r *Root) does(id string) bool {
	h, ok := r.handler(id)
	return ok && h.Reason() == "" && (h.Aside == nil || !h.Aside())
}

// hints lists actions with their first key, as many as there is room for.
func (r *Root) hints(actions []keys.Action, room int) (text string, width int) {
	t := r.env.Theme
	var b strings.Builder
	for _, a := range actions {
		w := widget.Width(a.Keys[0]) + 1 + widget.Width(a.Short) + 2
		if width+w > room {
			break
		}
		width += w
		b.WriteString(t.Accent.Of(a.Keys[0]) + " " + t.Dim.Of(a.Short) + "  ")
	}
	return b.String(), width
}
