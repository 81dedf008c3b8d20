package wiki_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/jiraclient/wiki"
)

func TestFromMarkdown(t *testing.T) {
	for name, c := range map[string]struct{ markdown, want string }{
		"paragraphs":        {"a\nb\n\nc", "a b\n\nc"},
		"hard break":        {"a  \nb", "a\nb"},
		"headings":          {"# A\n\n### B", "h1. A\n\nh3. B"},
		"marks":             {"**a** _b_ ~~c~~ `d`", "*a* _b_ -c- {{d}}"},
		"marks in words":    {"un**bear**able", "un{*}bear{*}able"},
		"marks nested":      {"***a***", "*_a_*"},
		"link":              {"[it](https://e.com/a?b=1)", "[it|https://e.com/a?b=1]"},
		"link that closes":  {"[a](https://e.com/x]y|z)", "[a|https://e.com/x%5Dy%7Cz]"},
		"bare link":         {"see https://e.com/a_b", "see [https://e.com/a_b]"},
		"script link":       {"[a](javascript:alert(1))", "a"},
		"bullets":           {"- a\n- b\n  - c\n    1. d", "* a\n* b\n** c\n**# d"},
		"numbers":           {"1. a\n2. b", "# a\n# b"},
		"paragraphs inside": {"- a\n\n  b", `* a\\ b`},
		"code":              {"```go\nx := \"{a}\"\n```", "{code:go}\nx := \"{a}\"\n{code}"},
		"code unknown":      {"```brainf\n+\n```", "{noformat}\n+\n{noformat}"},
		"code that closes":  {"```go\na {code} b\n```", "{noformat}\na {code} b\n{noformat}"},
		"code in both ways": {"```go\n{code}{noformat}\n```", `\{code\}\{noformat\}`},
		"quote":             {"> a\n>\n> b", "{quote}\na\n\nb\n{quote}"},
		"rule":              {"a\n\n---\n\nb", "a\n\n----\n\nb"},
		"table":             {"|a|b|\n|-|-|\n|x\\|y||", "||a||b||\n|x\\|y| |"},
		"image":             {"![alt](https://e.com/i.png)", "[alt|https://e.com/i.png]"},
		"nothing":           {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wiki.FromDocument(adf.FromMarkdown(c.markdown)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestOutsideTextIsNoMarkup: what a report says stands as it is.
func TestOutsideTextIsNoMarkup(t *testing.T) {
	for in, want := range map[string]string{
		"{code}x{code}":              `\{code\}x\{code\}`,
		"[click|https://evil.test]":  `\[click\|https://evil.test\]`,
		"!https://evil.test/p.png!":  `\!https://evil.test/p.png!`,
		"[~admin]":                   `\[\~admin\]`,
		"h1. Loud":                   `&#104;1. Loud`,
		"  bq. x":                    `  &#98;q. x`,
		"* item":                     `\* item`,
		"# item":                     `\# item`,
		"---- rule":                  `\-\-\-\- rule`,
		"CVE-2026-1234 in lib-foo":   `CVE-2026-1234 in lib-foo`,
		"my_var -struck- a-b":        `my\_var \-struck- a-b`,
		`C:\temp\{x}`:                `C:&#92;temp&#92;\{x\}`,
		"&lt;b&gt; AT&T":             `&amp;lt;b&amp;gt; AT&T`,
		"fine :) (!) ok":             `fine &#58;) \(\!) ok`,
		"||a||":                      `\|\|a\|\|`,
		"https://e.com/a_b_c?x=1 *y": `https://e.com/a_b_c?x=1 \*y`,
	} {
		if got := wiki.Escape(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		if got := wiki.PlainText(wiki.Escape(in)); got != strings.TrimRight(in, " ") {
			t.Errorf("%q reads back as %q", in, got)
		}
	}
}

func TestPlainTextOfForeignMarkup(t *testing.T) {
	markup := "h1. Title\r\n\r\nSome *bold*, _it_, -gone-, {{mono}}, {*}in{*}side, {color:red}red{color} and [words|https://e.com].\n" +
		"[https://e.com/a_b] [~robin] !shot.png|thumbnail! ??cite?? 3 * 4 - 5 a_b_c\n\n" +
		"{code:java}\nint *p = {0};\n{code}\n{quote}\nquoted\n{quote}\n" +
		"* a\n** b\n# one\n# two\n----\n||k||v||\n|x|[y|https://e.com]|\nbq. said\nend"
	want := "Title\n\nSome bold, it, gone, mono, inside, red and words.\n" +
		"https://e.com/a_b @robin shot.png cite 3 * 4 - 5 a_b_c\n\n" +
		"int *p = {0};\n\nquoted\n\n- a\n  - b\n1. one\n2. two\n\n---\n\nk | v\nx | y\nsaid\n\nend"
	if got := wiki.PlainText(markup); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestBothDialectsSayTheSame: a description reads alike on Cloud and on Data
// Center, so that a ticket does not seem changed for where it lies.
func TestBothDialectsSayTheSame(t *testing.T) {
	for _, markdown := range []string{
		"**a** b `c`\n\nd", "# T\n\ntext\n\n- a\n- b\n  - c\n\nend", "1. a\n2. b", "|a|b|\n|-|-|\n|c|d|", "> q\n>\n> r", "[w](https://e.com) https://e.com/x_y",
		"```\ncode {x}\n```\n\nafter", "a  \nb", "- p\n\n  q", "CVE-2026-1: *x* {y} [z] a|b \\\\ c",
	} {
		if got, want := wiki.PlainText(wiki.FromDocument(adf.FromMarkdown(markdown))), adf.PlainText(adf.FromMarkdown(markdown)); got != want {
			t.Errorf("%q reads %q in wiki markup and %q in ADF", markdown, got, want)
		}
	}
}

func TestTextSurvivesTheJourney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" \n\n\t-*_{}[]|!?&#;:()\\+^~h1.bq/")))).Draw(t, "text")
		markup := wiki.FromDocument(adf.FromText(s))
		if got, want := wiki.PlainText(markup), adf.Normalize(s); got != want {
			t.Fatalf("%q came back as %q, want %q, by %q", s, got, want, markup)
		}
	})
}

