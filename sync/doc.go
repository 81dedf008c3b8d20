// Package sync carries out in Jira what the workspace intends, and brings what
// Jira knows into the workspace: the sender of the outbox and the poller of
// ticket statuses. One process at a time does it (ruling 17); every process
// may write intentions.
//
// The heart of it is that an issue is created exactly once. Creating is not
// idempotent in Jira, so an operation is marked as sent before its first byte
// leaves, carries its id into the issue by the same request, and is sent again
// only after Jira has been asked twice, with time to settle between, and has
// shown no issue with that id (rulings 15, 16).
package sync
