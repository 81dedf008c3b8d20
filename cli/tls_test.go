package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// serveTLS serves the simulated Jira of the script behind TLS as well, with a
// certificate of an authority that nobody knows: $JIRA_TLS is its address, the
// file ca.pem the authority. It is jira.example.com as well, for those that go
// through the proxy $PROXY.
func serveTLS(ts *testscript.TestScript) {
	ca, leaf, err := certificates(net.IPv4(127, 0, 0, 1), time.Now())
	ts.Check(err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { jiraOf(ts).ServeHTTP(w, r) }))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust it
	server.StartTLS()
	ts.Defer(server.Close)
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), ca, 0o600))
	ts.Setenv("JIRA_TLS", server.URL)
	proxy := httptest.NewServer(tunnel(server.Listener.Addr().String()))
	ts.Defer(proxy.Close)
	ts.Setenv("PROXY", proxy.URL)
}

// tunnel is a proxy that leads every CONNECT (RFC 9110, 9.3.6) to one address.
func tunnel(to string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "jira.example.com:443" {
			http.Error(w, "only to jira.example.com", http.StatusForbidden)
			return
		}
		out, err := net.Dial("tcp", to)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		in, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_ = out.Close() // nothing was sent yet
			return
		}
		_, _ = io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { // ends with the connection, which both sides close
			_, _ = io.Copy(out, buffered)
			_ = out.Close()
		}()
		_, _ = io.Copy(in, out)
		_ = in.Close()
	})
}

// certificates makes an authority (PEM) and a certificate of it for an address.
func certificates(ip net.IP, now time.Time) (ca []byte, leaf tls.Certificate, err error) {
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example CA"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, leaf, err
	}
	site := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "jira"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		IPAddresses: []net.IP{ip}, DNSNames: []string{"jira.example.com"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	siteKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	siteDER, err := x509.CreateCertificate(rand.Reader, site, root, &siteKey.PublicKey, rootKey)
	leaf = tls.Certificate{Certificate: [][]byte{siteDER}, PrivateKey: siteKey}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), leaf, err
}
