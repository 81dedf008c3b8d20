package ptytest

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports that no system hands out by itself (Linux: 32768 and above, others:
// 49152 and above; RFC 6335, section 6), neither to those who listen at port 0
// nor to those who connect. Each stands for an address; listening at the port
// that is so many higher claims it.
const (
	firstPort = 12_000
	ports     = 10_000
)

// FreeAddress is an address on the loopback at which nobody listens, for those
// who have to know it before they listen, or who listen there more than once:
// that of a port 0 may be another's as soon as it is let go. Until release is
// called no other test is given it, in this process or another one.
func FreeAddress() (address string, release func(), err error) {
	for range 100 {
		port := firstPort + rand.IntN(ports)
		address = at(port)
		var claim, free net.Listener
		if claim, err = net.Listen("tcp", at(port+ports)); err != nil {
			continue
		}
		release = func() { _ = claim.Close() }
		if free, err = net.Listen("tcp", address); err == nil {
			return address, release, free.Close()
		}
		release()
	}
	return "", nil, fmt.Errorf("no port is free: %w", err)
}

func at(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
