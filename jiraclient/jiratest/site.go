package jiratest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Account is a user of the site. One without a token cannot sign in. On Data
// Center ID is the user name, and Token the password.
type Account struct {
	ID, Name, Email, Token string
	PAT                    string // personal access token of Data Center
	Key                    string // of Data Center
	service                bool   // a service account
	grants                 map[string][]string
	failures               int // wrong passwords in a row
	scoped                 []grant
}

// grant is what a token stands for.
type grant struct {
	account *Account
	token   string
	scopes  []string
	limited bool // to the scopes
}

// everywhere stands for all projects in an account's grants.
const everywhere = "*"

// knownPermissions are those that mypermissions may be asked for.
var knownPermissions = []string{
	"BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS", "LINK_ISSUES",
	"ASSIGN_ISSUES", "ASSIGNABLE_USER", "DELETE_ISSUES", "MODIFY_REPORTER", "USER_PICKER", "ADMINISTER_PROJECTS", "ADMINISTER",
}

type project struct {
	ID, Key, Name string
	versions      []choice
	screens       map[string][]screenField // by issue type id
	teamManaged   bool
}

// choice is a select option, a version or a priority.
type choice struct{ ID, Name string }

type issueType struct {
	ID, Name, Description string
	Level                 int
}

type status struct{ ID, Name, Category string }

type transition struct {
	ID, Name string
	From     []string // status ids
	To       string
}

// kind is the type of a field's values.
type kind string

const (
	kindLine        kind = "line"
	kindDocument    kind = "document"
	kindNumber      kind = "number"
	kindLabels      kind = "labels"
	kindSelect      kind = "select"
	kindMultiSelect kind = "multiselect"
	kindUser        kind = "user"
	kindDate        kind = "date"
	kindDateTime    kind = "datetime"
	kindURL         kind = "url"
	kindPriority    kind = "priority"
	kindVersions    kind = "versions"
	kindParent      kind = "parent"
	kindEpicLink    kind = "epiclink" // in the place of parent on Data Center
	kindReadOnly    kind = "readonly" // set by the server alone
	kindProject     kind = "project"
	kindType        kind = "issuetype"
)

type field struct {
	ID, Name string
	Kind     kind
	Options  []choice
}

func (f *field) custom() bool { return strings.HasPrefix(f.ID, "customfield_") }

type screenField struct {
	ID         string
	Required   bool
	HasDefault bool
}

// site is what an administrator has set up. It does not change, but for the
// grants, which have a lock of their own.
type site struct {
	accounts    []*Account
	projects    []*project
	types       []*issueType
	statuses    []*status
	transitions []*transition
	priorities  []choice
	fields      []*field

	admin *admin // made when first asked for

	grantsMu sync.Mutex
}

func find[T any](list []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i]
	}
	return nil
}

func (s *site) project(idOrKey string) *project {
	return find(s.projects, func(p *project) bool { return p.ID == idOrKey || strings.EqualFold(p.Key, idOrKey) })
}

func (s *site) issueType(id string) *issueType {
	return find(s.types, func(t *issueType) bool { return t.ID == id })
}

func (s *site) status(id string) *status {
	return find(s.statuses, func(st *status) bool { return st.ID == id })
}

func (s *site) field(id string) *field {
	return find(s.fields, func(f *field) bool { return f.ID == id })
}

func (s *site) account(id string) *Account {
	return find(s.accounts, func(a *Account) bool { return a.ID == id })
}

func (s *site) priority(id string) (choice, bool) { return choiceByID(s.priorities, id) }

func choiceByID(list []choice, id string) (choice, bool) {
	if i := slices.IndexFunc(list, func(c choice) bool { return c.ID == id }); i >= 0 {
		return list[i], true
	}
	return choice{}, false
}

// steps are the transitions that lead out of a status.
func (s *site) steps(from string) []*transition {
	var out []*transition
	for _, t := range s.transitions {
		if slices.Contains(t.From, from) {
			out = append(out, t)
		}
	}
	return out
}

