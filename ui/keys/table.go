package keys

// The groups of help and documentation, in their order.
const (
	groupMove    = "Move"
	groupList    = "Choose and filter"
	groupAct     = "Act"
	groupGo      = "Screens"
	groupPlan    = "Plan and progress"
	groupRules   = "Products, policies and watches"
	groupSetUp   = "Set Jira up"
	groupConnect = "Connections and profiles"
	groupForm    = "Forms and menus"
	groupGlobal  = "Everywhere"
)

// Groups lists the groups in the order of help.
func Groups() []string {
	return []string{groupAct, groupList, groupMove, groupGo, groupPlan, groupRules, groupConnect, groupSetUp, groupForm, groupGlobal}
}

// Table is every action of the console.
func Table() []Action {
	var all []Action
	for _, part := range [][]Action{
		moving(), list(), acting(), planning(), settling(), settingUp(), connecting(),
		charting(), grouping(), viewing(), importing(),
		ruling(), typing(), everywhere(),
	} {
		all = append(all, part...)
	}
	return all
}

func moving() []Action {
	in := func(id, title string, keys ...string) Action {
		return Action{ID: id, Scope: Move, Keys: keys, Title: title, Group: groupMove}
	}
	return []Action{
		in("move.down", "one line down", "j", "down"),
		in("move.up", "one line up", "k", "up"),
		in("move.half-down", "half a page down", "ctrl-d"),
		in("move.half-up", "half a page up", "ctrl-u"),
		in("move.page-down", "a page down", "ctrl-f", "pgdn"),
		in("move.page-up", "a page up", "pgup"),
		in("move.top", "to the first line", "gg", "home"),
		in("move.bottom", "to the last line", "G", "end"),
		in("move.screen-top", "to the top of the screen", "H"),
		in("move.screen-middle", "to the middle of the screen", "M"),
		in("move.screen-bottom", "to the bottom of the screen", "L"),
	}
}

