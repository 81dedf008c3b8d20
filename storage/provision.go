package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/vexdesk/model"
)

// ErrProvisioning means: something is asked of provisioning on the connection
// already.
var ErrProvisioning = errors.New("jira is being set up through this connection already: wait until that is done")

const provisionColumns = `id, connection_id, kind, project, clone, check_as, plan, proof, state, code, error, by, asked, finished`

// AskProvision stores what an administrator asks for; sync carries it out. One
// thing is done at a time on a connection: ErrProvisioning.
func (s *Store) AskProvision(ctx context.Context, actor model.Actor, r model.ProvisionRequest) (id int64, err error) {
	plan, err := orNullJSON(r.Plan)
	if err != nil {
		return 0, err
	}
	err = s.update(ctx, func(tx *sql.Tx) error {
		var busy bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM provision_requests WHERE connection_id = ? AND finished IS NULL)`, r.ConnectionID).Scan(&busy); err != nil {
			return err
		}
		if busy {
			return ErrProvisioning
		}
		// What is over is told by the ledger and by the audit; the last one of a
		// kind is kept to be shown.
		if _, err := tx.ExecContext(ctx, `DELETE FROM provision_requests WHERE connection_id = ? AND kind = ?`, r.ConnectionID, string(r.Kind)); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `INSERT INTO provision_requests (connection_id, kind, project, clone, check_as, plan, state, by, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ConnectionID, string(r.Kind), model.Clean(r.Project), r.Clone, r.CheckAs, plan, string(model.ProvisionAsked), actor.Name, s.millis())
		if err != nil {
			return err
		}
		if id, err = res.LastInsertId(); err != nil || r.Kind == model.ProvisionLook || r.Kind == model.ProvisionProve {
			return err
		}
		return s.note(ctx, tx, actor, "provisioning", string(r.Kind), "", r.Project)
	})
	return id, err
}

func orNullJSON[T any](v *T) (any, error) {
	if v == nil {
		return nil, nil //nolint:nilnil // SQL's NULL
	}
	text, err := json.Marshal(v)
	return string(text), err
}

// ProvisionRequests lists what was asked on a connection, the newest first.
func (s *Store) ProvisionRequests(ctx context.Context, connection int64) ([]model.ProvisionRequest, error) {
	return s.provisionRequests(ctx, `connection_id = ? ORDER BY id DESC`, connection)
}

// ProvisionRequest reads one request.
func (s *Store) ProvisionRequest(ctx context.Context, id int64) (model.ProvisionRequest, error) {
	found, err := s.provisionRequests(ctx, `id = ?`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("request %d of provisioning: %w", id, ErrNotFound)
	}
	if err != nil {
		return model.ProvisionRequest{}, err
	}
	return found[0], nil
}

// BeginProvision takes the oldest request that is not over, also one that
// another process began and did not end. ok is false where there is none.
func (s *Store) BeginProvision(ctx context.Context) (r model.ProvisionRequest, ok bool, err error) {
	found, err := s.provisionRequests(ctx, `finished IS NULL ORDER BY id LIMIT 1`)
	if err != nil || len(found) == 0 {
		return r, false, err
	}
	r = found[0]
	r.State = model.ProvisionRunning
	return r, true, s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE provision_requests SET state = ? WHERE id = ?`, string(r.State), r.ID)
		return err
	})
}

// EndProvision records what came of a request: its plan and proof, and where
// Error is set, that it failed.
func (s *Store) EndProvision(ctx context.Context, r model.ProvisionRequest) error {
	r.State = model.ProvisionDone
	if r.Error != "" {
		r.State = model.ProvisionFailed
	}
	plan, err := orNullJSON(r.Plan)
	if err != nil {
		return err
	}
	proof, err := orNullJSON(r.Proof)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE provision_requests SET state = ?, plan = ?, proof = ?, code = ?, error = ?, finished = ? WHERE id = ?`,
			string(r.State), plan, proof, r.Code, cut(model.Clean(r.Error), 1000), s.millis(), r.ID)
		return err
	})
}

func (s *Store) provisionRequests(ctx context.Context, condition string, args ...any) ([]model.ProvisionRequest, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+provisionColumns+` FROM provision_requests WHERE `+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("what was asked of provisioning cannot be read: %w", err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.ProvisionRequest
	for rows.Next() {
		var r model.ProvisionRequest
		var plan, proof sql.NullString
		var asked, finished sql.NullInt64
		err := rows.Scan(&r.ID, &r.ConnectionID, &r.Kind, &r.Project, &r.Clone, &r.CheckAs, &plan, &proof, &r.State, &r.Code, &r.Error, &r.By, &asked, &finished)
		if err == nil && plan.Valid {
			err = json.Unmarshal([]byte(plan.String), &r.Plan)
		}
		if err == nil && proof.Valid {
			err = json.Unmarshal([]byte(proof.String), &r.Proof)
		}
		if err != nil {
			return nil, err
		}
		r.Asked, r.Finished = fromMillis(asked), fromMillis(finished)
		out = append(out, r)
	}
	return out, rows.Err()
}

// ProvisionSteps tells where the steps of provisioning stand by the ledger.
func (s *Store) ProvisionSteps(ctx context.Context, connection int64) ([]model.ProvisionStep, error) {
	entries, err := s.Ledger(ctx, connection)
	if err != nil {
		return nil, err
	}
	out := make([]model.ProvisionStep, 0, len(model.ProvisionSteps()))
	for _, name := range model.ProvisionSteps() {
		step := model.ProvisionStep{Name: name, State: model.StepPending}
		for _, e := range entries {
			if e.Step == name && e.Object == "" {
				step.State, step.Error = e.State, e.Error
			}
		}
		out = append(out, step)
	}
	return out, nil
}
