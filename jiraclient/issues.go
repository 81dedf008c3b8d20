package jiraclient

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// OperationProperty is the key of the issue entity property that carries the
// id of the operation which created the issue. It is written by the creating
// request itself and read by id, never searched for (JQL cannot).
const OperationProperty = "vexdesk.operation"

// TimeLayout is how Jira writes times in issues, for time.Parse.
const TimeLayout = "2006-01-02T15:04:05.000-0700"

// Limits of Jira Cloud's API v3; Data Center states none, and is given no more.
const (
	MaxBulkCreate = 50  // issues in one bulk creation
	MaxBulkFetch  = 100 // issues in one bulk fetch
	maxProperties = 5   // properties in one read
)

// IssueCreate is an issue to be made. Empty members are left out, so that
// Jira's defaults hold.
type IssueCreate struct {
	ProjectKey  string
	IssueTypeID string
	Summary     string          // at most 255 characters, one line
	Description json.RawMessage // as Client.Document makes it
	Labels      []string
	PriorityID  string
	AssigneeID  string // User.ID
	ReporterID  string // User.ID
	ParentKey   string // epic, or parent issue on Cloud
	// Custom holds further fields by id, each as Jira wants it: a string, a
	// number, an Option, a slice of Options, a Client.Document, a
	// Client.UserValue.
	Custom map[string]any
	// OperationID is stored under OperationProperty by the same request.
	OperationID string
	// Properties are further issue entity properties by key.
	Properties map[string]any
}

// Option is how a choice is written: by its id.
type Option struct {
	ID string `json:"id"`
}

type propertyValue struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

type issueUpdate struct {
	Fields     map[string]any              `json:"fields,omitempty"`
	Update     map[string][]FieldOperation `json:"update,omitempty"`
	Properties []propertyValue             `json:"properties,omitempty"`
	Transition *Option                     `json:"transition,omitempty"`
}

func (c *Client) createBody(ctx context.Context, in IssueCreate) (issueUpdate, error) {
	fields := map[string]any{}
	maps.Copy(fields, in.Custom)
	fields["project"] = map[string]string{"key": in.ProjectKey}
	fields["issuetype"] = Option{in.IssueTypeID}
	fields["summary"] = in.Summary
	if len(in.Description) > 0 {
		fields["description"] = in.Description
	}
	if len(in.Labels) > 0 {
		fields["labels"] = in.Labels
	}
	if in.PriorityID != "" {
		fields["priority"] = Option{in.PriorityID}
	}
	if in.AssigneeID != "" {
		fields["assignee"] = c.dialect.user(in.AssigneeID)
	}
	if in.ReporterID != "" {
		fields["reporter"] = c.dialect.user(in.ReporterID)
	}
	if in.ParentKey != "" {
		field, value, err := c.dialect.parent(ctx, c, in.ParentKey)
		if err != nil {
			return issueUpdate{}, err
		}
		fields[field] = value
	}
	properties := propertyList(in.Properties)
	if in.OperationID != "" {
		properties = append(properties, propertyValue{OperationProperty, in.OperationID})
	}
	return issueUpdate{Fields: fields, Properties: properties}, nil
}

// Created names an issue.
type Created struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

// FieldErrors says why one issue of a bulk request was not made.
type FieldErrors struct {
	Status   int
	Messages []string          // about the issue as a whole
	Fields   map[string]string // by field id
}

// Error joins Jira's words.
func (e *FieldErrors) Error() string {
	said := (&APIError{Messages: e.Messages, Fields: e.Fields}).said()
	if said == "" {
		said = fmt.Sprintf("status %d without a reason", e.Status)
	}
	return "jira refused the issue: " + said
}

// Outcome is Refused.
func (e *FieldErrors) Outcome() Outcome { return Refused }

// Hint says what a person can do about it.
func (e *FieldErrors) Hint() string {
	if len(e.Fields) > 0 {
		return "correct the named fields in the profile or the form"
	}
	return "correct what Jira names and try again"
}

