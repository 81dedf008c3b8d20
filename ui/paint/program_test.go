package paint

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	_ "example.com/vexdesk/ui/early" // or the test program would ask the terminal
)

// The test binary is also the program that the end-to-end tests run.
func TestMain(m *testing.M) {
	switch os.Getenv("PAINT_TEST_PROGRAM") {
	case "":
		os.Exit(m.Run())
	case "painted":
		if err := Run(context.Background(), newList(5000), Options{Hyperlinks: true}); err != nil {
			fmt.Println("ended:", err)
			os.Exit(exitCode(err))
		}
	case "mouse":
		ctx, end := context.WithCancelCause(context.Background())
		l := newList(5000)
		l.end = func() { end(errors.New("the test wants it")) }
		if err := Run(ctx, l, Options{Mouse: true, Hyperlinks: true}); err != nil {
			fmt.Println("ended:", err)
			os.Exit(exitCode(err))
		}
	case "stock":
		l := newList(5000)
		if _, err := tea.NewProgram(l, tea.WithAltScreen()).Run(); err != nil {
			fmt.Println("ended:", err)
			os.Exit(exitCode(err))
		}
	}
	fmt.Println("ended well")
}

func exitCode(err error) int {
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		return 3
	case errors.Is(err, tea.ErrInterrupted):
		return 4
	case errors.Is(err, tea.ErrProgramKilled):
		return 5
	}
	return 1
}

// list is a program like the console: a list with a cursor in the gutter, a
// header that counts, and a few keys that try the rest of the painter.
type list struct {
	rows          int
	top, cur      int
	width, height int
	note          string
	ticks         int
	typing        bool
	end           func() // ends the context
}

func newList(rows int) list { return list{rows: rows} }

type listTick struct{}

// panicking is the note with which there is no View.
const panicking = "panicking"

func (l list) Init() tea.Cmd { return nil }

func (l list) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		l.width, l.height = msg.Width, msg.Height
		l = l.moved(0)
	case listTick:
		l.ticks++
	case tea.KeyMsg:
		return l.key(msg.String())
	}
	return l, nil
}

func (l list) key(k string) (tea.Model, tea.Cmd) {
	switch k {
	case "j", "down":
		return l.moved(1), nil
	case "k", "up":
		return l.moved(-1), nil
	case "f", "pgdown":
		return l.moved(l.page()), nil
	case "u":
		return l.moved(-l.page() / 2), nil
	case "G":
		return l.moved(l.rows), nil
	case "t":
		return l, tea.Tick(time.Millisecond, func(time.Time) tea.Msg { return listTick{} })
	case "i":
		l.typing = !l.typing
	case "y":
		l.note = "copied"
		return l, Raw("\x1b]52;c;aGVsbG8=\a")
	case "z":
		return l, tea.Suspend
	case "p":
		panic("the test wants it")
	case "P":
		return l, tea.Batch(Redraw, func() tea.Msg { panic("the test wants it of a command") })
	case "V":
		l.note = panicking
		return l, nil
	case "ctrl+l":
		return l, Redraw
	case "c":
		return l, tea.ClearScreen
	case "e":
		l.end()
	case "q":
		return l, tea.Quit
	}
	return l, nil
}

func (l list) page() int { return max(l.height-5, 1) }

func (l list) moved(by int) list {
	l.cur = max(0, min(l.cur+by, l.rows-1))
	l.top = max(0, min(l.top, l.cur))
	l.top = max(l.top, l.cur-l.page()+1)
	return l
}

// Cursor shows the terminal's cursor in the second row while typing.
func (l list) Cursor() (x, y int, show bool) { return 5, 1, l.typing }

func (l list) View() string {
	var b strings.Builder
	if l.note == panicking {
		panic("the test wants it of the view")
	}
	fmt.Fprintf(&b, " vexdesk  \x1b[1macme-cloud\x1b[m \x1b[32m●\x1b[m  outbox 0  ticks %d  %-20s %d of %d\n", l.ticks, l.note, l.cur+1, l.rows)
	b.WriteString(" severity:>=high\n\x1b[2m   SEVERITY  ISSUE            COMPONENT                VERSION     FIX     EPSS  VEX         TICKET\x1b[m\n")
	for i := l.top; i < min(l.top+l.page(), l.rows); i++ {
		b.WriteString(listRow(i, i == l.cur))
		b.WriteByte('\n')
	}
	b.WriteString("\x1b[2m" + strings.Repeat("─", max(l.width, 0)) + "\x1b[m\n")
	b.WriteString(" space mark  c create ticket  / filter  : commands  \x1b]8;;https://example.com/help\x1b\\? help\x1b]8;;\x1b\\")
	return b.String()
}

func listRow(i int, cursor bool) string {
	severity := []string{"\x1b[1;31mCRITICAL\x1b[m", "\x1b[31mHIGH\x1b[m    ", "\x1b[33mMEDIUM\x1b[m  ", "\x1b[2mLOW\x1b[m     "}[i*7%4]
	name := []string{"xz-utils", "golang.org/x/net", "日本語ライブラリ", "libe\u0301tude", "한글-패키지", "ที่ไทย"}[i*5%6]
	gutter := "   "
	if cursor {
		gutter = " \x1b[1;36m▌\x1b[m "
	}
	ticket := "—"
	if i%3 == 0 {
		ticket = fmt.Sprintf("SEC-%d In Progress", i)
	}
	pad := strings.Repeat(" ", 24-columns(name))
	return fmt.Sprintf("%s%s  CVE-2024-%05d  %s%s%d.%d.%-7d 5.6.2   %2d%%   %-11s %s", gutter, severity, i, name, pad, i%9, i%11, i%13, i*37%100, []string{"in triage", "—", "exploitable"}[i%3], ticket)
}

// program is the command line that runs the test binary as a program.
func program(t testing.TB, kind string) (name string, env []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self, []string{"PAINT_TEST_PROGRAM=" + kind}
}
