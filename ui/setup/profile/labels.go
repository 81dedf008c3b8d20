package profile

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/widget"
)

// labelCheck is which labels Jira does not know (X7).
type labelCheck struct {
	asked   int
	text    string // what was asked about
	unknown []string
}

type labelsMsg struct {
	owner   *Form
	asked   int
	unknown []string
	err     error
}

func (l *labelCheck) got(m labelsMsg) {
	if m.asked == l.asked && m.err == nil {
		l.unknown = m.unknown
	}
}

// checkLabels asks for the labels that are whole: the one being typed is not
// while the focus is on it.
func (f *Form) checkLabels(oldest time.Duration) tea.Cmd {
	text := f.form.Value("labels")
	if f.cannotAsk() != "" {
		return nil
	}
	if !f.focusElsewhere("labels") && !strings.HasSuffix(text, " ") {
		text = text[:strings.LastIndex(text, " ")+1]
	}
	connection, labels := f.form.Value("connection"), strings.Fields(text)
	text = connection + " " + strings.Join(labels, " ")
	if text == f.labels.text && oldest != sync.Now {
		return nil
	}
	f.labels.asked++
	f.labels.text, f.labels.unknown = text, nil
	asked, jira := f.labels.asked, f.Jira
	return f.Env.Go(func(ctx context.Context) tea.Msg {
		unknown, err := jira.UnknownLabels(ctx, connection, labels, oldest)
		return labelsMsg{f, asked, unknown, err}
	})
}

const mostLabels = 8 // proposed

// proposeLabels finds labels that begin with the word at the cursor.
func (f *Form) proposeLabels(text string, at int) form.Question {
	start := strings.LastIndex(text[:at], " ") + 1
	word := strings.ToLower(text[start:at])
	connection := f.form.Value("connection")
	if word == "" || f.cannotAsk() != "" {
		return nil
	}
	return func(ctx context.Context) ([]widget.Proposal, error) {
		all, _, err := f.Jira.Labels(ctx, connection, sync.MetadataAge)
		var out []widget.Proposal
		for _, label := range all {
			if strings.HasPrefix(strings.ToLower(label), word) && len(out) < mostLabels {
				out = append(out, widget.Proposal{Text: label, Start: start, End: at})
			}
		}
		return out, err
	}
}
