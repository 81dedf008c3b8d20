package jiratest

import (
	"slices"
	"strings"
	"time"
)

// jiraTime is how Jira writes times.
const jiraTime = "2006-01-02T15:04:05.000-0700"

func stamp(t time.Time) string { return t.Format(jiraTime) }

// render is an issue as the API answers it, with the fields asked for.
func (s *Server) render(q *request, r *record, fields, properties []string) map[string]any {
	out := map[string]any{"id": r.id()}
	ids := s.chosenFields(fields)
	if len(ids) > 0 || s.dc {
		values := map[string]any{}
		for _, id := range ids {
			values[id] = s.renderField(q, r, id)
		}
		out["key"] = r.key()
		out["self"] = q.api + "/issue/" + r.id()
		out["expand"] = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
		out["fields"] = values
	}
	if len(properties) > 0 {
		held := map[string]any{}
		for _, key := range properties {
			if v, ok := r.Properties[key]; ok {
				held[key] = v
			}
		}
		out["properties"] = held
	}
	return out
}

// chosenFields reads a fields parameter: ids, *all, *navigable, -id. Unknown ids
// are passed over, as Jira does. "id" alone asks for nothing but the id.
func (s *Server) chosenFields(asked []string) []string {
	var ids []string
	for _, name := range asked {
		switch {
		case name == "*all" || name == "*navigable":
			for _, f := range s.site.fields {
				ids = append(ids, f.ID)
			}
			ids = append(ids, "comment")
		case strings.HasPrefix(name, "-"):
			ids = slices.DeleteFunc(ids, func(id string) bool { return id == name[1:] })
		case name == "comment" || s.site.field(name) != nil:
			ids = append(ids, name)
		}
	}
	return ids
}

func (s *Server) renderField(q *request, r *record, id string) any {
	switch id {
	case "project":
		return q.renderProject(s.site.project(r.Project))
	case "issuetype":
		return q.renderType(s.site.issueType(r.Type))
	case "status":
		return q.renderStatus(s.site.status(r.Status))
	case "resolution":
		if s.site.status(r.Status).Category == "done" {
			return map[string]any{"id": "10000", "name": "Done", "self": q.api + "/resolution/10000"}
		}
		return nil
	case "created":
		return stamp(r.Created)
	case "updated":
		return stamp(r.Updated)
	case "creator":
		return q.renderUser(s.site.account(r.Creator))
	case "comment":
		comments := []any{}
		for _, c := range r.Comments {
			comments = append(comments, s.renderComment(q, &entry{record: *r}, c))
		}
		return map[string]any{"comments": comments, "maxResults": len(comments), "total": len(comments), "startAt": 0}
	}
	f := s.site.field(id)
	v, ok := r.Fields[id]
	if !ok {
		if f.Kind == kindLabels && !f.custom() || f.Kind == kindVersions {
			return []any{}
		}
		return nil
	}
	return s.renderValue(q, f, r, v)
}

func (s *Server) renderValue(q *request, f *field, r *record, v any) any {
	id, _ := v.(string)
	switch f.Kind {
	case kindPriority:
		c, _ := s.site.priority(id)
		return q.renderPriority(c)
	case kindUser:
		return q.renderUser(s.site.account(id))
	case kindSelect:
		c, _ := choiceByID(f.Options, id)
		return q.renderOption(c)
	case kindMultiSelect, kindVersions:
		out := []any{}
		list, _ := v.([]any)
		for _, one := range list {
			id, _ := one.(string)
			if f.Kind == kindVersions {
				c, _ := choiceByID(s.site.project(r.Project).versions, id)
				out = append(out, q.renderVersion(c))
				continue
			}
			c, _ := choiceByID(f.Options, id)
			out = append(out, q.renderOption(c))
		}
		return out
	case kindParent:
		parent := s.issues.find(id)
		if parent == nil {
			return nil
		}
		return q.reference(parent)
	default:
		return v
	}
}

func (q *request) renderPriority(c choice) map[string]any {
	return map[string]any{"id": c.ID, "name": c.Name, "self": q.api + "/priority/" + c.ID, "iconUrl": q.base + "/images/priority.svg"}
}

func (q *request) renderOption(c choice) map[string]any {
	return map[string]any{"id": c.ID, "value": c.Name, "self": q.api + "/customFieldOption/" + c.ID}
}

func (q *request) renderVersion(c choice) map[string]any {
	return map[string]any{"id": c.ID, "name": c.Name, "archived": false, "released": false, "self": q.api + "/version/" + c.ID}
}

func (q *request) renderUser(a *Account) any {
	if a == nil {
		return nil
	}
	if q.dc {
		return map[string]any{
			"name": a.ID, "key": a.Key, "displayName": a.Name, "emailAddress": a.Email, "active": true, "deleted": false,
			"timeZone": "Etc/UTC", "self": q.api + "/user?username=" + a.ID,
		}
	}
	out := map[string]any{
		"accountId": a.ID, "accountType": "atlassian", "displayName": a.Name, "active": true, "timeZone": "Etc/UTC",
		"emailAddress": a.Email, "self": q.api + "/user?accountId=" + a.ID,
	}
	if a.service {
		out["accountType"], out["appType"] = "app", "service"
	}
	return out
}

func (q *request) renderProject(p *project) map[string]any {
	out := map[string]any{"id": p.ID, "key": p.Key, "name": p.Name, "projectTypeKey": "software", "self": q.api + "/project/" + p.ID}
	if !q.dc {
		out["simplified"] = false
	}
	return out
}

func (q *request) renderType(t *issueType) map[string]any {
	out := map[string]any{"id": t.ID, "name": t.Name, "description": t.Description, "subtask": false, "self": q.api + "/issuetype/" + t.ID}
	if !q.dc {
		out["hierarchyLevel"] = t.Level
	}
	return out
}

// categories are Jira's fixed status categories.
var categories = map[string]struct {
	id          int
	name, color string
}{
	"new":           {2, "To Do", "blue-gray"},
	"indeterminate": {4, "In Progress", "yellow"},
	"done":          {3, "Done", "green"},
}

func (q *request) renderStatus(st *status) map[string]any {
	c := categories[st.Category]
	return map[string]any{
		"id": st.ID, "name": st.Name, "description": "", "self": q.api + "/status/" + st.ID,
		"statusCategory": map[string]any{
			"id": c.id, "key": st.Category, "name": c.name, "colorName": c.color,
			"self": q.api + "/statuscategory/" + st.Category,
		},
	}
}

func (s *Server) renderComment(q *request, e *entry, c comment) map[string]any {
	author := q.renderUser(s.site.account(c.Author))
	id := itoa(c.ID)
	out := map[string]any{
		"id": id, "author": author, "updateAuthor": author, "body": c.Body,
		"created": stamp(c.Created), "updated": stamp(c.Created),
		"self": q.api + "/issue/" + e.id() + "/comment/" + id,
	}
	if !q.dc {
		out["jsdPublic"] = true
	}
	return out
}
