package storage

import (
	"database/sql/driver"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// SQLite compares without case in ASCII only; texts beyond it go through
// fold, which is what query.Value.Match does.
// fits tells whether one of the texts that a mark divides fits a value, such as
// one of the versions of a fix.
// compare_versions is model.CompareVersions.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("compare_versions", 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		a, _ := args[0].(string)
		b, _ := args[1].(string)
		return int64(model.CompareVersions(a, b)), nil
	})
	sqlite.MustRegisterDeterministicScalarFunction("fold", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		if s, ok := args[0].(string); ok {
			return strings.ToLower(s), nil
		}
		return args[0], nil
	})
	sqlite.MustRegisterDeterministicScalarFunction("merge_details", 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		a, _ := args[0].(string)
		b, _ := args[1].(string)
		return mergeDetails(a, b)
	})
	sqlite.MustRegisterDeterministicScalarFunction("fits", 3, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		list, _ := args[0].(string)
		mark, _ := args[1].(string)
		pattern, _ := args[2].(string)
		value := query.Value{Text: pattern}
		if parts := strings.Split(pattern, partMark); len(parts) > 1 {
			value.Parts = parts
		}
		return slices.ContainsFunc(strings.Split(list, mark), value.Match), nil
	})
}

// fixSeparator stands between the versions of a fix.
const fixSeparator = ", "

// partMark stands for the wildcards of a pattern on its way through SQLite; a
// query cannot hold it.
const partMark = "\x1f"

// listPattern writes a value for fits.
func listPattern(v query.Value) string {
	if v.Pattern() {
		return strings.Join(v.Parts, partMark)
	}
	return v.Text
}

// matches is the SQL of query.Value.Match on a column: equal without case, or
// fitting the pattern.
func matches(column string, v query.Value) sqlText {
	if v.Pattern() {
		return like(column, likePattern(v))
	}
	if isASCII(v.Text) {
		return sqlf("("+column+" = ? COLLATE NOCASE)", v.Text)
	}
	return sqlf("(fold("+column+") = ?)", strings.ToLower(v.Text))
}

// like compares a column with a pattern of LIKE whose escape is a backslash.
func like(column, pattern string) sqlText {
	if isASCII(pattern) {
		return sqlf("("+column+` LIKE ? ESCAPE '\')`, pattern)
	}
	return sqlf("(fold("+column+`) LIKE ? ESCAPE '\')`, strings.ToLower(pattern))
}

func likePattern(v query.Value) string {
	if v.Parts == nil {
		return joinLike([]string{v.Text})
	}
	return joinLike(v.Parts)
}

// joinLike makes a LIKE pattern of texts with anything between them.
func joinLike(parts []string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = likeEscaper.Replace(p)
	}
	return strings.Join(escaped, "%")
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// asciiLower is SQLite's NOCASE (sqlite.org/datatype3.html, 7).
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func placeholders(n int) string {
	if n == 0 {
		return "NULL"
	}
	return strings.TrimSuffix(strings.Repeat("?,", n), ",")
}