func TestLimit(t *testing.T) {
	const more = "https://vexdesk.example.com/v/1"
	for name, markdown := range map[string]string{
		"prose": strings.Repeat("word and **more** `x`\n\n", 5000),
		"signs": strings.Repeat("{a}[b]|", 9000),
		"emoji": strings.Repeat("😀", 40000),
		"list":  strings.Repeat("- item\n", 10000),
		"table": "|a|b|\n|-|-|\n" + strings.Repeat("|x|y|\n", 10000),
		"code":  "```\n" + strings.Repeat("line\n", 10000) + "```\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := wiki.Limit(adf.FromMarkdown(markdown), wiki.MaxText, more)
			if n := wiki.Length(got); n > wiki.MaxText || n < wiki.MaxText*4/5 {
				t.Errorf("length %d of at most %d", n, wiki.MaxText)
			}
			if !strings.HasSuffix(got, "["+more+"]") || !utf8.ValidString(got) {
				t.Errorf("it ends in %q", got[len(got)-60:])
			}
		})
	}
	if got := wiki.Limit(adf.FromText("short"), wiki.MaxText, more); got != "short" {
		t.Errorf("a short text became %q", got)
	}
}

// FuzzFromMarkdown: whatever comes in, the markup is valid text, keeps to its
// limit, and macros that it opens are closed.
func FuzzFromMarkdown(f *testing.F) {
	for _, seed := range []string{
		"", "# a\n\n- b\n  1. c\n     > d\n", "> - a\n>   - b\n\n|x|\n|-|\n|`y`|", "**a*b**c*", "[a](<b c>) ![](x)", "```go\n{code}\n```", "`{{a}}`",
		"<div>\n<p>\n</div>\n\n&#0; &#x1F600; \\\n", "a\\\nb  \n", "~~[`x`](https://e.com)~~", "\xff\xfe", "{code}{noformat}{quote}", "- ```\n  x\n  ```",
	} {
		f.Add(seed, 100)
	}
	f.Fuzz(func(t *testing.T, markdown string, limit int) {
		d := adf.FromMarkdown(markdown)
		markup := wiki.FromDocument(d)
		if !utf8.ValidString(markup) || strings.ContainsAny(markup, "\x00\x1b\r") {
			t.Fatalf("unsafe markup %q", markup)
		}
		if strings.Count(markup, "{quote}")%2 != 0 && !strings.Contains(markup, "{code") && !strings.Contains(markup, "{noformat") {
			t.Fatalf("an open quote in %q", markup)
		}
		wiki.PlainText(markup)
		limit = 64 + max(limit, -limit, 0)%1000
		if got := wiki.Length(wiki.Limit(d, limit, "https://e.com")); got > limit {
			t.Fatalf("cut to %d: length %d", limit, got)
		}
	})
}

// FuzzPlainText: markup of others is read without harm.
func FuzzPlainText(f *testing.F) {
	f.Add("h1. x\n* [a|b] {code}\n{code} !a.png! {{{{ \\\\")
	f.Add("{*}a{*}{{x}}[[]|]|||\n|a|[b|c]|")
	f.Fuzz(func(t *testing.T, markup string) {
		if text := wiki.PlainText(markup); !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b\r") {
			t.Fatalf("unsafe text %q", text)
		}
	})
}
