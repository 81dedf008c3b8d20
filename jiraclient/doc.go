// Package jiraclient speaks to Jira. It is one client with two dialects behind
// it: Jira Cloud's REST API v3 and Jira Data Center's v2.
//
// Two things shape it. First, creating an issue is not idempotent in Jira, so
// every error tells, by [OutcomeOf], whether the request was never sent, was
// refused, or may have been carried out. Second, Jira is a shared service:
// requests are paced per route and per issue, and what Jira says about its own
// pace is obeyed.
//
// The package never logs, and no error or String method shows a secret.
package jiraclient
