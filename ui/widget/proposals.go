package widget

// Proposal is one way to go on with a text that is being typed.
type Proposal struct {
	// Text comes in place of the bytes from Start up to End.
	Text       string
	Start, End int
	// Doc says what it means; may be empty.
	Doc string
	// Value is what a field holds where it is not the text that is shown, such
	// as the account behind a name.
	Value string
}

// Proposals are those for one text. A key goes through them, each in place of
// the one before.
type Proposals struct {
	All []Proposal
	// Chosen is which one has been put in, -1 for none.
	Chosen   int
	typed    string // the text before the first was put in
	asked    int    // number of the newest question
	answered int    // and of the newest answer
}

// Ask begins a new question; its number comes back with the answer.
func (p *Proposals) Ask() int {
	p.asked++
	return p.asked
}

// Wait reports whether the answer to the newest question is on its way: those
// that are here are for a former text.
func (p *Proposals) Wait() bool { return p.answered != p.asked }

// Got takes an answer, unless it is to an old question or one of the proposals
// before was taken, and reports whether it did. A word that is whole already
// needs no proposal of itself.
func (p *Proposals) Got(asked int, all []Proposal, text string) bool {
	if asked != p.asked {
		return false
	}
	p.answered = asked
	if p.Chosen >= 0 {
		return false
	}
	p.All = all
	if len(all) == 1 && all[0].Value == "" && all[0].End <= len(text) && text[all[0].Start:all[0].End] == all[0].Text {
		p.All = nil
	}
	return true
}

// Typed is the text that the proposals are for, where the editor holds text.
func (p *Proposals) Typed(text string) string {
	if p.Chosen >= 0 {
		return p.typed
	}
	return text
}

// Let goes on without what was chosen among: the text was changed by hand.
func (p *Proposals) Let() { p.Chosen = -1 }

// Clear drops all proposals, and the answers that are on their way.
func (p *Proposals) Clear() {
	p.All, p.Chosen = nil, -1
	p.asked++
	p.answered = p.asked
}

// Step puts the next proposal into the editor. It returns that, and whether it
// was the only one, so that what follows can be asked for.
func (p *Proposals) Step(e *Editor, by int) (taken Proposal, only bool) {
	n := len(p.All)
	if n == 0 {
		return taken, false
	}
	if p.Chosen >= 0 {
		p.Chosen = (p.Chosen + by + n) % n
	} else {
		p.typed, p.Chosen = e.Value(), 0
	}
	taken = p.All[p.Chosen]
	e.Set(p.typed)
	e.Replace(taken.Start, min(taken.End, len(p.typed)), taken.Text)
	if n == 1 {
		p.Chosen = -1
	}
	return taken, n == 1
}
