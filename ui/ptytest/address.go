package ptytest

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports that no system hands out by itself (Linux: 32768 and above, others:
// 49152 and above; RFC 6335, section 6), neither to those who listen at port 0
// nor to those who connect.
const (
	firstPort = 20_000
	ports     = 10_000
)

// FreeAddress is an address on the loopback at which nobody listens, for those
// who have to know it before they listen, or who listen there more than once:
// that of a port 0 may be another's as soon as it is let go.
func FreeAddress() (string, error) {
	var err error
	for range 100 {
		var l net.Listener
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(ports))
		if l, err = net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", fmt.Errorf("no port is free: %w", err)
}
