package ui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// BenchmarkView draws the main screen at 120x40, as after every key.
func BenchmarkView(b *testing.B) {
	d := sit(b, 120, 40, crowd)
	b.ReportAllocs()
	for b.Loop() {
		if d.root.View() == "" {
			b.Fatal("nothing drawn")
		}
	}
}

// BenchmarkKey takes a key and draws the frame that answers it.
func BenchmarkKey(b *testing.B) {
	d := sit(b, 120, 40, crowd)
	down, up := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{'j'}}, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{'k'}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		key := down
		if i/50%2 == 1 {
			key = up
		}
		d.root.Update(key)
		if d.root.View() == "" {
			b.Fatal("nothing drawn")
		}
	}
}
