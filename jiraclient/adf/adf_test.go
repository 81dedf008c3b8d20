package adf_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/jiraclient/jiratest"
)

func TestFromMarkdown(t *testing.T) {
	const head, tail = `{"type":"doc","version":1,"content":[`, `]}`
	for name, c := range map[string]struct{ markdown, want string }{
		"empty":      {"", ``},
		"paragraph":  {"a\nb", `{"type":"paragraph","content":[{"type":"text","text":"a b"}]}`},
		"hard break": {"a  \nb", `{"type":"paragraph","content":[{"type":"text","text":"a"},{"type":"hardBreak"},{"type":"text","text":"b"}]}`},
		"heading":    {"## T", `{"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"T"}]}`},
		"marks": {"*a* **b** ~~c~~", `{"type":"paragraph","content":[{"type":"text","text":"a","marks":[{"type":"em"}]},{"type":"text","text":" "},` +
			`{"type":"text","text":"b","marks":[{"type":"strong"}]},{"type":"text","text":" "},{"type":"text","text":"c","marks":[{"type":"strike"}]}]}`},
		"link": {"[x](https://e.com/?a=1&b=2)", `{"type":"paragraph","content":[{"type":"text","text":"x","marks":[{"type":"link","attrs":{"href":"https://e.com/?a=1&b=2"}}]}]}`},
		"bare address": {"see https://e.com/a now", `{"type":"paragraph","content":[{"type":"text","text":"see "},` +
			`{"type":"text","text":"https://e.com/a","marks":[{"type":"link","attrs":{"href":"https://e.com/a"}}]},{"type":"text","text":" now"}]}`},
		"script link":     {"[x](javascript:alert)", `{"type":"paragraph","content":[{"type":"text","text":"x"}]}`},
		"code drops bold": {"**a `b`**", `{"type":"paragraph","content":[{"type":"text","text":"a ","marks":[{"type":"strong"}]},{"type":"text","text":"b","marks":[{"type":"code"}]}]}`},
		"code block":      {"```go\na\n\nb\n```", `{"type":"codeBlock","attrs":{"language":"go"},"content":[{"type":"text","text":"a\n\nb"}]}`},
		"list": {"- a\n  - b\n- c", `{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]},` +
			`{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}]}]},` +
			`{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"c"}]}]}]}`},
		"ordered list":    {"3. a", `{"type":"orderedList","attrs":{"order":3},"content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]}]}]}`},
		"heading in list": {"- # a", `{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"a","marks":[{"type":"strong"}]}]}]}]}`},
		"quote":           {"> a\n> - b", `{"type":"blockquote","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]},{"type":"paragraph","content":[{"type":"text","text":"• b"}]}]}`},
		"rule":            {"---", `{"type":"rule"}`},
		"table": {"|a|b|\n|-|-|\n|1||", `{"type":"table","content":[{"type":"tableRow","content":[` +
			`{"type":"tableHeader","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]}]},{"type":"tableHeader","content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}]},` +
			`{"type":"tableRow","content":[{"type":"tableCell","content":[{"type":"paragraph","content":[{"type":"text","text":"1"}]}]},{"type":"tableCell","content":[{"type":"paragraph"}]}]}]}`},
		"html is text":        {"a <b>x</b>", `{"type":"paragraph","content":[{"type":"text","text":"a \u003cb\u003ex\u003c/b\u003e"}]}`},
		"escapes":             {`\*a\* &amp; \&amp;`, `{"type":"paragraph","content":[{"type":"text","text":"*a* \u0026 \u0026amp;"}]}`},
		"control characters":  {"a\x1b[31mb\x00", `{"type":"paragraph","content":[{"type":"text","text":"a[31mb"}]}`},
		"image":               {"![alt](https://e.com/i.png)", `{"type":"paragraph","content":[{"type":"text","text":"alt","marks":[{"type":"link","attrs":{"href":"https://e.com/i.png"}}]}]}`},
		"nothing to be shown": {"# \n\n[](x)\n\n```\n```\n", ``},
	} {
		t.Run(name, func(t *testing.T) {
			got := string(adf.FromMarkdown(c.markdown).JSON())
			want := strings.ReplaceAll(head+c.want+tail, "&b", `\u0026b`)
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if problem := jiratest.CheckADF([]byte(got)); problem != "" {
				t.Errorf("Jira would say %s", problem)
			}
		})
	}
}