// may tells whether the account holds a permission in a project; with an empty
// project: in any.
func (s *site) may(a *Account, permission, projectKey string) bool {
	if a == nil {
		return false
	}
	s.grantsMu.Lock()
	defer s.grantsMu.Unlock()
	if slices.Contains(a.grants[everywhere], permission) && projectKey == "" {
		return true
	}
	for key, held := range a.grants {
		if (projectKey == "" || key == projectKey) && slices.Contains(held, permission) {
			return true
		}
	}
	return false
}

var (
	analystRights = []string{
		"BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS",
		"LINK_ISSUES", "ASSIGN_ISSUES", "ASSIGNABLE_USER", "USER_PICKER", "MODIFY_REPORTER",
	}
	viewerRights = []string{"BROWSE_PROJECTS"}
)

// defaultSite has three company-managed projects. SEC and PAY are ordinary;
// OPS shows neither labels nor priority when a Task is created there.
func defaultSite() *site {
	s := &site{
		priorities: []choice{{"1", "Highest"}, {"2", "High"}, {"3", "Medium"}, {"4", "Low"}, {"5", "Lowest"}},
		types: []*issueType{
			{"10000", "Epic", "A big piece of work.", 1},
			{"10001", "Story", "Something a user wants.", 0},
			{"10002", "Task", "A small, distinct piece of work.", 0},
			{"10003", "Bug", "A problem or error.", 0},
			{"10004", "Audit Finding", "Needs a reference to the audit and a risk category.", 0},
		},
		statuses: []*status{
			{"10000", "To Do", "new"}, {"10001", "In Progress", "indeterminate"},
			{"10002", "In Review", "indeterminate"}, {"10003", "Done", "done"},
		},
		transitions: []*transition{
			{"11", "Stop work", []string{"10001"}, "10000"},
			{"21", "Start work", []string{"10000", "10002"}, "10001"},
			{"31", "Ask for review", []string{"10001"}, "10002"},
			{"41", "Done", []string{"10002"}, "10003"},
			{"51", "Reopen", []string{"10003"}, "10000"},
		},
		fields: defaultFields(),
	}
	for i, p := range []project{{Key: "SEC", Name: "Security"}, {Key: "PAY", Name: "Payments"}, {Key: "OPS", Name: "Operations"}} {
		p.ID = fmt.Sprint(10000 + i)
		p.versions = []choice{{fmt.Sprint(10100 + 10*i), "1.0"}, {fmt.Sprint(10101 + 10*i), "1.1"}, {fmt.Sprint(10102 + 10*i), "2.0"}}
		p.screens = defaultScreens(p.Key)
		s.projects = append(s.projects, &p)
	}
	in := func(rights []string, keys ...string) map[string][]string {
		grants := map[string][]string{}
		for _, key := range keys {
			grants[key] = slices.Clone(rights)
		}
		return grants
	}
	all := in(knownPermissions, "SEC", "PAY", "OPS")
	all[everywhere] = []string{"ADMINISTER"}
	for i, a := range []Account{
		{Name: "Avery Admin", Email: AdminEmail, Token: AdminToken, grants: all},
		{Name: "Dana Analyst", Email: AnalystEmail, Token: AnalystToken, grants: in(analystRights, "SEC", "PAY", "OPS")},
		{Name: "Vic Viewer", Email: ViewerEmail, Token: ViewerToken, grants: in(viewerRights, "SEC")},
		{Name: colleagueName, Email: "robin@example.com", grants: in(analystRights, "SEC", "PAY", "OPS")},
		{Name: "Sam Developer", Email: "sam@example.com", grants: in(analystRights, "SEC", "PAY", "OPS")},
		{Name: "Vexdesk Service", Email: ServiceEmail, Token: ServiceToken, service: true, grants: in(analystRights, "SEC", "PAY", "OPS")},
	} {
		a.ID = fmt.Sprintf("712020:5e1f0000-0000-4000-8000-%012d", i+1)
		s.accounts = append(s.accounts, &a)
	}
	return s
}

