package query_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/vexdesk/model/query"
)

// seeds show the fuzzer the whole grammar.
var seeds = []string{
	``,
	`severity:>=high -ticket:any fix:yes`,
	`(kev:yes or epss:>=0.5) product:payments*`,
	`issue:CVE-2024-3094,CVE-2023-44487`,
	`xz "remote code"`,
	`not (a and -"b \"c\" \\ \* *") or cvss<9.5`,
	`version:* state:all vex:*affected license:"NONE"`,
	`review:<14d age:>8w seen:2026-11-01 updated:>=2026-11-22T08:00:00.5Z`,
	`has:ticket.status id:42 ticket.category:todo`,
	`severity:>> "`, `(((`, `--a`, `a,b`, `:x`, "a\u00a0\u3000b\u0085", `İ:x ſeverity:high K:K`,
}

// FuzzParse: no input panics, mistakes lie inside the text, and what is
// printed means the same as what was read.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := query.Parse(text, now)
		if err != nil {
			var e *query.Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(text) || e.Column() < 1 || e.Hint == "" {
				t.Fatalf("mistake outside the text or without a hint: %v", err)
			}
			return
		}
		same(t, q.Expr)
	})
}

// same checks that an expression survives being printed and read.
func same(t interface{ Fatalf(string, ...any) }, e query.Expr) {
	printed := query.Print(e)
	q, err := query.Parse(printed, now)
	if err != nil {
		t.Fatalf("printed as %q: %v", printed, err)
	}
	if !query.Same(e, q.Expr) {
		t.Fatalf("%#v\nprinted as %q\nread as %#v", e, printed, q.Expr)
	}
	if again := q.String(); again != printed {
		t.Fatalf("printed as %q, then as %q", printed, again)
	}
}

func TestPrintParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { same(t, exprs(3).Draw(t, "expr")) })
}

// exprs generates trees straight from the types, not through the parser.
func exprs(depth int) *rapid.Generator[query.Expr] {
	return rapid.Custom(func(t *rapid.T) query.Expr {
		kind := rapid.IntRange(0, 4).Draw(t, "kind")
		if depth == 0 {
			kind = kind % 2
		}
		switch kind {
		case 0:
			return query.Word{Value: textValue().Draw(t, "word")}
		case 1:
			return term(t)
		case 2:
			return query.Not{Of: exprs(depth-1).Draw(t, "not")}
		case 3:
			return query.And{Of: rapid.SliceOfN(exprs(depth-1), 2, 4).Draw(t, "and")}
		default:
			return query.Or{Of: rapid.SliceOfN(exprs(depth-1), 2, 4).Draw(t, "or")}
		}
	})
}

func term(t *rapid.T) query.Expr {
	info := rapid.SampledFrom(query.Keys()).Draw(t, "key")
	op := rapid.SampledFrom(info.Ops()).Draw(t, "op")
	if info.Kind == query.KindTime || info.Kind == query.KindAge {
		return timeTerm(t, info, op)
	}
	values := rapid.Custom(func(t *rapid.T) query.Value {
		if len(info.Specials) > 0 && op == query.Equal && rapid.Bool().Draw(t, "is special") {
			s := rapid.SampledFrom(info.Specials).Draw(t, "special")
			return query.Value{Special: s, Text: string(s)}
		}
		switch info.Kind {
		case query.KindEnum, query.KindFlag:
			choices := info.Values
			if op != query.Equal && op != query.NotEqual {
				choices = choices[:len(choices)-1] // unknown severity has no order
			}
			return query.Value{Text: rapid.SampledFrom(choices).Draw(t, "choice").Name}
		case query.KindNumber:
			n := rapid.SampledFrom([]query.Value{{Text: "0"}, {Text: "0.5", Number: 0.5}, {Text: "1", Number: 1}})
			return n.Draw(t, "number")
		case query.KindKey:
			return query.Value{Text: rapid.SampledFrom([]string{"ticket", "ticket.status", "fix"}).Draw(t, "has")}
		case query.KindID:
			return query.Value{Text: plainText().Draw(t, "id")}
		case query.KindVersion:
			if op != query.Equal && op != query.NotEqual {
				return query.Value{Text: plainText().Draw(t, "version")}
			}
			return textValue().Draw(t, "version pattern")
		default:
			return textValue().Draw(t, "text")
		}
	})
	return query.Term{Key: info.Key, Op: op, Values: rapid.SliceOfN(values, 1, 3).Draw(t, "values")}
}

// timeTerm lets the parser resolve the instants, which the tree holds.
func timeTerm(t *rapid.T, info query.KeyInfo, op query.Op) query.Expr {
	values := []string{"30m", "12h", "14d", "8w", "1y", "0d"}
	if info.Kind == query.KindTime {
		values = append(values, "2026-11-22", "2026-11-22T08:00:00Z", "2026-11-22T08:00:00.123+02:00")
	}
	list := rapid.SliceOfN(rapid.SampledFrom(values), 1, 3).Draw(t, "times")
	q, err := query.Parse(string(info.Key)+":"+string(op)+strings.Join(list, ","), now)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return q.Expr
}

// plainText prefers the signs and words that mean something to the parser.
func plainText() *rapid.Generator[string] {
	special := rapid.SampledFrom([]string{
		"and", "OR", "not", "none", "any", "all", "latest", "*", "-", `"`, `\`, ":", ">", ">=", "!=", "=", "!", ",", "(", ")", " ", "a", "É", "ß", "日本",
	})
	anything := rapid.StringOfN(rapid.RuneFrom([]rune("az09._-/@%+ é語\u00a0\u2028\ufffd😀")), 1, 6, -1)
	return rapid.Map(rapid.SliceOfN(rapid.OneOf(special, anything), 1, 4), func(s []string) string { return strings.Join(s, "") })
}

func textValue() *rapid.Generator[query.Value] {
	return rapid.Custom(func(t *rapid.T) query.Value {
		if !rapid.Bool().Draw(t, "is pattern") {
			return query.Value{Text: plainText().Draw(t, "text")}
		}
		parts := rapid.SliceOfN(plainText(), 1, 3).Draw(t, "parts")
		if len(parts) == 1 || rapid.Bool().Draw(t, "star first") {
			parts = append([]string{""}, parts...)
		}
		if rapid.Bool().Draw(t, "star last") {
			parts = append(parts, "")
		}
		return query.Value{Text: strings.Join(parts, "*"), Parts: parts}
	})
}

func TestSameTellsApart(t *testing.T) {
	texts := []string{
		`a`, `b`, `-a`, `a b`, `b a`, `a or b`, `a b c`, `(a b) c`, `"a*"`, `a*`, `"a\*"`, `product:a`, `product:!=a`, `component:a`,
		`product:a,b`, `cvss:1`, `cvss:>1`, `seen:1d`, `seen:2d`, `fix:yes`, `fix:"yes"`, ``,
	}
	for i, a := range texts {
		for j, b := range texts {
			want := i == j || a == `"a*"` && b == `a*` || a == `a*` && b == `"a*"`
			if got := query.Same(parse(t, a).Expr, parse(t, b).Expr); got != want {
				t.Errorf("Same(%s, %s) = %v", a, b, got)
			}
		}
	}
}
