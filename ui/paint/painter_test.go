package paint

import (
	"errors"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"example.com/vexdesk/ui/vt"
)

// rig is a painter on a screen in memory, with a clock that stands still.
type rig struct {
	*painter
	t      *testing.T
	clock  time.Time
	screen *vt.Screen
	sent   int           // bytes
	frames int           // writes
	slow   time.Duration // that the terminal takes for a write
	fail   error         // what it answers instead
}

func newRig(t *testing.T, rate int) *rig {
	r := &rig{t: t, clock: time.Unix(1e9, 0), screen: vt.New(120, 40)}
	out := newOutput(nil, true)
	out.sink = r
	out.now = func() time.Time { return r.clock }
	r.painter = &painter{inner: newList(1_000_000), out: out, pace: newPacer(rate), now: out.now, width: 120, height: 40}
	out.resize(120, 40)
	for _, seq := range []string{altOn, ansi.EraseEntireScreen, ansi.CursorHomePosition, ansi.HideCursor} {
		if _, err := io.WriteString(out, seq); err != nil {
			t.Fatal(err)
		}
	}
	r.Init()
	r.pass(time.Second)
	r.sent, r.frames = 0, 0
	return r
}

// Write is the terminal.
func (r *rig) Write(p []byte) (int, error) {
	if r.fail != nil {
		return 0, r.fail
	}
	r.sent += len(p)
	r.frames++
	r.clock = r.clock.Add(r.slow)
	return r.screen.Write(p)
}

// pass lets time go by, and delivers the message that asks for a frame put off.
func (r *rig) pass(d time.Duration) {
	for end := r.clock.Add(d); r.clock.Before(end); {
		if r.waiting && !r.at.After(end) {
			if r.at.After(r.clock) {
				r.clock = r.at
			}
			r.Update(frameMsg{r.ticket})
			continue
		}
		r.clock = end
	}
}

func (r *rig) press(key rune) tea.Cmd {
	_, cmd := r.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{key}})
	return cmd
}

// upToDate checks that the screen shows the model as it is.
func (r *rig) upToDate() {
	r.t.Helper()
	want := fresh(120, 40, r.inner.View())
	if d := r.screen.Diff(want, 2); d != nil {
		r.t.Errorf("the screen is behind: %v", d)
	}
}

func TestAKeyIsPaintedAtOnceAndATrailingFrameFollows(t *testing.T) {
	r := newRig(t, 1<<20)
	r.press('j')
	if r.frames != 1 {
		t.Fatalf("%d frames after a key, want 1", r.frames)
	}
	r.upToDate()
	for range 10 { // typed ahead, 0.1 ms each
		r.clock = r.clock.Add(100 * time.Microsecond)
		r.press('j')
	}
	if r.frames != 1 {
		t.Errorf("%d frames within 1 ms, want 1", r.frames)
	}
	r.pass(keyGap)
	if r.frames != 2 {
		t.Errorf("%d frames after the pause, want 2", r.frames)
	}
	r.upToDate()
}

func TestOtherMessagesShareFrames(t *testing.T) {
	r := newRig(t, 1<<20)
	for range 100 { // 1 ms each
		r.Update(listTick{})
		r.pass(time.Millisecond)
	}
	if r.frames < 3 || r.frames > 5 {
		t.Errorf("%d frames in 100 ms, want one every 33 ms", r.frames)
	}
	r.pass(otherGap)
	r.upToDate()
	before := r.frames
	r.pass(time.Hour)
	if r.frames != before || r.waiting {
		t.Error("something is still under way although nothing happens")
	}
}

func TestTheAnswerToAKeyIsPaintedAtOnce(t *testing.T) {
	r := newRig(t, 1<<20)
	r.press('j')
	r.pass(keyGap)
	r.Update(listTick{}) // what the key asked for
	if r.frames != 2 {
		t.Errorf("%d frames, want one for the key and one for its answer", r.frames)
	}
	r.upToDate()
	r.pass(answer)
	r.Update(listTick{})
	r.Update(listTick{})
	r.pass(keyGap)
	if r.frames != 3 {
		t.Errorf("%d frames, want what comes later by itself to share one", r.frames-2)
	}
}

