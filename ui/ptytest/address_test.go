package ptytest

import "testing"

// TestNoAddressIsGivenTwice while its first owner does not listen yet.
func TestNoAddressIsGivenTwice(t *testing.T) {
	given := map[string]bool{}
	for range 500 { // of 10,000: some dozen would be
		address, release, err := FreeAddress()
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if given[address] {
			t.Fatalf("%s is given twice", address)
		}
		given[address] = true
	}
}