// CreateOutcome is what became of one element of CreateIssues: it was made
// (Created), or refused (Err), or, when both are nil, the answer does not say.
type CreateOutcome struct {
	Created *Created
	Err     *FieldErrors
}

// CreateResult is the answer to CreateIssues.
type CreateResult struct {
	// Elements has one outcome per issue asked for, in the same order.
	Elements []CreateOutcome
	// Confirm is set when the answer held failures or was short: then the
	// keys follow from skipping the failures, and are to be confirmed by
	// OperationProperty before they are trusted (ruling 16).
	Confirm bool
	// Unassigned are issues that were made but fit to no element.
	Unassigned []Created
}

type bulkAnswer struct {
	Issues []Created `json:"issues"`
	Errors []struct {
		ElementErrors       errorCollection `json:"elementErrors"`
		FailedElementNumber *int            `json:"failedElementNumber"`
		Status              int             `json:"status"`
	} `json:"errors"`
}

// CreateIssues makes up to MaxBulkCreate issues in one request. One bad issue
// does not stop the others: look at each element. An error concerns the whole
// request, and OutcomeOf tells whether it may have acted. It is repeated by
// itself only after a 429, which was not executed.
func (c *Client) CreateIssues(ctx context.Context, issues []IssueCreate) (CreateResult, error) {
	if len(issues) == 0 {
		return CreateResult{}, nil
	}
	if len(issues) > MaxBulkCreate {
		return CreateResult{}, &RequestError{
			Problem: fmt.Sprintf("%d issues in one request are too many", len(issues)),
			Advice:  fmt.Sprintf("send at most %d at a time", MaxBulkCreate),
		}
	}
	updates := make([]issueUpdate, len(issues))
	for i, issue := range issues {
		var err error
		if updates[i], err = c.createBody(ctx, issue); err != nil {
			return CreateResult{}, &unpreparedError{err}
		}
	}
	var answer bulkAnswer
	err := c.do(ctx, call{
		method: http.MethodPost, route: "/issue/bulk", slow: true,
		in:  map[string]any{"issueUpdates": updates},
		out: &answer,
		failure: func(body []byte) bool {
			var all bulkAnswer
			if json.Unmarshal(body, &all) != nil || len(all.Errors) == 0 {
				return false
			}
			answer = all
			return true
		},
	})
	if err != nil {
		return CreateResult{}, err
	}
	return answer.result(len(issues)), nil
}

// result maps the answer back to the n elements. The issues leave out the
// failed elements and keep the order of the rest. An element at which Jira itself
// failed (5xx) may have been made.
func (a bulkAnswer) result(n int) CreateResult {
	r := CreateResult{Elements: make([]CreateOutcome, n), Confirm: len(a.Errors) > 0}
	failed := 0
	for _, e := range a.Errors {
		i := e.FailedElementNumber
		if i == nil || *i < 0 || *i >= n || r.Elements[*i].Err != nil || e.Status >= http.StatusInternalServerError {
			continue
		}
		failed++
		r.Elements[*i].Err = &FieldErrors{Status: e.Status, Messages: e.ElementErrors.messages(), Fields: e.ElementErrors.fields()}
	}
	if len(a.Issues) != n-failed {
		r.Confirm = true
		r.Unassigned = a.Issues
		return r
	}
	next := 0
	for i := range r.Elements {
		if r.Elements[i].Err == nil {
			r.Elements[i].Created = &a.Issues[next]
			next++
		}
	}
	return r
}

// FieldOperation is one step of an edit: exactly one member is set. Labels are
// changed by Add and Remove, so that those of others stay.
type FieldOperation struct {
	Add    any `json:"add,omitempty"`
	Remove any `json:"remove,omitempty"`
	Set    any `json:"set,omitempty"`
}

// Edit is a change of an issue. A field may be in Fields or in Update, not in
// both.
type Edit struct {
	Fields     map[string]any
	Update     map[string][]FieldOperation
	Properties map[string]any
}