func TestAMessageThatChangesNothingSendsNothing(t *testing.T) {
	r := newRig(t, 1<<20)
	r.Update(struct{}{})
	r.pass(time.Second)
	if r.frames != 0 {
		t.Errorf("%d frames, %d bytes", r.frames, r.sent)
	}
}

func TestFramesRestAfterAWriteThatBlocked(t *testing.T) {
	r := newRig(t, 1<<20)
	r.slow = 200 * time.Millisecond
	start := r.clock
	for range 60 { // two seconds of a held key
		r.press('f')
		r.pass(33 * time.Millisecond)
	}
	took := r.clock.Sub(start)
	if blocked := time.Duration(r.frames) * r.slow; blocked > took*2/3 {
		t.Errorf("of %v, %v went by in writes that blocked", took, blocked)
	}
	r.slow = 0
	r.pass(time.Second)
	r.upToDate()
}

func TestAHeldKeyKeepsToTheByteBudget(t *testing.T) {
	const rate, seconds = 16 << 10, 10
	r := newRig(t, rate)
	for range 30 * seconds {
		r.press('f')
		r.pass(time.Second / 30)
	}
	if limit := rate*(seconds+1) + 5000; r.sent > limit {
		t.Errorf("%d bytes in %d s, want at most %d", r.sent, seconds, limit)
	}
	if r.frames < 2*seconds {
		t.Errorf("only %d frames in %d s", r.frames, seconds)
	}
	r.pass(2 * time.Second)
	r.upToDate()
	r.frames = 0
	if r.press('j'); r.frames != 1 {
		t.Error("a key after a rest was not painted at once")
	}
}

func TestATerminalThatIsNotReadyIsTriedAgain(t *testing.T) {
	r := newRig(t, 1<<20)
	r.fail = syscall.EAGAIN
	r.press('j')
	if r.err != nil {
		t.Fatalf("gave up: %v", r.err)
	}
	r.fail = nil
	r.pass(time.Second)
	r.upToDate()
}

func TestATerminalThatIsGoneEndsTheProgram(t *testing.T) {
	r := newRig(t, 1<<20)
	r.fail = syscall.EIO
	cmd := r.press('j')
	if cmd == nil {
		t.Fatal("nothing happened")
	}
	if _, ok := cmd().(tea.QuitMsg); !ok || !errors.Is(r.err, syscall.EIO) {
		t.Errorf("the program goes on with %v", r.err)
	}
}

func TestKeysTypedAheadAreTakenApartAndPastesAreNot(t *testing.T) {
	var got []string
	r := newRig(t, 1<<20)
	r.inner = recorder{&got}
	r.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jjk")})
	r.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("CVE"), Paste: true})
	if want := []string{"j", "j", "k", "[CVE]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// recorder notes the keys it gets.
type recorder struct{ keys *[]string }

func (recorder) Init() tea.Cmd { return nil }
func (recorder) View() string  { return "" }
func (r recorder) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyMsg); ok {
		*r.keys = append(*r.keys, k.String())
	}
	return r, nil
}

// A size reported twice may be a resize there and back: the terminal can have
// cut what was outside meanwhile.
func TestTheSameSizeAgainDrawsEverything(t *testing.T) {
	r := newRig(t, 1<<20)
	r.Update(tea.WindowSizeMsg{Width: 120, Height: 40}) // Bubble Tea's own at start
	if r.sent != 0 {
		t.Errorf("the report at start sent %d bytes", r.sent)
	}
	write(r.screen, "\x1b[2J")
	r.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	r.pass(time.Second)
	r.upToDate()
	r.Update(tea.WindowSizeMsg{})
	r.pass(time.Second)
	r.upToDate()
}

// Bubble Tea v1.3.10 sends its frames by Write and its control sequences by
// WriteString. The painter lives by that.
func TestFramesOfBubbleTeaItselfAreDropped(t *testing.T) {
	r := newRig(t, 1<<20)
	if n, err := r.out.Write([]byte("\x1b[H \x1b[K")); n != 7 || err != nil || r.frames != 0 {
		t.Errorf("a frame in the alternate screen: %d, %v, %d writes", n, err, r.frames)
	}
	if _, err := r.out.WriteString(altOff); err != nil || r.screen.AltScreen() {
		t.Errorf("a control sequence did not pass: %v", err)
	}
	r.press('j')
	r.pass(time.Second)
	if r.screen.Contains("2 of") {
		t.Error("painted while the alternate screen was off")
	}
}
