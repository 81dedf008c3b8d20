package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// Setup reads how the workspace is set up (B10): settings that differ from
// their defaults, products that have settings of their own, and all of the
// rest.
func (s *Store) Setup(ctx context.Context) (out model.Setup, err error) {
	out.Settings = map[string]string{}
	for _, known := range Settings() {
		value, err := s.Setting(ctx, known.Key)
		if err != nil {
			return out, err
		}
		if value != known.Default {
			out.Settings[known.Key] = value
		}
	}
	products, err := s.Products(ctx)
	if err != nil {
		return out, err
	}
	for _, p := range products {
		if len(diff(productFields(model.Product{Sync: true}), productFields(p))) > 0 {
			out.Products = append(out.Products, p)
		}
	}
	for _, read := range []func() error{
		func() (err error) { out.Connections, err = s.Connections(ctx); return err },
		func() (err error) { out.Profiles, err = s.Profiles(ctx); return err },
		func() error { leaveOutUnfinished(&out); return nil },
		func() (err error) { out.Policies, err = s.Policies(ctx); return err },
		func() (err error) { out.Watches, err = s.Watches(ctx); return err },
		func() (err error) { out.Views, err = s.Views(ctx); return err },
	} {
		if err := read(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// leaveOutUnfinished leaves out connections whose form was left before it had an
// address, with what hangs on them: they are work in hand and no setup.
func leaveOutUnfinished(s *model.Setup) {
	unfinished := map[string]bool{}
	s.Connections = slices.DeleteFunc(s.Connections, func(c model.Connection) bool {
		lacks, _ := c.Lacks()
		unfinished[c.Name] = c.URL == "" || lacks != ""
		return unfinished[c.Name]
	})
	s.Profiles = slices.DeleteFunc(s.Profiles, func(p model.Profile) bool { return unfinished[p.Connection] })
}

// errDryRun undoes a trial.
var errDryRun = errors.New("nothing is to be changed")

// PlanSetup tells what [Store.ApplySetup] would change, and changes nothing.
func (s *Store) PlanSetup(ctx context.Context, actor model.Actor, want model.Setup) ([]model.SetupChange, error) {
	changes, err := s.setUp(ctx, actor, want, func([]model.SetupChange) error { return errDryRun })
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return changes, err
}

// ApplySetup brings the workspace to a setup, all of it or nothing; what the
// setup does not name stays as it is. Applying it twice changes nothing the
// second time. A new connection is a draft without a secret; one whose address
// or way to sign in changes is a draft again, and without its secrets where it is
// the address. The plan is what [Store.PlanSetup]
// told: where the workspace came to be another since, so that other things
// would change, nothing does, and the error is [ErrChanged]. It is a
// *model.SetupError where one thing is at fault.
func (s *Store) ApplySetup(ctx context.Context, actor model.Actor, want model.Setup, plan []model.SetupChange) error {
	_, err := s.setUp(ctx, actor, want, func(changes []model.SetupChange) error {
		if !reflect.DeepEqual(changes, plan) {
			return fmt.Errorf("the workspace %w, and the plan would be another: nothing was changed; look at it again", ErrChanged)
		}
		return nil
	})
	return err
}

func (s *Store) setUp(ctx context.Context, actor model.Actor, want model.Setup, accept func([]model.SetupChange) error) ([]model.SetupChange, error) {
	var changes []model.SetupChange
	err := s.edit(ctx, actor, func(e *evaluation) (bool, error) {
		a := setupper{Store: s, ctx: ctx, tx: e.tx, actor: actor, e: e}
		err := a.apply(&want)
		if changes = a.changes; err == nil {
			err = accept(changes)
		}
		return len(e.policies)+len(e.watches) > 0, err
	})
	return changes, err
}

type setupper struct {
	*Store
	ctx     context.Context
	tx      *sql.Tx
	actor   model.Actor
	e       *evaluation
	changes []model.SetupChange
}

func (a *setupper) apply(want *model.Setup) error {
	for _, key := range slices.Sorted(maps.Keys(want.Settings)) {
		if err := a.setting(key, want.Settings[key]); err != nil {
			return &model.SetupError{Kind: "setting", Name: key, Err: err}
		}
	}
	for i := range want.Connections {
		if err := a.connection(want.Connections[i]); err != nil {
			return &model.SetupError{Kind: "connection", Index: i, Name: want.Connections[i].Name, Err: err}
		}
	}
	for i := range want.Profiles {
		if err := a.profile(want.Profiles[i]); err != nil {
			return &model.SetupError{Kind: "profile", Index: i, Name: want.Profiles[i].Name, Err: err}
		}
	}
	for i := range want.Policies {
		if err := a.policy(want.Policies[i]); err != nil {
			return &model.SetupError{Kind: "policy", Index: i, Name: want.Policies[i].Name, Err: err}
		}
	}
	for i := range want.Watches {
		if err := a.watch(want.Watches[i]); err != nil {
			return &model.SetupError{Kind: "watch", Index: i, Name: want.Watches[i].Name, Err: err}
		}
	}
	for i := range want.Products {
		if err := a.productSettings(want.Products[i]); err != nil {
			return &model.SetupError{Kind: "product", Index: i, Name: want.Products[i].Name, Err: err}
		}
	}
	for i := range want.Views {
		if err := a.view(want.Views[i]); err != nil {
			return &model.SetupError{Kind: "view", Index: i, Name: want.Views[i].Name, Err: err}
		}
	}
	return nil
}

// pair is a field by name.
type pair struct{ name, value string }

// diff tells what differs between two lists of the same fields.
func diff(before, after []pair) []string {
	var out []string
	for i := range after {
		if before[i].value != after[i].value {
			out = append(out, fmt.Sprintf("%s: %s -> %s", after[i].name, orNothing(before[i].value), orNothing(after[i].value)))
		}
	}
	return out
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}

// changed notes a change and its place in the audit; it reports whether there
// is one.
func (a *setupper) changed(kind, name string, added bool, fields []string) (bool, error) {
	if !added && len(fields) == 0 {
		return false, nil
	}
	a.changes = append(a.changes, model.SetupChange{Kind: kind, Name: name, Added: added, Fields: fields})
	return true, a.note(a.ctx, a.tx, a.actor, kind+" "+name, "settings", "", strings.Join(fields, "; "))
}

func (a *setupper) setting(key, value string) error {
	known, err := settingOf(key)
	if err != nil {
		return err
	}
	if err := known.check(value); err != nil {
		return err
	}
	before, err := setting(a.ctx, a.tx, key)
	if err != nil {
		return err
	}
	ok, err := a.changed("setting", key, false, diff([]pair{{"value", before}}, []pair{{"value", value}}))
	if err != nil || !ok {
		return err
	}
	_, err = a.tx.ExecContext(a.ctx, `INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}

func connectionFields(c model.Connection) []pair {
	return []pair{{"type", string(c.Type)}, {"auth", string(c.Auth)}, {"url", c.URL}, {"user", c.User}, {"client_id", c.ClientID},
		{"consumer_key", c.ConsumerKey}, {"ca_file", c.CAFile}, {"retrieve_tickets", onOff(c.RetrieveTickets)}}
}

func (a *setupper) connection(c model.Connection) error {
	if err := model.CheckAuth(c.Type, c.Auth); err != nil {
		return model.InField("auth", err)
	}
	if c.Name = cut(model.Clean(c.Name), 200); c.Name == "" || c.URL == "" {
		return errors.New("it needs a name and a url")
	}
	before, err := scanConnection(a.tx.QueryRowContext(a.ctx, `SELECT `+connectionColumns+` FROM connections WHERE name = ?`, c.Name).Scan)
	added := errors.Is(err, sql.ErrNoRows)
	if err != nil && !added {
		return err
	}
	ok, err := a.changed("connection", c.Name, added, diff(connectionFields(before), connectionFields(c)))
	if err != nil || !ok {
		return err
	}
	if err := mayEditConnections(a.ctx, a.tx); err != nil {
		return err
	}
	if added {
		_, err = a.tx.ExecContext(a.ctx, `INSERT INTO connections (name, type, auth, url, created_at) VALUES (?, ?, ?, ?, ?)`, c.Name, c.Type, c.Auth, c.URL, a.millis())
		if err != nil {
			return err
		}
	}
	if !added && before.URL != c.URL {
		// What was given for one address is not sent to another because a file says so.
		for _, text := range []string{`DELETE FROM secrets WHERE owner = 'connection/' || ?`, `UPDATE connections SET options = json_remove(options, '$.cloud_id', '$.granted') WHERE id = ?`} {
			if _, err := a.tx.ExecContext(a.ctx, text, before.ID); err != nil {
				return err
			}
		}
	}
	identity := connectionFields(before)[:7]
	draft := added || len(diff(identity, connectionFields(c)[:7])) > 0
	_, err = a.tx.ExecContext(a.ctx, `UPDATE connections SET type = ?, auth = ?, url = ?, user = ?, client_id = ?, consumer_key = ?, ca_file = ?, retrieve_tickets = ?,
		state = CASE WHEN ? THEN 'draft' ELSE state END WHERE name = ?`,
		c.Type, c.Auth, c.URL, c.User, c.ClientID, c.ConsumerKey, c.CAFile, c.RetrieveTickets, draft, c.Name)
	return err
}

func (a *setupper) policy(p model.Policy) error {
	if err := checkPolicy(&p, a.now()); err != nil {
		return err
	}
	before, err := policyNamed(a.ctx, a.tx, p.Name)
	if errors.Is(err, ErrNotFound) {
		a.changes = append(a.changes, model.SetupChange{Kind: "policy", Name: p.Name, Added: true, Fields: []string{describeRules(&p)}})
		return a.addPolicy(a.ctx, a.tx, a.actor, &p)
	}
	if err != nil {
		return err
	}
	p.Name = before.Name
	ok, err := a.setPolicy(a.e, a.actor, before.Name, &p)
	if ok {
		a.changes = append(a.changes, model.SetupChange{Kind: "policy", Name: p.Name, Fields: diff([]pair{{"rules", describeRules(&before)}}, []pair{{"rules", describeRules(&p)}})})
	}
	return err
}

func (a *setupper) watch(w model.Watch) error {
	if err := checkWatch(&w, a.now()); err != nil {
		return err
	}
	before, err := watchNamed(a.ctx, a.tx, w.Name)
	if errors.Is(err, ErrNotFound) {
		if err := a.addWatch(a.e, a.actor, &w); err != nil {
			return err
		}
		a.changes = append(a.changes, model.SetupChange{Kind: "watch", Name: w.Name, Added: true, Fields: []string{describeWatch(&w)}})
		return nil
	}
	if err != nil {
		return err
	}
	w.Name = before.Name
	ok, err := a.setWatch(a.e, a.actor, before.Name, &w)
	if ok {
		a.changes = append(a.changes, model.SetupChange{Kind: "watch", Name: w.Name, Fields: diff([]pair{{"settings", describeWatch(&before)}}, []pair{{"settings", describeWatch(&w)}})})
	}
	return err
}
