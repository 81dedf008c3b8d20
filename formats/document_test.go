package formats

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzDocument: what a document takes for a whole object jsontext takes as
// well, to the same byte; and what jsontext takes, a document that trusts it
// does.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-0.5e+3,true,false,null,"\u00e9\n",{}],"b":{"a":[]}} `, `{"a":1,"a":2}`, `{"a":01}`, `{"a":"` + "\x01" + `"}`, `{"a":tru}`,
		`{ "a" : [ ] , "b":[1 ,2] }`, `{"a":1,}`, `{"\u0061":1}`, "{\"\xff\":1,\"b\":\"\xff\"}", `{"a":"\ud800","aaaaaaaab":1,"aaaaaaaac":2}`, `{"":{"":[{}]}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) == 0 || text[0] != '{' {
			return
		}
		d := document{text: append(bytes.Clone(text), zeros[:]...)}
		end, ok := d.object(0, 0)
		want, err := jsontext.NewDecoder(bytes.NewReader(text), jsonOptions()...).ReadValue()
		if ok && (err != nil || len(want) != end) {
			t.Errorf("%q: an object of %d bytes, %d and %v for jsontext", text, end, len(want), err)
		}
		if !ok && d.stopped > len(text) {
			t.Errorf("%q: stopped at %d", text, d.stopped)
		}
		if err != nil {
			return
		}
		d.clear()
		if got := d.add(want); string(got.raw()) != string(want) {
			t.Errorf("%q is read as %q", want, got.raw())
		}
	})
}
