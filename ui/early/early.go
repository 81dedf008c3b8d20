// Package early keeps Bubble Tea v1 from asking the terminal for its
// background colour when the program starts.
//
// The init function of github.com/charmbracelet/bubbletea v1 calls
// lipgloss.HasDarkBackground, which writes a query to the terminal and waits
// up to five seconds for the answer, in every command of the program. It does
// not ask once the answer has been given. Go initialises packages that are
// ready in the order of their import paths, and this one's sorts before
// Bubble Tea's and imports nothing but Lip Gloss; so it comes first. Package
// main imports it for this effect. What the background really is, package term
// decides from the environment and the settings.
package early

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
