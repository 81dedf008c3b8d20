package term

import (
	"net/url"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Link makes text a hyperlink to address (OSC 8), where the terminal knows
// links and the address is one of the web; text alone otherwise.
func (c Capabilities) Link(address, text string) string {
	if !c.Hyperlinks || !webAddress(address) {
		return text
	}
	return ansi.SetHyperlink(address) + text + ansi.ResetHyperlink()
}

// webAddress says whether s is an http or https address that can be handed to
// other programs: printable ASCII, with a host.
func webAddress(s string) bool {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
