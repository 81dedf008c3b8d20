// Package model holds the domain of vexdesk: what a violation, a component,
// an issue, an assessment, a ticket, a connection and a profile are, and the
// pure rules over them. It does no I/O, reads no clock and imports nothing
// else of this module.
package model
