package jiraclient

import (
	"context"
	"net/http"
)

// FieldChange is a change of a field in the history of an issue.
type FieldChange struct {
	FieldID, Field string
	From, To       string // as a person reads them
	By             User
	At             Time
}

type changelogPage struct {
	Total  int  `json:"total"`
	IsLast bool `json:"isLast"`
	Values []struct {
		Author  User `json:"author"`
		Created Time `json:"created"`
		Items   []struct {
			Field   string `json:"field"`
			FieldID string `json:"fieldId"`
			From    string `json:"fromString"`
			To      string `json:"toString"`
		} `json:"items"`
	} `json:"values"`
}

// changelogSize is how many entries of a history a request reads, Jira's most.
const changelogSize = 100

// LatestChanges gives the newest entries of an issue's history, the oldest of
// them first: up to a hundred. Jira Cloud has it; on Data Center it is empty,
// for there it comes only with everything else that happened.
func (c *Client) LatestChanges(ctx context.Context, idOrKey string) ([]FieldChange, error) {
	if c.Deployment() != Cloud {
		return nil, nil
	}
	read := func(start int) (page changelogPage, err error) {
		err = c.do(ctx, call{method: http.MethodGet, route: "/issue/{issueIdOrKey}/changelog", args: []string{idOrKey}, read: true,
			query: values("startAt", start, "maxResults", changelogSize), out: &page})
		return page, err
	}
	page, err := read(0)
	if err == nil && !page.IsLast && page.Total > changelogSize {
		page, err = read(page.Total - changelogSize) // the history begins with the oldest
	}
	var out []FieldChange
	for _, v := range page.Values {
		for _, i := range v.Items {
			out = append(out, FieldChange{FieldID: i.FieldID, Field: i.Field, From: i.From, To: i.To, By: v.Author, At: v.Created})
		}
	}
	return out, err
}