// EditIssue changes an issue in one request.
func (c *Client) EditIssue(ctx context.Context, idOrKey string, edit Edit) error {
	for id := range edit.Update {
		if _, twice := edit.Fields[id]; twice {
			return &RequestError{Problem: "the field " + id + " is changed twice in one edit of " + idOrKey, Advice: "report this as a bug of vexdesk"}
		}
	}
	return c.do(ctx, call{
		method: http.MethodPut, route: "/issue/{issueIdOrKey}", args: []string{idOrKey}, issue: idOrKey,
		in: issueUpdate{Fields: edit.Fields, Update: edit.Update, Properties: propertyList(edit.Properties)},
	})
}

func propertyList(m map[string]any) []propertyValue {
	var list []propertyValue
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, propertyValue{key, m[key]})
	}
	return list
}

// Comment is a comment on an issue.
type Comment struct {
	ID      string          `json:"id"`
	Author  User            `json:"author"`
	Body    json.RawMessage `json:"body"` // for Client.DocumentText
	Created Time            `json:"created"`
	Updated Time            `json:"updated"`
}

// AddComment puts a comment, as Client.Document makes it, on an issue. It is not idempotent.
func (c *Client) AddComment(ctx context.Context, idOrKey string, body json.RawMessage) (Comment, error) {
	var out Comment
	err := c.do(ctx, call{
		method: http.MethodPost, route: "/issue/{issueIdOrKey}/comment", args: []string{idOrKey}, issue: idOrKey,
		in: map[string]any{"body": body}, out: &out,
	})
	return out, err
}

// Comments gives up to max of the newest comments of an issue, newest first.
// After an AddComment of unknown outcome it tells whether it acted.
func (c *Client) Comments(ctx context.Context, idOrKey string, max int) ([]Comment, error) {
	var out struct {
		Comments []Comment `json:"comments"`
	}
	err := c.do(ctx, call{
		method: http.MethodGet, route: "/issue/{issueIdOrKey}/comment", args: []string{idOrKey}, read: true,
		query: values("maxResults", max, "orderBy", "-created"), out: &out,
	})
	return out.Comments, err
}

// Transition is a step that an issue can take in its workflow now.
type Transition struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	To   Status `json:"to"`
}

// Transitions lists the steps open to the account. The list is empty, without
// an error, where the right to transition is missing.
func (c *Client) Transitions(ctx context.Context, idOrKey string) ([]Transition, error) {
	var out struct {
		Transitions []Transition `json:"transitions"`
	}
	err := c.do(ctx, call{
		method: http.MethodGet, route: "/issue/{issueIdOrKey}/transitions", args: []string{idOrKey}, read: true, out: &out,
	})
	return out.Transitions, err
}

// DoTransition takes a step of the workflow by its id.
func (c *Client) DoTransition(ctx context.Context, idOrKey, transitionID string) error {
	return c.do(ctx, call{
		method: http.MethodPost, route: "/issue/{issueIdOrKey}/transitions", args: []string{idOrKey}, issue: idOrKey,
		in: issueUpdate{Transition: &Option{transitionID}},
	})
}

// Time is a time as Jira writes it. Its zero value stands for none.
type Time struct{ time.Time }

// UnmarshalJSON reads TimeLayout and RFC 3339; anything else is an error.
func (t *Time) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if s == "" {
		return nil
	}
	at, err := time.Parse(TimeLayout, s)
	if err != nil {
		at, err = time.Parse(time.RFC3339, s)
	}
	if err != nil {
		return fmt.Errorf("not a time of Jira: %s", clean(s))
	}
	t.Time = at
	return nil
}

// UnixMilli is the time in Unix milliseconds; 0 stands for none.
func (t Time) UnixMilli() int64 {
	if t.IsZero() {
		return 0
	}
	return t.Time.UnixMilli()
}

// MarshalJSON writes TimeLayout.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.Format(TimeLayout))
}