func defaultFields() []*field {
	list := []*field{
		{ID: "project", Name: "Project", Kind: kindProject},
		{ID: "issuetype", Name: "Issue Type", Kind: kindType},
		{ID: "summary", Name: "Summary", Kind: kindLine},
		{ID: "description", Name: "Description", Kind: kindDocument},
		{ID: "environment", Name: "Environment", Kind: kindDocument},
		{ID: "labels", Name: "Labels", Kind: kindLabels},
		{ID: "priority", Name: "Priority", Kind: kindPriority},
		{ID: "assignee", Name: "Assignee", Kind: kindUser},
		{ID: "reporter", Name: "Reporter", Kind: kindUser},
		{ID: "parent", Name: "Parent", Kind: kindParent},
		{ID: "duedate", Name: "Due date", Kind: kindDate},
		{ID: "versions", Name: "Affects versions", Kind: kindVersions},
		{ID: "fixVersions", Name: "Fix versions", Kind: kindVersions},
	}
	for _, id := range []string{"status", "resolution", "created", "updated", "creator"} {
		list = append(list, &field{ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Kind: kindReadOnly})
	}
	number := 10041
	add := func(name string, k kind, options ...string) {
		f := &field{ID: fmt.Sprintf("customfield_%d", number), Name: name, Kind: k}
		for i, option := range options {
			f.Options = append(f.Options, choice{fmt.Sprint((number-10000)*100 + 10000 + i), option})
		}
		list = append(list, f)
		number++
	}
	add("Severity", kindSelect, "Critical", "High", "Medium", "Low")
	add("CVSS Score", kindNumber)
	add("Affected Package", kindLine)
	add("Impact Statement", kindDocument)
	add("Teams", kindMultiSelect, "Payments", "Platform", "Operations")
	add("Report Link", kindURL)
	add("Security Champion", kindUser)
	add("Detected On", kindDate)
	add("Detected At", kindDateTime)
	add("Tags", kindLabels)
	add("Audit Reference", kindLine)
	add("Risk Category", kindSelect, "Financial", "Legal", "Safety")
	add("Cost Centre", kindLine)                  // on no screen
	add("Severity", kindSelect, "Sev 1", "Sev 2") // a namesake, on no screen
	return list
}

// Ids of custom fields of the default site.
const (
	FieldSeverity        = "customfield_10041" // select: Critical, High, Medium, Low
	FieldCVSS            = "customfield_10042" // number
	FieldPackage         = "customfield_10043" // single-line text
	FieldImpact          = "customfield_10044" // paragraph (ADF)
	FieldTeams           = "customfield_10045" // multi-select: Payments, Platform, Operations
	FieldReportLink      = "customfield_10046" // URL
	FieldChampion        = "customfield_10047" // user
	FieldDetectedOn      = "customfield_10048" // date
	FieldDetectedAt      = "customfield_10049" // date and time
	FieldTags            = "customfield_10050" // labels
	FieldAuditReference  = "customfield_10051" // text, required for Audit Finding
	FieldRiskCategory    = "customfield_10052" // select, required for Audit Finding
	FieldCostCentre      = "customfield_10053" // text, on no screen
	FieldSeverityElseway = "customfield_10054" // select, also called Severity, on no screen
)

func defaultScreens(projectKey string) map[string][]screenField {
	base := []screenField{
		{ID: "project", Required: true}, {ID: "issuetype", Required: true}, {ID: "summary", Required: true},
		{ID: "description"}, {ID: "assignee"}, {ID: "reporter", Required: true, HasDefault: true},
	}
	optional := func(list []screenField, ids ...string) []screenField {
		list = slices.Clone(list)
		for _, id := range ids {
			list = append(list, screenField{ID: id, HasDefault: id == "priority"})
		}
		return list
	}
	epic := optional(base, "labels", "priority")
	full := optional(epic, "environment", "parent", "duedate", "versions", "fixVersions", FieldSeverity, FieldCVSS, FieldPackage,
		FieldImpact, FieldTeams, FieldReportLink, FieldChampion, FieldDetectedOn, FieldDetectedAt, FieldTags)
	audit := append(slices.Clone(full), screenField{ID: FieldAuditReference, Required: true}, screenField{ID: FieldRiskCategory, Required: true})
	task := full
	if projectKey == "OPS" {
		task = base
	}
	return map[string][]screenField{"10000": epic, "10001": full, "10002": task, "10003": full, "10004": audit}
}
