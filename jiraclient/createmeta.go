package jiraclient

import (
	"context"
	"encoding/json"
	"net/http"
)

const (
	createTypesRoute  = "/issue/createmeta/{projectIdOrKey}/issuetypes"
	createFieldsRoute = "/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}"
)

// metaPage is a page of create metadata: rows are issueTypes or fields on Cloud
// and values on Data Center.
type metaPage struct {
	Total      int             `json:"total"`
	IssueTypes json.RawMessage `json:"issueTypes"`
	Fields     json.RawMessage `json:"fields"`
	Values     json.RawMessage `json:"values"`
}

func (p metaPage) rows() json.RawMessage {
	for _, rows := range []json.RawMessage{p.IssueTypes, p.Fields, p.Values} {
		if rows != nil {
			return rows
		}
	}
	return nil
}

// createMeta reads all pages of a call of the create metadata.
func createMeta[T any](ctx context.Context, c *Client, route string, args ...string) ([]T, error) {
	const pageSize = 200 // the most Jira gives
	var all []T
	for {
		var page metaPage
		err := c.do(ctx, call{
			method: http.MethodGet, route: route, args: args, read: true, out: &page,
			query: values("startAt", len(all), "maxResults", pageSize),
		})
		if err != nil {
			return nil, err
		}
		var items []T
		if rows := page.rows(); rows != nil {
			if err := json.Unmarshal(rows, &items); err != nil {
				return nil, &AnswerError{Method: http.MethodGet, Route: route, Status: http.StatusOK, Kind: ErrInvalidAnswer, Err: decodeCause(err)}
			}
		}
		all = append(all, items...)
		if len(items) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}
