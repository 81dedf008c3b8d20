package query

import (
	"slices"
	"sync"
)

// Key names a field of a violation.
type Key string

// The keys of the language. [Keys] tells what each means and takes.
const (
	KeyType           Key = "type"
	KeySeverity       Key = "severity"
	KeyIssue          Key = "issue"
	KeyComponent      Key = "component"
	KeyEcosystem      Key = "ecosystem"
	KeyPURL           Key = "purl"
	KeyProduct        Key = "product"
	KeyVersion        Key = "version"
	KeyResource       Key = "resource"
	KeyLicense        Key = "license"
	KeyWatch          Key = "watch"
	KeyPolicy         Key = "policy"
	KeyFix            Key = "fix"
	KeyCVSS           Key = "cvss"
	KeyEPSS           Key = "epss"
	KeyKEV            Key = "kev"
	KeyApplicable     Key = "applicable"
	KeyState          Key = "state"
	KeyVEX            Key = "vex"
	KeyJustification  Key = "justification"
	KeyResponse       Key = "response"
	KeyTicket         Key = "ticket"
	KeyTicketStatus   Key = "ticket.status"
	KeyTicketCategory Key = "ticket.category"
	KeyConnection     Key = "connection"
	KeyConflict       Key = "conflict"
	KeyReview         Key = "review"
	KeySeen           Key = "seen"
	KeyAge            Key = "age"
	KeyUpdated        Key = "updated"
	KeyPath           Key = "path"
	KeySource         Key = "source"
	KeyMalicious      Key = "malicious"
	KeyBesides        Key = "license.besides"
	KeyPackageVersion Key = "component.version"
	KeyEOL            Key = "eol"
	KeyReleased       Key = "released"
	KeyNewer          Key = "newer"
	KeyCadence        Key = "cadence"
	KeyCommits        Key = "commits"
	KeyCommitters     Key = "committers"
	KeyHas            Key = "has"
	KeyID             Key = "id"
)

// Kind is what a key's values are.
type Kind int

// The kinds of values.
const (
	KindText    Kind = iota // any text, equal without case, * as wildcard
	KindID                  // an id, equal without case, no wildcard
	KindEnum                // one of the key's Values
	KindFlag                // yes or no
	KindNumber              // a decimal number from Min to Max
	KindTime                // a date, a time, or a duration counted from now
	KindAge                 // a duration counted back from now
	KindKey                 // the name of a key whose field may be missing
	KindVersion             // a version of a package, ordered as packages order theirs; equal as text
)

// String names the kind as help and documentation do.
func (k Kind) String() string {
	switch k {
	case KindText:
		return "text"
	case KindID:
		return "id"
	case KindEnum:
		return "one of"
	case KindFlag:
		return "yes or no"
	case KindNumber:
		return "number"
	case KindTime:
		return "date or duration"
	case KindAge:
		return "duration"
	case KindKey:
		return "key"
	case KindVersion:
		return "version"
	}
	return "unknown"
}

// Special is a value that is not compared but has a meaning of its own.
type Special string

// The special values.
const (
	None   Special = "none"   // the field has no value
	Any    Special = "any"    // the field has a value, whatever it is
	All    Special = "*"      // everything; written all, too
	Latest Special = "latest" // the current version of the product (ruling 4)
	Yes    Special = "yes"    // fix: there is a fixed version
	No     Special = "no"     // fix: there is none
)

// Choice is one value of an enumeration.
type Choice struct {
	Name     string
	Doc      string
	Synonyms []string // other spellings that are understood
	Rank     int      // place in the order, greater is worse; 0: not ordered, matched by name only
}

// KeyInfo describes a key: for checking, completion, help and documentation.
type KeyInfo struct {
	Key      Key
	Kind     Kind
	Doc      string    // one sentence without a full stop
	Values   []Choice  // of KindEnum and KindFlag
	Specials []Special // special values besides
	Min, Max float64   // of KindNumber, both included
	Future   bool      // a duration counts forward from now, not back
	Examples []string  // typical values with their operators
}

// Ops are the operators that the key takes, [Equal] first.
func (k KeyInfo) Ops() []Op {
	switch {
	case k.Kind == KindKey:
		return []Op{Equal}
	case k.Kind == KindNumber, k.Kind == KindTime, k.Kind == KindAge, k.Kind == KindVersion, k.Ordered():
		return []Op{Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual}
	default:
		return []Op{Equal, NotEqual}
	}
}

// Ordered tells whether the key's enumeration has an order.
func (k KeyInfo) Ordered() bool {
	return slices.ContainsFunc(k.Values, func(c Choice) bool { return c.Rank > 0 })
}

// Optional tells whether the field may be missing, so that key:none and
// has:key make sense.
func (k KeyInfo) Optional() bool { return slices.Contains(k.Specials, None) }

// candidates are the names that fit as a value.
func (k KeyInfo) candidates() []string {
	var names []string
	if k.Kind == KindKey {
		for _, info := range index().all {
			if info.Optional() {
				names = append(names, string(info.Key))
			}
		}
	}
	for _, c := range k.Values {
		names = append(names, c.Name)
	}
	for _, s := range k.Specials {
		names = append(names, string(s))
	}
	return names
}

// Keys describes all keys in the order of the documentation. The caller owns
// the result.
func Keys() []KeyInfo { return table() }

// Lookup describes one key, named without regard to case.
func Lookup(name string) (KeyInfo, bool) {
	info, ok := index().byName[Key(fold(name))]
	return info, ok
}

type keyIndex struct {
	all    []KeyInfo
	names  []string
	byName map[Key]KeyInfo
}

// index is the table prepared for lookups; nobody outside sees its slices.
var index = sync.OnceValue(func() keyIndex {
	idx := keyIndex{all: table(), byName: map[Key]KeyInfo{}}
	for _, info := range idx.all {
		idx.names = append(idx.names, string(info.Key))
		idx.byName[info.Key] = info
	}
	return idx
})
