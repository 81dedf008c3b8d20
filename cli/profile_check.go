package cli

import (
	"context"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// checkProfile asks Jira through the profile's connection whether the profile
// can make tickets. Warnings are what Jira would leave out or does not know.
func (a *app) checkProfile(ctx context.Context, s *storage.Store, p model.Profile) ([]string, error) {
	live := vexsync.NewLive(s)
	defer live.Close()
	return live.CheckProfile(ctx, p)
}