func list() []Action {
	in := func(id, title, short string, keys ...string) Action {
		return Action{ID: id, Scope: List, Keys: keys, Title: title, Short: short, Group: groupList}
	}
	return []Action{
		in("mark.toggle", "mark and go on", "mark", "space"),
		in("mark.range", "begin or end a range", "range", "v"),
		in("mark.all", "mark all that the filter matches", "", "*"),
		in("filter.edit", "filter as you type", "filter", "/"),
		in("view.choose", "saved view by its number; again lets go of it", "", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
		in("view.menu", "saved views: choose, rename, reorder, remove", "", "V"),
		in("sort.menu", "sort menu", "", "s"),
		in("sort.left", "sort by the column to the left", "", "<"),
		in("sort.right", "sort by the column to the right", "", ">"),
		in("group.menu", "group by issue, component or product", "", "b"),
		in("list.open", "open the violation", "", "enter"),
		in("pane.next", "next tab of the detail", "", "tab"),
		in("pane.previous", "previous tab of the detail", "", "shift-tab"),
		{ID: "detail.next", Scope: Detail, Keys: []string{"tab"}, Title: "next tab of the detail", Short: "next tab", Group: groupList},
		{ID: "detail.previous", Scope: Detail, Keys: []string{"shift-tab"}, Title: "previous tab of the detail", Group: groupList},
	}
}

// acting is what can be done with violations: in the list and, on the one
// that is open, in the detail.
func acting() []Action {
	var all []Action
	for _, scope := range []Scope{List, Detail} {
		prefix := ""
		if scope == Detail {
			prefix = "detail."
		}
		in := func(id, title, short, key string, changes bool) {
			all = append(all, Action{ID: prefix + id, Scope: scope, Keys: []string{key}, Title: title,
				Short: short, Group: groupAct, Changes: changes})
		}
		in("ticket.create", "create tickets, or update those that exist", "create ticket", "c", true)
		in("ticket.quick", "create tickets with the profile's defaults: straight to the plan", "", "C", true)
		in("ticket.update", "update tickets that exist: comment, summary and description", "update", "u", true)
		in("vex.edit", "VEX decision", "VEX", "e", true)
		in("vex.undo", "undo your last VEX change", "", "z", true)
		in("vex.accept", "take the decision that another version offers", "", "a", true)
		in("vex.elsewhere", "how was it judged elsewhere; choose one to copy it", "", "E", false)
		in("act.repeat", "repeat the last action on the present row or marks", "", ".", true)
		in("ticket.refresh", "fetch the status of these tickets now", "refresh", "r", true)
		in("ticket.open", "open the ticket in the browser", "", "o", false)
		in("copy.id", "copy the ticket's key or the issue's id", "", "y", false)
		in("copy.address", "copy the ticket's address", "", "Y", false)
	}
	return all
}

func planning() []Action {
	in := func(scope Scope, id, title, short string, keys ...string) Action {
		return Action{ID: id, Scope: scope, Keys: keys, Title: title, Short: short, Group: groupPlan}
	}
	accept := in(Plan, "plan.accept", "carry the plan out", "accept", "enter")
	accept.Changes, accept.Dangerous = true, true
	retry := in(Progress, "progress.retry", "try what failed again", "retry failed", "t")
	retry.Changes = true
	mend := in(Progress, "progress.mend", "mend what Jira refused, and try again", "mend", "enter")
	mend.Changes = true
	amend := in(Activity, "outbox.mend", "mend what Jira refused, and try again", "mend", "enter")
	amend.Changes = true
	again := in(Activity, "outbox.retry", "try the operation again", "try again", "t")
	again.Changes = true
	discard := in(Activity, "outbox.discard", "give the operation up", "discard", "x")
	discard.Changes, discard.Dangerous = true, true
	return []Action{
		accept,
		in(Plan, "plan.drop", "leave the line out, or take it in again", "leave out", "space", "x"),
		in(Plan, "plan.group", "group by violation, vulnerability or component", "group", "m"),
		in(Plan, "plan.update", "update tickets that exist, or leave them as they are", "update existing", "u"),
		retry, mend, again, amend, discard,
	}
}

func settling() []Action {
	in := func(id, title, short string, changes bool, keys ...string) Action {
		return Action{ID: id, Scope: Conflicts, Keys: keys, Title: title, Short: short, Group: groupPlan, Changes: changes}
	}
	return []Action{
		in("conflict.ours", "keep what is here; it goes to Jira", "keep ours", true, "o"),
		in("conflict.theirs", "take what Jira holds", "take Jira's", true, "t"),
		in("conflict.value", "another value, here and in Jira", "another", true, "e"),
		in("conflict.mark", "mark the conflict and go on", "mark", false, "space"),
		in("conflict.kind", "mark all about the same field with the same two values", "mark the like", false, "m"),
		in("conflict.all", "mark all conflicts, or none", "", false, "*"),
		in("conflict.undo", "undo the last choice, as long as it was not sent", "", true, "z"),
	}
}

func settingUp() []Action {
	in := func(id, title, short string, keys ...string) Action {
		return Action{ID: id, Scope: Provision, Keys: keys, Title: title, Short: short, Group: groupSetUp, Changes: true}
	}
	run := in("provision.run", "run the eight steps, or go on where they stopped", "run the steps", "p")
	run.Dangerous = true
	accept := in("provision.accept", "change the project's schemes as shown", "carry out", "enter")
	accept.Dangerous = true
	next := in("provision.next", "next connection", "next connection", "tab")
	next.Changes = false
	return []Action{
		run,
		in("provision.look", "bring the issue type into a project; shows what would change", "add a project", "a"),
		accept,
		in("provision.prove", "look at the project's create screen again", "check", "c"),
		next,
	}
}

func charting() []Action {
	in := func(id, title, short string, keys ...string) Action {
		return Action{ID: id, Scope: Dashboard, Keys: keys, Title: title, Short: short, Group: groupGo}
	}
	return []Action{
		in("dashboard.open", "list what the bar stands for", "list these", "enter"),
		in("dashboard.next", "next chart", "next chart", "tab"),
		in("dashboard.previous", "chart before", "", "shift-tab"),
	}
}

// grouping is what can be done with the list in groups.
func grouping() []Action {
	in := func(id, title, short, group string, keys ...string) Action {
		return Action{ID: "groups." + id, Scope: Grouped, Keys: keys, Title: title, Short: short, Group: group}
	}
	all := []Action{
		in("mark", "mark the group and go on", "mark", groupList, "space"),
		in("open", "list the group's violations", "list these", groupList, "enter"),
		in("by", "group by the next: issue, component, product", "group by", groupList, "b"),
		in("sort", "sort the groups: by name, count, severity …; again to reverse", "sort", groupList, "s"),
	}
	for _, a := range []Action{
		in("ticket.create", "create tickets for all of the group", "create tickets", groupAct, "c"),
		in("ticket.quick", "tickets for all of the group: straight to the plan", "", groupAct, "C"),
		in("vex.edit", "VEX decision on all of the group", "VEX", groupAct, "e"),
		in("vex.accept", "take the decisions that other versions offer to the group", "", groupAct, "a"),
		in("ticket.refresh", "fetch the status of the group's tickets now", "refresh", groupAct, "r"),
	} {
		a.Changes = true
		all = append(all, a)
	}
	return all
}

// viewing is what can be done with saved views.
func viewing() []Action {
	in := func(id, title, short string, changes bool, keys ...string) Action {
		return Action{ID: "views." + id, Scope: Views, Keys: keys, Title: title, Short: short, Group: groupList, Changes: changes}
	}
	remove := in("remove", "remove the view", "remove", true, "x")
	remove.Dangerous = true
	return []Action{
		{ID: "view.save", Scope: List, Keys: []string{"S"}, Title: "save the filter and its order as a view", Group: groupList, Changes: true},
		in("open", "show the view in the list", "show", false, "enter"),
		in("save", "save the list's filter and order as a view", "save present", true, "S"),
		in("edit", "name, number, query and order of the view", "edit", true, "e"),
		in("up", "give the view the number before", "", true, "<"),
		in("down", "give the view the number behind", "", true, ">"),
		remove,
	}
}

// importing is what can be done with an import.
func importing() []Action {
	in := func(id, title, short string, key string) Action {
		return Action{ID: "import." + id, Scope: Importing, Keys: []string{key}, Title: title, Short: short, Group: groupPlan, Changes: true}
	}
	stop := in("cancel", "stop the import; what is in stays", "stop", "x")
	stop.Dangerous = true
	return []Action{stop, in("retry", "import what failed or was stopped again", "try again", "t")}
}

// connecting is what can be done with connections and profiles.
func connecting() []Action {
	in := func(id, title, short, key string, changes bool) Action {
		return Action{ID: id, Scope: Setup, Keys: []string{key}, Title: title, Short: short, Group: groupConnect, Changes: changes}
	}
	typed := func(scope Scope, id, title, short, key string) Action {
		return Action{ID: id, Scope: scope, Keys: []string{key}, Title: title, Short: short, Group: groupConnect}
	}
	remove := in("setup.remove", "remove the connection or the profile", "remove", "x", true)
	remove.Dangerous = true
	return []Action{
		in("setup.open", "open the connection or the profile", "open", "enter", false),
		in("setup.connect", "connect another Jira", "new connection", "n", true),
		in("setup.profile", "add a profile", "new profile", "p", true),
		in("setup.verify", "verify the connection, or check the profile against Jira", "verify", "v", true),
		in("setup.edit", "change the connection or the profile", "change", "e", true),
		in("setup.authorize", "ask for the consent that OAuth needs, also anew", "authorize", "a", true),
		in("setup.retrieve", "retrieve ticket statuses, or no longer", "", "t", true),
		in("setup.jira", "set that Jira up: issue type, fields, projects", "set Jira up", "f", false),
		remove,
		in("setup.key", "copy the public key of an OAuth 1 connection", "", "y", false),
		typed(Consent, "consent.open", "open the address again, or copy it", "open or copy", "ctrl-g"),
		typed(Profile, "profile.map", "map another field of Jira", "map a field", "ctrl-g"),
		typed(Profile, "profile.ask", "ask Jira again for projects, issue types and fields", "ask Jira again", "ctrl-r"),
		typed(Profile, "profile.builtin", "begin with the built-in template", "built-in template", "ctrl-t"),
	}
}

func typing() []Action {
	in := func(scope Scope, id, title, short string, keys ...string) Action {
		return Action{ID: id, Scope: scope, Keys: keys, Title: title, Short: short, Group: groupForm}
	}
	return []Action{
		in(Filter, "filter.keep", "keep the filter", "keep", "enter"),
		in(Filter, "filter.restore", "back to the former filter", "restore", "esc"),
		in(Filter, "filter.complete", "complete, again for the next proposal", "complete", "tab"),
		in(Filter, "filter.complete-back", "the proposal before", "", "shift-tab"),
		in(Form, "form.next", "next field", "next field", "tab", "down"),
		in(Form, "form.previous", "previous field", "", "shift-tab", "up"),
		in(Form, "form.submit", "go on (in a long text: a new line)", "go on", "enter"),
		in(Form, "form.done", "go on, from a long text as well", "go on", "ctrl-o"),
		in(Decision, "vex.judged", "how was it judged elsewhere; choose one to fill it in", "judged elsewhere", "ctrl-r"),
		in(Form, "form.theirs", "take what another stored meanwhile; again: back to yours", "", "ctrl-y"),
		in(Form, "form.cancel", "leave without a change", "cancel", "esc"),
		in(Picker, "menu.down", "next entry", "", "down", "ctrl-n", "tab"),
		in(Picker, "menu.up", "entry before", "", "up", "ctrl-p", "shift-tab"),
		in(Picker, "menu.page-down", "a page down", "", "pgdn", "ctrl-d"),
		in(Picker, "menu.page-up", "a page up", "", "pgup", "ctrl-u"),
		in(Picker, "menu.choose", "choose", "choose", "enter"),
		in(Picker, "menu.leave", "leave", "leave", "esc"),
	}
}

func everywhere() []Action {
	in := func(id, title, short, group string, keys ...string) Action {
		return Action{ID: id, Scope: Global, Keys: keys, Title: title, Short: short, Group: group}
	}
	always := func(id, title, key string) Action {
		return Action{ID: id, Scope: Always, Keys: []string{key}, Title: title, Group: groupGlobal}
	}
	sync := in("sync.now", "sync now", "", groupAct, "R")
	sync.Changes = true
	load := in("import.file", "import reports; again: how the import stands", "", groupAct, "i")
	load.Changes = true
	return []Action{
		sync, load,
		in("go.dashboard", "dashboard: counts, trend, where the most are", "", groupGo, "D"),
		in("go.products", "products: how they are ticketed and kept in step", "", groupGo, "P"),
		in("go.policies", "policies and watches", "", groupGo, "W"),
		in("go.activity", "activity: outbox, errors, retry", "", groupGo, "A"),
		in("go.conflicts", "conflicts: what here and Jira say differently", "", groupGo, "X"),
		in("go.setup", "connections and profiles", "", groupGo, "T"),
		in("go.provision", "set Jira up: issue type, fields, projects", "", groupGo, "J"),
		in("go.messages", "past messages", "", groupGo, "!"),
		in("palette", "every command by its name", "commands", groupGlobal, ":", "ctrl-p"),
		in("help", "help that can be searched and runs what you choose", "help", groupGlobal, "?"),
		in("level.up", "one level up: range, marks, filter, screen", "", groupGlobal, "esc"),
		in("screen.back", "back to the previous screen", "", groupGlobal, "-"),
		in("leave", "back; from the list, quit", "", groupGlobal, "q"),
		always("quit", "quit", "ctrl-c"),
		always("redraw", "draw the screen again", "ctrl-l"),
		always("suspend", "suspend; fg brings the console back", "ctrl-z"),
	}
}