func TestPlainTextOfForeignDocuments(t *testing.T) {
	raw := `{"type":"doc","version":1,"content":[
		{"type":"heading","attrs":{"level":1},"content":[{"type":"text","text":"Title"}]},
		{"type":"paragraph","content":[{"type":"mention","attrs":{"id":"1","text":"@Robin"}},{"type":"text","text":" saw "},{"type":"inlineCard","attrs":{"url":"https://e.com"}},{"type":"hardBreak"},{"type":"text","text":"it"}]},
		{"type":"panel","attrs":{"panelType":"info"},"content":[{"type":"paragraph","content":[{"type":"text","text":"note"}]}]},
		{"type":"orderedList","attrs":{"order":2},"content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"two"}]}]},{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"three"}]}]}]},
		{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]}]},{"type":"tableCell","content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}]}]},
		{"type":"somethingNew","content":[{"type":"paragraph","content":[{"type":"text","text":"end"}]}]}]}`
	want := "Title\n\n@Robin saw https://e.com\nit\n\nnote\n\n2. two\n3. three\n\na | b\n\nend"
	if got := adf.FieldText([]byte(raw)); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestFieldText(t *testing.T) {
	for raw, want := range map[string]string{
		`"a\r\nb "`: "a\nb", `null`: "", ``: "", `9.8`: "9.8", `1e21`: "1000000000000000000000", `true`: "true",
		`{"id":"1","value":"High"}`: "High", `{"name":"P","id":"3"}`: "P", `{"displayName":"Dana","accountId":"x"}`: "Dana",
		`[{"value":"a"},{"value":"b"}]`: "a, b", `["x","y"]`: "x, y", `{"type":"doc","version":1,"content":[]}`: "", `{"odd":{}}`: "", `{`: "",
	} {
		if got := adf.FieldText([]byte(raw)); got != want {
			t.Errorf("%s reads %q, want %q", raw, got, want)
		}
	}
}

func TestTextSurvivesTheJourney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" \n\n\t\r-*")))).Draw(t, "text")
		document := adf.FromText(s).JSON()
		if problem := jiratest.CheckADF(document); problem != "" {
			t.Fatalf("Jira would say %s to %s", problem, document)
		}
		if got, want := adf.FieldText(document), adf.Normalize(s); got != want {
			t.Fatalf("%q came back as %q, want %q", s, got, want)
		}
		if again := adf.Normalize(adf.Normalize(s)); again != adf.Normalize(s) {
			t.Fatalf("normalising twice changes %q", again)
		}
	})
}

func TestLimit(t *testing.T) {
	for name, markdown := range map[string]string{
		"prose":  strings.Repeat("word and **more** `x`\n\n", 5000),
		"emoji":  strings.Repeat("😀", 40000),
		"list":   strings.Repeat("- item\n", 10000),
		"table":  "|a|b|\n|-|-|\n" + strings.Repeat("|x|y|\n", 10000),
		"code":   "```\n" + strings.Repeat("line\n", 10000) + "```\n",
		"quotes": strings.Repeat("> quoted\n\ntext\n\n", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			const more = "https://vexdesk.example.com/v/1"
			d := adf.Limit(adf.FromMarkdown(markdown), adf.MaxText, more)
			if n := d.Length(); n > adf.MaxText || n < adf.MaxText-200 {
				t.Errorf("length %d of at most %d", n, adf.MaxText)
			}
			raw := d.JSON()
			if problem := jiratest.CheckADF(raw); problem != "" {
				t.Errorf("Jira would say %s", problem)
			}
			if text := adf.PlainText(d); !strings.HasSuffix(text, more) || !utf8.ValidString(text) {
				t.Errorf("it ends in %q", text[len(text)-60:])
			}
		})
	}
	short := adf.FromText("short")
	if got := adf.PlainText(adf.Limit(short, adf.MaxText, "https://x.test")); got != "short" {
		t.Errorf("a short text became %q", got)
	}
}

func TestSummary(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\tc": "a b c", "  x  ": "x", strings.Repeat("ä", 255): strings.Repeat("ä", 255),
		strings.Repeat("ä", 256): strings.Repeat("ä", 254) + "…", strings.Repeat("😀", 128): strings.Repeat("😀", 127) + "…", "a\x1bb": "ab",
	} {
		if got := adf.Summary(in); got != want {
			t.Errorf("%.20q became %q", in, got)
		}
	}
}

// FuzzFromMarkdown: whatever comes in, Jira accepts what goes out, also after it
// was cut.
func FuzzFromMarkdown(f *testing.F) {
	for _, seed := range []string{
		"", "# a\n\n- b\n  1. c\n     > d\n     > ```\n     > e\n     > ```\n", "> - a\n>   - b\n\n|x|\n|-|\n|`y`|", "**a*b**c*", "[a](<b c>) ![](x)",
		"<div>\n<p>\n</div>\n\n&#0; &#x1F600; \\\n", "- \n-\n  ```\n  ```\n", "a\\\nb  \n", "- - - - - - - - - a", "~~[`x`](https://e.com)~~", "10000000000. a", "\xff\xfe",
	} {
		f.Add(seed, 100)
	}
	f.Fuzz(func(t *testing.T, markdown string, limit int) {
		d := adf.FromMarkdown(markdown)
		raw := d.JSON()
		if problem := jiratest.CheckADF(raw); problem != "" {
			t.Fatalf("Jira would say %s to %s", problem, raw)
		}
		var back adf.Node
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if got, want := adf.PlainText(back), adf.PlainText(d); got != want {
			t.Fatalf("text %q reads back as %q", want, got)
		}
		limit = 64 + abs(limit)%1000
		cut := adf.Limit(d, limit, "https://e.com")
		if problem := jiratest.CheckADF(cut.JSON()); problem != "" || cut.Length() > limit {
			t.Fatalf("cut to %d: length %d, Jira would say %q to %s", limit, cut.Length(), problem, cut.JSON())
		}
	})
}

func abs(n int) int {
	if n < 0 && n != -n {
		return -n
	}
	return max(n, 0)
}

// FuzzPlainText: documents of others are read without harm.
func FuzzPlainText(f *testing.F) {
	f.Add([]byte(`{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"x"}]}]}`))
	f.Add([]byte(`{"type":"doc","content":[{"type":"orderedList","attrs":{"order":1e300},"content":[{}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := adf.FieldText(raw)
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b\r") {
			t.Fatalf("unsafe text %q", text)
		}
	})
}
