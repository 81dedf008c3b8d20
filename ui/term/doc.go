// Package term decides, in one place and from the environment alone, what the
// terminal can be asked for: colours, the default theme, links, and how text
// gets onto the clipboard and an address into a browser. It never queries the
// terminal, since silent ones and multiplexers make a program wait for the
// answer.
package term
