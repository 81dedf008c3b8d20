// Package query is the language of the filter bar, saved views, policies,
// watch scopes and --where: it parses, checks, prints and completes.
//
//	query = or
//	or    = and { "or" and }
//	and   = not { [ "and" ] not }
//	not   = [ "-" | "not" ] ( term | "(" or ")" )
//	term  = word | string | key ":" [ operator ] value { "," value }
//	value = word | string
//
// The operators are > >= < <= and !=; before one of them the colon is free.
// Keys, keywords and values are matched without case. Terms side by side mean
// and, which binds tighter than or. Values with commas mean any of them. In a
// value or a word, * stands for any text. Quotes hold spaces and signs
// together, make keywords and special values plain text, and know the escapes
// \" \\ and \* (a star that is a star). A word without a key matches where
// issue ids, component, title or product contain it. An empty query matches
// everything.
//
// A field without a value matches no comparison (!= included), only key:none.
//
// The package does no I/O: a [Query] is a tree which the store compiles to
// SQL. The Match methods of [Term] and [Word] say in Go what that SQL must
// mean.
package query
