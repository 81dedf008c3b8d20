package write

import (
	"math"
	"strconv"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// Row is a violation as JSON, as the command "list" and exports print it,
// without internal notes, which are never exported (ruling 25).
type Row struct {
	ID               string      `json:"id"`
	Type             string      `json:"type"`
	Issue            string      `json:"issue"`
	Aliases          []string    `json:"aliases"`
	Title            *string     `json:"title"`
	Severity         string      `json:"severity"`
	CVSS             *float64    `json:"cvss"`
	EPSS             *float64    `json:"epss"`
	KEV              bool        `json:"kev"`
	Component        string      `json:"component"`
	ComponentVersion *string     `json:"component_version"`
	PURL             *string     `json:"purl"`
	Product          string      `json:"product"`
	ProductVersion   *string     `json:"product_version"`
	Resource         *string     `json:"resource"`
	Watches          []string    `json:"watches"`
	Policies         []string    `json:"policies"`
	Fix              *string     `json:"fix"`
	VEX              RowVEX      `json:"vex"`
	Tickets          []RowTicket `json:"tickets"`
	State            string      `json:"state"`
	FirstSeen        *string     `json:"first_seen"`
	Updated          *string     `json:"updated"`
}

// RowVEX is the decision of a Row; what is not set is null.
type RowVEX struct {
	Status        *string `json:"status"`
	Qualifier     *string `json:"qualifier"`
	Justification *string `json:"justification"`
	Response      *string `json:"response"`
	Impact        *string `json:"impact"`
	Action        *string `json:"action"`
	ReviewBy      *string `json:"review_by"`
}

// RowTicket is a linked ticket of a Row.
type RowTicket struct {
	Key      *string `json:"key"`
	Status   *string `json:"status"`
	Category *string `json:"category"`
	State    string  `json:"state"`
	URL      *string `json:"url"`
	Leading  bool    `json:"leading"`
}

// RowOf puts a violation into words.
func RowOf(v *model.Violation) Row {
	a := v.Assessment
	out := Row{
		ID: v.ID.String(), Type: v.Type.String(), Issue: v.Issue, Aliases: orEmpty(v.Aliases), Title: orNull(v.Title),
		Severity: v.Severity.String(), CVSS: known(v.CVSS), EPSS: known(v.EPSS), KEV: v.KEV,
		Component: v.Component, ComponentVersion: orNull(v.ComponentVersion), PURL: orNull(v.PURL),
		Product: v.Product, ProductVersion: orNull(v.ProductVersion), Resource: orNull(v.Resource),
		Watches: orEmpty(v.Watches), Policies: orEmpty(v.Policies), Fix: orNull(v.Fix),
		VEX: RowVEX{Status: orNull(string(a.Status)), Qualifier: orNull(a.Qualifier), Justification: orNull(a.Justification),
			Response: orNull(a.Response), Impact: orNull(a.Impact), Action: orNull(a.Action), ReviewBy: orNull(a.Get(model.FieldReviewBy))},
		Tickets: []RowTicket{}, State: v.State.String(), FirstSeen: orNull(instant(v.FirstSeen)), Updated: orNull(instant(v.Updated)),
	}
	for i := range v.AllTickets {
		t := &v.AllTickets[i]
		out.Tickets = append(out.Tickets, RowTicket{Key: orNull(t.Key), Status: StatusOf(t), Category: orNull(t.Category),
			State: string(t.PublicState()), URL: orNull(t.URL), Leading: t.Leading})
	}
	return out
}

// StatusOf is a ticket's status: empty where statuses are not retrieved, null
// where there is none yet (ruling 32).
func StatusOf(t *model.Ticket) *string {
	if t.Status == "" && t.State != model.TicketOpen {
		return nil
	}
	return &t.Status
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}

// known is nil for a number that is negative because nobody stated it.
func known(n float64) *float64 {
	if n < 0 {
		return nil
	}
	return &n
}

// instant is a time as RFC 3339 in UTC, "" for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// decimal writes a number with up to n decimals, "" where it is not known.
func decimal(x float64, n int) string {
	if x < 0 {
		return ""
	}
	scale := math.Pow10(n)
	return strconv.FormatFloat(math.Round(x*scale)/scale, 'f', -1, 64)
}

// keysOf lists the keys and the statuses of a violation's tickets.
func keysOf(v *model.Violation) (keys, statuses string) {
	var k, s []string
	for i := range v.AllTickets {
		k = append(k, v.AllTickets[i].Key)
		s = append(s, v.AllTickets[i].ShownStatus())
	}
	return strings.Join(k, " "), strings.Join(s, "; ")
}
