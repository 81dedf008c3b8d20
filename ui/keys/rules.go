package keys

// ruling is what can be done with products, policies and watches.
func ruling() []Action {
	in := func(scope Scope, id, title, short string, changes bool, keys ...string) Action {
		return Action{ID: id, Scope: scope, Keys: keys, Title: title, Short: short, Group: groupRules, Changes: changes}
	}
	dangerous := func(a Action) Action { a.Dangerous = true; return a }
	return []Action{
		in(Products, "product.edit", "settings of the product", "settings", true, "enter"),
		in(Products, "product.sync", "bring the product into step with Jira now", "sync now", true, "s"),
		in(Products, "product.list", "list its violations", "violations", false, "l"),
		in(Policies, "policy.edit", "change the policy; shows what it matches before it is stored", "change", true, "enter"),
		in(Policies, "policy.new", "a new policy", "new", true, "n"),
		dangerous(in(Policies, "policy.remove", "remove the policy", "remove", true, "x")),
		in(Policies, "policy.list", "list what it matches", "violations", false, "l"),
		in(Policies, "policy.watches", "the watches", "watches", false, "tab", "shift-tab"),
		in(Watches, "watch.edit", "change the watch", "change", true, "enter"),
		in(Watches, "watch.new", "a new watch", "new", true, "n"),
		dangerous(in(Watches, "watch.run", "create the tickets that its rules want: shows the plan", "run", true, "c")),
		dangerous(in(Watches, "watch.remove", "remove the watch; its tickets stay", "remove", true, "x")),
		in(Watches, "watch.list", "list what its policies match", "violations", false, "l"),
		in(Watches, "watch.policies", "the policies", "policies", false, "tab", "shift-tab"),
		in(Rules, "rule.add", "one more rule, below this one", "add rule", true, "ctrl-n"),
		in(Rules, "rule.up", "move the rule up: the first that matches wins", "move up", true, "ctrl-t"),
		in(Rules, "rule.remove", "take the rule out", "take out", true, "ctrl-x"),
	}
}
