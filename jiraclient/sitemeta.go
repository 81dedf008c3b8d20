package jiraclient

import (
	"context"
	"net/http"
)

// Field is a field of the site, on whatever screens it is.
type Field struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"` // not unique, may be translated
	Custom bool        `json:"custom"`
	Schema FieldSchema `json:"schema"`
}

// TypeStatuses are the statuses that issues of a type can have in a project.
type TypeStatuses struct {
	ID       string   `json:"id"` // of the issue type
	Name     string   `json:"name"`
	Statuses []Status `json:"statuses"`
}

// Fields lists the fields of the site that the account can see.
func (c *Client) Fields(ctx context.Context) ([]Field, error) {
	return list[Field](ctx, c, "/field")
}

// Priorities lists the priorities of the site, highest first. A project may
// offer fewer: the create metadata says which.
func (c *Client) Priorities(ctx context.Context) ([]NamedValue, error) {
	return list[NamedValue](ctx, c, "/priority")
}

// Statuses lists the statuses of a project by issue type.
func (c *Client) Statuses(ctx context.Context, project string) ([]TypeStatuses, error) {
	return list[TypeStatuses](ctx, c, "/project/{projectIdOrKey}/statuses", project)
}

// list reads a call that answers an array.
func list[T any](ctx context.Context, c *Client, route string, args ...string) ([]T, error) {
	var out []T
	err := c.do(ctx, call{method: http.MethodGet, route: route, args: args, read: true, out: &out})
	return out, err
}
