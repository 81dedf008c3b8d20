package jiraclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// trouble is why no answer came, in words, and what to do.
type trouble struct{ what, hint string }

// troubleOf tells the ways apart in which a connection fails. The words of the
// cause follow in TransportError; these are for a person.
func troubleOf(err error) trouble {
	if t, ok := tlsTrouble(err); ok {
		return t
	}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return trouble{"no machine of that name is known", "check the address for a slip; inside a company the name may need its VPN or its name server"}
	case errors.As(err, &dns):
		return trouble{"the name could not be looked up", "check the network and its name server"}
	case isProxy(err):
		return trouble{"the proxy did not let it through", "check HTTPS_PROXY and NO_PROXY, and whether the proxy wants a user and a password"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return trouble{"nobody answers at that port", "check host and port; Jira may be down, or behind another port"}
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return trouble{"there is no route to it", "check the network, the VPN and the firewall; work goes on offline meanwhile"}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return trouble{"it took too long to answer", "try again later; when it stays so, look at the network, the proxy and the firewall between here and Jira"}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return trouble{"the connection was cut", "try again; when it stays so, something between here and Jira cuts it"}
	default:
		return trouble{"", "check the address, the network, the proxy (HTTPS_PROXY, NO_PROXY) and the certificate authority; work goes on offline meanwhile"}
	}
}

func tlsTrouble(err error) (trouble, bool) {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &authority):
		return trouble{"its certificate comes from an authority that is not trusted here", "give the company's own authority by --ca-file or SSL_CERT_FILE; a proxy that looks into TLS has one too"}, true
	case errors.As(err, &name):
		return trouble{"its certificate is for another name", "write the address as the certificate has it"}, true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return trouble{"its certificate has expired, or this machine's clock is wrong", "check the clock; else tell those who run the server"}, true
	case errors.As(err, &invalid):
		return trouble{"its certificate is not valid for this", "tell those who run the server"}, true
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return trouble{"it does not speak TLS at that port", "check the port; https may be at another one"}, true
	case errors.As(err, &alert):
		return trouble{"it refused the TLS connection", "the server may want a newer TLS version or a client certificate, which vexdesk does not have"}, true
	}
	return trouble{}, false
}

// isProxy: net/http hands on the proxy's refusal as a bare text.
func isProxy(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "proxyconnect") || strings.Contains(text, "Proxy Authentication Required")
}
