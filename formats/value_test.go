package formats

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestValueAgreesWithEncodingJSON walks random documents with value and
// compares what it sees with the standard library.
func TestValueAgreesWithEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyJSON(3).Draw(t, "document")
		compact, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		indented, err := json.MarshalIndent(want, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{compact, indented} {
			if got := rebuild(valueOf(string(text))); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s\ngot  %#v\nwant %#v", text, got, want)
			}
		}
	})
}

func anyJSON(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) any { return rapid.String().Draw(t, "string") }),
		rapid.Custom(func(t *rapid.T) any { return float64(rapid.IntRange(-1e6, 1e6).Draw(t, "number")) }),
		rapid.Just[any](true), rapid.Just[any](nil),
		rapid.Just[any](`a "quote", a \ and 😀 and \u0000`), rapid.Just[any](`\`), rapid.Just[any](`\\"\\`),
	)
	if depth == 0 {
		return leaf
	}
	inner := anyJSON(depth - 1)
	return rapid.OneOf(leaf,
		rapid.Custom(func(t *rapid.T) any {
			list := rapid.SliceOfN(inner, 0, 4).Draw(t, "list")
			return append([]any{}, list...)
		}),
		rapid.Custom(func(t *rapid.T) any {
			return rapid.MapOfN(rapid.StringMatching(`[a-zA-Z_]{1,40}`), inner, 0, 4).Draw(t, "object")
		}))
}

// valueOf is a value that jsontext would have accepted.
func valueOf(text string) value {
	var d document
	d.clear()
	return d.add([]byte(text))
}

// rebuild makes Go values of a value, as encoding/json would.
func rebuild(v value) any {
	switch v.kind() {
	case '{':
		m := map[string]any{}
		for name, each := range v.fields() {
			m[string(name)] = rebuild(each)
		}
		return m
	case '[':
		list := []any{}
		for each := range v.items() {
			list = append(list, rebuild(each))
		}
		return list
	case '"':
		return v.text()
	case 'n':
		return nil
	case 't', 'f':
		return *v.truth()
	}
	return *v.number()
}

func TestValueIsLenient(t *testing.T) {
	if got := valueOf(`"9.8"`).number(); got == nil || *got != 9.8 {
		t.Errorf("a number as text: %v", got)
	}
	for _, text := range []string{`1e400`, `"x"`, `null`, `[]`, `""`} {
		if got := valueOf(text).number(); got != nil {
			t.Errorf("%s is no number, got %v", text, *got)
		}
	}
	if got := valueOf(`42`).text(); got != "42" {
		t.Errorf("a text as number: %q", got)
	}
	if got := valueOf(`"\ud800x\ude00"`).text(); got != "\uFFFDx\uFFFD" {
		t.Errorf("broken escapes: %q", got)
	}
	if got := valueOf("\"a\xffb\"").text(); got != "a\uFFFDb" {
		t.Errorf("invalid UTF-8: %q", got)
	}
	n := 0
	for range valueOf(`{"a":1}`).items() {
		n++
	}
	if n != 1 {
		t.Errorf("one object instead of a list: %d items", n)
	}
	if yes := valueOf(`"True"`).truth(); yes == nil || !*yes {
		t.Error("true as text")
	}
}
