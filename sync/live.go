package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// Live asks Jira while a person waits for the answer: which projects there are,
// who can be assigned, whether a label is known. The engine never waits for it,
// and it for nobody: it takes no lock and makes no change in Jira. What holds for
// a while is kept in the store, with its age, and asked again when it is older
// than the caller allows. It is safe for concurrent use.
type Live struct {
	store *storage.Store

	mu      sync.Mutex
	clients map[int64]liveClient
}

type liveClient struct {
	connection model.Connection
	client     *jiraclient.Client
}

// NewLive makes one for a workspace. Close ends its connections.
func NewLive(store *storage.Store) *Live {
	return &Live{store: store, clients: map[int64]liveClient{}}
}

// Close lets go of the network.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, c := range l.clients {
		c.client.Close()
		delete(l.clients, id)
	}
}

// askTime bounds a question: a person waits.
const askTime = 45 * time.Second

// Ages at which what Jira told is asked again, for callers that have no reason
// for another.
const (
	// MetadataAge is for a form that opens.
	MetadataAge = time.Hour
	// Now asks in any case, as a person who presses "refresh" wants it.
	Now = time.Duration(0)
)

// client finds the client of a connection, and makes it anew when the connection
// was changed.
func (l *Live) client(ctx context.Context, connection string) (*jiraclient.Client, model.Connection, error) {
	c, err := l.store.Connection(ctx, connection)
	if err != nil {
		return nil, c, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// A draft's secret may change without a trace in the connection.
	if known, ok := l.clients[c.ID]; ok && c.State == model.ConnectionActive && sameSite(known.connection, c) {
		return known.client, c, nil
	}
	client, err := Connect(ctx, l.store, c)
	if err != nil {
		return nil, c, err
	}
	if old, ok := l.clients[c.ID]; ok {
		old.client.Close()
	}
	l.clients[c.ID] = liveClient{c, client}
	return client, c, nil
}

// People finds accounts that issues of the project can be assigned to, by a part
// of their name or address, for typing ahead; at most 50, and some for an empty
// text. Nothing is kept. An empty answer may also mean that the account lacks
// the global permission "Browse users and groups".
func (l *Live) People(ctx context.Context, connection, project, text string) ([]model.Person, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	client, _, err := l.client(ctx, connection)
	if err != nil {
		return nil, err
	}
	users, err := client.AssignableUsers(ctx, project, text)
	if err != nil {
		return nil, err
	}
	out := make([]model.Person, 0, len(users))
	for _, u := range users {
		out = append(out, model.Person{ID: model.Clean(u.ID), Name: model.Clean(u.Name), Email: model.Clean(u.Email)})
	}
	return out, nil
}

// Projects lists the projects in which tickets can be made, by key, and tells
// when Jira was asked. As with all that is kept: where Jira cannot be asked now,
// what it told before comes with the error.
func (l *Live) Projects(ctx context.Context, connection string, oldest time.Duration) ([]model.JiraProject, time.Time, error) {
	return kept(ctx, l, connection, "projects", "", oldest, func(ctx context.Context, client *jiraclient.Client) ([]model.JiraProject, error) {
		all, err := client.Projects(ctx)
		out := make([]model.JiraProject, 0, len(all))
		for _, p := range all {
			if !p.Archived {
				out = append(out, model.JiraProject{Key: model.Clean(p.Key), Name: model.Clean(p.Name), TeamManaged: p.TeamManaged()})
			}
		}
		return out, err
	})
}

// typesKind is what the store keeps issue types under.
const typesKind = "types"

// Types lists the issue types of a project with their create screens.
func (l *Live) Types(ctx context.Context, connection, project string, oldest time.Duration) ([]model.JiraType, time.Time, error) {
	return kept(ctx, l, connection, typesKind, project, oldest, func(ctx context.Context, client *jiraclient.Client) ([]model.JiraType, error) {
		all, err := client.IssueTypes(ctx, project)
		if err != nil {
			return nil, err
		}
		out := make([]model.JiraType, 0, len(all))
		for _, t := range all {
			fields, err := client.CreateFields(ctx, project, t.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, model.JiraType{ID: model.Clean(t.ID), Name: model.Clean(t.Name), Subtask: t.Subtask, Fields: createScreen(fields)})
		}
		return out, nil
	})
}

func createScreen(fields []jiraclient.CreateField) model.CreateScreen {
	out := make(model.CreateScreen, 0, len(fields))
	for i := range fields {
		f := &fields[i]
		field := model.CreateField{ID: model.Clean(f.ID), Name: model.Clean(f.Name), Type: model.Clean(f.Schema.Type), Items: model.Clean(f.Schema.Items),
			Required: f.NeedsValue()}
		for _, v := range f.Allowed {
			field.Options = append(field.Options, model.Clean(v.Label()))
		}
		out = append(out, field)
	}
	return out
}

// Priorities lists the names of the site's priorities, highest first. A project
// may offer fewer: its create screens tell.
func (l *Live) Priorities(ctx context.Context, connection string, oldest time.Duration) ([]string, time.Time, error) {
	return kept(ctx, l, connection, "priorities", "", oldest, func(ctx context.Context, client *jiraclient.Client) ([]string, error) {
		all, err := client.Priorities(ctx)
		out := make([]string, 0, len(all))
		for _, p := range all {
			out = append(out, model.Clean(p.Label()))
		}
		return out, err
	})
}

// Statuses lists the statuses of a project by issue type.
func (l *Live) Statuses(ctx context.Context, connection, project string, oldest time.Duration) ([]model.TypeStatus, time.Time, error) {
	return kept(ctx, l, connection, "statuses", project, oldest, func(ctx context.Context, client *jiraclient.Client) ([]model.TypeStatus, error) {
		all, err := client.Statuses(ctx, project)
		out := make([]model.TypeStatus, 0, len(all))
		for _, t := range all {
			for _, s := range t.Statuses {
				out = append(out, model.TypeStatus{Type: model.Clean(t.Name), Name: model.Clean(s.Name)})
			}
		}
		return out, err
	})
}

// Labels lists the labels in use on the site, sorted. Data Center has no such
// list and tells none; see UnknownLabels.
func (l *Live) Labels(ctx context.Context, connection string, oldest time.Duration) ([]string, time.Time, error) {
	return kept(ctx, l, connection, "labels", "", oldest, func(ctx context.Context, client *jiraclient.Client) ([]string, error) {
		all, err := client.Labels(ctx)
		if errors.Is(err, errors.ErrUnsupported) {
			return []string{}, nil
		}
		out := make([]string, 0, len(all))
		for _, label := range all {
			out = append(out, model.Clean(label))
		}
		slices.Sort(out)
		return out, err
	})
}

// UnknownLabels are those of the labels that Jira does not know (X7): on Data
// Center those that no issue bears which the account can see.
func (l *Live) UnknownLabels(ctx context.Context, connection string, labels []string, oldest time.Duration) ([]string, error) {
	if len(labels) == 0 {
		return nil, nil
	}
	c, err := l.store.Connection(ctx, connection)
	if err != nil {
		return nil, err
	}
	var known []string
	if c.Type == model.Cloud {
		if known, _, err = l.Labels(ctx, connection, oldest); err != nil {
			return nil, err
		}
	} else {
		for _, label := range labels {
			is, _, err := kept(ctx, l, connection, "label", label, oldest, func(ctx context.Context, client *jiraclient.Client) (bool, error) {
				of, err := client.KnownLabels(ctx, []string{label})
				return of[label], err
			})
			if err != nil {
				return nil, err
			}
			if is {
				known = append(known, label)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(labels), func(label string) bool { return slices.Contains(known, label) }), nil
}

// kept answers from the store what is not older than oldest, else from Jira, and
// keeps that. Where Jira cannot be asked, the last answer comes with the error.
func kept[T any](ctx context.Context, l *Live, connection, kind, key string, oldest time.Duration, ask func(context.Context, *jiraclient.Client) (T, error)) (value T, at time.Time, err error) {
	c, err := l.store.Connection(ctx, connection)
	if err != nil {
		return value, at, err
	}
	known := false
	if text, when, err := l.store.Metadata(ctx, c.ID, kind, key); err == nil {
		known = json.Unmarshal(text, &value) == nil
		at = when
	} else if !errors.Is(err, storage.ErrNotFound) {
		return value, at, err
	}
	if known && oldest > 0 && l.store.Now().Sub(at) < oldest {
		return value, at, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	client, _, err := l.client(ctx, connection)
	if err != nil {
		return value, at, err
	}
	fresh, err := ask(ctx, client)
	if err != nil {
		return value, at, err
	}
	text, err := json.Marshal(fresh)
	if err != nil {
		return fresh, l.store.Now(), fmt.Errorf("what Jira told of %s cannot be kept: %w", strings.TrimSpace(kind+" "+key), err)
	}
	return fresh, l.store.Now(), recorded(l.store.PutMetadata(ctx, c.ID, kind, key, text))
}
