package model

import "strings"

// CompareVersions orders two versions of a package: negative where a is the
// older one, 0 where they mean the same. Ecosystems differ in their rules; this
// is the common ground of Semantic Versioning 2.0.0 (section 11), PEP 440,
// Maven and Debian (deb-version(7)): an epoch counts first, numbers as numbers,
// missing parts as 0, a tilde or a word such as alpha or rc before the release,
// any other word after it; build metadata behind a plus does not count.
func CompareVersions(a, b string) int {
	ea, a := splitEpoch(a)
	eb, b := splitEpoch(b)
	if c := compareNumbers(ea, eb); c != 0 {
		return c
	}
	pa, pb := versionParts(a), versionParts(b)
	for i := 0; i < len(pa) || i < len(pb); i++ {
		if c := compareParts(partAt(pa, i), partAt(pb, i)); c != 0 {
			return c
		}
	}
	return 0
}

// splitEpoch takes the number before a colon (deb, rpm) or an exclamation mark
// (PEP 440) off, and what does not count in an order.
func splitEpoch(v string) (epoch, rest string) {
	v = strings.ToLower(strings.TrimSpace(v))
	if i := strings.IndexAny(v, ":!"); i > 0 && isDigits(v[:i]) {
		epoch, v = v[:i], v[i+1:]
	}
	if len(v) > 1 && v[0] == 'v' && v[1] >= '0' && v[1] <= '9' {
		v = v[1:]
	}
	if i := strings.IndexByte(v, '+'); i > 0 {
		v = v[:i]
	}
	return epoch, v
}

// versionParts cuts a version where digits and letters meet, at separators,
// and before a tilde, which is a part of its own.
func versionParts(v string) []string {
	var parts []string
	start := -1
	flush := func(end int) {
		if start >= 0 {
			parts = append(parts, v[start:end])
			start = -1
		}
	}
	for i := range len(v) {
		switch kind := kindOf(v[i]); {
		case v[i] == '~':
			flush(i)
			parts = append(parts, "~")
		case kind == 0:
			flush(i)
		case start >= 0 && kindOf(v[start]) != kind:
			flush(i)
			start = i
		case start < 0:
			start = i
		}
	}
	flush(len(v))
	return parts
}

// kindOf is 1 for digits, 0 for signs that separate, 2 for the rest.
func kindOf(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		return 1
	case b == '.' || b == '-' || b == '_' || b == ' ' || b == '~' || b == '^':
		return 0
	}
	return 2
}

func partAt(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

// partRank is where a part stands before its own value counts: tilde, words of
// pre-releases, nothing and zero, other words, numbers.
func partRank(part string) int {
	switch {
	case part == "~":
		return 0
	case part == "":
		return 6
	case isDigits(part) && strings.Trim(part, "0") == "":
		return 6
	case isDigits(part):
		return 8
	}
	switch part {
	case "dev":
		return 1
	case "a", "alpha":
		return 2
	case "b", "beta":
		return 3
	case "m", "milestone", "pre", "preview", "snapshot":
		return 4
	case "c", "rc", "cr":
		return 5
	case "final", "ga", "release":
		return 6
	}
	return 7
}

func compareParts(a, b string) int {
	ra, rb := partRank(a), partRank(b)
	switch {
	case ra != rb:
		return ra - rb
	case ra == 8:
		return compareNumbers(a, b)
	case ra == 7:
		return strings.Compare(a, b)
	}
	return 0
}

func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
