// Package vt is a terminal in memory, for tests: it takes what a program
// writes and knows what a user would see.
//
// It is strict where real terminals are lenient: every control sequence is
// logged, and those it does not implement are listed by Unknown, so that a
// test notices a program that asks for more than it should. No input makes it
// panic.
//
// Implemented are UTF-8 text with wide and combining characters (widths rune
// by rune, as xterm and tmux count), autowrap, SGR with 16, 256 and true
// colours, cursor movement, ED, EL, ECH, ICH, DCH, IL, DL, SU, SD, DECSTBM, LF,
// RI, the alternate screen, OSC 0, 2, 8 and 52, and private modes as far as a
// test wants to know whether they are set. Erasing takes the background of the
// pen, as xterm does. It answers no query.
package vt
