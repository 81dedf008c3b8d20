// Package paint shows a Bubble Tea program on a terminal with as few bytes and
// as little delay as the terminal allows.
//
// Stock Bubble Tea v1 draws on a 60 Hz ticker and rewrites every line that
// changed. Here an outer model, the painter, runs the program's Update, takes
// its View and writes the difference to what the screen shows at once, in one
// write, on the event loop's own goroutine. The program itself stays an
// ordinary tea.Model with an ordinary, pure View.
//
// What a View may hold: lines separated by "\n", printable text, SGR colours
// and attributes, and OSC 8 hyperlinks. Every line begins with the default
// colours, so nothing bleeds from one line into the next. Any other control
// sequence is dropped, a tab becomes spaces, bytes that are not UTF-8 become
// U+FFFD. Lines beyond the height are dropped from the top, as Bubble Tea does,
// and cells beyond the width from the right.
//
// The terminal is asked for nothing beyond a VT100's cursor movement, EL,
// scroll margins with LF and RI, and the SGR that the View uses itself.
package paint
