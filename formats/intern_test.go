package formats

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestTheInternerSaysWhatTheValueSays: whatever stood in its tables before, and
// also where texts differ in their beginnings alone.
func TestTheInternerSaysWhatTheValueSays(t *testing.T) {
	n := newInterner()
	rapid.Check(t, func(t *rapid.T) {
		front := rapid.SampledFrom([]string{"", "a", "b", `\"`, `\u00e9`, "é", "\xff", `\ud800`, "x y"}).Draw(t, "front")
		text := front + strings.Repeat(rapid.SampledFrom([]string{"", "a", `\n`, "ü"}).Draw(t, "more"), rapid.SampledFrom([]int{0, 1, 63, 64, 160, 161, 5000}).Draw(t, "length"))
		v := valueOf(`"` + text + `"`)
		if got, want := n.text(v), v.text(); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		if got := n.name([]byte(front)); got != strings.ToValidUTF8(front, "\uFFFD") {
			t.Fatalf("%q is %q", front, got)
		}
	})
	list := valueOf(`["https://a.example"," http://b.example ","ftp://c.example","https://a.example","",null,1]`)
	first := n.addresses(list)
	n.addresses(valueOf(`["https://other.example","https://another.example"]`))
	if len(first) != 2 || first[0] != "https://a.example" || first[1] != "http://b.example" {
		t.Errorf("%q", first)
	}
}

// TestGarbledTextsAreNoticed: also where a string is found in long steps.
func TestGarbledTextsAreNoticed(t *testing.T) {
	for _, text := range []string{"\xff", "1234567\xff", "12345678\xff", strings.Repeat("a", 100) + "\xff", "\\n1234567890\xff"} {
		d := document{mended: &mended{}}
		d.clear()
		if got := d.add([]byte(`"` + text + `"`)).text(); !strings.Contains(got, "\uFFFD") || !d.mended.garbled {
			t.Errorf("%q is %q", text, got)
		}
	}
}
